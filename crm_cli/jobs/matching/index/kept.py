"""The tables of the match index: model, keys and frequencies of an entity."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import sqlalchemy as sa

from crm_cli.dedupe import MatchTable
from crm_cli.dedupe.indexing import Blueprint, Comparer
from crm_cli.dedupe.model import ModelVersionError
from crm_cli.dictionary import Entity
from crm_cli.errors import NotFoundError
from crm_cli.jobs.match_rules import known_types
from crm_cli.store import Store, bulk_insert, in_chunks

__all__ = [
    "MatchIndex",
    "NoIndexError",
    "add_keys",
    "drop_index",
    "drop_keys",
    "indexed_entities",
    "keep_model",
    "read_index",
]

_KEY_COLUMNS = ("id", "entity", "block", "record_id")
_FREQUENCY_COLUMNS = ("id", "entity", "term", "records")


class NoIndexError(NotFoundError):
    """There is no match index of this entity: nobody has searched all of it yet."""

    code = "no-match-index"


@dataclass(frozen=True, slots=True, eq=False)
class MatchIndex:
    """The match index of an entity, to ask within one connection; `made_at`: when all records were searched."""

    entity: Entity
    blueprint: Blueprint
    made_at: datetime

    @property
    def named(self) -> list[str]:
        """The fields that are read of records to compare them."""
        return [each.name for each in self.blueprint.columns]

    def comparer(self, table: MatchTable, counts: Callable[[np.ndarray], Mapping[int, int]] | None = None) -> Comparer:
        """Return what compares the records of `table` with each other; see `Comparer`."""
        return Comparer(table, self.blueprint, counts, known_types())

    def blocks(self, store: Store, connection: sa.Connection, keys: Collection[int]) -> dict[int, list[int]]:
        """Return, by key, the records that have it; a key of more records than are worth comparing is left out."""
        table = store.table("match_key")
        wanted = sorted(keys)
        found: dict[int, list[int]] = {}
        for chunk in in_chunks(wanted):
            mine = sa.and_(table.c.block.in_(chunk), table.c.entity == self.entity.name)
            few = sa.select(table.c.block).where(mine).group_by(table.c.block)
            few = few.having(sa.func.count() <= self.blueprint.block_limit)
            rare = list(connection.scalars(few))
            query = sa.select(table.c.block, table.c.record_id).where(table.c.block.in_(rare))
            for block, record in connection.execute(query.where(table.c.entity == self.entity.name)):
                found.setdefault(block, []).append(record)
        return found

    def counts(self, store: Store, connection: sa.Connection, terms: Iterable[int]) -> dict[int, int]:
        """Return how many records have the values and words behind these keys, as far as they are frequent."""
        table = store.table("value_frequency")
        found: dict[int, int] = {}
        for chunk in in_chunks(sorted(terms)):
            query = sa.select(table.c.term, table.c.records).where(table.c.term.in_(chunk))
            found.update(
                (row[0], row[1]) for row in connection.execute(query.where(table.c.entity == self.entity.name))
            )
        return found


def read_index(store: Store, connection: sa.Connection, entity: Entity) -> MatchIndex:
    """Return the match index of `entity`; `NoIndexError` where there is none that this version can read."""
    table = store.table("match_model")
    row = connection.execute(sa.select(table).where(table.c.entity == entity.name)).one_or_none()
    hint = f"crm dedupe find {entity.noun} searches them all and makes it"
    if row is None and _matched_apart(store, connection, entity):
        message = f"there are persons and organizations among the {entity.plural}, and such have no match index"
        raise NoIndexError(message, hint=f"crm dedupe find {entity.noun} compares them all", entity=entity.name)
    if row is None:
        raise NoIndexError(f"the {entity.plural} have no match index yet", hint=hint, entity=entity.name)
    try:
        return MatchIndex(entity, Blueprint.from_json(row.document), row.made_at)
    except ModelVersionError as fault:
        raise NoIndexError(fault.message, hint=hint, entity=entity.name) from fault


def _matched_apart(store: Store, connection: sa.Connection, entity: Entity) -> bool:
    """Whether the last search found two kinds of records, each with a model of its own."""
    table = store.table("match_run")
    query = sa.select(table.c.model).where(table.c.entity == entity.name).order_by(table.c.id.desc()).limit(1)
    return "parts" in (connection.scalar(query) or {})


def indexed_entities(store: Store, connection: sa.Connection) -> list[str]:
    """Return the entities that have a match index."""
    table = store.table("match_model")
    return sorted(connection.scalars(sa.select(table.c.entity)))


def drop_index(store: Store, connection: sa.Connection, entity: str) -> None:
    """Forget the match index of `entity`."""
    alone = set(indexed_entities(store, connection)) <= {entity}
    for name in ("match_key", "value_frequency", "match_model", "match_waiting"):
        table = store.table(name)
        # SQLite empties a whole table at once, and deletes row by row where there is a condition
        connection.execute(table.delete() if alone else table.delete().where(table.c.entity == entity))


def keep_model(
    store: Store, connection: sa.Connection, entity: str, blueprint: Blueprint, frequencies: Mapping[int, int]
) -> None:
    """Keep what a search settled."""
    (number,) = store.allocate(connection, "match_model", 1)
    values = {"id": number, "entity": entity, "made_at": store.now(), "records": blueprint.rows}
    connection.execute(store.table("match_model").insert().values(**values, document=blueprint.to_json()))
    if frequencies:
        ids = store.allocate(connection, "value_frequency", len(frequencies))
        rows = ((one, entity, term, count) for one, (term, count) in zip(ids, frequencies.items(), strict=True))
        bulk_insert(connection, store.table("value_frequency"), _FREQUENCY_COLUMNS, rows)


def add_keys(store: Store, connection: sa.Connection, entity: str, keys: np.ndarray, ids: np.ndarray) -> None:
    """Add keys, given in ascending order – so they are stored several times as fast – with the ids that have them."""
    if not len(keys):
        return
    numbers = store.allocate(connection, "match_key", len(keys))
    rows = ((one, entity, key, record) for one, key, record in zip(numbers, keys.tolist(), ids.tolist(), strict=True))
    bulk_insert(connection, store.table("match_key"), _KEY_COLUMNS, rows)


def drop_keys(store: Store, connection: sa.Connection, entity: str, ids: Sequence[int]) -> None:
    """Take the keys of these records out."""
    table = store.table("match_key")
    for chunk in in_chunks(sorted(ids)):
        connection.execute(table.delete().where(table.c.record_id.in_(chunk), table.c.entity == entity))
