"""Engines with the settings that each database needs to lose nothing (measured; see docs/architecture.md)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL

from crm_cli.errors import CrmError, MissingExtraError, UsageError
from crm_cli.urls import database_url, hide_passwords

__all__ = ["READ_ONLY", "create_engine", "normal_url", "shown_url", "transaction"]

READ_ONLY = {"crm_read_only": True}  # execution option: begin without taking SQLite's write lock
_EXTRAS = {"postgresql": "postgres", "mysql": "mysql", "mariadb": "mysql"}
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=30000",
    "PRAGMA synchronous=NORMAL",
    "PRAGMA secure_delete=ON",
    "PRAGMA cache_size=-65536",
    "PRAGMA temp_store=MEMORY",
)


def normal_url(where: str | Path) -> URL:
    """Return the URL for a database: a path means SQLite, a URL without driver gets ours; see `urls.database_url`."""
    text = str(where)
    return database_url(text) if "://" in text else URL.create("sqlite", database=text)


def shown_url(url: URL) -> str:
    """Return the URL as it may be shown: never with a password, wherever it stands."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    return hide_passwords(url.render_as_string(hide_password=False), whole=True)


def create_engine(url: URL) -> sa.Engine:
    """Return an engine for `url`; `MissingExtraError` names the extra that brings a missing driver."""
    backend = url.get_backend_name()
    if backend not in ("sqlite", *_EXTRAS):
        raise UsageError(f"{backend} is not a database that crm can use", hint="use SQLite, PostgreSQL or MariaDB")
    options: dict[str, Any] = {"json_serializer": _to_json, "hide_parameters": True}  # no error shows customers' data
    if backend == "postgresql":
        options["pool_pre_ping"] = True
    if backend in ("mysql", "mariadb"):
        url = url.update_query_dict({"charset": "utf8mb4"})
        options |= {"pool_pre_ping": True, "isolation_level": "READ COMMITTED"}
    try:
        engine = sa.create_engine(url, **options)
    except ModuleNotFoundError as fault:
        extra = _EXTRAS[backend]
        raise MissingExtraError(
            f"the driver for {backend} is not installed ({fault.name})", hint=f"pip install 'crm-cli-toolkit[{extra}]'"
        ) from fault
    if backend == "sqlite":
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
        sa.event.listen(engine, "handle_error", _keep_interrupted_sqlite)
    elif backend in ("mysql", "mariadb"):
        sa.event.listen(engine, "do_connect", _connect_mysql)
        sa.event.listen(engine, "connect", _refuse_mysql)
    return engine


@contextmanager
def transaction(engine: sa.Engine, *, read_only: bool = False) -> Iterator[sa.Connection]:
    """Yield a connection in a transaction: committed at the end, rolled back on an error or an interruption."""
    options = READ_ONLY if read_only else {}
    with engine.connect().execution_options(**options) as connection, connection.begin():
        try:
            yield connection
        except Exception:
            raise
        except BaseException:  # Ctrl-C or SIGTERM
            if engine.dialect.name != "sqlite":
                connection.invalidate()  # a command may be half sent, so none can follow; the server rolls back
            raise


def _to_json(value: Any) -> str:
    return _ENCODER.encode(value)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we begin transactions ourselves
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    # a plain BEGIN that writes later fails under concurrency: 1 569 of 2 000 transactions were lost that way
    read_only = connection.get_execution_options().get("crm_read_only")
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def _keep_interrupted_sqlite(context: sa.engine.ExceptionContext) -> None:
    # SQLAlchemy drops a connection that Ctrl-C or SIGTERM interrupted. SQLite then keeps it, and its write lock, for as
    # long as the traceback holds the statement; a connection that is kept is rolled back at once.
    if not isinstance(context.original_exception, Exception):
        context.is_disconnect = False


def _connect_mysql(dialect: Any, _record: Any, arguments: Any, options: Any) -> Any:
    try:
        return dialect.connect(*arguments, **options)
    except TypeError as fault:  # the driver takes options as parameters; from None: it may show their values
        what = str(fault).partition("argument ")[2] or "one"
        hint = "options of the URL, behind its ?, are those of PyMySQL"
        raise UsageError(f"the database URL has an option that is unknown: {what}", hint=hint) from None


def _refuse_mysql(connection: Any, _record: Any) -> None:
    version = connection.get_server_info()
    if "mariadb" not in version.lower():
        raise CrmError(
            f"MySQL {version} is not supported: unproven", hint="use MariaDB 10.6 or newer, PostgreSQL or SQLite"
        )
