"""What changed since an earlier export: by the log of operations, never by clocks.

On servers an operation may be committed after one with a higher number. A watermark therefore names the newest
operation that was seen *and* the numbers below it that were not there yet: those count as new when they appear.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from crm_cli.dictionary import Entity
from crm_cli.jobs.exporting.points import prefix_of
from crm_cli.query import Selection, resolve, select_records
from crm_cli.query.paths import Path
from crm_cli.store import Store, in_chunks

__all__ = ["Gone", "Watermark", "changed_since", "gone_of", "paths_read", "watermark_of"]

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


def changed_since(
    store: Store, connection: sa.Connection, entity: Entity, paths: Sequence[Path], since: Watermark
) -> tuple[set[int], set[int]]:
    """Return the ids of records to be exported again, and of those that no earlier export can hold.

    A record counts as changed when it, one of its contact points or consents, or a record that one of the paths leads
    through was changed.
    """
    seen = _Log(store, connection, since)
    changed = seen.of_records(entity)
    for prefix, path in {prefix_of(one): one for one in paths if one.steps}.items():
        target = seen.of_records(path.entity)
        if target:
            columns = ["id", f"{prefix}.id"]
            selection = Selection(entity=entity.name, columns=columns, include_deleted=True)
            changed |= {number for number, other in select_records(store, connection, selection) if other in target}
    return changed, seen.made(entity.name) - seen.taken_out(entity.name)


class _Log:
    """The changes of the operations since a watermark."""

    def __init__(self, store: Store, connection: sa.Connection, since: Watermark) -> None:
        self._store, self._connection = store, connection
        self._change = store.table("change")
        self._new = self._change.c.operation_id > since.operation
        if since.missing:
            self._new = sa.or_(self._new, self._change.c.operation_id.in_(since.missing))

    def of_records(self, entity: Entity) -> set[int]:
        """The ids of the entity's records that were changed, or of which a detail was."""
        found = self._ids(entity.name)
        for detail, reference in self._store.dictionary.details_of(entity.name):
            if reference.reference and reference.reference.entity:
                found.update(self._owners(detail.name, reference.name))
        return found

    def made(self, entity: str) -> set[int]:
        """The ids of records that were inserted."""
        return self._ids(entity, "insert")

    def taken_out(self, entity: str) -> set[int]:
        """The ids of records whose row was removed, as undo does."""
        return self._ids(entity, "delete")

    def _ids(self, entity: str, action: str = "") -> set[int]:
        query = sa.select(self._change.c.record_id).distinct().where(self._change.c.entity == entity, self._new)
        return set(self._connection.scalars(query.where(self._change.c.action == action) if action else query))

    def _owners(self, detail: str, column: str) -> Iterable[int]:
        table = self._store.table(detail)
        ids = sorted(self._ids(detail))
        for chunk in in_chunks(ids, 2_000):
            yield from self._connection.scalars(sa.select(table.c[column]).where(table.c.id.in_(chunk)))
        yield from self._former_owners(detail, column)

    def _former_owners(self, detail: str, column: str) -> Iterator[int]:
        """Those whom a detail belonged to before: it was moved by a merge, or removed."""
        query = sa.select(self._change.c.old).where(self._change.c.entity == detail, self._new)
        for old in self._connection.scalars(query.where(self._change.c.action != "insert")):
            if old and old.get(column) is not None:
                yield int(old[column])


def gone_of(store: Store, connection: sa.Connection, entity: Entity, ids: Iterable[int]) -> list[Gone]:
    """Say of each id, which is not among the exported records, what became of it; ordered by id."""
    table = store.table(entity.name)
    gone: dict[int, Gone] = {number: Gone(number, "deleted") for number in ids}
    for chunk in in_chunks(sorted(gone), 2_000):
        query = sa.select(table.c.id, table.c.deleted_at, table.c.merged_into_id).where(table.c.id.in_(chunk))
        for number, deleted_at, into in connection.execute(query):
            if into is not None:
                gone[number] = Gone(number, "merged", _survivor(connection, table, into))
            elif deleted_at is None:
                gone[number] = Gone(number, "left")
    return [gone[number] for number in sorted(gone)]


def _survivor(connection: sa.Connection, table: sa.Table, number: int) -> int:
    """Follow merges to the record that is left."""
    for _ in range(100):
        further = connection.scalar(sa.select(table.c.merged_into_id).where(table.c.id == number))
        if further is None:
            break
        number = further
    return number


def paths_read(store: Store, entity: Entity, columns: Sequence[str], where: str | None) -> list[Path]:
    """Return the paths that an export reads: of its columns and of its filter."""
    from crm_cli.query import compile_where  # NOTE: the parser takes a fifth of a second to import

    read = [resolve(store.dictionary, entity, name) for name in columns]
    return read + (list(compile_where(store.dictionary, entity, where, zone=store.zone).paths) if where else [])
