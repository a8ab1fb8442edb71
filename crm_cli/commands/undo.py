"""`crm undo`: take an operation back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli.cells import cell
from crm_cli.commands.kit import App, Crm
from crm_cli.commands.log import counted
from crm_cli.commands.times import local
from crm_cli.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from crm_cli.history import LoggedOperation, Refusal, RunUndo, Stays, UndoResult

__all__ = ["app", "show_undo"]

app = App()

Number = Annotated[int | None, typer.Argument(metavar="ID", help="The operation; else the last one. `crm log` lists.")]
Unit = Annotated[
    list[int] | None,
    typer.Option("--unit", metavar="ID", help="Only this part of it: a record, a merge's survivor. Can be repeated."),
]
RunNumber = Annotated[
    int | None,
    typer.Option("--run", metavar="RUN", help="All that a run of a script did; `crm log` shows its number."),
]


@app.command(writes=True)
def undo(crm: Crm, number: Number = None, unit: Unit = None, run: RunNumber = None) -> ExitCode:
    """Take the last operation back, or the one named, after showing it and asking.

    All of a record is undone, or nothing of it: what was edited or referred to since is refused, listed, and the
    command ends with 4. A merge is taken apart also years later: what was edited or added since stays with the
    survivor, and is listed. An undo is an operation itself and can be undone. With --run all operations of a run of a
    script are taken back, the newest first, in one transaction.

    Examples:
        crm undo
        crm undo 17 --unit 338
        crm undo 42 --dry-run
        crm undo 42 --yes --reason "wrong file"
        crm undo --run 7 --dry-run
    """
    if run is not None:
        return _undo_run(crm, run, number, unit)
    from crm_cli import history

    chosen = history.last_operation(crm.store) if number is None else number
    if not crm.confirm(_question(crm, history.read_operation(crm.store, chosen))):
        crm.console.note("nothing was undone")
        return ExitCode.DONE
    result = history.undo(crm.store, chosen, crm.author, units=unit, dry_run=crm.dry_run, wait=crm.wait)
    return show_undo(crm, result)


def _undo_run(crm: Crm, run: int, number: int | None, unit: list[int] | None) -> ExitCode:
    from crm_cli.history import run_operations, undo_run

    if number is not None or unit:
        raise UsageError("--run takes all operations of a run back", hint="leave the operation and --unit out")
    operations = run_operations(crm.store, run)
    what = "; ".join(f"{one.id} {one.kind}: {counted(one.summary) or 'nothing'}" for one in operations)
    if not crm.confirm(f"run {run} of a script, operations {what}. Undo all of them?"):
        crm.console.note("nothing was undone")
        return ExitCode.DONE
    return _show_run(crm, undo_run(crm.store, run, crm.author, dry_run=crm.dry_run, wait=crm.wait))


def _show_run(crm: Crm, result: RunUndo) -> ExitCode:
    done = [
        {"undone": one.undone_id, "operation": None if crm.dry_run else one.operation_id, "restored": one.restored,
         "removed": one.removed, "refused": len(one.refused)}
        for one in result.undone
    ]  # fmt: skip
    refused = [{"undone": one.undone_id, **_refusal_row(each)} for one in result.undone for each in one.refused]
    if crm.console.json:
        crm.console.show({"run": result.run, "undone": done, "refused": refused, "dry_run": crm.dry_run})
    else:
        crm.console.show_parts({"undone": done, **({"refused": refused} if refused else {})})
    would = "would be " if crm.dry_run else ""
    crm.console.note(f"run {result.run}: {len(done)} operations {would}undone")
    if refused:
        crm.console.warn(f"{len(refused)} {would}refused: edited or referred to since")
    return result.exit_code


def _question(crm: Crm, one: LoggedOperation) -> str:
    what = counted(one.summary) or "nothing"
    why = f", because: {one.reason}" if one.reason else ""
    return f"operation {one.id}: {one.kind} by {one.actor} at {local(crm, one.started_at)}{why}; {what}. Undo it?"


def show_undo(crm: Crm, result: UndoResult) -> ExitCode:
    """Show what an undo did and what it refused; return the code to end with."""
    refused = [_refusal_row(one) for one in result.refused]
    done = {"undone": result.undone_id, "restored": result.restored, "removed": result.removed}
    if crm.console.json:
        number = None if crm.dry_run else result.operation_id
        stays = [_stays_row(one) for one in result.stays]
        crm.console.show({"operation": number, **done, "refused": refused, "stays": stays, "dry_run": crm.dry_run})
    elif refused:
        crm.console.show(refused)
    would = "would be " if crm.dry_run else ""
    crm.console.note(
        f"operation {result.undone_id}: {result.restored} {would}set back, {result.removed} {would}taken out"
    )
    for one in result.stays:
        what = f"{one.what} {one.why}" if one.what else one.why
        crm.console.note(f"stays as it is: {one.entity} {one.record_id} ({cell(what)})")
    if refused:
        crm.console.warn(f"{len(refused)} {would}refused: edited or referred to since")
    if not crm.dry_run:
        crm.console.next_step(f"crm undo {result.operation_id} does it again")
    return result.exit_code


def _stays_row(one: Stays) -> dict[str, Any]:
    return {"entity": one.entity, "record": one.record_id, "what": one.what, "why": one.why}


def _refusal_row(one: Refusal) -> dict[str, Any]:
    return {"refused": one.group[1], "entity": one.entity, "record": one.record_id, "why": one.why}
