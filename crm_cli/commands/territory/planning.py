"""`crm territory simulate`, `apply` and `plan`: changes of territories that are looked at before they are made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from crm_cli.commands.kit import App, Crm
from crm_cli.commands.new_files import new_file
from crm_cli.commands.territory.arguments import PlanFile
from crm_cli.commands.times import day
from crm_cli.errors import CrmError, ExitCode, UsageError
from crm_cli.jobs.caps import refuse_too_many
from crm_cli.options import Format, MaxChanges, Output, Overwrite, Today

if TYPE_CHECKING:
    from datetime import date

    from crm_cli.territories import Carried, Plan, PlannedChange, Simulation

__all__ = ["app", "register"]

app = App("List and cancel the plans that wait for their day.")

OptionalPlan = Annotated[
    str | None, typer.Argument(metavar="PLAN.toml", help="The plan; docs/territories.md shows what it holds.")
]
Effective = Annotated[
    str | None, typer.Option("--effective", metavar="DATE", help="From when on it holds; a later day is waited for.")
]
Due = Annotated[bool, typer.Option("--due", help="Apply the plans whose day has come; for cron.")]
Number = Annotated[int, typer.Argument(metavar="PLAN", help="Its number; `crm territory plan list` shows it.")]


def register(group: App) -> None:
    """Add the commands to the group."""
    group.command("simulate")(simulate)
    group.command("apply", writes=True)(apply)


def simulate(
    crm: Crm, plan: PlanFile, output: Output = None, overwrite: Overwrite = False, today: Today = None
) -> None:
    """Show what a plan would do, without doing it: who gains and loses accounts, work and pipeline, how evenly.

    The plan is carried out and rolled back, so what is shown is what `crm territory apply` does.

    Examples:
        crm territory simulate PLAN.toml
        crm territory simulate PLAN.toml -o simulation.html
    """
    from crm_cli import territories
    from crm_cli.jobs.territories import simulation_document, write_page

    path = new_file(crm, output, overwrite=overwrite) if output else None
    wanted = territories.read_plan(crm.path(plan))
    found = territories.simulate(crm.store, wanted, today=day(crm, today))
    if path is not None:
        write_page(crm.dictionary, found, path, overwrite=overwrite)
    if crm.console.json:
        crm.console.show(simulation_document(crm.dictionary, found))
    else:
        _show(crm, found)
    if path is not None:
        crm.console.note(f"the page is in {output}")
    crm.console.next_step(f"crm territory apply {plan}")


def _show(crm: Crm, found: Simulation) -> None:
    from crm_cli.jobs.territories import fairness_rows, work_rows

    parts = {
        "Territories": work_rows(crm.dictionary, "territory", found.territories),
        "Owners": work_rows(crm.dictionary, "owner", found.owners),
        "How evenly it is spread": fairness_rows(found.fairness),
    }
    crm.console.show_parts({name: rows for name, rows in parts.items() if rows})
    for name in found.unmanned:
        crm.console.warn(f"nobody works {name}: its records keep their owners")
    crm.console.note(f"on {found.day}: {_said(found.structure)}; {_said(found.moved)} would move")
    if found.followed:
        crm.console.note(f"what hangs on them would follow: {_said(found.followed)}")


def _said(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {what}" for what, count in counts.items()) or "nothing"


def apply(
    crm: Crm, plan: OptionalPlan = None, effective: Effective = None, due: Due = False,
    max_changes: MaxChanges = None, today: Today = None,
) -> ExitCode:  # fmt: skip
    """Change territories, rules and members as a plan says, and sort the records anew: one operation.

    With a day that is still to come the plan is checked and kept; `--due` applies what has come due.

    Examples:
        crm territory apply PLAN.toml --dry-run
        crm territory apply PLAN.toml --effective 2027-01-01
        crm territory apply --due --yes
    """
    from crm_cli.territories import read_plan

    if due == bool(plan):
        raise UsageError("give a plan, or --due", hint="crm territory apply PLAN.toml, or crm territory apply --due")
    now = day(crm, today)
    if due:
        if effective:
            raise UsageError("--due goes without --effective", hint="each plan has its own day")
        return _apply_due(crm, now, max_changes)
    wanted = read_plan(crm.path(plan or ""))
    return _apply(crm, wanted, day(crm, effective) if effective else wanted.effective or now, now, max_changes)


def _apply(crm: Crm, plan: Plan, effective: date, now: date, max_changes: int | None) -> ExitCode:
    from dataclasses import replace

    from crm_cli import territories

    wanted = replace(plan, effective=effective)
    if not crm.common.yes and not crm.dry_run:
        found = territories.simulate(crm.store, wanted, today=now)
        if not crm.confirm(f"{plan.name}, from {effective}: {_said(found.structure)}; {_said(found.moved)} move?"):
            crm.console.note("nothing was changed")
            return ExitCode.DONE
    if effective > now:
        territories.simulate(crm.store, wanted, today=now)  # what fits nothing is told now, not on the day
        with crm.operation("territory") as operation:
            number = territories.keep_plan(operation, plan, effective)
        _show_kept(crm, number, plan.name, effective)
        return ExitCode.DONE
    with crm.operation("territory", exclusive=True) as operation:
        done = territories.apply_plan(operation, wanted, today=now)
        refuse_too_many("records of all kinds", done.total, max_changes)
    if crm.console.json:
        crm.console.show(_document(crm, done))
    _tell(crm, done)
    return ExitCode.DONE


def _show_kept(crm: Crm, number: int, name: str, effective: date) -> None:
    if crm.console.json:
        crm.console.show({"plan": None if crm.dry_run else number, "name": name, "effective_on": effective})
    crm.console.note(f"{name} {'would wait' if crm.dry_run else 'waits'} for {effective}")
    crm.console.next_step("crm territory apply --due --yes, by cron, applies it then")


def _apply_due(crm: Crm, now: date, max_changes: int | None) -> ExitCode:
    """Apply each plan that is due as an operation of its own; one that fails does not stop the others."""
    from crm_cli.territories import read_planned

    with crm.store.read() as connection:
        waiting = read_planned(crm.store, connection, due=now)
    if waiting and not crm.confirm(f"apply {len(waiting)} plans: {', '.join(one.name for one in waiting)}?"):
        crm.console.note("nothing was changed")
        return ExitCode.DONE
    done: list[Carried] = []
    failed: list[CrmError] = []
    for one in waiting:
        try:
            done.append(_apply_one(crm, one, now, max_changes))
        except CrmError as error:
            if error.exit_code is ExitCode.LOCKED:
                raise
            failed.append(error)
            crm.console.warn(f"plan {one.id} ({one.name}) was not applied: {error.message}; {error.hint}")
    if crm.console.json:
        crm.console.show([_document(crm, one) for one in done])
    if not waiting:
        crm.console.note("no plan is due")
    if failed:
        return ExitCode.PARTIAL if done else ExitCode.ERROR
    return ExitCode.DONE


def _apply_one(crm: Crm, planned: PlannedChange, now: date, max_changes: int | None) -> Carried:
    from crm_cli.territories import apply_planned

    with crm.operation("territory", exclusive=True) as operation:
        done = apply_planned(operation, planned.id, today=now)
        refuse_too_many("records of all kinds", done.total, max_changes)
    _tell(crm, done)
    return done


def _document(crm: Crm, done: Carried) -> dict[str, object]:
    return {
        "operation": None if crm.dry_run else done.operation_id, "plan": done.plan, "structure": done.structure,
        "moved": {name: len(found) for name, found in done.moves.items()}, "followed": dict(done.followed),
    }  # fmt: skip


def _tell(crm: Crm, done: Carried) -> None:
    moved = {name: len(found) for name, found in done.moves.items() if found}
    for one in done.assigned:
        for name in one.unmanned:
            crm.console.warn(f"nobody works {name}: its records keep their owners")
    crm.console.note(f"{done.plan}: {_said(done.structure)}; {_said(moved)} {'would move' if crm.dry_run else 'moved'}")
    if done.followed:
        crm.console.note(f"what hangs on them followed: {_said(dict(done.followed))}")
    if not crm.dry_run:
        crm.console.next_step(f"crm undo {done.operation_id} takes it back")


@app.command("list")
def list_plans(crm: Crm, format_: Format = None) -> None:
    """List the plans that were applied, cancelled, or wait for their day.

    Example:
        crm territory plan list
    """
    from crm_cli.territories import read_planned

    with crm.store.read() as connection:
        crm.console.show(read_planned(crm.store, connection), format_)


@app.command("cancel", writes=True)
def cancel(crm: Crm, number: Number) -> None:
    """Take back a plan that waits for its day.

    Example:
        crm territory plan cancel 3
    """
    from crm_cli.territories import cancel_plan

    with crm.operation("territory") as operation:
        found = cancel_plan(operation, number)
    crm.console.note(f"plan {number} ({found.name}) {'would be' if crm.dry_run else 'was'} cancelled")
