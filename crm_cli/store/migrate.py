"""Migrations by Alembic, run from Python: create, upgrade with a backup before, compare."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import URL

from crm_cli.dictionary import shipped
from crm_cli.store.engine import create_engine, normal_url
from crm_cli.store.identity import seed_families
from crm_cli.store.schema import build_metadata
from crm_cli.store.versions import current_revision, head_revision

__all__ = ["create", "current_revision", "differences", "head_revision", "pending", "upgrade"]

_LOCK_KEY = 7_426_318  # any constant: PostgreSQL's advisory lock for migrations of this program


def _scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return ScriptDirectory.from_config(config)


def pending(connection: sa.Connection) -> list[str]:
    """Return the revisions that `upgrade` would run, oldest first, each with its sentence."""
    found = current_revision(connection)
    revisions = list(_scripts().iterate_revisions("head", found or "base"))
    return [f"{one.revision} {one.doc}" for one in reversed(revisions)]


def create(where: str | Path | URL) -> URL:
    """Make the tables in an empty database (on SQLite the file too, readable by its owner alone); return its URL."""
    url = where if isinstance(where, URL) else normal_url(where)
    if url.get_backend_name() == "sqlite":
        path = Path(str(url.database))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
    upgrade(url)
    return url


def upgrade(url: URL, revision: str = "head") -> list[str]:
    """Run what is pending up to a revision, in one transaction where the database can; return what was pending.

    The caller makes the backup (`backup.save`) before: this function only migrates.
    """
    engine = create_engine(url)
    scripts = _scripts()
    try:
        with _migration_connection(engine) as connection:
            todo = pending(connection)
            _run(connection, scripts, revision)
            metadata = build_metadata(shipped())
            seed_families(connection, metadata.tables["id_allocation"], shipped())
    finally:
        engine.dispose()
    return todo


def _run(connection: sa.Connection, scripts: ScriptDirectory, target: str) -> None:
    def steps(revision: Any, _context: Any) -> Any:
        return scripts._upgrade_revs(target, revision)

    with EnvironmentContext(scripts.__dict__.get("config") or Config(), scripts, fn=steps) as environment:
        environment.configure(connection=connection, transactional_ddl=False, render_as_batch=True)
        environment.run_migrations()


@contextmanager
def _migration_connection(engine: sa.Engine) -> Iterator[sa.Connection]:
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            # batch mode copies tables: with foreign keys on, dropping the old one would delete child rows
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.rollback()
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
        with connection.begin():
            if engine.dialect.name == "postgresql":
                # a transaction lock: a session lock on a pooled connection would hang the next migration
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})
            yield connection
            if engine.dialect.name == "sqlite":
                _check_foreign_keys(connection)
        if engine.dialect.name == "sqlite":
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")  # type: ignore[union-attr]


def _check_foreign_keys(connection: sa.Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if broken:
        raise sa.exc.IntegrityError(
            "migration", None, ValueError(f"{len(broken)} rows lost their parent: {broken[:3]}")
        )


def differences(connection: sa.Connection) -> list[Any]:
    """Return what the declaration has and the database has not, or the other way round; empty when they agree."""
    context = MigrationContext.configure(connection, opts={"compare_server_default": False, "compare_type": False})
    return list(compare_metadata(context, build_metadata(shipped())))
