"""Give a login of the database server a role, and say which of our users it belongs to."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from crm_cli.errors import NotFoundError, UsageError, did_you_mean
from crm_cli.history import Author, operation
from crm_cli.store import Store
from crm_cli.store.grants import Grant, Holder, Login, holders_of, run, server_of

__all__ = ["Granted", "grant_login", "revoke_login", "rights_on", "statements_for"]


@dataclass(frozen=True)
class Granted:
    """What was granted or taken, by which statements; `operation_id` is that of the change of our user."""

    login: str
    role: str
    sees: str
    user: str
    statements: list[str]
    operation_id: int | None = None


def statements_for(store: Store, grant: Grant, user: str | None = None) -> list[str]:
    """Return the statements that `grant_login` would run; nothing is written. Raises what that raises."""
    with store.read() as connection:
        server = server_of(store)
        server.check(connection, grant.login)
        _user_for(store, connection, grant, user)
        return server.grant(connection, grant)


def grant_login(
    store: Store, author: Author, grant: Grant, user: str | None = None, *, dry_run: bool = False
) -> Granted:  # fmt: skip
    """Give a login its role, in place of what it had, and note at `user` which login is theirs and what it sees.

    Raises `FilesHaveNoLoginsError`, `NoSuchLoginError`, `UnboundLoginError`; `UsageError` where a login that sees less
    than all belongs to nobody, or to another user; `NotFoundError` for an unknown user; what the server refuses.
    """
    statements = statements_for(store, grant, user)
    number = None
    if user is not None:
        with operation(store, "grant", author, dry_run=dry_run) as op:
            found = _user_for(store, op.connection, grant, user)
            values = {"database_login": grant.login.name, "sees": grant.sees.value}
            op.update("app_user", {found: values})
            number = op.id
            if store.backend == "postgresql" and not dry_run:
                run(op.connection, statements)
    if not dry_run and (user is None or store.backend != "postgresql"):
        _run(store, statements)
    return Granted(grant.login.name, grant.role.value, grant.sees.value, user or "", statements, number)


def revoke_login(
    store: Store, author: Author, login: Login, *, dry_run: bool = False
) -> Granted:  # fmt: skip
    """Take everything from a login, and the login from our user. Raises what `grant_login` raises of the server."""
    server, table = server_of(store), store.table("app_user")
    with store.read() as connection:
        statements = server.revoke(connection, login)
        query = sa.select(table.c.id, table.c.username).where(table.c.database_login == login.name)
        users = {row[0]: row[1] for row in connection.execute(query)}
    if not dry_run:
        _run(store, statements)
    number = None
    if users:
        with operation(store, "revoke", author, dry_run=dry_run) as op:
            op.update("app_user", {one: {"database_login": None} for one in users})
            number = op.id
    return Granted(login.name, "", "", ", ".join(sorted(users.values())), statements, number)


def rights_on(store: Store) -> list[Holder]:
    """Return who has what. Raises `FilesHaveNoLoginsError`."""
    server = server_of(store)
    with store.read() as connection:
        return holders_of(connection, store.table("app_user"), server.holdings(connection))


def _run(store: Store, statements: list[str]) -> None:
    with store.write() as connection:
        run(connection, statements)


def _user_for(store: Store, connection: sa.Connection, grant: Grant, name: str | None) -> int:
    """Return the id of the user that the login will belong to, 0 for nobody where that is allowed."""
    table = store.table("app_user")
    living = sa.and_(table.c.deleted_at.is_(None), table.c.merged_into_id.is_(None))
    users = {row[1]: (row[0], row[2]) for row in connection.execute(
        sa.select(table.c.id, table.c.username, table.c.database_login).where(living)
    )}  # fmt: skip
    holder = next((one for one, (_, login) in users.items() if login == grant.login.name), None)
    if name is None:
        if grant.sees.is_narrow:
            hint = f"--user USERNAME: the user whose records `{grant.sees.value}` starts from"
            raise UsageError(f"whose records {grant.login.name} sees cannot be told", hint=hint)
        return 0
    if name not in users:
        hint = did_you_mean(name, users) or "crm user list shows them"
        raise NotFoundError(f"there is no user {name!r}", hint=hint, user=name)
    if holder not in (None, name):
        hint = f"crm db revoke {grant.login.name} takes it from them"
        raise UsageError(f"the login {grant.login.name} is that of {holder}", hint=hint, user=holder)
    return int(users[name][0])
