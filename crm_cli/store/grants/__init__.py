"""Who may do what on a shared database: roles as grants, views and row security of the database itself.

`server_of(store)` gives how this kind of database does it, `run` runs the statements, `holders` says who has what. What
each role may do is in `roles.py`, whose rows are seen in `rows.py`; one file a kind of database. Which user of ours a
login belongs to stands in `app_user.database_login`, whose records that one sees in `app_user.sees`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import sqlalchemy as sa

from crm_cli.errors import UsageError
from crm_cli.store.grants.holders import Holder, holders_of
from crm_cli.store.grants.mariadb import MariaDbRights
from crm_cli.store.grants.model import Grant, Login, NoSuchLoginError, Server, UnboundLoginError, login_of
from crm_cli.store.grants.postgresql import PostgreSqlRights
from crm_cli.store.grants.roles import Rights, Role, Sees, rights_of

if TYPE_CHECKING:
    from crm_cli.store import Store

__all__ = [
    "FilesHaveNoLoginsError",
    "Grant",
    "Holder",
    "Login",
    "NoSuchLoginError",
    "Rights",
    "Role",
    "Sees",
    "Server",
    "UnboundLoginError",
    "holders_of",
    "login_of",
    "rights_of",
    "run",
    "server_of",
]


class FilesHaveNoLoginsError(UsageError):
    """The database is a file: whoever may read it reads all of it."""

    code = "no-logins"


def server_of(store: Store) -> Server:
    """Return how the store's database grants; raises `FilesHaveNoLoginsError` where it is a file."""
    if store.backend == "sqlite":
        raise FilesHaveNoLoginsError(
            f"{store.shown} is a file, and files have no logins: who may read it is the file's permission alone",
            hint="share it over a group of the system, or move to PostgreSQL or MariaDB: docs/sharing.md",
        )
    kind = PostgreSqlRights if store.backend == "postgresql" else MariaDbRights
    return kind(store.dictionary, store.metadata)


def run(connection: sa.Connection, statements: Iterable[str]) -> None:
    """Run the statements in their order; on PostgreSQL all or none of them take effect with the transaction."""
    for statement in statements:
        connection.execute(sa.text(statement))
