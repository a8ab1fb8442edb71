"""What an erasure does to the log: rows stay, values go; and what of it can never be undone.

A `change` row of an update or a removal without values is one whose values were erased: no other operation writes such.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from crm_cli.store import bulk_insert, in_chunks

if TYPE_CHECKING:
    from crm_cli.history.changes import Change
    from crm_cli.history.operation import Operation

__all__ = ["ERASE", "blank_changes", "is_erased", "note_erased", "set_change_values"]

ERASE = "erase"  # the kind of an operation that erases; it cannot be undone
_COLUMNS = ("id", "operation_id", "action", "entity", "record_id", "unit", "source_row", "old", "new")


def is_erased(change: Change) -> bool:
    """Whether the values of a change were erased, so that nothing can be set back."""
    return change.action != "insert" and not change.old


def note_erased(op: Operation, entity: str, ids: Collection[int]) -> None:
    """Log that records were erased: one row each, without a value."""
    op.flush()
    numbers = op.allocate("change", len(ids))
    rows = (
        (one, op.id, "delete", entity, number, None, None, None, None)
        for one, number in zip(numbers, sorted(ids), strict=True)
    )
    bulk_insert(op.connection, op.store.table("change"), _COLUMNS, rows)


def blank_changes(op: Operation, entity: str, ids: Collection[int]) -> int:
    """Take the old and new values of these records out of the log; return how many rows had some."""
    table = op.store.table("change")
    count = 0
    for chunk in in_chunks(sorted(ids)):
        mine = sa.and_(table.c.entity == entity, table.c.record_id.in_(chunk), table.c.operation_id != op.id)
        held = sa.or_(table.c.old.is_not(None), table.c.new.is_not(None))
        done = op.connection.execute(table.update().where(mine, held).values(old=None, new=None))
        count += done.rowcount
    return count


def set_change_values(
    op: Operation, rows: Iterable[tuple[int, Mapping[str, Any] | None, Mapping[str, Any] | None]]
) -> int:
    """Give rows of the log other old and new values, as (id, old, new): those without what was erased."""
    table = op.store.table("change")
    given = [{"number": number, "before": old, "after": new} for number, old, new in rows]
    if given:
        statement = table.update().where(table.c.id == sa.bindparam("number"))
        before, after = (sa.bindparam(name, type_=table.c.old.type) for name in ("before", "after"))
        op.connection.execute(statement.values(old=before, new=after), given)
    return len(given)
