"""Reading the log: what was done, by whom, and what it changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import hide, shown_row
from crm_cli.errors import NotFoundError
from crm_cli.store import Store

__all__ = ["LoggedChange", "LoggedOperation", "read_changes", "read_log", "read_operation"]


@dataclass(frozen=True)
class LoggedOperation:
    """One operation as `crm log` shows it."""

    id: int
    kind: str
    actor: str
    reason: str | None
    command: str | None
    started_at: datetime
    finished_at: datetime | None
    summary: dict[str, int]
    undone_by: int | None
    undoes: int | None
    script_run: int | None = None


@dataclass(frozen=True)
class LoggedChange:
    """One changed record of an operation."""

    action: str
    entity: str
    record_id: int
    source_row: int | None
    old: dict[str, Any]
    new: dict[str, Any]


def read_log(store: Store, *, limit: int = 20, kind: str | None = None) -> list[LoggedOperation]:
    """Return the newest operations, newest first."""
    table = store.table("operation")
    query = sa.select(table).order_by(table.c.id.desc()).limit(limit)
    if kind:
        query = query.where(table.c.kind == kind)
    with store.read() as connection:
        return [_operation(row) for row in connection.execute(query)]


def read_operation(store: Store, number: int) -> LoggedOperation:
    """Return one operation; `NotFoundError` when there is none of this number."""
    table = store.table("operation")
    with store.read() as connection:
        row = connection.execute(sa.select(table).where(table.c.id == number)).one_or_none()
    if row is None:
        raise NotFoundError(f"there is no operation {number}", hint="crm log lists them", operation=number)
    return _operation(row)


def read_changes(store: Store, number: int, *, limit: int | None = None) -> list[LoggedChange]:
    """Return the changes of one operation in the order in which they were made, masked values as `•••`."""
    table = store.table("change")
    query = sa.select(table).where(table.c.operation_id == number).order_by(table.c.id).limit(limit)
    with store.read() as connection:
        return [
            LoggedChange(
                row.action, row.entity, row.record_id, row.source_row,
                *(_shown(store, row.entity, values or {}) for values in (row.old, row.new)),
            )
            for row in connection.execute(query)
        ]  # fmt: skip


def _shown(store: Store, entity: str, values: dict[str, Any]) -> dict[str, Any]:
    """The values as a view may show them: none of a kind of record that is not known any more."""
    if not store.dictionary.is_masked:
        return values
    if entity in store.dictionary:
        return shown_row(store.dictionary.entity(entity), values)
    return {name: hide(value) for name, value in values.items()}


def _operation(row: Any) -> LoggedOperation:
    return LoggedOperation(
        row.id, row.kind, row.actor, row.reason, row.command, row.started_at, row.finished_at, row.summary or {},
        row.undone_by_id, row.undoes_id, row.script_run_id,
    )  # fmt: skip
