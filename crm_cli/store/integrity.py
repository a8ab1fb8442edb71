"""Integrity: does the database hold together? The file itself, foreign keys, and the keys that no server checks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import Entity, EntityRole, Field, OnMerge
from crm_cli.store.store import Store

__all__ = ["Fault", "check"]

_SAMPLE = 5


@dataclass(frozen=True)
class Fault:
    """Something that does not hold together: where, what, how many rows, and the ids of some."""

    table: str
    what: str
    rows: int = 1
    sample: tuple[int, ...] = ()

    def __str__(self) -> str:
        ids = f" (id {', '.join(map(str, self.sample))}{', …' if self.rows > len(self.sample) else ''})"
        return f"{self.table}: {self.what}" + (f": {self.rows} rows{ids}" if self.sample else "")


def check(store: Store) -> list[Fault]:
    """Return what is broken; empty when the database is whole.

    Looks at the pages of a SQLite file, foreign keys (servers hold them by themselves), references that name their
    entity beside the id, records merged into nothing, and parties without their account or contact.
    """
    with store.read() as connection:
        faults = list(_file_faults(connection)) if store.backend == "sqlite" else []
        for entity in store.dictionary:
            faults += _orphans(store, connection, entity)
            if entity.subtype_of:
                faults += _half_parties(store, connection, entity)
            if entity.role is EntityRole.RECORD:
                faults += _merged_into_nothing(store, connection, entity)
        return faults


def _file_faults(connection: sa.Connection) -> Iterator[Fault]:
    for (message,) in connection.exec_driver_sql("PRAGMA integrity_check").all():
        if message != "ok":
            yield Fault("file", str(message))
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    for table, parent in sorted({(row[0], row[2]) for row in broken}):
        ids = [row[1] for row in broken if (row[0], row[2]) == (table, parent)]
        yield Fault(table, f"refers to a missing {parent}", len(ids), tuple(ids[:_SAMPLE]))


def _orphans(store: Store, connection: sa.Connection, entity: Entity) -> Iterator[Fault]:
    for one in entity.references:
        # history goes on naming what was undone
        if one.reference and one.reference.entity is None and one.reference.on_merge is not OnMerge.KEEP:
            yield from _orphans_of(store, connection, entity, one)


def _orphans_of(store: Store, connection: sa.Connection, entity: Entity, one: Field) -> Iterator[Fault]:
    table = store.table(entity.name)
    naming = table.c[one.reference.entity_field] if one.reference else table.c.entity
    for name in connection.scalars(sa.select(naming).distinct().order_by(naming)).all():
        if name not in store.dictionary:
            yield from _fault(connection, table, naming == name, f"{one.name} names an unknown entity {name!r}")
            continue
        target = store.table(store.dictionary.entity(name).name).alias()
        missing = ~sa.exists().where(target.c.id == table.c[one.name])
        yield from _fault(connection, table, sa.and_(naming == name, missing), f"{one.name} names a missing {name}")


def _half_parties(store: Store, connection: sa.Connection, entity: Entity) -> Iterator[Fault]:
    whole, part = store.table(entity.subtype_of), store.table(entity.name)
    lost = sa.and_(whole.c.kind == entity.name, ~sa.exists().where(part.c.id == whole.c.id))
    yield from _fault(connection, whole, lost, f"has no {entity.name}")
    wrong = sa.exists().where(whole.c.id == part.c.id, whole.c.kind != entity.name)
    yield from _fault(connection, part, wrong, f"its {entity.subtype_of} is of another kind")


def _merged_into_nothing(store: Store, connection: sa.Connection, entity: Entity) -> Iterator[Fault]:
    table, target = store.table(entity.name), store.table(entity.name).alias()
    missing = ~sa.exists().where(target.c.id == table.c.merged_into_id)
    condition = sa.and_(table.c.merged_into_id.is_not(None), missing)
    yield from _fault(connection, table, condition, f"merged into a missing {entity.noun}")


def _fault(connection: sa.Connection, table: sa.Table, condition: sa.ColumnElement[Any], what: str) -> Iterator[Fault]:
    count = connection.scalar(sa.select(sa.func.count()).select_from(table).where(condition)) or 0
    if count:
        ids = connection.scalars(sa.select(table.c.id).where(condition).order_by(table.c.id).limit(_SAMPLE))
        yield Fault(table.name, what, count, tuple(ids))
