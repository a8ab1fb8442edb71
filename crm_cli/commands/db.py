"""`crm db`: how the database stands; upgrade, check, back up and restore it; who may do what."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crm_cli.commands.db_rights import grant, revoke, rights
from crm_cli.commands.kit import App, Crm
from crm_cli.commands.upkeep import (
    backup_name,
    pending_of,
    refuse_partial,
    refuse_unreadable,
    refuse_while_written,
    status_of,
    upgrade_store,
)
from crm_cli.config import require_existing
from crm_cli.errors import CrmError, ExitCode, NotFoundError
from crm_cli.options import Format

if TYPE_CHECKING:
    from crm_cli.store import Store

__all__ = ["app"]

app = App("Upgrade, check, back up and restore the database; say who may do what there.")
app.command(writes=True)(grant)
app.command(writes=True)(revoke)
app.command()(rights)

NewFile = Annotated[Path | None, typer.Argument(metavar="FILE", help="The backup to make; else one with today's date.")]
OldFile = Annotated[Path, typer.Argument(metavar="FILE", help="The backup to bring back.")]


@app.command()
def status(crm: Crm) -> None:
    """Show how the database stands: schema, size, records, last operation, who is writing.

    Examples:
        crm db status
        crm db status --db prod --json
    """
    with _any_schema(crm) as store:
        found = status_of(store)
    crm.console.show(found)
    if found["pending"]:
        crm.console.next_step("crm db upgrade")


@app.command(writes=True)
def upgrade(crm: Crm) -> ExitCode | None:
    """Bring the database's schema up to date; a backup is made first.

    Examples:
        crm db upgrade --dry-run
        crm db upgrade --yes
    """
    with _any_schema(crm) as store:
        todo = pending_of(store)
        if not todo or crm.dry_run or not crm.confirm(f"back up {store.shown} and upgrade it ({len(todo)} steps)?"):
            return _not_upgraded(crm, todo)
        done = upgrade_store(store, crm.surroundings.cwd)
    crm.console.show(done)
    crm.console.note(f"upgraded; the database as it was stands in {done.backup}")
    return ExitCode.DONE


def _not_upgraded(crm: Crm, todo: list[str]) -> ExitCode:
    crm.console.show({"revisions": todo, "backup": None})
    crm.console.note("nothing was upgraded" if todo else "the schema is up to date")
    return ExitCode.DONE


@app.command()
def check(crm: Crm, format_: Format = None) -> ExitCode:
    """Look for what does not hold together: damaged pages, references that lead nowhere; end with 3 if there is any.

    Examples:
        crm db check
        crm db check --json
    """
    from crm_cli.store import backup

    faults = backup.check(crm.store)
    if faults or crm.console.json:
        crm.console.show(faults, format_)
    if not faults:
        crm.console.note("the database is whole")
        return ExitCode.DONE
    crm.console.next_step("crm db restore FILE brings a backup back")
    return ExitCode.FINDINGS


@app.command("backup")
def backup_(crm: Crm, file: NewFile = None) -> None:
    """Write a backup: of SQLite a database file, of a server a portable dump; readable by you alone.

    Examples:
        crm db backup
        crm db backup before-merge.db
    """
    from crm_cli.store import backup

    with _any_schema(crm) as store:
        refuse_partial(store)
        saved = backup.save(store, crm.path(file) if file else backup_name(store, crm.surroundings.cwd))
    crm.console.show({"backup": str(saved), "bytes": saved.stat().st_size})
    crm.console.next_step(f"crm db restore {saved} brings it back")


@app.command(writes=True)
def restore(crm: Crm, file: OldFile) -> ExitCode | None:
    """Make the database what a backup holds, after asking; an old SQLite file is moved aside, never overwritten.

    Examples:
        crm db restore before-merge.db
        crm db restore before-merge.db --yes
    """
    from crm_cli.store import backup
    from crm_cli.urls import hide_passwords

    shown, source = hide_passwords(crm.database, whole=True), crm.path(file)
    if not source.is_file():
        raise NotFoundError(f"there is no backup {source}", hint="crm db backup FILE makes one")
    _refuse_restoring_under_a_writer(crm)
    if crm.dry_run or not crm.confirm(f"make {shown} what {file} holds?"):
        crm.console.note(f"nothing was restored; {shown} would become what {file} holds")
        return ExitCode.DONE
    aside = backup.restore(source, crm.database)
    crm.console.show({"database": shown, "restored_from": str(file), "old_file": str(aside) if aside else None})
    crm.console.next_step("crm db status")
    return ExitCode.DONE


def _refuse_restoring_under_a_writer(crm: Crm) -> None:
    if "://" in crm.database or not Path(crm.database).is_file():
        return
    from crm_cli.store import Store

    try:
        store = Store.open(crm.database)
    except CrmError:
        return  # damaged, or of another version: what a restore is for, and nobody to ask
    with store:
        refuse_while_written(store)


def _any_schema(crm: Crm) -> Store:
    """Return the store whatever its schema is: these commands are there for old ones too."""
    from crm_cli.store import Store

    store = Store.open(require_existing(crm.database, crm.config), check=False)
    refuse_unreadable(store)
    return store
