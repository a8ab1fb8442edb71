"""Which schema a database has, and which this program needs; without Alembic, whose import takes 0.3 s."""

from __future__ import annotations

from importlib import resources

import sqlalchemy as sa

__all__ = ["current_revision", "head_revision"]

_VERSIONS = sa.table("alembic_version", sa.column("version_num", sa.String))


def head_revision() -> str:
    """Return the revision that this program needs: the highest number among the shipped migrations."""
    folder = resources.files("crm_cli.store.migrations").joinpath("versions")
    return max(entry.name[:4] for entry in folder.iterdir() if entry.name[:4].isdigit())


def current_revision(connection: sa.Connection) -> str | None:
    """Return the revision of the database, or None when it holds no crm tables."""
    if not sa.inspect(connection).has_table(_VERSIONS.name):
        return None
    return connection.scalar(sa.select(_VERSIONS.c.version_num))
