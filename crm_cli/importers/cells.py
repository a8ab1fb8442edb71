"""What a single cell of text looks like: the evidence for headers, repairs and date orders."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["date_order", "extent", "filled", "is_date_format", "is_label", "kind_of"]

_KINDS = (
    (
        "number",
        re.compile(r"[-+(]?\s?[$€£¥]?\s?[-+]?[\d.,'\u00a0\u202f]*\d[\d.,'\u00a0\u202f]*(?:[eE][-+]?\d+)?\s?[%€£$)]?"),
    ),
    (
        "date",
        re.compile(
            r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}(?:[T ]\d{1,2}:\d{2}.*)?"
            r"|\d{1,2}[-. /]?[A-Za-z]{3,9}\.?[-. /,]*\d{2,4}|[A-Za-z]{3,9}\.? \d{1,2},? \d{4}"
        ),
    ),
    ("time", re.compile(r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s?(?:[AaPp]\.?[Mm]\.?)?")),
    ("email", re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")),
    ("url", re.compile(r"(?:https?://|ftp://|www\.)\S+", re.IGNORECASE)),
    ("truth", re.compile(r"true|false|yes|no", re.IGNORECASE)),
)
_SHOWN = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|General')
_DATE = re.compile(r"(\d{1,2})[-./](\d{1,2})[-./](\d{4}|\d{2})(?:\D.*)?")


def is_date_format(pattern: str) -> bool:
    """Tell a spreadsheet's number format of dates or times by its letters, those apart that are shown as they stand."""
    return re.search("[dmyhs]", _SHOWN.sub("", pattern), re.IGNORECASE) is not None


def kind_of(cell: str) -> str:
    """Return blank, number, date, time, email, url, truth or text."""
    text = cell.strip()
    if not text:
        return "blank"
    if len(text) > 200:
        return "text"
    return next((name for name, pattern in _KINDS if pattern.fullmatch(text)), "text")


def filled(row: Sequence[str]) -> int:
    """Count the cells that are not blank."""
    return len([cell for cell in row if cell and not cell.isspace()])


def extent(row: Sequence[str]) -> int:
    """Return the width of a row without its trailing blanks."""
    width = len(row)
    while width and not row[width - 1].strip():
        width -= 1
    return width


def is_label(cell: str) -> bool:
    """Tell whether a cell could name a column: text of one or few short lines, or blank."""
    return kind_of(cell) in {"text", "blank", "truth"} and len(cell) <= 250


def date_order(cells: Sequence[str | None]) -> str | None:
    """Return "dmy" or "mdy" where a day is over 12, "ambiguous" where none is, "mixed", or None without such dates."""
    pairs = [found.groups() for cell in cells if cell and (found := _DATE.fullmatch(cell.strip()))]
    if not pairs:
        return None
    first, second = max(int(pair[0]) for pair in pairs), max(int(pair[1]) for pair in pairs)
    if first > 12:
        return "mixed" if second > 12 else "dmy"
    return "mdy" if second > 12 else "ambiguous"
