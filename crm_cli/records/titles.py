"""What a record is called on a screen: its title fields, else its e-mail address or telephone, else its number.

Of a masked field the title has `•••`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import Entity, shown, shown_as
from crm_cli.store import Store, in_chunks

__all__ = ["title_of_row", "titles_of"]

_POINTS = ("email_address", "phone_number")


def titles_of(store: Store, connection: sa.Connection, entity: str, ids: Sequence[int]) -> dict[int, str]:
    """Return the titles of records of `entity` (accounts and contacts alike for `party`), in the order of `ids`."""
    found: dict[int, str] = {}
    for declared in _entities(store, entity):
        table = store.table(declared.name)
        columns = [table.c.id, *(table.c[name] for name in declared.title)]
        for chunk in in_chunks(ids):
            for row in connection.execute(sa.select(*columns).where(table.c.id.in_(chunk))).mappings():
                found[row["id"]] = title_of_row(declared, row)
    nameless = [number for number, title in found.items() if not title]
    found |= _reached_at(store, connection, nameless) if nameless and _has_points(store, entity) else {}
    return {number: found[number] or f"number {number}" for number in ids if number in found}


def title_of_row(entity: Entity, row: Any) -> str:
    """Return the title that the row's own fields make; empty when they are blank."""
    return " ".join(str(shown_as(entity, name, row[name])) for name in entity.title if row[name] not in (None, ""))


def _entities(store: Store, name: str) -> list[Entity]:
    subtypes = [entity for entity in store.dictionary if entity.subtype_of == name]
    return subtypes or [store.dictionary.entity(name)]


def _has_points(store: Store, name: str) -> bool:
    return any(entity.slots for entity in _entities(store, name))


def _reached_at(store: Store, connection: sa.Connection, ids: Sequence[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for detail in _POINTS:
        table, standard = store.table(detail), store.dictionary.entity(detail).field("standard")
        for chunk in in_chunks(ids):
            query = sa.select(table.c.party_id, table.c.standard).where(
                table.c.party_id.in_(chunk), table.c.deleted_at.is_(None)
            )
            for row in connection.execute(query.order_by(table.c.is_primary.desc(), table.c.id)):
                found.setdefault(row.party_id, shown(standard, row.standard))
    return found
