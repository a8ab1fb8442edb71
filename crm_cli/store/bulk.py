"""Bulk writes at the speed of each database: executemany on SQLite, COPY on PostgreSQL, multi-row INSERT on MariaDB."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any, TypeVar

import sqlalchemy as sa

from crm_cli.store.columns import UtcDateTime

__all__ = ["bulk_insert", "in_chunks"]

T = TypeVar("T")
_CHUNK = 5_000
_IDS_AT_ONCE = 500  # bound parameters of one IN list, below every database's limit


def in_chunks(values: Sequence[T], size: int = _IDS_AT_ONCE) -> Iterable[Sequence[T]]:
    """Yield `values` in slices that fit one statement."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def bulk_insert(
    connection: sa.Connection, table: sa.Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> int:
    """Insert `rows` (values in the order of `columns`, Python objects) into `table`; return how many.

    Runs in the transaction of `connection`. Errors are those of the driver, wrapped by SQLAlchemy where it does.
    """
    processors = [_processor(table.c[name], connection.dialect) for name in columns]
    prepared = _prepared(rows, processors)
    if connection.dialect.name == "postgresql":
        return _copy(connection, table, columns, prepared)
    return _execute_many(connection, table, columns, prepared)


def _processor(column: sa.Column[Any], dialect: sa.engine.Dialect) -> Callable[[Any], Any] | None:
    made: Callable[[Any], Any] | None = column.type.dialect_impl(dialect).bind_processor(dialect)
    return _remembering(made) if made is not None and isinstance(column.type, UtcDateTime) else made


def _remembering(process: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Process a run of the same moment once: an import stamps all its rows alike."""
    last: list[Any] = [None, None]

    def remembered(value: Any) -> Any:
        if value is not last[0]:
            last[:] = value, process(value)
        return last[1]

    return remembered


def _prepared(rows: Iterable[Sequence[Any]], processors: list[Callable[[Any], Any] | None]) -> Iterable[Sequence[Any]]:
    special = [(place, process) for place, process in enumerate(processors) if process is not None]
    if not special:
        yield from rows
        return
    for row in rows:
        values = list(row)
        for place, process in special:
            values[place] = process(values[place])
        yield values


def _execute_many(
    connection: sa.Connection, table: sa.Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> int:
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    quote = connection.dialect.identifier_preparer.quote
    names = ", ".join(quote(name) for name in columns)
    statement = f"INSERT INTO {quote(table.name)} ({names}) VALUES ({', '.join([mark] * len(columns))})"  # noqa: S608
    total = 0
    iterator = iter(rows)
    while chunk := [tuple(row) for row in islice(iterator, _CHUNK)]:
        connection.exec_driver_sql(statement, chunk)
        total += len(chunk)
    return total


def _copy(connection: sa.Connection, table: sa.Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    quote = connection.dialect.identifier_preparer.quote
    names = ", ".join(quote(name) for name in columns)
    driver: Any = connection.connection.driver_connection
    total = 0
    with driver.cursor() as cursor, cursor.copy(f"COPY {quote(table.name)} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
            total += 1
    return total
