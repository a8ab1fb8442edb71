"""`crm reassign`: move the open records of one owner to others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli.commands.kit import App, Crm
from crm_cli.commands.splitting import split_way
from crm_cli.errors import ExitCode, UsageError
from crm_cli.jobs.caps import refuse_too_many
from crm_cli.options import AllRecords, MaxChanges, Rejects, Where

if TYPE_CHECKING:
    from pathlib import Path

    from crm_cli.jobs.reassigning import PairMoves
    from crm_cli.territories import Handover, HandoverPlan, Moves

__all__ = ["app"]

app = App()
_SAMPLE = 20

Giver = Annotated[str | None, typer.Option("--from", metavar="USER", help="Whose records.")]
Takers = Annotated[str | None, typer.Option("--to", metavar="USER,…", help="Who takes them.")]
SplitOption = Annotated[
    str, typer.Option("--split", metavar="even|round_robin", help="Equal work for everybody, or one customer in turn.")
]
Entities = Annotated[
    str | None, typer.Option("--entities", metavar="ENTITY,…", help="Only these, such as account,opportunity.")
]

FromFile = Annotated[
    str | None,
    typer.Option("--from-file", metavar="PAIRS.csv", help="Rows of record,owner or entity,record,owner, or from,to."),
]
OpenOnly = Annotated[bool, typer.Option("--open-only", help="Of the rest only what is open; this is the default.")]


@app.command(writes=True)
def reassign(
    crm: Crm, giver: Giver = None, takers: Takers = None, where: Where = None, split: SplitOption = "even",
    entities: Entities = None, open_only: OpenOnly = False, all_: AllRecords = False, from_file: FromFile = None,
    rejects: Rejects = None, max_changes: MaxChanges = None,
) -> ExitCode:  # fmt: skip
    """Move the open records of one owner to others, after showing how many and asking.

    Accounts and contacts move, and of the rest what is open: planned activities, leads that are not converted or
    disqualified, opportunities that are not won or lost; --all moves closed ones too. What belongs to a record that
    moves goes with it: people and deals with their account, activities with their deal, lead or customer.

    Examples:
        crm reassign --from maria --to li,tom --where "region = 'TX'" --dry-run
        crm reassign --from maria --to tom --entities lead,activity --yes
        crm reassign --from-file pairs.csv --rejects refused.csv --dry-run
    """
    from crm_cli import territories

    if all_ and open_only:
        raise UsageError("--all and --open-only contradict each other", hint="give one of them")
    if from_file:
        _check_alone({"--from": giver, "--to": takers, "--where": where})
        return _from_file(crm, from_file, (_names(entities), split_way(split), not all_), rejects, max_changes)
    if not giver or not takers:
        raise UsageError("nobody gives or nobody takes", hint="--from USER --to USER,… or --from-file PAIRS.csv")
    wanted = territories.Handover(
        giver=giver, takers=_names(takers), where=where, split=territories.Split(split_way(split)),
        entities=_names(entities), open_only=not all_,
    )  # fmt: skip
    if not _agreed(crm, wanted, max_changes):
        crm.console.note("nothing was moved")
        return ExitCode.DONE
    with crm.operation("reassign", exclusive=True) as operation:
        moves = territories.reassign(operation, wanted)
        if max_changes:
            refuse_too_many("records of all kinds", moves.total, max_changes)
    _show(crm, moves)
    return ExitCode.DONE


def _check_alone(others: dict[str, str | None]) -> None:
    given = [name for name, value in others.items() if value]
    if given:
        raise UsageError(f"--from-file goes without {', '.join(given)}", hint="the file says who gets what")


def _from_file(
    crm: Crm, from_file: str, wanted: tuple[list[str], str, bool], rejects: Path | None, max_changes: int | None
) -> ExitCode:
    from crm_cli.jobs.reassigning import read_pairs, reassign_pairs, write_rejects
    from crm_cli.territories import Split

    entities, split, open_only = wanted
    given = read_pairs(crm.path(from_file))
    if not crm.confirm(f"hand over what {from_file} lists?"):
        crm.console.note("nothing was moved")
        return ExitCode.DONE
    with crm.operation("reassign", exclusive=True) as operation:
        moves = reassign_pairs(
            operation, given, entities=entities, open_only=open_only, split=Split(split), today=crm.store.today()
        )
        refuse_too_many("records of all kinds", moves.total, max_changes)
    if rejects and moves.refused:
        write_rejects(given, moves.refused, crm.path(rejects))
    _show_pairs(crm, moves, rejects)
    return ExitCode.PARTIAL if moves.refused else ExitCode.DONE


def _show_pairs(crm: Crm, moves: PairMoves, rejects: Path | None) -> None:
    refused = [
        {"row": one.row.number, "column": one.column, "reason": one.reason, "hint": one.hint} for one in moves.refused
    ]
    if crm.console.json:
        number = None if crm.dry_run else moves.operation_id
        facts = {"operation": number, "moved": dict(moves.moved), "followed": dict(moves.followed)}
        crm.console.show({**facts, "unchanged": moves.unchanged, "rejected": refused, "dry_run": crm.dry_run})
    elif refused:
        crm.console.show(refused[:_SAMPLE])
    verb = "would move" if crm.dry_run else "moved"
    crm.console.note(
        f"{moves.moved.total()} records {verb}, {moves.followed.total()} followed, {moves.unchanged} were there already"
    )
    if refused:
        where = f"; they are in {rejects}" if rejects else "; --rejects FILE writes all of them"
        crm.console.warn(f"{len(refused)} rows were refused{where}")
    if moves.total and not crm.dry_run:
        crm.console.next_step(f"crm undo {moves.operation_id} takes it back")


def _names(text: str | None) -> list[str]:
    return [name.strip() for name in (text or "").split(",") if name.strip()]


def _agreed(crm: Crm, wanted: Handover, max_changes: int | None) -> bool:
    """Ask before the write begins, so that nobody waits for an answer with the database locked."""
    from crm_cli.territories import plan_handover

    if crm.common.yes or crm.dry_run:
        return True
    with crm.store.read() as connection:
        plan = plan_handover(crm.store, connection, wanted)
    if max_changes:
        refuse_too_many("records of all kinds", plan.total, max_changes)
    return not plan.total or crm.confirm(_question(plan))


def _question(plan: HandoverPlan) -> str:
    what = ", ".join(f"{count} {entity}" for entity, count in plan.counts().items())
    whom = ", ".join(taker.username for taker in plan.takers)
    return f"{plan.total} records of {plan.giver.username} ({what}) go to {whom}. Move them?"


def _show(crm: Crm, moves: Moves) -> None:
    rows: list[dict[str, Any]] = [
        {"entity": one.entity, "user": one.user, "before": one.before, "after": one.after,
         "change": one.after - one.before}
        for one in moves.holdings if one.before or one.after
    ]  # fmt: skip
    if crm.console.json:
        number = None if crm.dry_run else moves.operation_id
        facts = {"operation": number, "moved": moves.moved, "left": moves.left, "dry_run": crm.dry_run}
        crm.console.show({**facts, "holdings": rows})
    else:
        crm.console.show(rows)
    for entity in moves.unasked:
        crm.console.note(f"the condition cannot be asked of {entity}: only what goes with a moved record moves")
    crm.console.note(f"{moves.total} records {'would move' if crm.dry_run else 'moved'}")
    if moves.total and not crm.dry_run:
        crm.console.next_step(f"crm undo {moves.operation_id} takes it back")
