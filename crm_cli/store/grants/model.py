"""What a grant is: who gets which role and sees what; what is wrong with it, said before anything is done."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

import sqlalchemy as sa

from crm_cli.errors import CrmError, NotFoundError, UsageError
from crm_cli.store.grants.roles import Role, Sees

__all__ = ["Grant", "Login", "NoSuchLoginError", "Server", "UnboundLoginError", "login_of"]

_LOGIN = re.compile(r"[\w.$-]{1,48}")
_HOST = re.compile(r"[\w.:%-]{1,60}")


class NoSuchLoginError(NotFoundError):
    """The database server knows no such login."""

    code = "no-such-login"


class UnboundLoginError(CrmError):
    """No rights bind this login: it owns the tables, or is above them."""

    code = "unbound-login"


@dataclass(frozen=True)
class Login:
    """A login of the database server; `host` is from where, on MariaDB."""

    name: str
    host: str = "%"


@dataclass(frozen=True)
class Grant:
    """A role given to a login, and whose records it sees."""

    role: Role
    login: Login
    sees: Sees = Sees.ALL

    def __post_init__(self) -> None:
        if self.sees.is_narrow and self.role is not Role.ANALYST:
            raise UsageError(
                f"--sees {self.sees.value} is for analysts: a {self.role.value} writes, and has to know all "
                "records – unique numbers, references, matching and undo answer about every one of them",
                hint=f"crm db grant analyst {self.login.name} --sees {self.sees.value}, or {self.role.value} with all",
            )


class Server(Protocol):
    """How one kind of database grants: statements in their order, to be run in one go."""

    def check(self, connection: sa.Connection, login: Login) -> None:
        """Raise `NoSuchLoginError` or `UnboundLoginError`."""

    def grant(self, connection: sa.Connection, grant: Grant) -> list[str]:
        """Return the statements that give a role; what the login had before is taken first."""

    def revoke(self, connection: sa.Connection, login: Login) -> list[str]:
        """Return the statements that take everything from a login."""

    def holdings(self, connection: sa.Connection) -> list[tuple[str, str, str]]:
        """Return (login, table, privilege) of every login that has any."""


def login_of(text: str) -> Login:
    """Return the login that `text` names: `anna`, or `anna@10.0.0.%` on MariaDB; raises `UsageError`."""
    name, _, host = text.partition("@")
    if not _LOGIN.fullmatch(name) or (host and not _HOST.fullmatch(host)):
        hint = "letters, digits, . _ - $, at most 48 of them; on MariaDB also NAME@HOST"
        raise UsageError(f"{text!r} is not a login that can be granted anything", hint=hint)
    return Login(name, host or "%")
