"""From values in the dictionary's terms to rows of tables: defaults, compare keys, common columns, length checks."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any

from crm_cli.dictionary import MASK, Entity, Field, SemanticType, fold, shown
from crm_cli.errors import CrmError
from crm_cli.history.values import plain
from crm_cli.store import COMMON_COLUMNS

__all__ = ["ValueTooLongError", "WrongValueError", "check_value", "insert_columns", "stored_values", "takes_all"]

_SMALLEST, _LARGEST = -(2**63), 2**63 - 1  # signed 64 bits: what the columns of whole numbers hold on every database
_TEXTS: set[type] = {str, type(None)}
_WHOLES: set[type] = {int, type(None)}


class WrongValueError(CrmError):
    """A value that the field cannot take: none where one is required, or not one of its values."""

    code = "wrong-value"


class ValueTooLongError(WrongValueError):
    """A text that is longer than its field."""

    code = "too-long"


def insert_columns(
    entity: Entity, rows: Sequence[Mapping[str, Any]], ids: Sequence[int], public_ids: Sequence[str], now: datetime
) -> dict[str, Sequence[Any]]:
    """Return the columns of an insert by name, one value a row: checked, with defaults and compare keys.

    Columns that no row fills are left out. This runs for every record that is imported, so it goes column by column:
    whether all values of one are right is told by a look at all of them together.
    """
    named: set[str] = set().union(*rows)
    made: dict[str, Sequence[Any]] = {"id": ids} | _common_columns(entity, rows, named, public_ids, now)
    doubtful: list[tuple[Field, Sequence[Any]]] = []
    for one in entity.fields:
        if one.custom or not (one.name in named or one.required or one.default is not None):
            continue
        values = _column(one.name, rows) if one.name in named else [None] * len(rows)
        if one.default is not None and None in values:
            values = [one.default if value is None else value for value in values]
        if not takes_all(one, values):
            doubtful.append((one, values))
        made[one.name] = values
        if one.has_key:
            made[one.key_column] = _folds(values)
    _check_each(entity, doubtful, len(rows))
    return made


def _common_columns(
    entity: Entity, rows: Sequence[Mapping[str, Any]], named: set[str], public_ids: Sequence[str], now: datetime
) -> dict[str, Sequence[Any]]:
    added = [one for one in entity.fields if one.custom]
    minted = iter(public_ids)
    made: dict[str, Sequence[Any]] = {}
    for name in COMMON_COLUMNS[entity.role]:
        if name == "public_id":
            made[name] = [row.get(name) or next(minted) for row in rows] if name in named else public_ids
        elif name == "row_version":
            made[name] = [1] * len(rows)
        elif name == "custom":
            if name in named or any(one.name in named for one in added):
                made[name] = [_custom(values, added) for values in rows]
        elif name in ("created_at", "updated_at"):
            made[name] = [row.get(name, now) for row in rows] if name in named else [now] * len(rows)
        elif name in named:
            made[name] = _column(name, rows)
    return made


def _column(name: str, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
    try:
        return list(map(itemgetter(name), rows))
    except KeyError:  # not every row has it
        return [row.get(name) for row in rows]


def takes_all(one: Field, values: Sequence[Any]) -> bool:
    """Whether all values are certainly right; otherwise `check_value` says what is wrong with them, if anything."""
    if one.masked:
        return False  # the mark of a masked value is none
    kinds = set(map(type, values))
    if one.required and type(None) in kinds:
        return False
    if one.type is SemanticType.ENUM:
        return kinds <= _TEXTS and {None, *one.values}.issuperset(values)
    if kinds <= _WHOLES:
        numbers = [value for value in values if value is not None]
        return not numbers or (_is_held(min(numbers)) and _is_held(max(numbers)))
    if int in kinds or float in kinds:
        return False
    return str not in kinds or not one.is_text or (kinds <= _TEXTS and _longest(values) <= one.max_length)


def _longest(texts: Sequence[str | None]) -> int:
    return max(map(len, filter(None, texts)), default=0)


def _folds(values: Sequence[Any]) -> list[str | None]:
    """Return the compare keys of texts, each different text folded once."""
    if _TEXTS.issuperset(map(type, values)):
        keys = {value: fold(value) for value in set(values)}
        return [keys[value] for value in values]
    return [fold(value) for value in values]


def _check_each(entity: Entity, doubtful: Sequence[tuple[Field, Sequence[Any]]], count: int) -> None:
    """Check values one by one, row by row: what is wrong is told of the first row."""
    if doubtful:
        for place in range(count):
            for one, values in doubtful:
                check_value(entity, one, values[place])


def _custom(values: Mapping[str, Any], added: Sequence[Field]) -> dict[str, Any] | None:
    """Return what stands in the column of run-time fields: given as a whole, or field by field."""
    given = dict(values.get("custom") or {})
    given |= {one.name: plain(values[one.name]) for one in added if values.get(one.name) is not None}
    return given or None


def check_value(entity: Entity, one: Field, value: Any) -> None:
    """Raise when the field cannot hold the value."""
    facts = {"entity": entity.name, "field": one.name, "value": value}
    if value is None:
        if one.required:
            raise WrongValueError(f"{entity.noun} needs a value for {one.name}", hint=f"give {one.name}", **facts)
        return
    if isinstance(value, str):
        if one.masked and value == MASK:
            hint = "take the value from where it stands; a blank says nothing"
            raise WrongValueError(f"{one.name} is masked: {MASK} stands for its value and is none", hint=hint, **facts)
        if one.is_text and len(value) > one.max_length:
            begins = shown(one, f"{value[:40]}…")
            message = f"{one.name} takes {one.max_length} characters, this value has {len(value)}: {begins}"
            raise ValueTooLongError(message, hint="shorten it", **facts)
        if one.type is SemanticType.ENUM and value not in one.values:
            said = shown(one, repr(value))
            raise WrongValueError(f"{said} is not a {one.name}", hint=f"one of: {', '.join(one.values)}", **facts)
    elif isinstance(value, int | float) and not _is_held(value):
        message = f"{one.name}: this number is too large to be stored; the largest is {_LARGEST}"
        raise WrongValueError(message, hint="give a smaller number, or none", **facts)


def _is_held(value: float) -> bool:
    """Whether a column of numbers holds this one."""
    return _SMALLEST <= value <= _LARGEST if isinstance(value, int) else math.isfinite(value)


def stored_values(entity: Entity, values: Mapping[str, Any], custom: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the table's columns for an update: fields with their keys, run-time fields merged into `custom`."""
    stored: dict[str, Any] = {}
    added: dict[str, Any] = {}
    for name, value in values.items():
        one = entity.by_name.get(name)
        if one is None:
            stored[name] = value
        elif one.custom:
            added[name] = plain(value)
        else:
            check_value(entity, one, value)
            stored[name] = value
            if one.has_key:
                stored[one.key_column] = fold(value)
    if added:
        merged = {**(custom or {}), **added}
        stored["custom"] = {name: value for name, value in merged.items() if value is not None} or None
    return stored


def missing_columns(entity: Entity, names: Sequence[str]) -> list[str]:
    """Return the names that are neither fields nor common columns."""
    known = {*entity.by_name, "id", *COMMON_COLUMNS[entity.role]}
    return [name for name in names if name not in known]
