"""Finding out the dialect of delimited text: which delimiter and quote make the sample most consistent.

The measure is that of van den Burg, Nazábal and Sutton, "Wrangling messy CSV files by detecting row and type patterns"
(2019): few row patterns with many cells (pattern score) whose cells look like values (type score).
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

__all__ = ["Dialect", "detect_dialect", "looks_like_value", "prepared"]

DELIMITERS = (",", ";", "\t", "|", ":", " ", "^", "~", "\x1f", "\x01", "§", "¦", "#", "&", "*")
DOUBLED = ("||", "\t\t", "::", ";;", "~~", "|~|", "^^", "\\t")
QUOTES = ('"', "'")
# One character that stands for a delimiter of several, which the csv module can't take.
STAND_IN = "\ue000"
_ESCAPED_DELIMITER, _ESCAPED_BACKSLASH, _ESCAPED_QUOTE = "\ue001", "\ue002", "\ue003"
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "0": ""}
# How MySQL and PostgreSQL export NULL.
_NOTHING = "\\N"
# Delimiters that people choose; others need clearly better evidence (a time has colons, a text has spaces).
_PRIOR = {",": 1.0, ";": 1.0, "\t": 1.0, "|": 1.0, ":": 0.5, " ": 0.5, "#": 0.3, "&": 0.3, "*": 0.5}
_SAMPLE_ROWS = 400
_SAMPLE_CHARS = 200_000
_MOST_LINES = 100
_STRAY_WEIGHT = 40
# Colons of times of day are no delimiters.
_TIME = re.compile(r"(?<![\d:])\d{1,2}:(?:\d{0,2}(?::\d{0,2})?)?(?![\d:])")
_VALUE = re.compile(
    r"""\s*(?:
      [-+(]?\s?[$€£¥]?\s?[-+]?\d[\d.,'\u00a0\u202f ]*(?:[eE][-+]?\d+)?\s?[%€£$)]?      # number, money, percentage
    | \d{1,4}[-./]\d{1,2}[-./]\d{1,4}(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s?(?:[AaPp][Mm]|Z|[-+]\d{2}:?\d{2})?)?
    | \d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d+)?\s?(?:[AaPp]\.?[Mm]\.?)?                      # time
    | [\w.+%-]+@[\w-]+(?:\.[\w-]+)+                                                     # e-mail
    | (?:https?://|ftp://|www\.)\S+                                                     # address of a page
    | [^\W_][\w'’./&()+-]*(?:[ ][\w'’./&()+-]+){0,15}[.!?)]?                            # words
    | [nN][/.]?[aA][nN]?\.?|NULL|null|-+                                                # nothing, in words
    )?\s*""",
    re.VERBOSE,
)


class CsvReader(Protocol):
    """What `csv.reader` returns."""

    @property
    def line_num(self) -> int: ...

    def __iter__(self) -> Iterator[list[str]]: ...
    def __next__(self) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class Dialect:
    """How rows are cut into cells. `escape` is a character that makes a quote inside a quoted cell literal.

    `escapes`: a backslash makes what follows literal (or a line end, a tab), and `\\N` is nothing, as databases export.
    """

    delimiter: str = ","
    quote: str | None = '"'
    escape: str | None = None
    space_after: bool = False
    escapes: bool = False

    def reader(self, lines: Iterable[str], *, strict: bool = False) -> CsvReader:
        """Return the csv reader over lines that went through `prepared`; it counts lines in `line_num`."""
        plain = csv.reader(
            lines,
            delimiter=STAND_IN if len(self.delimiter) > 1 else self.delimiter,
            quotechar=self.quote,
            quoting=csv.QUOTE_MINIMAL if self.quote else csv.QUOTE_NONE,
            skipinitialspace=self.space_after,
            strict=strict,
        )
        return _Unescaping(plain, self) if self.escapes else plain


class _Unescaping:
    """A csv reader whose cells have their escaped characters put back."""

    def __init__(self, reader: CsvReader, dialect: Dialect) -> None:
        self._reader = reader
        signs = {_ESCAPED_DELIMITER: dialect.delimiter, _ESCAPED_BACKSLASH: "\\", _ESCAPED_QUOTE: dialect.quote or '"'}
        self._signs = str.maketrans(signs)

    @property
    def line_num(self) -> int:
        """The number of lines read."""
        return self._reader.line_num

    def __iter__(self) -> Iterator[list[str]]:
        return self

    def __next__(self) -> list[str]:
        return ["" if cell == _NOTHING else self._literal(cell) for cell in next(self._reader)]

    def _literal(self, cell: str) -> str:
        if "\\" in cell:
            cell = _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[1]), cell)
        return cell.translate(self._signs)


def prepared(lines: Iterable[str], dialect: Dialect) -> Iterable[str]:
    """Turn escapes and long delimiters into what the csv module knows; ordinary lines pass untouched."""
    if dialect.escapes:
        lines = (_escaped(line, dialect) for line in lines)
    elif dialect.escape and dialect.quote:
        escaped, doubled = dialect.escape + dialect.quote, dialect.quote * 2
        lines = (line.replace(escaped, doubled) for line in lines)
    if len(dialect.delimiter) > 1:
        lines = (line.replace(dialect.delimiter, STAND_IN) for line in lines)
    return lines


def _escaped(line: str, dialect: Dialect) -> str:
    """Put stand-ins for what a backslash makes literal."""
    if "\\" not in line:
        return line
    line = line.replace("\\\\", _ESCAPED_BACKSLASH).replace("\\" + dialect.delimiter, _ESCAPED_DELIMITER)
    return line.replace("\\" + dialect.quote, _ESCAPED_QUOTE) if dialect.quote else line


def detect_dialect(sample: str, *, delimiter: str | None = None, quote: str | None = None) -> Dialect:
    """Return the dialect of a sample of text that ends with a whole line; what the caller knows is taken as given."""
    lines = sample[:_SAMPLE_CHARS].splitlines(keepends=True)[: _SAMPLE_ROWS * 4]
    text = "".join(lines)
    best, best_score = Dialect(delimiter or ",", quote or '"', _escape(text, quote or '"')), 0.0
    for candidate in _candidates(text, delimiter, quote):
        score = _score(lines, candidate)
        if score > best_score:
            best, best_score = candidate, score
    return best if delimiter else _for_one_column(lines, text, best, quote)


def _for_one_column(lines: Sequence[str], text: str, best: Dialect, quote: str | None) -> Dialect:
    """Return the dialect that cuts a text of one column the least, where even the best one leaves most lines whole."""
    if _whole(lines, best) <= 0.5:
        return best
    return max((best, *_candidates(text, None, quote)), key=lambda dialect: _whole(lines, dialect))


def _whole(lines: Sequence[str], dialect: Dialect) -> float:
    """Return the share of rows that are not cut."""
    rows = _rows(lines, dialect)
    return sum(len(row) == 1 for row in rows) / max(1, len(rows))


def _candidates(text: str, delimiter: str | None, quote: str | None) -> Iterator[Dialect]:
    doubled = [mark for mark in DOUBLED if mark in text and text.count(mark) * len(mark) == _count(text, mark)]
    delimiters = [delimiter] if delimiter else [*(mark for mark in DELIMITERS if mark in text), *doubled]
    quotes = [quote] if quote else [mark for mark in QUOTES if mark == '"' or mark in text]
    for mark in delimiters:
        if _is_wrapped(text) and not delimiter and not _meets_quotes(text, mark):
            continue
        if mark == ":" and ":" not in _TIME.sub("", text) and not delimiter:
            continue
        for quoting in quotes:
            if quoting == "'" and not _quotes_cells(text, mark, quoting):
                continue
            if _has_escapes(text, mark):
                yield Dialect(mark, quoting, "\\", escapes=True)
            spaced = mark in {",", ";", "|"} and f"{mark} {quoting}" in text
            yield Dialect(mark, quoting, _escape(text, quoting), spaced)


def _count(text: str, mark: str) -> int:
    """Count the characters of a long delimiter: where they also stand alone, it is only empty cells in a row."""
    return sum(text.count(char) for char in set(mark)) if len(set(mark)) == 1 else text.count(mark) * len(mark)


def _quotes_cells(text: str, delimiter: str, quote: str) -> bool:
    """Tell a quoting apostrophe from one inside names: it opens after a delimiter and closes before one."""
    mark = re.escape(delimiter)
    opened = len(re.findall(rf"(?:^|{mark} ?){quote}", text, re.MULTILINE))
    closed = len(re.findall(rf"{quote}(?:{mark}|\r?$)", text, re.MULTILINE))
    return min(opened, closed) > 0 and abs(opened - closed) <= 0.1 * max(opened, closed)


def _has_escapes(text: str, mark: str) -> bool:
    """Whether a backslash stands before a delimiter, or a cell is MySQL's sign for nothing."""
    delimiter = re.escape(mark)
    return (
        f"\\{mark}" in text or re.search(rf"(?:^|{delimiter})\\N(?={delimiter}|\r?$)", text, re.MULTILINE) is not None
    )


def _escape(text: str, quote: str) -> str | None:
    """Find a backslash before quotes that don't close a cell."""
    return "\\" if re.search(rf"\\{quote}(?![,;|\t\r\n]|$)", text) else None


def _score(lines: Sequence[str], dialect: Dialect) -> float:
    rows = _rows(lines, dialect)
    if not rows:
        return 0.0
    prior = _PRIOR.get(dialect.delimiter, 0.7 if len(dialect.delimiter) == 1 else 1.5)
    quoting = 1.0 if dialect.quote == '"' else 1.02
    if dialect.delimiter == " " and _is_prose(rows):
        return 0.0
    return _pattern_score(rows) * _type_score(rows) * prior * quoting / (1 + _STRAY_WEIGHT * _stray(rows, dialect))


def _rows(lines: Sequence[str], dialect: Dialect) -> list[list[str]]:
    """Cut the sample; a record that swallows very many lines counts as one line with a stray quote."""
    rows: list[list[str]] = []
    start = 0
    while start < len(lines) and len(rows) < _SAMPLE_ROWS:
        reader = dialect.reader(prepared(lines[start:], dialect))
        at = 0
        try:
            for row in reader:
                if reader.line_num - at > _MOST_LINES:
                    break
                at = reader.line_num
                if row:
                    rows.append(row)
            else:
                return rows[:_SAMPLE_ROWS]
        except csv.Error:
            pass
        rows.append(lines[start + at].split(dialect.delimiter[0]))
        start += at + 1
    return rows[:_SAMPLE_ROWS]


def _pattern_score(rows: Sequence[Sequence[str]]) -> float:
    """Return the mean over row widths of rows × (width − 1) / width: long stretches of equal width win."""
    widths = Counter(len(row) for row in rows)
    return sum(count * max(1e-3, width - 1) / width for width, count in widths.items()) / len(widths)


def _is_wrapped(text: str) -> bool:
    """Whether nearly every line begins and ends with a quote."""
    lines = text.splitlines()
    return sum(len(line) > 1 and line[0] == line[-1] == '"' for line in lines) > 0.8 * len(lines)


def _meets_quotes(text: str, mark: str) -> bool:
    """Whether a delimiter stands next to a quote, as it must where all cells at the ends of lines are quoted."""
    return f'"{mark}' in text or f'{mark}"' in text


def _is_prose(rows: Sequence[Sequence[str]]) -> bool:
    """Tell sentences between whose words a space is no delimiter: of uneven length, with hardly a number in them."""
    widths = Counter(len(row) for row in rows)
    if len(rows) > 1 and max(widths.values()) > 0.5 * len(rows):
        return False
    words = [cell for row in rows for cell in row]
    return sum(any(char.isdigit() or char == "@" for char in word) for word in words) < 0.2 * len(words)


def _stray(rows: Sequence[Sequence[str]], dialect: Dialect) -> float:
    """Return the share of rows with a cell whose quotes do not pair up: cut through the midst of quoted cells."""
    quote = dialect.quote
    if quote != '"':
        return 0.0  # an apostrophe within a word has no partner
    return sum(any(cell.count(quote) & 1 for cell in row) for row in rows) / len(rows)


def _type_score(rows: Sequence[Sequence[str]]) -> float:
    cells = [cell for row in rows[:200] for cell in row[:100]]
    return max(1e-10, sum(1 for cell in cells if looks_like_value(cell)) / len(cells))


def looks_like_value(cell: str) -> bool:
    """Tell whether a cell looks like one value: a number, date, time, e-mail, address of a page, words, nothing."""
    return _VALUE.fullmatch(cell[:200]) is not None
