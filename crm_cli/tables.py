"""Tables of plain text: columns aligned by what a terminal shows (CJK is two wide), cut only to fit a screen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from unicodedata import combining, east_asian_width

from crm_cli.cells import cell

__all__ = ["display_width", "record_lines", "table_lines"]

_GAP = "  "
_NARROWEST = 6  # a column is not cut below this, however narrow the screen


def display_width(text: str) -> int:
    """Return how many columns of a terminal `text` takes (Unicode Standard Annex 11: wide and full-width take two)."""
    if text.isascii():
        return len(text)
    return sum(0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1 for char in text)


def table_lines(rows: Sequence[Mapping[str, Any]], width: int | None = None) -> Iterator[str]:
    """Yield the header and a line a row; `width` is the screen's, None writes every value in full.

    Columns that hold nothing but numbers stand to the right.
    """
    names = list(dict.fromkeys(name for row in rows for name in row))
    body = [[cell(row.get(name)) for name in names] for row in rows]
    right = [_all_numbers([row.get(name) for row in rows]) for name in names]
    header = [cell(name) for name in names]
    widths = [max(map(display_width, column)) for column in zip(header, *body, strict=True)]
    if width is not None:
        widths = _fitted(widths, width)
    for line in (header, *body):
        padded = [_padded(value, size, side) for value, size, side in zip(line, widths, right, strict=True)]
        yield _GAP.join(padded).rstrip()


def record_lines(row: Mapping[str, Any]) -> Iterator[str]:
    """Yield one record as `name  value` lines; empty fields are left out."""
    shown = {cell(name): cell(value) for name, value in row.items() if value not in (None, "", [], {})}
    widest = max(map(display_width, shown), default=0)
    for name, value in shown.items():
        yield f"{_padded(name, widest, False)}{_GAP}{value}"  # noqa: FBT003


def _all_numbers(values: Sequence[object]) -> bool:
    given = [value for value in values if value is not None]
    return bool(given) and all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in given)


def _fitted(widths: list[int], width: int) -> list[int]:
    """Take columns from the widest until the line fits, or nothing is left to take."""
    fitted = list(widths)
    excess = sum(fitted) + len(_GAP) * (len(fitted) - 1) - width
    while excess > 0 and max(fitted) > _NARROWEST:
        widest = max(fitted)
        second = max([size for size in fitted if size < widest], default=_NARROWEST)
        at = fitted.index(widest)
        cut = min(excess, max(1, widest - max(second, _NARROWEST)))
        fitted[at] -= cut
        excess -= cut
    return fitted


def _padded(value: str, width: int, to_the_right: bool) -> str:  # noqa: FBT001
    shown = _cut(value, width)
    blank = " " * (width - display_width(shown))
    return blank + shown if to_the_right else shown + blank


def _cut(value: str, width: int) -> str:
    if display_width(value) <= width:
        return value
    room, kept = width - 1, ""
    for character in value:
        room -= display_width(character)
        if room < 0:
            break
        kept += character
    return kept + "…"
