"""The step `audit fix`: what a policy's `fix` says, done by the step or the job of that name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crm_cli.automation import Option, Step, StepKind, StepOutcome
from crm_cli.automation.values import TEXT
from crm_cli.errors import ExitCode, UsageError
from crm_cli.jobs.caps import refuse_too_many
from crm_cli.jobs.scripting.context import ScriptContext
from crm_cli.jobs.scripting.steps import quality, work
from crm_cli.jobs.scripting.steps.quality import MAX_CHANGES, WHERE

__all__ = ["KINDS"]

_RUNNABLE = {kind.name: kind for kind in (*quality.KINDS, *work.KINDS)}
_FIRST = {"values apply": "recipe"}  # what the first argument of a command is called; else entity


def _fix(context: ScriptContext, given: Mapping[str, Any]) -> StepOutcome:
    from crm_cli.audits import choose, load_policies
    from crm_cli.jobs.auditing import plan_fix

    name = given["policy"]
    chosen = choose(load_policies(context.beside("policies")), [name], context.store.dictionary)
    if len(chosen) != 1 or chosen[0].name != name:
        raise UsageError(f"{name} is not one policy", hint=f"crm audit list {name} shows them")
    plan = plan_fix(context.store, chosen[0], where=given.get("where"))
    told = {"records": len(plan.records), "left": plan.left}
    if not plan.records:
        return StepOutcome(f"{name} has no open findings here", ExitCode.DONE, None, told)
    noun = context.store.dictionary.entity(chosen[0].entity).noun
    refuse_too_many(noun, len(plan.records), given.get("max_changes"))
    done = _carried_out(context, plan.words, noun)
    summary = f"{plan.shown}: {len(plan.records)} findings ({noun}), {plan.left} left; {done.summary}"
    return StepOutcome(summary, done.exit_code, done.operation_id, told)


def _carried_out(context: ScriptContext, words: Sequence[str], noun: str) -> StepOutcome:
    for length in (1, 2):
        kind = _RUNNABLE.get(" ".join(words[:length]))
        if kind is not None:
            return kind.function(context, _options(kind, words[length:]))
    return _set(context, words, noun)


def _options(kind: StepKind[ScriptContext], words: Sequence[str]) -> dict[str, Any]:
    """Return the words of a command as the options of the step that does the same."""
    known = {option.name: option for option in kind.options}
    given: dict[str, Any] = {_FIRST.get(kind.name, "entity"): words[0]}
    rest = list(words[1:])
    while rest:
        name, has_value, value = rest.pop(0).partition("=")
        option = known.get(name.removeprefix("--").replace("-", "_"))
        if option is None or not name.startswith("--"):
            raise UsageError(f"a script cannot run {kind.name} with {name}", hint="crm audit fix does")
        if option.type.schema.get("type") == "boolean":
            given[option.name] = True
        else:
            text = value if has_value else rest.pop(0)
            given[option.name] = _typed(option, text)
    return kind.read(Step(1, kind.name, kind.name, given), given)


def _typed(option: Option, text: str) -> Any:
    kind = option.type.schema.get("type")
    if kind in ("integer", "number"):
        return int(text) if kind == "integer" else float(text)
    return text.split(",") if kind is None else text


def _set(context: ScriptContext, words: Sequence[str], noun: str) -> StepOutcome:
    """Do what `crm NOUN set FIELD=VALUE ID …` does."""
    from crm_cli import records
    from crm_cli.history import operation
    from crm_cli.standardize import Context

    values = dict(word.removeprefix("--set=").partition("=")[::2] for word in words[2:] if "=" in word)
    ids = [int(word) for word in words[2:] if word.isdigit()]
    if len(values) + len(ids) != len(words) - 2:
        raise UsageError(f"a script cannot run {' '.join(words[:2])} with these options", hint="crm audit fix does")
    country, currency, zone = (context.defaults.get(name) for name in ("country", "currency", "timezone"))
    rules = Context(country=country, currency=currency, timezone=zone)
    with operation(context.store, "set", context.author, exclusive=True, wait=context.wait) as op:
        entity = context.store.dictionary.entity(noun)
        reader = records.Reader(op.store, op.connection, entity, rules)
        changed = records.apply_changes(op, records.plan_changes(reader, ids, values))
    return StepOutcome(f"changed {len(changed)} records", ExitCode.DONE, op.id)


KINDS: tuple[StepKind[ScriptContext], ...] = (
    StepKind(
        "audit fix", "Mend the open findings of a policy, where nobody has to decide anything", _fix,
        (Option("policy", TEXT, "The policy whose open findings are mended", required=True), WHERE, MAX_CHANGES),
        {"records": "findings mended", "left": "findings left for the next time"},
    ),
)  # fmt: skip
