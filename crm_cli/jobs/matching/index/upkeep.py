"""Bring the match index up to date: what operations changed since, whoever wrote it, gets its keys anew."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import sqlalchemy as sa

from crm_cli.dedupe.model import ModelVersionError
from crm_cli.dictionary import Entity
from crm_cli.jobs.matching.index.kept import (
    MatchIndex,
    NoIndexError,
    add_keys,
    drop_index,
    drop_keys,
    indexed_entities,
    read_index,
)
from crm_cli.jobs.matching.loading import load_chosen
from crm_cli.query import changed_records
from crm_cli.store import Store, bulk_insert, in_chunks

__all__ = ["bring_up_to_date", "catch_up", "forget_waiting", "waiting_operations", "waiting_records"]

_MANY = 20_000  # records read and keyed at a time


def waiting_operations(store: Store, connection: sa.Connection, *, locked: bool = False) -> list[int]:
    """Return the operations whose changes the match index does not know yet."""
    table = store.table("operation")
    query = sa.select(table.c.id).where(sa.or_(table.c.matched.is_(None), table.c.matched == sa.false()))
    # locked: of two that catch up at once the second finds the work done
    return list(connection.scalars(query.with_for_update() if locked else query))


def catch_up(store: Store) -> None:
    """Key what operations changed since the index was last brought up to date; without an index nothing is done."""
    with store.read() as connection:
        if not indexed_entities(store, connection) or not waiting_operations(store, connection):
            return
    with store.write() as connection:
        bring_up_to_date(store, connection)


def bring_up_to_date(
    store: Store, connection: sa.Connection, *, fresh: str | None = None, known: Collection[int] = ()
) -> None:
    """Key what the waiting operations changed, within the caller's transaction.

    The index of the entity `fresh` was just made, by someone who had seen the operations `known`.
    """
    numbers = waiting_operations(store, connection, locked=True)
    news = [number for number in numbers if number not in set(known)]
    for name in indexed_entities(store, connection):
        changed = _touched(store, connection, name, news if name == fresh else numbers)
        _key_anew(store, connection, store.dictionary.entity(name), sorted(changed))
    table = store.table("operation")
    for chunk in in_chunks(numbers):
        connection.execute(table.update().where(table.c.id.in_(chunk)).values(matched=True))


def _touched(store: Store, connection: sa.Connection, name: str, numbers: Sequence[int]) -> set[int]:
    changed = changed_records(connection, store, numbers)
    touched = set(changed.get(name, ()))
    entity = store.dictionary.entity(name)
    if name != "account" and "account_id" in entity.by_name:  # people are compared by their employer's name too
        table = store.table(name)
        for chunk in in_chunks(sorted(changed.get("account", ()))):
            touched.update(connection.scalars(sa.select(table.c.id).where(table.c.account_id.in_(chunk))))
    return touched


def _key_anew(store: Store, connection: sa.Connection, entity: Entity, ids: Sequence[int]) -> None:
    if not ids:
        return
    try:
        index = read_index(store, connection, entity)
        for start in range(0, len(ids), _MANY):
            _key_chunk(store, connection, index, ids[start : start + _MANY])
    except (NoIndexError, ModelVersionError):  # made by another version, or before a field was taken away
        drop_index(store, connection, entity.name)


def _key_chunk(store: Store, connection: sa.Connection, index: MatchIndex, ids: Sequence[int]) -> None:
    name = index.entity.name
    loaded = load_chosen(store, connection, index.entity, ids, index.named)
    drop_keys(store, connection, name, ids)
    if loaded.ids:
        records, keys = index.comparer(loaded.table).keys()
        add_keys(store, connection, name, keys, np.array(loaded.ids, np.int64)[records])
    _note_waiting(store, connection, name, ids)


def _note_waiting(store: Store, connection: sa.Connection, name: str, ids: Sequence[int]) -> None:
    """Note that these were not compared since they changed; the gone ones too, whose pairs are to be dropped.

    A note is made anew, so that whoever compared a record as it was before takes back the old note only.
    """
    table = store.table("match_waiting")
    for chunk in in_chunks(ids):
        connection.execute(table.delete().where(table.c.entity == name, table.c.record_id.in_(chunk)))
    numbers = store.allocate(connection, "match_waiting", len(ids))
    rows = ((one, name, number) for one, number in zip(numbers, ids, strict=True))
    bulk_insert(connection, table, ("id", "entity", "record_id"), rows)


def waiting_records(store: Store, connection: sa.Connection, entity: str) -> dict[int, int]:
    """Return the records that were added or changed since they were last compared with all, and the note of each."""
    table = store.table("match_waiting")
    query = sa.select(table.c.record_id, table.c.id).where(table.c.entity == entity).order_by(table.c.record_id)
    return {row.record_id: row.id for row in connection.execute(query)}


def forget_waiting(store: Store, connection: sa.Connection, notes: Sequence[int]) -> None:
    """Take back these notes, whose records were compared with all."""
    table = store.table("match_waiting")
    for chunk in in_chunks(notes):
        connection.execute(table.delete().where(table.c.id.in_(chunk)))
