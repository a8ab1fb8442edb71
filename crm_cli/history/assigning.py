"""Set references of very many records at once: a temporary table instead of a round trip a record.

Logged and undone exactly as the other updates: one log row a record, with the fields that changed and no others.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from functools import reduce
from itertools import islice
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from crm_cli.dictionary import SemanticType
from crm_cli.store import COMMON_COLUMNS, bulk_insert, renew_statistics

if TYPE_CHECKING:
    from crm_cli.history.operation import Operation

__all__ = ["SLOTS", "assign", "assign_fields"]

SLOTS = 2  # references that one record is given at once: a territory and an owner
_TEMPORARY = """CREATE TEMPORARY TABLE IF NOT EXISTS history_assignment
    (record_id {} NOT NULL PRIMARY KEY, value_0 BIGINT, value_1 BIGINT)"""
_ASSIGNMENT = sa.Table(
    "history_assignment",
    sa.MetaData(),
    sa.Column("record_id", sa.BigInteger, primary_key=True),
    *(sa.Column(f"value_{slot}", sa.BigInteger) for slot in range(SLOTS)),
)
_AT_ONCE = 50_000  # rows of one executemany on SQLite


def assign(op: Operation, entity: str, field: str, values: Iterable[tuple[int, int | None]]) -> int:
    """Set the reference `field` of records, given as (id, new target); see `assign_fields`."""
    return assign_fields(op, entity, (field,), values)


def assign_fields(op: Operation, entity: str, fields: Sequence[str], rows: Iterable[tuple[int | None, ...]]) -> int:
    """Set one or two references of records, given as (id, new target of each field); return how many really changed.

    Each id comes once; ids that do not exist are left out. `LookupError` when a field is no reference, `ValueError`
    for more fields than two.
    """
    declared = op.store.dictionary.entity(entity)
    for name in fields:
        if declared.field(name).type is not SemanticType.REFERENCE:
            raise LookupError(f"{entity}.{name} is no reference")
    if not 0 < len(fields) <= SLOTS:
        raise ValueError(f"{len(fields)} fields cannot be assigned at once")
    op.flush()  # the log keeps the order in which things were written
    table = op.store.table(declared.name)
    _fill(op.connection, len(fields), rows)
    changes = _Changes(op, table, fields)
    number = changes.lock()
    if number:
        changes.log(number)
        changes.update(versioned="row_version" in COMMON_COLUMNS[declared.role])
        op.counts[f"{declared.name}.update"] += number
    return number


def _fill(connection: sa.Connection, width: int, rows: Iterable[tuple[int | None, ...]]) -> None:
    sqlite = connection.dialect.name == "sqlite"
    # an INTEGER key is SQLite's own row number; of any other kind it would keep a second index
    connection.exec_driver_sql(_TEMPORARY.format("INTEGER" if sqlite else "BIGINT"))
    connection.execute(sa.delete(_ASSIGNMENT))
    columns = [column.name for column in _ASSIGNMENT.c][: width + 1]
    if not sqlite:
        bulk_insert(connection, _ASSIGNMENT, columns, rows)
        renew_statistics(connection, _ASSIGNMENT)
        return
    # integers need no preparing: half the time of bulk_insert
    statement = f"INSERT INTO history_assignment ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608
    iterator = iter(rows)
    while chunk := list(islice(iterator, _AT_ONCE)):
        connection.exec_driver_sql(statement, chunk)


class _Changes:
    """What of the temporary table differs from what is stored: counted, logged, written."""

    def __init__(self, op: Operation, table: sa.Table, fields: Sequence[str]) -> None:
        self.op, self.table = op, table
        self.new = {name: _ASSIGNMENT.c[f"value_{slot}"] for slot, name in enumerate(fields)}
        self.differs = {name: table.c[name].is_distinct_from(value) for name, value in self.new.items()}
        self.chosen = sa.and_(table.c.id == _ASSIGNMENT.c.record_id, sa.or_(*self.differs.values()))

    def lock(self) -> int:
        """Return how many records will change, and keep others from changing them meanwhile (SQLite has one writer)."""
        source = self.table.join(_ASSIGNMENT, self.chosen)
        if self.op.connection.dialect.name == "sqlite":
            return self.op.connection.scalar(sa.select(sa.func.count()).select_from(source)) or 0
        query = sa.select(self.table.c.id).select_from(source).order_by(self.table.c.id)
        return sum(1 for _ in self.op.connection.execute(query.with_for_update(of=self.table)))

    def log(self, number: int) -> None:
        op, table = self.op, self.table
        first = op.store.allocate(op.connection, "change", number)[0]
        values: dict[str, Any] = {
            "id": sa.func.row_number().over(order_by=table.c.id) + (first - 1),
            "operation_id": sa.literal(op.id), "action": sa.literal("update"), "entity": sa.literal(table.name),
            "record_id": table.c.id, "old": self._json({name: table.c[name] for name in self.new}),
            "new": self._json(self.new),
        }  # fmt: skip
        rows = sa.select(*(value.label(name) for name, value in values.items()))
        rows = rows.select_from(table.join(_ASSIGNMENT, self.chosen))
        op.connection.execute(sa.insert(op.store.table("change")).from_select(list(values), rows))

    def update(self, *, versioned: bool) -> None:
        values: dict[str, Any] = dict(self.new)
        if versioned:
            values |= {"row_version": self.table.c.row_version + 1, "updated_at": self.op.started_at}
        self.op.connection.execute(sa.update(self.table).where(self.chosen).values(values))

    def _json(self, values: dict[str, Any]) -> sa.ColumnElement[Any]:
        """The JSON object of those fields that differ, made by the database."""
        if len(values) == 1:
            [(name, value)] = values.items()
            return _JsonText(_text("{") + _member(name, value) + _text("}"))
        parts = [
            sa.case((self.differs[name], _text(",") + _member(name, value)), else_=_text(""))
            for name, value in values.items()
        ]
        members: sa.ColumnElement[str] = reduce(operator.add, parts)
        return _JsonText(_text("{") + sa.func.substr(members, 2, type_=sa.String) + _text("}"))


def _member(name: str, value: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
    return _text(f'"{name}":') + sa.func.coalesce(sa.cast(value, sa.String(20)), _text("null"))


def _text(text: str) -> sa.ColumnElement[str]:
    return sa.literal(text, sa.String)


class _JsonText(FunctionElement[Any]):
    """A text that is a JSON document, for the column of that type."""

    name = "json_text"
    type = sa.Text()
    inherit_cache = True


@compiles(_JsonText)
def _plain_text(element: _JsonText, compiler: Any, **more: Any) -> str:
    inner = compiler.process(element.clauses, **more)
    return f"CAST({inner} AS JSON)" if compiler.dialect.name == "postgresql" else str(inner)
