"""What a merge did, row by row: a preview shows it before anything is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import Entity, shown_row
from crm_cli.history import Operation
from crm_cli.jobs.merging.model import RowChange
from crm_cli.records import titles_of

__all__ = ["read_rows"]

_BOOK_KEEPING = ("merge", "match_decision")  # says that it was merged, which the cluster says already


def read_rows(op: Operation) -> list[RowChange]:
    """Return the changes that the open operation has logged so far, in the order of the log, as they may be shown."""
    op.flush()
    table = op.store.table("change")
    query = sa.select(table).where(table.c.operation_id == op.id, table.c.entity.not_in(_BOOK_KEEPING))
    rows = op.connection.execute(query.order_by(table.c.id)).all()
    titles = {}
    for entity in {row.entity for row in rows}:
        ids = sorted({row.record_id for row in rows if row.entity == entity})
        found = titles_of(op.store, op.connection, entity, ids)
        titles.update({(entity, number): title for number, title in found.items()})
    return [
        RowChange(
            row.unit or row.record_id, row.entity, row.record_id, titles.get((row.entity, row.record_id), ""),
            row.action, _fields(op.store.dictionary.entity(row.entity), row.old, row.new),
        )
        for row in rows
    ]  # fmt: skip


def _fields(entity: Entity, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> dict[str, tuple[Any, Any]]:
    before, after = shown_row(entity, old or {}), shown_row(entity, new or {})
    return {name: (before.get(name), after.get(name)) for name in dict.fromkeys([*before, *after])}
