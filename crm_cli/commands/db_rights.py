"""`crm db grant`, `revoke` and `rights`: who may do what on a shared database."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from crm_cli.commands.kit import Crm
from crm_cli.errors import ExitCode, UsageError, did_you_mean
from crm_cli.options import Format

if TYPE_CHECKING:
    from crm_cli.jobs.sharing import Granted

__all__ = ["grant", "revoke", "rights"]

E = TypeVar("E", bound=StrEnum)

RoleName = Annotated[str, typer.Argument(metavar="ROLE", help="admin, steward, analyst or service.")]
LoginName = Annotated[
    str, typer.Argument(metavar="LOGIN", help="A login of the database server; on MariaDB also NAME@HOST.")
]
SeesOption = Annotated[
    str,
    typer.Option("--sees", metavar="own|team|division|all", help="Whose records an analyst sees."),
]
UserOption = Annotated[
    str | None, typer.Option("--user", metavar="USERNAME", help="The user of crm whose login it is.")
]
Sql = Annotated[bool, typer.Option("--sql", help="Only write the SQL, for the server's administrator to run.")]


def grant(
    crm: Crm, role: RoleName, login: LoginName, sees: SeesOption = "all", user: UserOption = None, sql: Sql = False
) -> ExitCode | None:  # fmt: skip
    """Give a login of a PostgreSQL or MariaDB server a role, in place of what it had.

    The server's administrator makes the login, with its password; this gives it rights, which the database enforces.
    Admins do everything, stewards all but users and the schema, analysts read what is not masked, a service reads, adds
    leads and activities, and audits. With --sees an analyst has only the records of --user, of that user's team, or of
    the teams below too. On SQLite the file's permission is the only boundary.

    Examples:
        crm db grant steward anna --user anna
        crm db grant analyst tom --sees team --user tom --dry-run
        crm db grant analyst tom --sees team --user tom --sql
    """
    from crm_cli.jobs.sharing import grant_login, statements_for
    from crm_cli.store.grants import Grant, Role, Sees, login_of

    wanted = Grant(_one_of(Role, role, "role"), login_of(login), _one_of(Sees, sees, "--sees"))
    statements = statements_for(crm.store, wanted, user)
    if sql:
        _show_sql(crm, statements, user, wanted.login.name, wanted.sees.value)
        return ExitCode.DONE
    if not crm.confirm(f"grant {wanted.role.value} to {wanted.login.name} on {crm.store.shown}?"):
        crm.console.note("nothing was granted")
        return ExitCode.DONE
    done = grant_login(crm.store, crm.author, wanted, user, dry_run=crm.dry_run)
    _show(crm, done, "granted")
    crm.console.next_step("crm db rights")
    return ExitCode.DONE


def revoke(crm: Crm, login: LoginName, sql: Sql = False) -> ExitCode | None:
    """Take all rights from a login of the database server; the login itself stays, and can do nothing here.

    Examples:
        crm db revoke tom --dry-run
        crm db revoke tom --yes
    """
    from crm_cli.jobs.sharing import revoke_login
    from crm_cli.store.grants import login_of

    named = login_of(login)
    if sql:
        planned = revoke_login(crm.store, crm.author, named, dry_run=True)
        _show_sql(crm, planned.statements, planned.user or None, "", "")
        return ExitCode.DONE
    if not crm.confirm(f"take all rights on {crm.store.shown} from {named.name}?"):
        crm.console.note("nothing was revoked")
        return ExitCode.DONE
    _show(crm, revoke_login(crm.store, crm.author, named, dry_run=crm.dry_run), "revoked")
    return ExitCode.DONE


def rights(crm: Crm, format_: Format = None) -> None:
    """Show who has what: each login with rights on the tables, the role they amount to, and whose records it sees.

    Examples:
        crm db rights
        crm db rights --json
    """
    from crm_cli.jobs.sharing import rights_on

    crm.console.show(rights_on(crm.store), format_)


def _one_of(kind: type[E], word: str, what: str) -> E:
    try:
        return kind(word)
    except ValueError:
        known = [one.value for one in kind]
        hint = did_you_mean(word, known) or f"one of {', '.join(known)}"
        raise UsageError(f"there is no {what} {word!r}", hint=hint) from None


def _show_sql(crm: Crm, statements: list[str], user: str | None, login: str, sees: str) -> None:
    if crm.console.json:
        crm.console.show({"statements": statements})
    else:
        crm.console.text("\n".join(f"{one};" for one in statements))
    if user is not None:
        crm.console.note(f"not run; then: crm user set {user} database_login={login}{' sees=' + sees if sees else ''}")


def _show(crm: Crm, done: Granted, what: str) -> None:
    if crm.console.json or crm.dry_run:
        crm.console.show(done if crm.console.json else [{"statement": one} for one in done.statements])
    role = f"{done.role}, sees {done.sees}" if done.role else "everything"
    note = f"{what}: {role}, {'from' if what == 'revoked' else 'to'} {done.login}"
    crm.console.note(f"dry run, nothing was {what}; {len(done.statements)} statements" if crm.dry_run else note)
