"""Two records side by side, as a person judges them: field by field, with what differs marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import Entity, SemanticType, fold
from crm_cli.store import Store

__all__ = ["CardLine", "Mark", "card_lines", "card_values", "read_card"]

_SAME, _DIFFERENT, _ONE_SIDED = "=", "!", ""
_POINTS = (("email_address", "email"), ("phone_number", "phone"), ("postal_address", "address"))
_NOT_SHOWN = {SemanticType.JSON}
Mark = str


@dataclass(frozen=True, slots=True)
class CardLine:
    """One field of both records; `mark` is `=` for equal, `!` for different, blank where only one has a value."""

    field: str
    mark: Mark
    left: str
    right: str


def read_card(store: Store, entity: Entity, left: int, right: int) -> list[CardLine]:
    """Return the fields of both records in which either has a value; first what differs least is first declared."""
    with store.read() as connection:
        one, other = card_values(store, connection, entity, left), card_values(store, connection, entity, right)
    return card_lines(one, other)


def card_lines(one: Mapping[str, Sequence[str]], other: Mapping[str, Sequence[str]]) -> list[CardLine]:
    """Return the values of two records (field → values) side by side."""
    names = list(dict.fromkeys([*one, *other]))
    return [_line(name, one.get(name, []), other.get(name, [])) for name in names]


def _line(name: str, left: Sequence[str], right: Sequence[str]) -> CardLine:
    return CardLine(name, _mark(left, right), "; ".join(left), "; ".join(right))


def _mark(left: Sequence[str], right: Sequence[str]) -> Mark:
    """Several values are equal when one of them is: two records of one person share an address, not all addresses."""
    if not left or not right:
        return _ONE_SIDED
    return _SAME if {fold(one) for one in left} & {fold(one) for one in right} else _DIFFERENT


def card_values(store: Store, connection: sa.Connection, entity: Entity, number: int) -> dict[str, list[str]]:
    """Return what a record has, as a person reads it: field → values."""
    table = store.table(entity.name)
    row = connection.execute(sa.select(table).where(table.c.id == number)).mappings().one()
    values: dict[str, list[str]] = {"id": [str(number)]}
    for one in entity.fields:
        value = (row["custom"] or {}).get(one.name) if one.custom else row[one.name]
        if value in (None, "") or one.type in _NOT_SHOWN:
            continue
        if one.reference:
            values[one.path_name] = [_title(store, connection, one.reference.entity or "", value)]
        else:
            values[one.name] = [str(value)]
    if entity.subtype_of == "party":
        values.update(_points(store, connection, number))
    values["created"] = [f"{row['created_at']:%Y-%m-%d}"]
    if source := _sources(store, connection, entity, number):
        values["sources"] = source
    return values


def _points(store: Store, connection: sa.Connection, number: int) -> dict[str, list[str]]:
    found = {}
    for detail, name in _POINTS:
        table = store.table(detail)
        query = sa.select(table).where(table.c.party_id == number, table.c.deleted_at.is_(None))
        shown = [_point(row) for row in connection.execute(query.order_by(table.c.id)).mappings()]
        if any(shown):
            found[name] = [one for one in shown if one]
    return found


def _point(row: Mapping[Any, Any]) -> str:
    if row.get("standard"):
        return str(row["standard"])
    parts = [row.get(name) for name in ("street", "postal_code", "city", "region", "country")]
    return ", ".join(str(part) for part in parts if part) or str(row["value"] or "")


def _title(store: Store, connection: sa.Connection, name: str, number: int) -> str:
    entity, table = store.dictionary.entity(name), store.table(name)
    names = [one for one in entity.title if one in table.c]
    row = connection.execute(sa.select(*(table.c[one] for one in names)).where(table.c.id == number)).one_or_none()
    words = " ".join(str(value) for value in row or () if value)
    return f"{words} ({number})" if words else str(number)


def _sources(store: Store, connection: sa.Connection, entity: Entity, number: int) -> list[str]:
    ref, source = store.table("external_ref"), store.table("source_system")
    query = (
        sa.select(source.c.name, ref.c.external_id)
        .join_from(ref, source, source.c.id == ref.c.source_system_id)
        .where(ref.c.entity == entity.name, ref.c.record_id == number)
    )
    return [f"{name} {external}" for name, external in connection.execute(query.order_by(ref.c.id))]
