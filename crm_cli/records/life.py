"""Blame for what users see as one record: its own fields, and the contact points behind its slots."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import ContactSlot, Entity, shown
from crm_cli.history import BlameLine, blame
from crm_cli.records.addressing import locate
from crm_cli.records.given import field_named
from crm_cli.store import Store

__all__ = ["life"]

_POINT_FIELDS = {"email_address": "value", "phone_number": "value"}


def life(store: Store, entity: str, text: str, *, field: str | None = None) -> list[BlameLine]:
    """Return every change of the record that `text` names, or of one field or slot, newest first.

    Changes of contact points are listed as `noun.field`, such as `email.value`. Raises what `locate` and `blame` raise.
    """
    declared = store.dictionary.entity(entity)
    with store.read() as connection:
        number = locate(store, connection, declared, text).id
    named = field_named(declared, field) if field else None
    if isinstance(named, ContactSlot):
        return _slot_life(store, declared, number, named)
    lines = blame(store, declared.name, number, field=named.name if named else None)
    if named is None:
        for detail in dict.fromkeys(slot.detail for slot in declared.slots):
            lines += [one for point in _point_ids(store, detail, number) for one in _point_life(store, detail, point)]
    return sorted(lines, key=lambda one: (one.when, one.operation_id), reverse=True)


def _slot_life(store: Store, entity: Entity, number: int, slot: ContactSlot) -> list[BlameLine]:
    """The life of a slot: changes of its points; the record's own first line tells of one that came with it."""
    column = _POINT_FIELDS.get(slot.detail, slot.column)
    made = [one for one in blame(store, entity.name, number) if one.action == "insert"]
    lines: list[BlameLine] = []
    for point in _point_ids(store, slot.detail, number, slot.kind):
        own = _point_life(store, slot.detail, point, column)
        lines += own
        if not any(one.action == "insert" for one in own):
            first = own[-1].old if own else _value_now(store, slot.detail, point, column)
            noun = store.dictionary.entity(slot.detail).noun
            lines += [replace(one, field=f"{noun}.{column}", new=first) for one in made]
    return sorted(lines, key=lambda one: (one.when, one.operation_id), reverse=True)


def _point_ids(store: Store, detail: str, party: int, kind: str | None = None) -> list[int]:
    table = store.table(detail)
    query = sa.select(table.c.id).where(table.c.party_id == party).order_by(table.c.id)
    if kind is not None:
        query = query.where(table.c.kind == kind)
    with store.read() as connection:
        return list(connection.scalars(query))


def _point_life(store: Store, detail: str, number: int, column: str | None = None) -> list[BlameLine]:
    noun = store.dictionary.entity(detail).noun
    return [
        replace(one, field=f"{noun}.{one.field}" if one.field else noun)
        for one in blame(store, detail, number, field=column)
    ]


def _value_now(store: Store, detail: str, number: int, column: str) -> Any:
    table = store.table(detail)
    with store.read() as connection:
        value = connection.scalar(sa.select(table.c[column]).where(table.c.id == number))
    return shown(store.dictionary.entity(detail).field(column), value)
