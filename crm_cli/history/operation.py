"""The operation: one transaction, one log row, and the only door through which records are written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import EntityRole
from crm_cli.history.rows import insert_columns
from crm_cli.history.updates import Update, apply_updates
from crm_cli.history.values import plain_row
from crm_cli.store import Store, bulk_insert, bulk_insert_columns, in_chunks, renew_statistics

__all__ = ["Author", "Operation", "operation"]


_MANY = 2_000  # rows inserted from which the database is told


@dataclass(frozen=True)
class Author:
    """Who writes, why, and with which command (literals already masked); in a script, as a step of which run."""

    actor: str
    reason: str = ""
    command: str = ""
    script_run_id: int | None = None


class _RollBack(Exception):  # noqa: N818 - a signal, not an error
    """Ends the transaction of a dry run."""


@dataclass
class Operation:
    """An open operation. Everything written through it is logged, and undone as one.

    `unit` groups changes that are undone together or not at all: a merge cluster, a record with its parts. Details
    and owned rows that are inserted *with* their record (`covered=True`) are not logged apart: the record's thin row
    stands for them.
    """

    store: Store
    connection: sa.Connection
    id: int
    kind: str
    author: Author
    dry_run: bool
    started_at: datetime
    counts: Counter[str] = field(default_factory=Counter)
    _changes: list[tuple[Any, ...]] = field(default_factory=list)
    _told: Counter[str] = field(default_factory=Counter)  # rows inserted when statistics were last renewed, by entity

    def allocate(self, entity: str, count: int) -> range:
        """Return fresh ids, for rows that refer to each other before they are written."""
        return self.store.allocate(self.connection, entity, count)

    def insert(
        self,
        entity: str,
        rows: Sequence[Mapping[str, Any]],
        *,
        units: Sequence[int | None] | None = None,
        source_rows: Sequence[int | None] | None = None,
        covered: bool = False,
    ) -> list[int]:
        """Insert records given as field values (with or without `id`); return their ids.

        Raises `WrongValueError` or `ValueTooLongError` before anything of the call is written.
        """
        if not rows:
            return []
        declared = self.store.dictionary.entity(entity)
        ids = self._ids(declared.name, rows)
        public = self.store.mint(len(rows)) if declared.role is EntityRole.RECORD else ()
        columns = insert_columns(declared, rows, ids, public, self.started_at)
        if declared.subtype_of:
            party = self.store.table(declared.subtype_of)
            bulk_insert_columns(self.connection, party, {"id": ids, "kind": [declared.name] * len(ids)})
        bulk_insert_columns(self.connection, self.store.table(declared.name), columns)
        self.counts[f"{declared.name}.insert"] += len(ids)
        self._tell_growth(declared.name)
        if not covered:
            self.log_inserts(declared.name, ids, units, source_rows)
        return ids

    def _tell_growth(self, entity: str) -> None:
        """Renew the statistics of a table whenever the operation has doubled what it inserted there."""
        count = self.counts[f"{entity}.insert"]
        if count >= max(_MANY, 2 * self._told[entity]):
            renew_statistics(self.connection, self.store.table(entity))
            self._told[entity] = count

    def _ids(self, entity: str, rows: Sequence[Mapping[str, Any]]) -> list[int]:
        given = [row.get("id") for row in rows]
        if all(number is not None for number in given):
            return [int(number) for number in given if number is not None]
        return list(self.allocate(entity, len(rows)))

    def log_inserts(
        self,
        entity: str,
        ids: Sequence[int],
        units: Sequence[int | None] | None = None,
        source_rows: Sequence[int | None] | None = None,
    ) -> None:
        """Log inserts that were written already: one thin row each."""
        units = units or [None] * len(ids)
        source_rows = source_rows or [None] * len(ids)
        self._changes += [
            ("insert", entity, number, unit, source, None, None)
            for number, unit, source in zip(ids, units, source_rows, strict=True)
        ]
        self._flush_when_large()

    def update(
        self,
        entity: str,
        updates: Mapping[int, Mapping[str, Any]],
        *,
        unit: int | None = None,
        units: Mapping[int, int] | None = None,
        source_rows: Mapping[int, int] | None = None,
        versions: Mapping[int, int] | None = None,
        logged: bool = True,
    ) -> list[int]:
        """Set fields of records, given as id → {field: new value}; return the ids that really changed.

        Only what differs is written and logged; `logged=False` is for records that this operation itself inserted:
        their thin row stands for all that it gave them. With `versions` (id → `row_version` as read) a record that
        somebody else changed meanwhile raises `ChangedMeanwhileError`; unknown ids raise `NotFoundError`.
        """
        done = apply_updates(self.store, self.connection, entity, updates, self.started_at, versions)
        if logged:
            self.log_updates(entity, done, unit=unit, units=units, source_rows=source_rows)
        return [one.id for one in done]

    def log_updates(
        self,
        entity: str,
        done: Iterable[Update],
        *,
        unit: int | None = None,
        units: Mapping[int, int] | None = None,
        source_rows: Mapping[int, int] | None = None,
    ) -> None:
        """Log updates that were written already."""
        units, source_rows = units or {}, source_rows or {}
        for one in done:
            entry = (units.get(one.id, unit), source_rows.get(one.id), one.old, one.new)
            self._changes.append(("update", entity, one.id, *entry))
            self.counts[f"{entity}.update"] += 1
        self._flush_when_large()

    def delete(self, entity: str, ids: Sequence[int], *, unit: int | None = None) -> list[int]:
        """Delete records: they keep their row, marked, and can be restored; return those not deleted before."""
        return self.update(entity, {number: {"deleted_at": self.started_at} for number in ids}, unit=unit)

    def restore(self, entity: str, ids: Sequence[int]) -> list[int]:
        """Bring deleted records back; return the ids that were deleted."""
        return self.update(entity, {number: {"deleted_at": None} for number in ids})

    def remove(self, entity: str, ids: Sequence[int], *, unit: int | None = None, logged: bool = True) -> None:
        """Take rows out of their table for good; their content stands in the log (unless `logged` is off)."""
        table = self.store.table(entity)
        for chunk in in_chunks(ids) if logged else ():
            rows = self.connection.execute(sa.select(table).where(table.c.id.in_(chunk))).mappings()
            self._changes += [("delete", entity, row["id"], unit, None, plain_row(dict(row)), None) for row in rows]
            self._flush_when_large()
        declared = self.store.dictionary.entity(entity)
        own = {one.name: None for one in declared.self_references}  # rows that go together may refer to each other
        for chunk in in_chunks(ids) if own else ():
            self.connection.execute(table.update().where(table.c.id.in_(chunk)).values(own))
        for chunk in in_chunks(ids):
            self.connection.execute(table.delete().where(table.c.id.in_(chunk)))
        if declared.subtype_of:
            party = self.store.table(declared.subtype_of)
            for chunk in in_chunks(ids):
                self.connection.execute(party.delete().where(party.c.id.in_(chunk)))
        self.counts[f"{entity}.delete"] += len(ids)
        self._flush_when_large()

    def _flush_when_large(self, limit: int = 20_000) -> None:
        if len(self._changes) >= limit:
            self.flush()

    def flush(self) -> None:
        """Write the pending part of the change log."""
        if not self._changes:
            return
        columns = ("id", "operation_id", "action", "entity", "record_id", "unit", "source_row", "old", "new")
        ids = self.store.allocate(self.connection, "change", len(self._changes))
        rows = ((number, self.id, *change) for number, change in zip(ids, self._changes, strict=True))
        bulk_insert(self.connection, self.store.table("change"), columns, rows)
        self._changes = []

    def finish(self) -> None:
        """Write the rest of the log and the counts."""
        self.flush()
        table = self.store.table("operation")
        values = {"finished_at": self.store.now(), "summary": dict(sorted(self.counts.items()))}
        self.connection.execute(table.update().where(table.c.id == self.id).values(**values))


@contextmanager
def operation(
    store: Store, kind: str, author: Author, *, dry_run: bool = False, exclusive: bool = False, wait: float = 0.0
) -> Iterator[Operation]:
    """Open an operation: commits at the end, rolls back on an error or for a dry run.

    `exclusive` takes the writers' lease first (long writers), waiting up to `wait` seconds; `LockedError` says who
    holds it. The same code runs in a dry run, whose writes, log rows and allocated records vanish at the end.
    """
    lease = store.lease(wait=wait) if exclusive else nullcontext()
    try:
        with lease as held, store.write() as connection:
            opened = _open(store, connection, kind, author, dry_run=dry_run)
            yield opened
            opened.finish()
            if held is not None:
                held.check(connection, store.table("lease"))
            if dry_run:
                raise _RollBack
    except _RollBack:
        pass


def _open(store: Store, connection: sa.Connection, kind: str, author: Author, *, dry_run: bool) -> Operation:
    now = store.now()
    number = store.allocate(connection, "operation", 1)[0]
    values = {
        "id": number, "kind": kind, "actor": author.actor, "reason": author.reason or None,
        "command": author.command or None, "started_at": now, "indexed": False,
        "matched": False, "script_run_id": author.script_run_id,
    }  # fmt: skip
    connection.execute(store.table("operation").insert().values(**values))
    return Operation(store, connection, number, kind, author, dry_run, now)
