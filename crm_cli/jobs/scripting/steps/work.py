"""Steps that hand work out: reassign, sort into territories."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm_cli.automation import Option, StepKind, StepOutcome
from crm_cli.automation.values import TEXT, TRUTH, WORDS, one_of
from crm_cli.errors import ExitCode
from crm_cli.jobs.caps import refuse_too_many
from crm_cli.jobs.scripting.context import ScriptContext
from crm_cli.jobs.scripting.steps.quality import ENTITY, MAX_CHANGES, WHERE

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


KINDS: tuple[StepKind[ScriptContext], ...] = (
    StepKind(
        "reassign", "Move the open records of one owner to others", _reassign,
        (
            Option("from", TEXT, "Whose records", required=True),
            Option("to", WORDS, "Who takes them", required=True),
            WHERE,
            Option("split", one_of("even", "round_robin"), "Equal work for everybody (else so), or one in turn"),
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
)  # fmt: skip
