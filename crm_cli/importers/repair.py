"""Mending a record of delimited text that came out with the wrong number of cells.

Typing errors and careless writers leave stray quotes, quotes without escape, a delimiter too many or too few, or one
line in another dialect. A repair must give exactly the usual number of cells *and* fit what the columns usually hold;
where no repair does, the row stays as it is and is reported.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from operator import itemgetter

from crm_cli.importers.cells import kind_of
from crm_cli.importers.dialect import STAND_IN, Dialect

__all__ = ["Profile", "repair"]

_TYPED = {"number", "date", "time", "email", "url"}
_MOST_MARKS = 300
_MOST_SEAMS = 60
_MOST_COLUMNS = 120  # the work grows with the square, and so wide a row is hardly typed by hand
_LONGEST = 200_000
_OTHERS = (";", "\t", "|", ",", " ")
# How far-fetched a reading is, and its cells.
_Reading = tuple[float, list[str]]


@dataclass(frozen=True, slots=True)
class _Column:
    kind: str
    blank: bool
    shapes: frozenset[str]

    def misfit(self, cell: str) -> float:
        cell = cell.strip('"')  # a stray quote says nothing about the value
        kind = kind_of(cell)
        if kind == "blank":
            return 0.0 if self.blank else 1.0
        if self.kind in _TYPED:
            return 0.0 if kind == self.kind else 1.0
        if self.kind == "blank":
            return 1.0
        return 0.5 if self.shapes and _shape(cell) not in self.shapes else (0.5 if kind in _TYPED else 0.0)


@dataclass(frozen=True, slots=True)
class Profile:
    """What the columns of a table usually hold, learned from rows of the usual width."""

    columns: tuple[_Column, ...]

    @classmethod
    def of(cls, rows: Sequence[Sequence[str]], width: int) -> Profile:
        """Learn from the rows that have `width` cells."""
        regular = [row for row in rows if len(row) == width][:200]
        return cls(tuple(_column([row[place] for row in regular]) for place in range(width)))

    @classmethod
    def of_labels(cls, width: int) -> Profile:
        """Return what a header looks like: text in every column."""
        return cls((_Column("text", blank=False, shapes=frozenset()),) * width)

    def misfit(self, cells: Sequence[str]) -> float:
        """Return how many cells don't look like their column; half for a slight doubt."""
        return sum(column.misfit(cell) for column, cell in zip(self.columns, cells, strict=False))

    @property
    def telling(self) -> int:
        """The number of columns that can tell a right cell from a wrong one."""
        return sum(1 for column in self.columns if column.kind in _TYPED)

    @property
    def tolerance(self) -> float:
        """The misfit up to which a repaired row is believed."""
        return max(0.5, len(self.columns) / 8)


def _column(cells: Sequence[str]) -> _Column:
    kinds = Counter(kind_of(cell) for cell in cells)
    blank = kinds.pop("blank", 0)
    usual, count = kinds.most_common(1)[0] if kinds else ("blank", 0)
    kind = usual if count >= 0.9 * (len(cells) - blank) else "text"
    shapes = {_shape(cell) for cell in cells if cell.strip()}
    few = len(shapes) <= max(2, len(cells) // 8) and max(map(len, shapes), default=0) <= 20
    return _Column(kind, blank > 0 or not cells, frozenset(shapes) if few else frozenset())


def _shape(cell: str) -> str:
    return re.sub(r"[^\W\d_]", "a", re.sub(r"\d", "9", cell.strip()[:40]))


def repair(raw: str, dialect: Dialect, profile: Profile) -> list[str] | None:
    """Return the cells of one raw record (without its line end) mended to the width of the profile, or None."""
    if len(profile.columns) == 1 and dialect.quote and _wrapped(raw, dialect.quote):
        return [raw[1:-1].replace(dialect.quote * 2, dialect.quote)]
    if len(raw) > _LONGEST or not 1 < len(profile.columns) <= _MOST_COLUMNS:
        return None
    if len(dialect.delimiter) > 1:
        raw, dialect = raw.replace(dialect.delimiter, STAND_IN), replace(dialect, delimiter=STAND_IN)
    attempts = (
        (0.5, _with_backslash),
        (0.0, _with_stray_quotes),
        (0.5, _with_loose_words),
        (0.5, _without_blanks),
        (1.2, _with_split_at_quotes),
        (1.0, _with_split),
        (1.5, _with_other_delimiter),
    )
    best: tuple[float, list[str]] | None = None
    for penalty, attempt in attempts:
        for cost, cells in attempt(raw, dialect, profile):
            doubt = penalty + cost + profile.misfit(cells)
            if len(cells) == len(profile.columns) and profile.misfit(cells) <= profile.tolerance + cost / 2:
                best = min(best or (doubt, cells), (doubt, cells), key=itemgetter(0))
    return best[1] if best else None


def _parsed(raw: str, dialect: Dialect) -> list[str]:
    try:
        return next(iter(dialect.reader([raw])), [])
    except csv.Error:
        return []


def _with_backslash(raw: str, dialect: Dialect, profile: Profile) -> Iterator[_Reading]:  # noqa: ARG001
    if dialect.quote and "\\" + dialect.quote in raw:
        yield 0.0, _parsed(raw.replace("\\" + dialect.quote, dialect.quote * 2), dialect)


def _with_loose_words(raw: str, dialect: Dialect, profile: Profile) -> Iterator[_Reading]:
    """Join the words of an unquoted cell in text that is delimited by spaces."""
    if dialect.delimiter == " ":
        yield from _respaced(raw, dialect, profile)


def _with_other_delimiter(raw: str, dialect: Dialect, profile: Profile) -> Iterator[_Reading]:
    if profile.telling < 2:
        return
    for mark in _OTHERS:
        if mark != dialect.delimiter and mark in raw:
            other = replace(dialect, delimiter=mark)
            readings = (
                iter([(0.0, _parsed(raw, other))]),
                _with_stray_quotes(raw, other, profile),
                _respaced(raw, other, profile),
            )
            # At least one cell must be what its column holds: anything can be cut at its blanks.
            yield from (reading for reading in chain(*readings) if profile.misfit(reading[1]) < profile.telling)


def _respaced(raw: str, dialect: Dialect, profile: Profile) -> Iterator[_Reading]:
    """Read a row whose delimiter also stands inside unquoted cells (a space): the surplus is joined in one place."""
    cells = _parsed(raw, dialect)
    surplus = len(cells) - len(profile.columns)
    if 0 < surplus <= 12:
        for at in range(len(profile.columns)):
            joined = dialect.delimiter.join(cells[at : at + surplus + 1])
            yield 0.0, [*cells[:at], joined, *cells[at + surplus + 1 :]]


def _with_stray_quotes(raw: str, dialect: Dialect, profile: Profile) -> Iterator[_Reading]:
    """Cut at those delimiters that give the usual number of cells with the fewest quotes out of place."""
    if not dialect.quote or dialect.quote not in raw:
        return
    marks = [-1, *(found.start() for found in re.finditer(re.escape(dialect.delimiter), raw)), len(raw)]
    if len(marks) > _MOST_MARKS:
        return
    best: dict[int, dict[int, tuple[float, tuple[str, ...]]]] = {0: {0: (0.0, ())}}
    for start in range(len(marks) - 1):
        for count, (cost, cells) in best.pop(start, {}).items():
            if count >= len(profile.columns):
                continue
            for end, extra, cell in _segments(raw, marks, start, dialect):
                there = best.setdefault(end, {})
                if count + 1 not in there or cost + extra < there[count + 1][0]:
                    there[count + 1] = (cost + extra, (*cells, cell))
    found = best.get(len(marks) - 1, {}).get(len(profile.columns))
    if found:
        yield found[0], list(found[1])


def _segments(raw: str, marks: Sequence[int], start: int, dialect: Dialect) -> Iterator[tuple[int, float, str]]:
    """Yield the cells that can begin after a delimiter: (index of the delimiter that ends it, cost, text)."""
    quote, begin = dialect.quote or '"', marks[start] + 1
    if dialect.space_after:
        begin += len(raw[begin:]) - len(raw[begin:].lstrip(" "))
    plain = raw[begin : marks[start + 1]]
    if quote not in plain:
        yield start + 1, 0.0, plain
    elif not _wrapped(plain, quote):
        yield start + 1, 2.0 if plain.endswith(quote) and len(plain) > 1 else 1.0, plain
    if raw[begin : begin + 1] != quote:
        return
    for end in range(start + 1, len(marks)):
        text = raw[begin : marks[end]].rstrip(" ")
        if _wrapped(text, quote):
            inner = text[1:-1]
            stray = quote in inner.replace(quote * 2, "")
            hidden = quote + dialect.delimiter in inner or dialect.delimiter + quote in inner
            yield end, stray * 1.0 + hidden * 2.0, inner.replace(quote * 2, quote)


def _wrapped(text: str, quote: str) -> bool:
    return len(text) > 1 and text[0] == quote and text[-1] == quote


def _without_blanks(raw: str, dialect: Dialect, profile: Profile) -> Iterator[_Reading]:
    """Drop one or two blank cells too many, those without which the others stand under their columns."""
    cells = _parsed(raw, dialect)
    surplus = len(cells) - len(profile.columns)
    if surplus not in {1, 2}:
        return
    for _ in range(surplus):
        blanks = [at for at, cell in enumerate(cells) if not cell.strip()]
        if not blanks:
            return
        # The last of equals: surplus delimiters at the end of a row are the most common.
        drop = min(blanks, key=lambda at: (profile.misfit(cells[:at] + cells[at + 1 :]), -at))
        cells = cells[:drop] + cells[drop + 1 :]
    yield 0.0, cells


def _with_split(raw: str, dialect: Dialect, profile: Profile) -> Iterator[_Reading]:
    """Put back one missing delimiter where both halves look like their columns."""
    cells = _parsed(raw, dialect)
    if len(cells) != len(profile.columns) - 1 or profile.misfit([*cells, ""]) < 2:
        return
    tries = [
        (profile.misfit(mended), -len(mended[at]), mended)
        for at, cell in enumerate(cells)
        if len(cell) <= 2000
        for mended in _halves(cells, at)
    ]
    if tries and min(tries)[0] <= 1.0:
        yield 0.0, min(tries)[2]


def _halves(cells: Sequence[str], at: int) -> Iterator[list[str]]:
    cell = cells[at]
    for cut in range(1, len(cell)):
        if _seam(cell[cut - 1], cell[cut]):
            yield [*cells[:at], cell[:cut], cell[cut:], *cells[at + 1 :]]


def _seam(left: str, right: str) -> bool:
    """Tell a place where two values may have grown together: the kind of character changes, or digits meet."""
    return not (left.isalpha() and right.isalpha() and (left.isupper() or right.islower())) and not right.isspace()


def _with_split_at_quotes(raw: str, dialect: Dialect, profile: Profile) -> Iterator[_Reading]:  # noqa: ARG001
    """Put back one missing delimiter at a quote inside a cell."""
    quote = dialect.quote
    if not quote or quote not in raw or raw.count(quote) > _MOST_SEAMS:
        return
    other = rf"[^{re.escape(dialect.delimiter)}]"
    for found in re.finditer(rf"(?<={other}){re.escape(quote)}(?={other})", raw):
        for at in (found.start(), found.end()):
            yield 0.0, _parsed(raw[:at] + dialect.delimiter + raw[at:], dialect)
