"""`crm privacy`: what is held about a person, and how it is erased so that it does not come back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from crm_cli.commands.kit import App, Crm
from crm_cli.commands.privacy_key import key_source
from crm_cli.commands.privacy_shown import OutOfReach, agrees_to_erase, on_screen, show_erasure
from crm_cli.commands.times import localized
from crm_cli.errors import ExitCode
from crm_cli.options import EntityArgument, Output, Overwrite

if TYPE_CHECKING:
    from crm_cli.history import Author

__all__ = ["app"]

app = App("Show what is held about a person, and erase it.")

Person = Annotated[str, typer.Argument(metavar="ID", help="The person: number, public id, e-mail address or name.")]
KeepBusiness = Annotated[
    bool, typer.Option("--keep-business-records", help="Leave deals, and of the person only that it was there.")
]
Number = Annotated[int, typer.Argument(metavar="ERASURE", help="The number of the erasure; crm privacy list shows it.")]


@app.command()
def report(
    crm: Crm, entity: EntityArgument, person: Person, output: Output = None, overwrite: Overwrite = False
) -> ExitCode:
    """Show everything that is held about a person: every table, the log, rejected rows, who exported it.

    -o writes a page (.html) that needs nothing but itself, or .json; readable by you alone. Masked fields stay masked:
    for the person itself, run it where the configuration masks nothing.

    Examples:
        crm privacy report contact 42
        crm privacy report contact ann@acme.example -o ann.html
        crm privacy report lead 7 --json
    """
    from crm_cli.jobs.privacy import check_report_file, person_report, report_document, write_person_report

    if output is not None:
        check_report_file(crm.path(output), overwrite=overwrite)
    made = person_report(crm.store, entity, person)
    if made.remark:
        crm.console.note(made.remark)
    if output is not None:
        write_person_report(made, crm.path(output), overwrite=overwrite)
        if crm.console.json:
            crm.console.show({"written": str(output), "rows": made.counts, "masked": made.masked})
        crm.console.note(f"wrote {output}: {sum(made.counts.values())} rows about {made.entity} {made.id}")
    elif crm.console.json:
        crm.console.show(report_document(made))
    else:
        crm.console.show_parts({name: on_screen(crm, rows) for name, rows in made.parts.items()})
    if made.masked:
        crm.console.warn("some values are masked; a report for the person itself needs a configuration without masks")
    return ExitCode.DONE


@app.command(writes=True)
def erase(crm: Crm, entity: EntityArgument, person: Person, keep_business_records: KeepBusiness = False) -> ExitCode:
    """Erase a person from every table, the log, rejected rows and indexes; this cannot be undone.

    It shows what would go, and asks. Open deals, and won ones that the law says to keep (privacy.retention_years in
    crm.toml), stop it with their reasons; with --keep-business-records they stay, of a person without a name. Keyed
    hashes of addresses, numbers, ids, name and day of birth stop a later import or add of the same person. In the end
    it lists the backups and exported files that it cannot reach.

    Examples:
        crm privacy erase contact 42 --dry-run
        crm privacy erase contact 42 --reason "request of 3 May"
        crm privacy erase contact ann@acme.example --keep-business-records --yes
    """
    from crm_cli.jobs import privacy

    options = privacy.ErasureOptions(keep_business_records, crm.config.number("privacy.retention_years"))
    with crm.store.read() as connection:
        plan = privacy.plan_erasure(crm.store, connection, entity, person, options)
        exports = privacy.exports_of(crm.store, connection, plan.subject)
    privacy.refuse_kept(plan.reasons)
    if not agrees_to_erase(crm, plan):
        crm.console.note("nothing was erased")
        return ExitCode.DONE
    key, made = privacy.key_for(crm.store, key_source(crm.config, crm.surroundings.environ), dry_run=crm.dry_run)
    named = (plan.subject.entity, str(plan.subject.id))
    erased = privacy.erase(crm.store, *named, _author(crm, *named), key, options, dry_run=crm.dry_run, wait=crm.wait)
    scrubbed = privacy.Scrubbed() if crm.dry_run else privacy.scrub(crm.store)
    backups = privacy.backups_of(crm.store, [crm.surroundings.cwd], plan.subject.since)
    show_erasure(crm, erased, scrubbed, OutOfReach(backups, exports), made)
    return ExitCode.DONE if scrubbed.complete else ExitCode.PARTIAL


def _author(crm: Crm, entity: str, number: str) -> Author:
    """Who erases, with a command line for the log that names the person by its number alone."""
    from dataclasses import replace

    return replace(crm.author, command=f"crm privacy erase {entity} {number}")


@app.command("list")
def list_(crm: Crm) -> None:
    """List the erasures: when, by whom and why, how many rows, and the tombstones that still stand.

    Example:
        crm privacy list
    """
    from crm_cli.jobs.privacy import list_erasures

    rows = list_erasures(crm.store)
    crm.console.show(rows if crm.console.json else localized(crm, rows))


@app.command(writes=True)
def allow(crm: Crm, number: Number) -> ExitCode:
    """Let an erased person come back: its tombstones go, so that it may be imported and added again.

    Nothing that was erased comes back by this. Do it when the person asks to be known again.

    Example:
        crm privacy allow 3 --reason "became a customer again"
    """
    from crm_cli.jobs import privacy

    if not crm.confirm(f"let the person of erasure {number} be imported and added again?"):
        crm.console.note("nothing was changed")
        return ExitCode.DONE
    done, count = privacy.allow(crm.store, number, crm.author, dry_run=crm.dry_run, wait=crm.wait)
    if crm.console.json:
        crm.console.show({"operation": None if crm.dry_run else done, "tombstones": count, "dry_run": crm.dry_run})
    crm.console.note(f"{count} tombstones of erasure {number} {'would be ' if crm.dry_run else ''}taken away")
    if not crm.dry_run:
        crm.console.next_step(f"crm undo {done} sets them up again")
    return ExitCode.DONE


@app.command()
def purge(crm: Crm) -> ExitCode:
    """Clear the files of the database from what was erased before; erase does it too, unless somebody was using them.

    SQLite's file is written anew and its log emptied; PostgreSQL's tables are vacuumed; what is left to the server is
    said. It ends with 4 when another process keeps the files busy.

    Example:
        crm privacy purge
    """
    from crm_cli.jobs.privacy import scrub

    done = scrub(crm.store)
    crm.console.show({"done": done.done, "left": done.left})
    return ExitCode.DONE if done.complete else ExitCode.PARTIAL
