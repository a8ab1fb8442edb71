"""Set one reference of very many records at once: a temporary table instead of a round trip a record.

Logged and undone exactly as the other updates.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from crm_cli.dictionary import SemanticType
from crm_cli.store import COMMON_COLUMNS, bulk_insert

if TYPE_CHECKING:
    from crm_cli.history.operation import Operation

__all__ = ["assign"]

_TEMPORARY = """CREATE TEMPORARY TABLE IF NOT EXISTS history_assignment
    (record_id BIGINT NOT NULL PRIMARY KEY, value BIGINT)"""
_ASSIGNMENT = sa.table("history_assignment", sa.column("record_id", sa.BigInteger), sa.column("value", sa.BigInteger))


def assign(op: Operation, entity: str, field: str, values: Iterable[tuple[int, int | None]]) -> int:
    """Set the reference `field` of records, given as (id, new target); return how many really changed.

    Ids that do not exist are left out. `LookupError` when the field is no reference.
    """
    declared = op.store.dictionary.entity(entity)
    if declared.field(field).type is not SemanticType.REFERENCE:
        raise LookupError(f"{entity}.{field} is no reference")
    op.flush()  # the log keeps the order in which things were written
    table = op.store.table(declared.name)
    _fill(op.connection, values)
    differs = sa.and_(table.c.id == _ASSIGNMENT.c.record_id, table.c[field].is_distinct_from(_ASSIGNMENT.c.value))
    number = _lock(op.connection, table, differs)
    if number:
        _log(op, table, field, differs, number)
        _update(op, table, field, versioned="row_version" in COMMON_COLUMNS[declared.role])
        op.counts[f"{declared.name}.update"] += number
    return number


def _fill(connection: sa.Connection, values: Iterable[tuple[int, int | None]]) -> None:
    connection.exec_driver_sql(_TEMPORARY)
    connection.execute(sa.delete(_ASSIGNMENT))
    typed = sa.Table(
        "history_assignment", sa.MetaData(), sa.Column("record_id", sa.BigInteger), sa.Column("value", sa.BigInteger)
    )
    bulk_insert(connection, typed, ("record_id", "value"), values)


def _lock(connection: sa.Connection, table: sa.Table, differs: sa.ColumnElement[bool]) -> int:
    """Return how many records will change, and keep others from changing them meanwhile (SQLite has one writer)."""
    if connection.dialect.name == "sqlite":
        return connection.scalar(sa.select(sa.func.count()).select_from(table.join(_ASSIGNMENT, differs))) or 0
    query = sa.select(table.c.id).select_from(table.join(_ASSIGNMENT, differs)).order_by(table.c.id)
    return sum(1 for _ in connection.execute(query.with_for_update(of=table)))


def _log(op: Operation, table: sa.Table, field: str, differs: sa.ColumnElement[bool], number: int) -> None:
    change = op.store.table("change")
    first = op.store.allocate(op.connection, "change", number)[0]
    values: dict[str, Any] = {
        "id": sa.func.row_number().over(order_by=table.c.id) + (first - 1),
        "operation_id": sa.literal(op.id), "action": sa.literal("update"), "entity": sa.literal(table.name),
        "record_id": table.c.id, "old": _json(field, table.c[field]), "new": _json(field, _ASSIGNMENT.c.value),
    }  # fmt: skip
    rows = sa.select(*(value.label(name) for name, value in values.items()))
    rows = rows.select_from(table.join(_ASSIGNMENT, differs))
    op.connection.execute(sa.insert(change).from_select(list(values), rows))


def _json(field: str, value: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    number = sa.func.coalesce(sa.cast(value, sa.String(20)), "null")
    text = sa.literal(f'{{"{field}":', sa.String) + number + sa.literal("}", sa.String)
    return _JsonText(text)


class _JsonText(FunctionElement[Any]):
    """A text that is a JSON document, for the column of that type."""

    name = "json_text"
    type = sa.Text()
    inherit_cache = True


@compiles(_JsonText)
def _plain_text(element: _JsonText, compiler: Any, **more: Any) -> str:
    inner = compiler.process(element.clauses, **more)
    return f"CAST({inner} AS JSON)" if compiler.dialect.name == "postgresql" else str(inner)


def _update(op: Operation, table: sa.Table, field: str, *, versioned: bool) -> None:
    new = sa.select(_ASSIGNMENT.c.value).where(_ASSIGNMENT.c.record_id == table.c.id).correlate(table)
    values: dict[str, Any] = {field: new.scalar_subquery()}
    if versioned:
        values |= {"row_version": table.c.row_version + 1, "updated_at": op.started_at}
    chosen = sa.exists().where(
        _ASSIGNMENT.c.record_id == table.c.id, table.c[field].is_distinct_from(_ASSIGNMENT.c.value)
    )
    op.connection.execute(sa.update(table).where(chosen.correlate(table)).values(**values))
