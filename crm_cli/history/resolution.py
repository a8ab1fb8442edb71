"""Old ids for ever: which record stands for one that was merged away."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from crm_cli.store import Store, in_chunks

__all__ = ["resolve", "resolve_all", "stood_for_by"]


def resolve(store: Store, entity: str, number: int) -> int:
    """Return the id of the record that stands for `number` today: itself, or the survivor of its merges.

    An unknown id comes back as it is; whether it exists is for the caller to see.
    """
    with store.read() as connection:
        return resolve_all(store, connection, entity, [number])[number]


def resolve_all(store: Store, connection: sa.Connection, entity: str, ids: Collection[int]) -> dict[int, int]:
    """Return, for each of `ids`, the id that stands for it today; follows merges of survivors to the end."""
    table = store.table(store.dictionary.entity(entity).name)
    found = {number: number for number in ids}
    pending = set(found)
    while pending:
        steps: dict[int, int] = {}
        for chunk in in_chunks(sorted(pending)):
            query = sa.select(table.c.id, table.c.merged_into_id).where(
                table.c.id.in_(chunk), table.c.merged_into_id.is_not(None)
            )
            steps.update({row[0]: row[1] for row in connection.execute(query)})
        if not steps:
            break
        found = {number: steps.get(now, now) for number, now in found.items()}
        pending = set(steps.values())
    return found


def stood_for_by(store: Store, connection: sa.Connection, entity: str, ids: Collection[int]) -> set[int]:
    """Return the records that were merged into one of `ids`, directly or through others; the other way round."""
    table = store.table(store.dictionary.entity(entity).name)
    found: set[int] = set()
    pending = set(ids)
    while pending:
        merged: set[int] = set()
        for chunk in in_chunks(sorted(pending)):
            merged.update(connection.scalars(sa.select(table.c.id).where(table.c.merged_into_id.in_(chunk))))
        pending = merged - found
        found |= merged
    return found
