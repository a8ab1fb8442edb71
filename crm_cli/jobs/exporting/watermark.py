"""What changed since an earlier export: by the log of operations, never by clocks.

On servers an operation may be committed after one with a higher number. A watermark therefore names the newest
operation that was seen *and* the numbers below it that were not there yet: those count as new when they appear.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from crm_cli.dictionary import Entity
from crm_cli.query import Selection, resolve, select_records
from crm_cli.query.paths import Path
from crm_cli.store import Store, in_chunks

__all__ = ["Changes", "Gone", "Watermark", "changed_since", "gone_of", "watermark_of"]

_MISSING_KEPT = 1_000  # numbers that never appear are those of dry runs; no operation stays open for so many


@dataclass(frozen=True)
class Watermark:
    """The newest operation that an export holds, and the numbers below it that were missing."""

    operation: int = 0
    missing: tuple[int, ...] = ()


@dataclass(frozen=True)
class Gone:
    """A record that an earlier export may hold and that is none any more: deleted, merged, or left the filter."""

    id: int
    how: str
    into: int | None = None


def watermark_of(store: Store, connection: sa.Connection, before: Watermark | None = None) -> Watermark:
    """Return the watermark of what this connection sees. Read it before the records, so that nothing falls between."""
    table, since = store.table("operation"), before or Watermark()
    newest = connection.scalar(sa.select(sa.func.max(table.c.id))) or 0
    start = max(since.operation, newest - _MISSING_KEPT)
    there = set(connection.scalars(sa.select(table.c.id).where(table.c.id > start)))
    late = (
        set(connection.scalars(sa.select(table.c.id).where(table.c.id.in_(since.missing)))) if since.missing else set()
    )
    missing = [*(one for one in since.missing if one not in late), *sorted(set(range(start + 1, newest + 1)) - there)]
    return Watermark(newest, tuple(missing[-_MISSING_KEPT:]))


@dataclass(frozen=True)
class Changes:
    """The ids of records that count as changed: by themselves, or by what columns or filter read of others.

    `made` are those of them that no earlier export can hold.
    """

    own: frozenset[int]
    by_columns: frozenset[int]
    by_filter: frozenset[int]
    made: frozenset[int]

    @property
    def all(self) -> frozenset[int]:
        """All of them."""
        return self.own | self.by_columns | self.by_filter


def changed_since(
    store: Store, connection: sa.Connection, entity: Entity, columns: Sequence[str], where: str | None, since: Watermark
) -> Changes:
    """Return what changed: a record itself, one of its contact points or consents, a record that a path leads to."""
    from crm_cli.query import compile_where  # NOTE: the parser takes a fifth of a second to import

    log = _Log(store, connection, since)
    filtered = compile_where(store.dictionary, entity, where, zone=store.zone).paths if where else ()
    return Changes(
        frozenset(log.of_records(entity)),
        frozenset(_reading(log, entity, [resolve(store.dictionary, entity, name) for name in columns])),
        frozenset(_reading(log, entity, filtered)),
        frozenset(log.of_action(entity.name, "insert") - log.of_action(entity.name, "delete")),
    )


def _reading(log: _Log, entity: Entity, paths: Sequence[Path]) -> Iterator[int]:
    """Yield the records from which one of the paths leads to a changed one."""
    steps = {path.steps[:count]: None for path in paths for count in range(1, len(path.steps) + 1)}
    for way in steps:
        target = log.of_records(log.store.dictionary.entity(way[-1].target))
        if target:
            columns = ["id", ".".join([*(step.name for step in way), "id"])]
            selection = Selection(entity=entity.name, columns=columns, include_deleted=True)
            for number, other in select_records(log.store, log.connection, selection):
                if other in target:
                    yield number


class _Log:
    """The changes of the operations since a watermark."""

    def __init__(self, store: Store, connection: sa.Connection, since: Watermark) -> None:
        self.store, self.connection = store, connection
        self._change = store.table("change")
        self._new = self._change.c.operation_id > since.operation
        if since.missing:
            self._new = sa.or_(self._new, self._change.c.operation_id.in_(since.missing))

    def of_records(self, entity: Entity) -> set[int]:
        """The ids of the entity's records that were changed, or of which a detail was."""
        found = self._ids(entity.name)
        for detail, reference in self.store.dictionary.details_of(entity.name):
            if reference.reference and reference.reference.entity:
                found.update(self._owners(detail.name, reference.name))
        return found

    def of_action(self, entity: str, action: str) -> set[int]:
        """The ids of records that were inserted, or whose row was removed, as undo does."""
        return self._ids(entity, action)

    def _ids(self, entity: str, action: str = "") -> set[int]:
        query = sa.select(self._change.c.record_id).distinct().where(self._change.c.entity == entity, self._new)
        return set(self.connection.scalars(query.where(self._change.c.action == action) if action else query))

    def _owners(self, detail: str, column: str) -> Iterable[int]:
        table = self.store.table(detail)
        ids = sorted(self._ids(detail))
        for chunk in in_chunks(ids, 2_000):
            yield from self.connection.scalars(sa.select(table.c[column]).where(table.c.id.in_(chunk)))
        yield from self._former_owners(detail, column)

    def _former_owners(self, detail: str, column: str) -> Iterator[int]:
        """Those whom a detail belonged to before: it was moved by a merge, or removed."""
        query = sa.select(self._change.c.old).where(self._change.c.entity == detail, self._new)
        for old in self.connection.scalars(query.where(self._change.c.action != "insert")):
            if old and old.get(column) is not None:
                yield int(old[column])


def gone_of(store: Store, connection: sa.Connection, entity: Entity, changes: Changes, live: set[int]) -> list[Gone]:
    """Say of each changed record that is not among the exported ones what became of it; ordered by id.

    Of those that only something else changed, what is told is that they left the filter: the rest was told before.
    """
    own = _states(store, connection, entity, changes.own - live - changes.made)
    others = _states(store, connection, entity, changes.by_filter - changes.own - live)
    return sorted([*own, *(one for one in others if one.how == "left")], key=lambda one: one.id)


def _states(store: Store, connection: sa.Connection, entity: Entity, ids: Iterable[int]) -> list[Gone]:
    table = store.table(entity.name)
    gone: dict[int, Gone] = {number: Gone(number, "deleted") for number in ids}
    for chunk in in_chunks(sorted(gone), 2_000):
        query = sa.select(table.c.id, table.c.deleted_at, table.c.merged_into_id).where(table.c.id.in_(chunk))
        for number, deleted_at, into in connection.execute(query):
            if into is not None:
                gone[number] = Gone(number, "merged", _survivor(connection, table, into))
            elif deleted_at is None:
                gone[number] = Gone(number, "left")
    return list(gone.values())


def _survivor(connection: sa.Connection, table: sa.Table, number: int) -> int:
    """Follow merges to the record that is left."""
    for _ in range(100):
        further = connection.scalar(sa.select(table.c.merged_into_id).where(table.c.id == number))
        if further is None:
            break
        number = further
    return number
