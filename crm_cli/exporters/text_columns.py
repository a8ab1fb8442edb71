"""Whole columns as texts: what a column needs is told by one look at all its values, not by a call for each.

The same as `as_text` (and `guarded`) of each value, which the tests hold it to; most columns of an export are texts
that need nothing done.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from crm_cli.exporters.base import RefusalError
from crm_cli.exporters.formulas import STARTERS
from crm_cli.exporters.values import timestamp_text

__all__ = ["column_texts"]

Texts = Sequence[Any]
_NONE = type(None)
_TRUTHS = {None: None, True: "true", False: "false"}
_BETWEEN = "\0"  # no text may have it
_DOUBTFUL = re.compile(rf"{_BETWEEN}[{re.escape(''.join(sorted(STARTERS)))}]")


def column_texts(values: Sequence[Any], convert: Callable[[Any], str | None], *, guard: bool) -> Texts:
    """Return what is to be written of a column's values; whole numbers stay numbers, which are written alike.

    `convert` is asked for each value where a look at all does not do. Raises `ValueError` for a column with a value
    that no text can hold.
    """
    kinds = set(map(type, values)) - {_NONE}
    if not kinds or kinds == {int}:
        return values
    if kinds == {str}:
        return _plain(values, convert, guard=guard)
    if kinds == {datetime}:
        return _each_once(timestamp_text, values)
    if kinds == {date}:
        return _each_once(date.isoformat, values)
    if kinds == {bool}:
        return [_TRUTHS[value] for value in values]
    return [convert(value) for value in values]


def _plain(values: Sequence[Any], convert: Callable[[Any], str | None], *, guard: bool) -> Texts:
    texts = list(filter(None, values))
    joined = _BETWEEN + _BETWEEN.join(texts)
    if joined.count(_BETWEEN) > max(len(texts), 1):
        raise RefusalError("text with a NUL character can't be written")
    if not joined.isascii():
        joined.encode()  # raises for half of a surrogate pair
    if guard and _DOUBTFUL.search(joined):
        return [convert(value) for value in values]
    return values


def _each_once(text_of: Callable[[Any], str], values: Sequence[Any]) -> Texts:
    """Convert each different value once: an import stamps all its rows alike."""
    known: dict[Any, str | None] = {value: text_of(value) for value in set(values) if value is not None}
    known[None] = None
    return [known[value] for value in values]
