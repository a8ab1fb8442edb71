"""What keeps a SELECT from writing, and from running for ever: the database itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from crm_cli.store.engine import READ_ONLY

__all__ = ["read_only"]

_STEPS = 20_000  # of SQLite's virtual machine between two looks at the clock: about a millisecond


@contextmanager
def read_only(connection: sa.Connection, seconds: float | None = None) -> Iterator[None]:
    """Have the database refuse to write, and end a statement after `seconds`, for the block.

    A statement that ran out of time raises the driver's error. A report within a script's outer transaction relies, on
    a server, on the check of the statement alone: that transaction must go on writing afterwards.
    """
    backend = connection.dialect.name
    ours = READ_ONLY.items() <= connection.get_execution_options().items()
    if backend == "sqlite":
        with _sqlite(connection, seconds):
            yield
        return
    if backend == "postgresql":
        connection.exec_driver_sql("SET LOCAL TIME ZONE 'UTC'")
        if seconds:
            connection.exec_driver_sql(f"SET LOCAL statement_timeout = {int(seconds * 1000)}")
    if ours:
        begin = "SET TRANSACTION READ ONLY" if backend == "postgresql" else "START TRANSACTION READ ONLY"
        connection.exec_driver_sql(begin)
    if backend == "postgresql" or not seconds:
        yield
        return
    with _mysql_time(connection, seconds):
        yield


@contextmanager
def _sqlite(connection: sa.Connection, seconds: float | None) -> Iterator[None]:
    driver: Any = connection.connection.driver_connection
    connection.exec_driver_sql("PRAGMA query_only = ON")
    if seconds:
        driver.set_progress_handler(_clock(time.monotonic() + seconds), _STEPS)
    try:
        yield
    finally:
        driver.set_progress_handler(None, 0)
        connection.exec_driver_sql("PRAGMA query_only = OFF")  # the connection goes back to the pool


def _clock(end: float) -> Callable[[], int]:
    """Return what SQLite asks whether to stop."""
    return lambda: int(time.monotonic() > end)


@contextmanager
def _mysql_time(connection: sa.Connection, seconds: float) -> Iterator[None]:
    maria = getattr(connection.dialect, "is_mariadb", False)
    name, value = ("max_statement_time", seconds) if maria else ("max_execution_time", int(seconds * 1000))
    connection.exec_driver_sql(f"SET SESSION {name} = {value}")
    try:
        yield
    finally:
        connection.exec_driver_sql(f"SET SESSION {name} = DEFAULT")
