"""Undoing what only set references – hand-overs, territories – in bulk, where nothing stands against it.

A hand-over of a million records is undone by one statement instead of a million objects. Where anything is not as the
operation left it, nothing is done here and the careful way is taken (`undo.py`, `conflicts.py`), which judges record by
record; so what is done here is what that would do.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from crm_cli.collecting import seldom_collecting
from crm_cli.dictionary import SemanticType
from crm_cli.history.assigning import SLOTS, assign_fields

if TYPE_CHECKING:
    from crm_cli.dictionary import Entity
    from crm_cli.history.operation import Operation

__all__ = ["set_back_in_bulk"]

_AT_ONCE = 5_000
_References = list[tuple[int | None, ...]]


def set_back_in_bulk(op: Operation, number: int) -> int | None:
    """Set back what operation `number` changed, inside the open operation `op`; return how many records.

    None, and nothing is written, where it did anything but set references, at most two of a record and each record
    once, or where a record is gone, merged or has another value by now.
    """
    with seldom_collecting():
        found = _found(op, number)
        if found is None:
            return None
        return sum(assign_fields(op, entity, fields, rows) for entity, fields, rows in found)


def _found(op: Operation, number: int) -> list[tuple[str, list[str], _References]] | None:
    change = op.store.table("change")
    mine = change.c.operation_id == number
    odd = sa.or_(change.c.action != "update", change.c.unit.is_not(None))
    if op.connection.scalar(sa.select(change.c.id).where(mine, odd).limit(1)) is not None:
        return None
    counts = sa.select(change.c.entity, sa.func.count()).where(mine).group_by(change.c.entity).order_by(change.c.entity)
    found = []
    for entity, count in op.connection.execute(counts).all():
        if entity not in op.store.dictionary:
            return None
        declared = op.store.dictionary.entity(entity)
        fields = _fields(op, declared, number)
        rows = _old_values(op, declared, number, fields) if fields else None
        if rows is None or len(rows) != count:
            return None
        found.append((declared.name, fields, rows))
    return found or None


def _fields(op: Operation, entity: Entity, number: int) -> list[str]:
    """The references that the first changes set, when they are no more than go at once; else none."""
    change = op.store.table("change")
    query = sa.select(change.c.old).where(change.c.operation_id == number, change.c.entity == entity.name)
    names: dict[str, None] = {}
    for old in op.connection.scalars(query.limit(_AT_ONCE)):
        names |= dict.fromkeys(old or ())
    references = {one.name for one in entity.fields if one.type is SemanticType.REFERENCE and not one.custom}
    return sorted(names) if len(names) <= SLOTS and names.keys() <= references else []


def _old_values(op: Operation, entity: Entity, number: int, fields: Sequence[str]) -> _References | None:
    """Each record with what the fields are set back to; None as soon as one is not as the operation left it."""
    rows: _References = []
    seen: set[int] = set()
    for record, old, new, merged, *now in _changes(op, entity, number, fields):
        before, after = json.loads(old or "null"), json.loads(new or "null")
        if not before or not after or before.keys() != after.keys() or merged is not None or record in seen:
            return None
        seen.add(record)
        values = []
        for name, value in zip(fields, now, strict=True):
            if name in before and value != after[name]:
                return None
            values.append(before.pop(name, value))
        if before:  # a field that is none of these
            return None
        rows.append((record, *values))
    return rows


def _changes(op: Operation, entity: Entity, number: int, fields: Sequence[str]) -> Iterator[Sequence[Any]]:
    """Yield (record, old and new as text, merged into, the fields as they are), locked where servers lock rows."""
    change, table = op.store.table("change"), op.store.table(entity.name)
    merged = table.c.merged_into_id if "merged_into_id" in table.c else sa.null()
    query = (
        sa.select(
            change.c.record_id, sa.cast(change.c.old, sa.Text), sa.cast(change.c.new, sa.Text), merged,
            *(table.c[name] for name in fields),
        )
        .select_from(change.join(table, table.c.id == change.c.record_id))
        .where(change.c.operation_id == number, change.c.entity == entity.name)
        .order_by(change.c.record_id)
        .with_for_update(of=table)
    )  # fmt: skip
    result = op.connection.execute(query.execution_options(yield_per=_AT_ONCE))
    for part in result.partitions(_AT_ONCE):
        yield from part
