"""Rows of a query, some at a time and as columns, with as little work a row as each driver allows.

SQLite gives times and dates as texts. SQLAlchemy would read each of them for itself; here those of a batch are read
once for each different text, and columns that need no reading are not touched at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

import sqlalchemy as sa

__all__ = ["read_batches"]

_AT_ONCE = 1_000  # rows fetched at a time
Row = tuple[Any, ...]
Columns: TypeAlias = Sequence[Sequence[Any]]


def read_batches(
    connection: sa.Connection, query: sa.Select[Any], columns: Sequence[sa.ColumnElement[Any]]
) -> Iterator[Columns]:
    """Yield the rows of a query, some at a time, as columns; `columns` are those that it selects: their types count.

    Rows are fetched as they are consumed, so the connection must not be used for anything else meanwhile.
    """
    dialect = connection.dialect
    if dialect.name != "sqlite":
        result = connection.execute(query.execution_options(yield_per=_AT_ONCE))
        for part in result.partitions(_AT_ONCE):
            yield list(zip(*part, strict=True))
        return
    result = connection.execute(query)  # without yield_per, for which SQLAlchemy would take the first row itself
    read = [one.type.dialect_impl(dialect).result_processor(dialect, None) for one in columns]
    cursor: Any = result.cursor
    while batch := _fetched(cursor, query, dialect):
        yield _processed(batch, read)
    result.close()


def _fetched(cursor: Any, query: sa.Select[Any], dialect: sa.Dialect) -> list[Row]:
    try:
        rows: list[Row] = cursor.fetchmany(_AT_ONCE)
    except dialect.loaded_dbapi.Error as error:  # as SQLAlchemy would say it
        raise sa.exc.DatabaseError(str(query), None, error, hide_parameters=True) from error
    return rows


def _processed(batch: list[Row], read: Sequence[Callable[[Any], Any] | None]) -> Columns:
    held = list(zip(*batch, strict=True))
    return [values if one is None else _each_once(one, values) for one, values in zip(read, held, strict=True)]


def _each_once(read: Callable[[Any], Any], values: Sequence[Any]) -> Sequence[Any]:
    """Read each different value once. Documents are read one by one: two records must not share one."""
    different = set(values)
    if different == {None}:
        return values
    known = {value: None if value is None else read(value) for value in different}
    if any(isinstance(one, (dict, list)) for one in known.values()):
        return [None if value is None else read(value) for value in values]
    return [known[value] for value in values]
