"""Stores for tests: migrated once a process and server, emptied before each test – DDL on a server takes seconds."""

from __future__ import annotations

import shutil
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url

from crm_cli.dictionary import shipped
from crm_cli.store.engine import create_engine
from crm_cli.store.migrate import create
from crm_cli.store.schema import build_metadata
from tests import databases

_SLOT = 90  # beyond the databases that a test asks for itself
_MIGRATED: dict[int, str] = {}


def empty_store_url(server: databases.Server) -> URL:
    """The URL of a database with all tables and nothing in them."""
    if isinstance(server, databases.Sqlite):
        return _copied(server)
    if id(server) not in _MIGRATED:
        _MIGRATED[id(server)] = server.empty_database(_SLOT)
        create(make_url(_MIGRATED[id(server)]))
    url = make_url(_MIGRATED[id(server)])
    _empty(url)
    return url


def _copied(server: databases.Sqlite) -> URL:
    template = server.folder / "template.db"
    if not template.exists():
        create(template)
        with sa.create_engine(f"sqlite:///{template}").connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    url = make_url(server.empty_database(_SLOT))
    shutil.copy(template, Path(str(url.database)))
    return url


def _empty(url: URL) -> None:
    tables = build_metadata(shipped()).sorted_tables
    engine = create_engine(url)
    off, on = (
        ("SET session_replication_role = replica", "SET session_replication_role = DEFAULT")
        if url.get_backend_name() == "postgresql"
        else ("SET FOREIGN_KEY_CHECKS = 0", "SET FOREIGN_KEY_CHECKS = 1")
    )
    with engine.begin() as connection:
        probes = [sa.select(sa.literal(table.name)).where(sa.exists(sa.select(table.c.id))) for table in tables]
        filled = set(connection.scalars(sa.union_all(*probes))) - {"id_allocation"}
        connection.exec_driver_sql(off)
        for name in (
            set(sa.inspect(connection).get_table_names()) - {table.name for table in tables} - {"alembic_version"}
        ):
            sa.Table(name, sa.MetaData()).drop(connection)  # left by a test that brought tables of its own
        for table in tables:
            if table.name in filled:
                connection.execute(table.delete())
        connection.execute(build_metadata(shipped()).tables["id_allocation"].update().values(next_id=1))
        connection.exec_driver_sql(on)
    engine.dispose()
