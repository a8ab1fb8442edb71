"""`crm user`: the people who work with this system, and handing over what one who leaves holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli.commands.entity import entity_app
from crm_cli.commands.kit import Crm
from crm_cli.commands.new_files import new_file
from crm_cli.commands.splitting import split_way
from crm_cli.errors import ExitCode, UsageError
from crm_cli.jobs.caps import refuse_too_many
from crm_cli.options import MaxChanges, Output, Overwrite

if TYPE_CHECKING:
    from crm_cli.jobs.offboarding import Mention, Offboarded, Offboarding

__all__ = ["app"]

app = entity_app("user")

UserName = Annotated[str, typer.Argument(metavar="USER", help="Who leaves: name or number.")]
Takers = Annotated[str, typer.Option("--to", metavar="USER,…", help="Who takes them.")]
SplitOption = Annotated[
    str, typer.Option("--split", metavar="even|round_robin", help="Equal work for everybody, or one customer in turn.")
]


@app.command("offboard", writes=True)
def offboard(
    crm: Crm, user: UserName, takers: Takers, split: SplitOption = "even", output: Output = None,
    overwrite: Overwrite = False, max_changes: MaxChanges = None,
) -> ExitCode:  # fmt: skip
    """Hand over all that a user holds to others, and end the user's access: one operation.

    Accounts, contacts and open work move as by `crm reassign`, places in territories and rules that name the user go
    to the takers in turn. Closed work stays as history. What only a person can change is listed: files that name the
    user, conditions of rules, the login on the database server.

    Examples:
        crm user offboard maria --to tom,li --dry-run
        crm user offboard maria --to tom,li -o handover.xlsx --yes
    """
    from crm_cli import territories
    from crm_cli.jobs.offboarding import Offboarding, files_naming, write_sheet
    from crm_cli.jobs.offboarding import offboard as hand_over

    path = new_file(crm, output, overwrite=overwrite) if output else None
    if path is not None and path.suffix.lower() != ".xlsx":
        raise UsageError(f"{output} is no workbook", hint="give it a name that ends in .xlsx")
    names = [name.strip() for name in takers.split(",") if name.strip()]
    wanted = Offboarding(user=user, takers=names, split=territories.Split(split_way(split)), today=crm.store.today())
    if not _agreed(crm, wanted, max_changes):
        crm.console.note("nothing was changed")
        return ExitCode.DONE
    with crm.operation("offboard", exclusive=True) as operation:
        done = hand_over(operation, wanted)
        refuse_too_many("records of all kinds", done.moves.total, max_changes)
        if path is not None and not crm.dry_run:
            write_sheet(operation, path, overwrite=overwrite)
    project = crm.config.project
    mentions = files_naming(project.parent if project else crm.surroundings.cwd, done.user.username)
    _show(crm, done, mentions)
    if path is not None and not crm.dry_run:
        crm.console.note(f"the hand-over sheet is in {output}")
    return ExitCode.DONE


def _agreed(crm: Crm, wanted: Offboarding, max_changes: int | None) -> bool:
    """Ask before the write begins, so that nobody waits for an answer with the database locked."""
    from crm_cli.territories import Handover, plan_handover

    if crm.common.yes or crm.dry_run:
        return True
    handover = Handover(giver=wanted.user, takers=wanted.takers, split=wanted.split, today=wanted.today)
    with crm.store.read() as connection:
        plan = plan_handover(crm.store, connection, handover)
    refuse_too_many("records of all kinds", plan.total, max_changes)
    what = ", ".join(f"{count} {entity}" for entity, count in plan.counts().items()) or "no open records"
    whom = ", ".join(taker.username for taker in plan.takers)
    return crm.confirm(f"{plan.giver.username} leaves; {what} go to {whom}. Do it?")


def _show(crm: Crm, done: Offboarded, mentions: list[Mention]) -> None:
    rows: list[dict[str, Any]] = [
        {"entity": one.entity, "user": one.user, "before": one.before, "after": one.after,
         "change": one.after - one.before}
        for one in done.moves.holdings if one.before or one.after
    ]  # fmt: skip
    to_do = _left_to_do(done, mentions)
    handed = {"memberships": done.memberships, "rules": done.rules, "reports": done.reports}
    if crm.console.json:
        number = None if crm.dry_run else done.operation_id
        facts = {"operation": number, "user": done.user.username, "moved": done.moves.moved, "left": done.moves.left}
        crm.console.show({**facts, **handed, "holdings": rows, "left_to_do": to_do, "dry_run": crm.dry_run})
    else:
        parts = {"Who holds what": rows, **{name: found for name, found in handed.items() if found}}
        crm.console.show_parts({name: found for name, found in parts.items() if found})
    for line in to_do:
        crm.console.warn(line)
    verb = "would move" if crm.dry_run else "moved"
    crm.console.note(
        f"{done.moves.total} records, {len(done.memberships)} places and {len(done.rules)} rules {verb}; "
        f"{sum(done.moves.left.values())} records that are closed stay as history"
    )
    if not crm.dry_run:
        crm.console.next_step(f"crm undo {done.operation_id} takes it back")


def _left_to_do(done: Offboarded, mentions: list[Mention]) -> list[str]:
    """What only a person can do, a line each."""
    lines = [f"the condition of rule {number} names the user: crm territory rule list" for number in done.conditions]
    lines += [f"plan {number} waits and names the user: crm territory plan list" for number in done.plans]
    lines += [f"{one.file}, line {one.line} names the user: {one.text}" for one in mentions]
    if done.database_login:
        lines.append(
            f"the login {done.database_login} still works: the administrator of the database must lock or drop it there"
        )
    return lines
