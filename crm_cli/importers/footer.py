"""Lines below a table that are no records: totals, notes, "generated on …". They are held back until the end."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from crm_cli.importers.cells import kind_of
from crm_cli.importers.model import Row, Understood

__all__ = ["without_footer"]

_MOST_HELD = 50
_TOTAL = re.compile(
    r"(?:grand |sub)?totals?\b|sum\b|summe\b|gesamt|insgesamt|итого|всего|total général|totale\b|totaal|合計|合计|总计",
    re.IGNORECASE,
)
_NOTE = re.compile(
    r"[*†‡©]+\s*\w|(?:(?:foot)?notes?|sources?|quelle|generated|created|exported|printed|end of|page|copyright"
    r"|confidential|disclaimer|report)\b.*[\d:.]|\d+ (?:records|rows)\b",
    re.IGNORECASE,
)


def without_footer(
    rows: Iterator[Row], typical: int, last_gap: Callable[[], int], understood: Understood
) -> Iterator[Row]:
    """Yield the rows without those at the very end that say, or show by standing apart, that they are none.

    `typical` is how many cells a row usually fills: in tables of one or two columns no footer could be told. `last_gap`
    returns the number of the last blank row.
    """
    held: list[Row] = []
    number = 0
    for row in rows:
        values = row.values
        if typical < 3 or len(values) - values.count(None) >= typical or not _is_held(row, held, number, last_gap()):
            if held:
                yield from held
                held = []
            number = row.number
            yield row
        else:
            held.append(row)
    for row in held:
        understood.footer_rows += 1
        text = next((value for value in row.values if value), "")
        understood.warn(f"{row.place} was taken for a footer: {text[:60]}")


def _is_held(row: Row, held: list[Row], last_regular: int, gap: int) -> bool:
    return len(held) < _MOST_HELD and _could_be_footer(row, apart=last_regular < gap < row.number)


def _could_be_footer(row: Row, *, apart: bool) -> bool:
    texts = [value for value in row.values if value]
    first = texts[0].strip() if texts else ""
    if _TOTAL.match(first) and len(texts) > 1:
        return all(kind_of(text) == "number" for text in texts[1:])
    return len(texts) == 1 and bool(row.values[0]) and (apart or _NOTE.match(first) is not None)
