"""Which records a command works on: named one by one, or by a condition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from crm_cli.dictionary import Entity
from crm_cli.errors import NotFoundError, UsageError
from crm_cli.query import Selection, record_ids
from crm_cli.records.addressing import locate_all
from crm_cli.store import Store, in_chunks

__all__ = ["Chosen", "choose", "choose_deleted"]


@dataclass(frozen=True)
class Chosen:
    """The records to work on, and remarks such as that an old id led to a survivor."""

    ids: list[int]
    remarks: list[str] = field(default_factory=list)


def choose(store: Store, connection: sa.Connection, entity: Entity, words: Sequence[str], where: str | None) -> Chosen:
    """Return the living records that `words` name, or that the condition `where` selects – one or the other.

    Raises `UsageError` when neither or both are given, `NotFoundError` for what does not exist or is deleted.
    """
    _check_call(entity, words, where)
    if where is not None:
        return Chosen(record_ids(store, connection, Selection(entity=entity.name, where=where)))
    chosen = _named(store, connection, entity, words)
    gone = _deleted(store, connection, entity, chosen.ids)
    if gone:
        hint = f"crm {entity.noun} restore {gone[0]} brings it back"
        raise NotFoundError(f"{entity.noun} {gone[0]} is deleted", hint=hint, entity=entity.name, record_id=gone[0])
    return chosen


def choose_deleted(
    store: Store, connection: sa.Connection, entity: Entity, words: Sequence[str], where: str | None
) -> Chosen:
    """Return those of the records that are deleted; see `choose`."""
    _check_call(entity, words, where)
    if where is None:
        named = _named(store, connection, entity, words)
        return Chosen(_deleted(store, connection, entity, named.ids), named.remarks)
    found = record_ids(store, connection, Selection(entity=entity.name, where=where, include_deleted=True))
    return Chosen(_deleted(store, connection, entity, found))


def _check_call(entity: Entity, words: Sequence[str], where: str | None) -> None:
    if where is not None and words:
        raise UsageError(f"give {words[0]} or --where, not both", hint='a condition such as "id in (1, 2)" joins them')
    if where is None and not words:
        hint = f"name them (crm {entity.noun} list shows the numbers), or select them with --where"
        raise UsageError(f"which {entity.plural}?", hint=hint)


def _named(store: Store, connection: sa.Connection, entity: Entity, words: Sequence[str]) -> Chosen:
    located = locate_all(store, connection, entity, words)
    return Chosen([one.id for one in located], [one.remark for one in located if one.remark])


def _deleted(store: Store, connection: sa.Connection, entity: Entity, ids: Sequence[int]) -> list[int]:
    """Return those that are deleted; one merged away stands in its survivor, and is not for restoring."""
    table = store.table(entity.name)
    found: list[int] = []
    for chunk in in_chunks(sorted(ids)):
        query = sa.select(table.c.id).where(
            table.c.id.in_(chunk), table.c.deleted_at.is_not(None), table.c.merged_into_id.is_(None)
        )
        found += connection.scalars(query.order_by(table.c.id))
    return found
