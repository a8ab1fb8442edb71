"""Steps that hand work out: reassign, sort into territories, change these, hand over what one who leaves holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from crm_cli.automation import Option, StepKind, StepOutcome
from crm_cli.automation.values import TEXT, TRUTH, WORDS, one_of
from crm_cli.errors import ExitCode, UsageError
from crm_cli.jobs.caps import refuse_too_many
from crm_cli.jobs.scripting.context import ScriptContext
from crm_cli.jobs.scripting.steps.quality import ENTITY, MAX_CHANGES, WHERE

if TYPE_CHECKING:
    from crm_cli.history import Operation
    from crm_cli.territories import Carried

__all__ = ["KINDS"]


def _reassign(context: ScriptContext, given: Mapping[str, Any]) -> StepOutcome:
    from crm_cli.history import operation
    from crm_cli.territories import Handover, Split, reassign

    wanted = Handover(
        giver=given["from"], takers=given["to"], where=given.get("where"), split=Split(given.get("split", "even")),
        open_only=not given.get("all", False), entities=given.get("entities", ()), today=context.today,
    )  # fmt: skip
    with operation(context.store, "reassign", context.author, exclusive=True, wait=context.wait) as op:
        moves = reassign(op, wanted)
        refuse_too_many("records of all kinds", moves.total, given.get("max_changes"))
    told = {"moved": moves.total, "left": sum(moves.left.values())}
    return StepOutcome(f"{moves.total} records moved", ExitCode.DONE, moves.operation_id, told)


def _assign(context: ScriptContext, given: Mapping[str, Any]) -> StepOutcome:
    from crm_cli.history import operation
    from crm_cli.territories import assign_territories

    with operation(context.store, "assign", context.author, exclusive=True, wait=context.wait) as op:
        done = assign_territories(op, given["entity"], today=context.today, where=given.get("where"))
        refuse_too_many(given["entity"], max(done.moved, done.owners_changed), given.get("max_changes"))
    told = {"moved": done.moved, "owners_changed": done.owners_changed, "unmatched": done.unmatched,
            "unmanned": len(done.unmanned)}  # fmt: skip
    summary = (
        f"{done.moved} records got another territory, {done.owners_changed} another owner; {done.unmatched} fit no rule"
    )
    return StepOutcome(summary, ExitCode.DONE, done.operation_id, told)


def _simulate(context: ScriptContext, given: Mapping[str, Any]) -> StepOutcome:
    from crm_cli.jobs.territories import write_page
    from crm_cli.territories import read_plan, simulate

    found = simulate(context.store, read_plan(context.path(given["plan"])), today=context.today)
    told = {"moved": sum(found.moved.values()), "followed": sum(found.followed.values()),
            "unmanned": len(found.unmanned)}  # fmt: skip
    summary = f"{told['moved']} records would move on {found.day}"
    if "output" in given and not context.dry_run:
        write_page(
            context.store.dictionary, found, context.path(given["output"]), overwrite=given.get("overwrite", False)
        )
        summary += f"; the page is in {given['output']}"
    return StepOutcome(summary, ExitCode.DONE, None, told)


def _apply(context: ScriptContext, given: Mapping[str, Any]) -> StepOutcome:
    from crm_cli.history import operation
    from crm_cli.territories import apply_plan, apply_planned, read_plan, read_planned

    if ("plan" in given) == given.get("due", False):
        raise UsageError("territory apply takes a plan, or due = true", hint="give one of them")
    if "plan" in given:
        wanted = read_plan(context.path(given["plan"]))
        if wanted.effective is not None and wanted.effective > context.today:
            hint = "crm territory apply keeps it until then, and a step with due = true applies it"
            raise UsageError(f"{wanted.name} holds from {wanted.effective} on only", hint=hint)
        todo: list[Callable[[Operation], Carried]] = [partial(apply_plan, plan=wanted, today=context.today)]
    else:
        with context.store.read() as connection:
            waiting = read_planned(context.store, connection, due=context.today)
        todo = [partial(apply_planned, number=one.id, today=context.today) for one in waiting]
    done = []
    for one in todo:
        with operation(context.store, "territory", context.author, exclusive=True, wait=context.wait) as op:
            done.append(one(op))
            refuse_too_many("records of all kinds", done[-1].total, given.get("max_changes"))
    told = {"plans": len(done), "moved": sum(one.total for one in done)}
    number = done[-1].operation_id if done else None
    return StepOutcome(f"{len(done)} plans applied, {told['moved']} records moved", ExitCode.DONE, number, told)


def _offboard(context: ScriptContext, given: Mapping[str, Any]) -> StepOutcome:
    from crm_cli.history import operation
    from crm_cli.jobs.offboarding import Offboarding, offboard, write_sheet
    from crm_cli.territories import Split

    split = Split(given.get("split", "even"))
    wanted = Offboarding(user=given["user"], takers=given["to"], split=split, today=context.today)
    with operation(context.store, "offboard", context.author, exclusive=True, wait=context.wait) as op:
        done = offboard(op, wanted)
        refuse_too_many("records of all kinds", done.moves.total, given.get("max_changes"))
        if "output" in given and not context.dry_run:
            write_sheet(op, context.path(given["output"]), overwrite=given.get("overwrite", False))
    told = {"moved": done.moves.total, "left": sum(done.moves.left.values()), "memberships": len(done.memberships),
            "rules": len(done.rules), "conditions": len(done.conditions)}  # fmt: skip
    summary = f"{done.moves.total} records, {len(done.memberships)} places and {len(done.rules)} rules handed over"
    return StepOutcome(summary, ExitCode.DONE, done.operation_id, told)


_TO = Option("to", WORDS, "Who takes them", required=True)
_SPLIT = Option("split", one_of("even", "round_robin"), "Equal work for everybody (else so), or one in turn")
_OVERWRITE = Option("overwrite", TRUTH, "Replace the file if it exists")

KINDS: tuple[StepKind[ScriptContext], ...] = (
    StepKind(
        "reassign", "Move the open records of one owner to others", _reassign,
        (
            Option("from", TEXT, "Whose records", required=True),
            _TO, WHERE, _SPLIT,
            Option("entities", WORDS, "Only these, such as account and opportunity"),
            Option("all", TRUTH, "Closed ones too, not only what is open"),
            MAX_CHANGES,
        ),
        {"moved": "records moved", "left": "records left where they were"},
    ),
    StepKind(
        "territory assign", "Sort records into territories by the rules, and give them owners there", _assign,
        (ENTITY, WHERE, MAX_CHANGES),
        {
            "moved": "records that got another territory", "owners_changed": "records that got another owner",
            "unmatched": "records that fit no rule", "unmanned": "territories that nobody works",
        },
    ),
    StepKind(
        "territory simulate", "Show what a plan for territories would do, without doing it", _simulate,
        (
            Option("plan", TEXT, "The plan, a TOML file", required=True),
            Option("output", TEXT, "Write a page about it, .html"),
            _OVERWRITE,
        ),
        {
            "moved": "records that would move", "followed": "records that would follow them",
            "unmanned": "territories that nobody works",
        },
        writes=False,
    ),
    StepKind(
        "territory apply", "Change territories as a plan says, and sort the records anew", _apply,
        (
            Option("plan", TEXT, "The plan, a TOML file"),
            Option("due", TRUTH, "Instead of a plan: all that wait and whose day has come"),
            MAX_CHANGES,
        ),
        {"plans": "plans applied", "moved": "records that moved"},
    ),
    StepKind(
        "user offboard", "Hand over all that a user holds, and end the user's access", _offboard,
        (
            Option("user", TEXT, "Who leaves", required=True),
            _TO, _SPLIT,
            Option("output", TEXT, "Write the hand-over sheet here, .xlsx"),
            _OVERWRITE, MAX_CHANGES,
        ),
        {
            "moved": "records handed over", "left": "closed records that stay", "memberships": "places handed over",
            "rules": "rules handed over", "conditions": "rules whose condition names the user still",
        },
    ),
)  # fmt: skip
