"""Bulk writes at the speed of each database: executemany on SQLite, COPY on PostgreSQL, multi-row INSERT on MariaDB.

Values are made ready column by column, because most of what is written needs nothing done: a look at the whole column
says so at the cost of a fraction of a function call a value. Columns that no row of a chunk fills are left out of the
statement – no table has a default of the database's own, so they become NULL all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import islice
from typing import Any, TypeVar

import sqlalchemy as sa

from crm_cli.store.columns import CompareKey, UtcDateTime

__all__ = ["bulk_insert", "bulk_insert_columns", "in_chunks", "renew_statistics"]

T = TypeVar("T")
Column = Sequence[Any]
_CHUNK = 5_000
_IDS_AT_ONCE = 500  # bound parameters of one IN list, below every database's limit
_TRUTHS = {bool, type(None)}
_DAYS = {date, type(None)}


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
    total = 0
    iterator = iter(rows)
    while chunk := list(islice(iterator, _CHUNK)):
        total += _insert(connection, table, dict(zip(columns, zip(*chunk, strict=True), strict=True)), len(chunk))
    return total


def bulk_insert_columns(connection: sa.Connection, table: sa.Table, columns: Mapping[str, Column]) -> int:
    """Insert rows that are given column by column, all of one length; return how many. See `bulk_insert`."""
    count = len(next(iter(columns.values()), ()))
    for start in range(0, count, _CHUNK):
        part = {name: values[start : start + _CHUNK] for name, values in columns.items()}
        _insert(connection, table, part, min(_CHUNK, count - start))
    return count


def renew_statistics(connection: sa.Connection, table: sa.Table) -> None:
    """Let PostgreSQL see how large a table has become: what it believes of one that this transaction filled is wrong.

    Lookups by many keys read the whole table otherwise. The other databases need no telling.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"ANALYZE {connection.dialect.identifier_preparer.quote(table.name)}")


def _insert(connection: sa.Connection, table: sa.Table, columns: Mapping[str, Column], count: int) -> int:
    prepared = {
        name: prepared_column(table.c[name], connection.dialect, values)
        for name, values in columns.items()
        if values[0] is not None or values.count(None) < count
    }
    copies = connection.dialect.name == "postgresql" and not _has_row_security(connection, table)
    write = _copy if copies else _execute_many
    write(connection, table, list(prepared), list(zip(*prepared.values(), strict=True)))
    return count


def prepared_column(column: sa.Column[Any], dialect: sa.engine.Dialect, values: Column) -> Column:
    """Return the values as the driver takes them: what SQLAlchemy's own processor of the column makes of each."""
    process: Callable[[Any], Any] | None = column.type.dialect_impl(dialect).bind_processor(dialect)
    if process is None or _is_ready(column.type, values):
        return values
    if isinstance(column.type, UtcDateTime):
        return _each_run_once(process, values)
    if isinstance(column.type, sa.Date) and dialect.name == "sqlite" and _DAYS.issuperset(map(type, values)):
        return [None if value is None else value.isoformat() for value in values]
    return [None if value is None else process(value) for value in values]


def _is_ready(kind: sa.types.TypeEngine[Any], values: Column) -> bool:
    """Whether the processor would return these values as they are."""
    if isinstance(kind, CompareKey):
        return max(map(len, filter(None, values)), default=0) <= kind.length
    return isinstance(kind, sa.Boolean) and _TRUTHS.issuperset(map(type, values))  # drivers write True as 1 themselves


def _each_run_once(process: Callable[[Any], Any], values: Column) -> Column:
    """Process a run of the same moment once: an import stamps all its rows alike."""
    first = values[0]
    if values.count(first) == len(values):
        return [process(first)] * len(values)
    return list(_runs(process, values))


def _runs(process: Callable[[Any], Any], values: Column) -> Iterator[Any]:
    last, made = None, process(None)
    for value in values:
        if value is not last:
            last, made = value, process(value)
        yield made


def _execute_many(connection: sa.Connection, table: sa.Table, columns: Sequence[str], rows: list[Any]) -> None:
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    quote = connection.dialect.identifier_preparer.quote
    names = ", ".join(quote(name) for name in columns)
    statement = f"INSERT INTO {quote(table.name)} ({names}) VALUES ({', '.join([mark] * len(columns))})"  # noqa: S608
    connection.exec_driver_sql(statement, rows)


def _has_row_security(connection: sa.Connection, table: sa.Table) -> bool:
    """Whether row security binds this login, under which PostgreSQL refuses COPY FROM; asked once a connection."""
    known: dict[str, bool] = connection.info.setdefault("crm_row_security", {})
    if table.name not in known:
        query = sa.text("SELECT row_security_active(CAST(:name AS text))")
        name = connection.dialect.identifier_preparer.quote(table.name)
        known[table.name] = bool(connection.scalar(query, {"name": name}))
    return known[table.name]


def _copy(connection: sa.Connection, table: sa.Table, columns: Sequence[str], rows: list[Any]) -> None:
    quote = connection.dialect.identifier_preparer.quote
    names = ", ".join(quote(name) for name in columns)
    statement = f"COPY {quote(table.name)} ({names}) FROM STDIN"
    driver: Any = connection.connection.driver_connection
    faults: Any = connection.dialect.loaded_dbapi.Error
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except faults as fault:  # as SQLAlchemy raises what it executes itself
        raise sa.exc.DBAPIError.instance(statement, None, fault, faults, hide_parameters=True) from fault
