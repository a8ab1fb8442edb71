"""Blame: where each value of a record comes from – operation, person, file and row."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import shown_as
from crm_cli.errors import NotFoundError
from crm_cli.history.values import plain
from crm_cli.store import Store

__all__ = ["BlameLine", "blame"]

_VALUES = ("old", "new")


@dataclass(frozen=True)
class BlameLine:
    """One step in the life of a record or a field; the newest first."""

    when: datetime
    operation_id: int
    kind: str
    actor: str
    action: str
    field: str
    old: Any
    new: Any
    source: str | None  # file, sheet or table that it was imported from
    source_row: int | None
    reason: str | None


def blame(store: Store, entity: str, number: int, *, field: str | None = None) -> list[BlameLine]:
    """Return every change of the record (or of one field of it), newest first, masked values as `•••`.

    Raises `NotFoundError` for an unknown record, `UnknownFieldError` for an unknown field.
    """
    declared = store.dictionary.entity(entity)
    if field and field not in ("deleted_at", "merged_into_id"):
        declared.field(field)
    table = store.table(declared.name)
    with store.read() as connection:
        current = connection.execute(sa.select(table).where(table.c.id == number)).mappings().one_or_none()
        if current is None:
            raise NotFoundError(f"there is no {declared.noun} {number}", hint=f"crm {declared.noun} list shows them")
        rows = connection.execute(_history(store, declared.name, number)).all()
    lines = _lines(rows, dict(current), field)
    if not declared.masked:
        return lines
    return [
        replace(one, **{each: shown_as(declared, one.field, getattr(one, each)) for each in _VALUES}) for one in lines
    ]


def _history(store: Store, entity: str, number: int) -> sa.Select[Any]:
    change, operation = store.table("change"), store.table("operation")
    return (
        sa.select(
            change.c.action, change.c.old, change.c.new, change.c.source_row, operation.c.id.label("operation_id"),
            operation.c.kind, operation.c.actor, operation.c.reason, operation.c.started_at,
            _source(store, entity, number).label("source_name"),
        )
        .join(operation, operation.c.id == change.c.operation_id)
        .where(change.c.entity == entity, change.c.record_id == number)
        .order_by(change.c.id.desc())
    )  # fmt: skip


def _source(store: Store, entity: str, number: int) -> sa.ColumnElement[str | None]:
    """The table that the record came from: of the operation's batches the one that confirmed it, else the only one."""
    operation, batch, seen = store.table("operation"), store.table("import_batch"), store.table("confirmation")
    confirmed = (
        sa.select(sa.func.min(seen.c.batch_id))
        .where(seen.c.operation_id == operation.c.id, seen.c.entity == entity, seen.c.record_id == number)
        .scalar_subquery()
    )
    only = (
        sa.select(sa.case((sa.func.count() == 1, sa.func.min(batch.c.id))))
        .where(batch.c.operation_id == operation.c.id)
        .scalar_subquery()
    )
    named = batch.alias()
    return sa.select(named.c.source_name).where(named.c.id == sa.func.coalesce(confirmed, only)).scalar_subquery()


def _lines(rows: Any, current: dict[str, Any], wanted: str | None) -> list[BlameLine]:
    """Walk backwards from the current values: the log of an insert has none, what later changes found there are its."""
    values = {name: plain(value) for name, value in current.items()}
    lines: list[BlameLine] = []
    for row in rows:
        if row.action == "update":
            for name, old in sorted((row.old or {}).items()):
                if wanted in (None, name):
                    lines.append(_line(row, name, old, (row.new or {}).get(name)))
                values[name] = old
        elif wanted:
            lines.append(_line(row, wanted, None, values.get(wanted)))
        else:
            lines.append(_line(row, "", None, None))
    return lines


def _line(row: Any, name: str, old: Any, new: Any) -> BlameLine:
    return BlameLine(
        row.started_at, row.operation_id, row.kind, row.actor, row.action, name, old, new, row.source_name,
        row.source_row, row.reason,
    )  # fmt: skip
