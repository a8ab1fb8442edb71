"""What reading gives: tables of rows of text cells, and what was understood on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from itertools import islice
from typing import Any, Literal, NamedTuple

__all__ = ["Question", "ReadOptions", "Row", "Table", "Understood", "unique_header"]


_MOST_TITLES = 5
_LONGEST_TITLE = 60


class Row(NamedTuple):
    """One record: `number` is its 1-based row (or line) in the source, `place` says it for people.

    `values` has one entry per header cell, text or None for blank. `fault` says why the row can't be trusted (it should
    be rejected, never shifted); `repaired` says what was mended on the way in.
    """

    number: int
    place: str
    values: list[str | None]
    fault: str | None = None
    repaired: str | None = None


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What the user has settled by flags; None means: find out.

    `header` is the 1-based row of the header, or "none". `layout` is the text of a fixed-width layout.
    With `no_input` a source that can be understood in several ways raises `AmbiguousSourceError`.
    """

    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    header: int | Literal["none"] | None = None
    sheet: str | None = None
    format: str | None = None
    layout: str | None = None
    no_input: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """Something that only the user can settle: what, between which choices (value, sample), and by which flag."""

    what: str
    flag: str
    choices: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Understood:
    """What was found out about a source; `facts()` is what `--explain` shows. Counters are complete after reading.

    `titles` are the first texts of the rows above the table.
    """

    format: str
    encoding: str | None = None
    confidence: float = 1.0
    delimiter: str | None = None
    quote: str | None = None
    escape: str | None = None
    preamble_rows: int = 0
    titles: list[str] = field(default_factory=list)
    header_rows: list[int] = field(default_factory=list)
    skipped_sheets: list[str] = field(default_factory=list)
    footer_rows: int = 0
    repaired_rows: int = 0
    faulty_rows: int = 0
    date_orders: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)

    def note_preamble(self, rows: Iterable[Sequence[str]]) -> None:
        """Count the filled rows above the table, and keep the beginning of the first ones."""
        texts = [text for row in rows if (text := next((cell.strip() for cell in row if cell.strip()), ""))]
        self.preamble_rows = len(texts)
        self.titles = [text[:_LONGEST_TITLE] for text in texts[:_MOST_TITLES]]

    def warn(self, text: str) -> None:
        """Add a warning once."""
        if text not in self.warnings:
            self.warnings.append(text)

    def facts(self) -> dict[str, Any]:
        """Return the facts that say something, in the order of declaration, ready for a table or JSON."""
        found = {item.name: getattr(self, item.name) for item in fields(self)}
        found["questions"] = [question.what for question in self.questions]
        found["header"] = f"row {_listed(self.header_rows)}" if self.header_rows else "invented"
        return {
            name: value for name, value in found.items() if value not in (None, [], {}, 0) and name != "header_rows"
        }


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(str(number) for number in numbers)


@dataclass(slots=True)
class Table:
    """One table of a source. Reading is streamed and can be repeated: every `rows()` starts at the top.

    `header` is unique and has no blanks; `found_header` is the header as the source writes it, None where it has none.
    """

    name: str
    header: list[str]
    understood: Understood
    produce: Callable[[], Iterable[Row]]
    found_header: list[str] | None = None
    first_data_row: int = 1

    def rows(self) -> Iterator[Row]:
        """Yield the data rows in the order of the source."""
        return iter(self.produce())

    def batches(self, size: int = 1000) -> Iterator[list[Row]]:
        """Yield the data rows in lists of `size` (the last one shorter)."""
        rows = self.rows()
        while batch := list(islice(rows, size)):
            yield batch


def unique_header(found: Iterable[str | None], width: int = 0) -> list[str]:
    """Return header names that are unique and non-empty, at least `width` of them.

    A blank becomes `column_3` (its 1-based place), a repeat gets a suffix: `Phone`, `Phone_2`. Names that differ in
    nothing but case or spaces count as repeats, because a mapping would not tell them apart.
    """
    names = [" ".join((name or "").split()) for name in found]
    names += [""] * (width - len(names))
    taken = {name.casefold() for name in names}
    seen: set[str] = set()
    result: list[str] = []
    for place, name in enumerate(names, start=1):
        fresh = name or f"column_{place}"
        if fresh.casefold() in seen or (not name and fresh.casefold() in taken):
            fresh = _suffixed(fresh, seen | taken)
        seen.add(fresh.casefold())
        result.append(fresh)
    return result


def _suffixed(name: str, taken: set[str]) -> str:
    number = 2
    while f"{name}_{number}".casefold() in taken:
        number += 1
    return f"{name}_{number}"
