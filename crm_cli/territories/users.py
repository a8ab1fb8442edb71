"""Users by name: who gives, who takes, who belongs to a territory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from crm_cli.dictionary import fold
from crm_cli.errors import NotFoundError, UsageError, did_you_mean
from crm_cli.store import Store

__all__ = ["User", "find_user", "working_users"]


@dataclass(frozen=True, slots=True)
class User:
    """A user as hand-overs need it."""

    id: int
    username: str
    active: bool


def find_user(store: Store, connection: sa.Connection, name: str) -> User:
    """Return the user with this name or number; `NotFoundError` suggests the nearest name."""
    table = store.table("app_user")
    query = sa.select(table.c.id, table.c.username, table.c.active).where(table.c.deleted_at.is_(None))
    users = [User(row.id, row.username, bool(row.active)) for row in connection.execute(query)]
    found = next((one for one in users if fold(one.username) == fold(name)), None)
    if found is None and name.isdecimal():
        found = next((one for one in users if one.id == int(name)), None)
    if found is None:
        is_masked = store.dictionary.entity("app_user").field("username").masked
        hint = did_you_mean(name, [] if is_masked else [one.username for one in users]) or "crm user list shows them"
        raise NotFoundError(f"there is no user {name!r}", hint=hint, user=name)
    return found


def working_users(store: Store, connection: sa.Connection, names: Iterable[str]) -> list[User]:
    """Return the users with these names, each once; `UsageError` for one who no longer works here."""
    users = list(dict.fromkeys(find_user(store, connection, name) for name in names))
    for one in users:
        if not one.active:
            hint = f"crm user set active=true {one.username}, or choose somebody else"
            raise UsageError(f"{one.username} no longer works here", hint=hint, user=one.username)
    return users
