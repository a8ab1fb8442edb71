"""Who has what: logins with rights on our tables, and which role those amount to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from crm_cli.store.grants.roles import Role, Sees

__all__ = ["Holder", "holders_of"]

_WRITING = frozenset({"INSERT", "UPDATE", "DELETE", "TRUNCATE"})


@dataclass(frozen=True)
class Holder:
    """A login with rights: the role they amount to ("other" for none of ours), and whose records it sees.

    `user` is ours with this login, empty for none; `reads` and `writes` count tables; `masked`: masked fields are kept
    from it.
    """

    login: str
    role: str
    sees: str
    user: str
    reads: int
    writes: int
    masked: bool


def holders_of(
    connection: sa.Connection, users: sa.Table, holdings: Iterable[tuple[str, str, str]]
) -> list[Holder]:  # fmt: skip
    """Return the logins in the order of their names; `holdings` as `Server.holdings` tells them."""
    by_login: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for login, table, privilege in holdings:
        by_login[login][privilege].add(table)
    query = sa.select(users.c.database_login, users.c.username, users.c.sees).where(users.c.database_login.is_not(None))
    known = {row[0]: (row[1], row[2]) for row in connection.execute(query.order_by(users.c.id))}
    return [_holder(login, by_login[login], known) for login in sorted(by_login)]


def _holder(login: str, privileges: dict[str, set[str]], known: dict[str, tuple[str, str]]) -> Holder:
    user, sees = known.get(login.partition("@")[0], ("", ""))
    narrow = bool(privileges.get("!rows"))
    written = set().union(*(tables for privilege, tables in privileges.items() if privilege in _WRITING))
    return Holder(
        login, _role(privileges), (sees or "nothing") if narrow else Sees.ALL.value, user,
        len(privileges.get("SELECT", ())), len(written), bool(privileges.get("!masked")),
    )  # fmt: skip


def _role(privileges: dict[str, set[str]]) -> str:
    inserted, deleted = privileges.get("INSERT", set()), privileges.get("DELETE", set())
    if {"app_user", "change"} <= deleted:
        return Role.ADMIN.value
    if "contact" in deleted and "app_user" not in inserted:
        return Role.STEWARD.value
    if "lead" in inserted and "contact" not in inserted:
        return Role.SERVICE.value
    return Role.ANALYST.value if not inserted | deleted and privileges.get("SELECT") else "other"
