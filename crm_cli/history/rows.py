"""From values in the dictionary's terms to rows of tables: defaults, compare keys, common columns, length checks."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crm_cli.dictionary import MASK, Entity, Field, SemanticType, fold, shown
from crm_cli.errors import CrmError
from crm_cli.history.values import plain
from crm_cli.store import COMMON_COLUMNS

__all__ = ["ValueTooLongError", "WrongValueError", "check_value", "insert_columns", "insert_rows", "stored_values"]

_SMALLEST, _LARGEST = -(2**63), 2**63 - 1  # signed 64 bits: what the columns of whole numbers hold on every database


class WrongValueError(CrmError):
    """A value that the field cannot take: none where one is required, or not one of its values."""

    code = "wrong-value"


class ValueTooLongError(WrongValueError):
    """A text that is longer than its field."""

    code = "too-long"


def insert_columns(entity: Entity) -> list[str]:
    """Return the columns that an insert fills, in a fixed order."""
    names = ["id", *COMMON_COLUMNS[entity.role]]
    for one in entity.fields:
        if not one.custom:
            names.append(one.name)
            if one.has_key:
                names.append(one.key_column)
    return names


def insert_rows(
    entity: Entity, rows: Sequence[Mapping[str, Any]], ids: Sequence[int], public_ids: Sequence[str], now: datetime
) -> list[list[Any]]:
    """Return rows for `insert_columns`: checked, with defaults and compare keys.

    What the fields demand is looked up once for all rows: this runs for every record that is imported.
    """
    common = COMMON_COLUMNS[entity.role]
    plan = [_FieldPlan.of(one) for one in entity.fields if not one.custom]
    added = [one for one in entity.fields if one.custom]
    minted = iter(public_ids)
    made = []
    for values, number in zip(rows, ids, strict=True):
        given = values.get
        row: list[Any] = [number]
        for name in common:
            if name == "public_id":
                row.append(given(name) or next(minted))
            elif name == "row_version":
                row.append(1)
            elif name == "custom":
                row.append(_custom(values, added))
            else:
                row.append(given(name, now if name in ("created_at", "updated_at") else None))
        for one in plan:
            value = given(one.name)
            if value is None:
                value = one.default
            if not one.takes(value):
                check_value(entity, one.field, value)
            row.append(value)
            if one.has_key:
                row.append(fold(value))
        made.append(row)
    return made


def _custom(values: Mapping[str, Any], added: Sequence[Field]) -> dict[str, Any] | None:
    """Return what stands in the column of run-time fields: given as a whole, or field by field."""
    given = dict(values.get("custom") or {})
    given |= {one.name: plain(values[one.name]) for one in added if values.get(one.name) is not None}
    return given or None


@dataclass(frozen=True, slots=True)
class _FieldPlan:
    """What an insert must know of a field, without asking the field again for every row."""

    field: Field
    name: str
    default: Any
    has_key: bool
    required: bool
    longest: int
    closed: bool

    @classmethod
    def of(cls, one: Field) -> _FieldPlan:
        longest = one.max_length if one.is_text else sys.maxsize
        closed = one.type is SemanticType.ENUM or one.masked
        return cls(one, one.name, one.default, one.has_key, one.required, longest, closed)

    def takes(self, value: Any) -> bool:
        """Whether the value is certainly right; otherwise `check_value` says what is wrong with it, if anything."""
        if value is None:
            return not self.required
        kind = type(value)
        if kind is str:
            return not self.closed and len(value) <= self.longest
        return _is_held(value) if kind is int or kind is float else not self.closed


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
