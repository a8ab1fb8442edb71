"""What of a script is to be run: all of it, some steps, or what a run that broke off has left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from crm_cli.automation import Script, ScriptError, Step, left_out
from crm_cli.automation.parameters import settle
from crm_cli.errors import CrmError, NotFoundError, did_you_mean
from crm_cli.jobs.scripting.context import ScriptContext
from crm_cli.jobs.scripting.journal import PastRun, last_run, plain_value, plain_values
from crm_cli.store import Store

__all__ = ["InterruptedRunError", "Plan", "RunRequest", "ScriptChangedError", "planned"]

SECRET = "***"  # noqa: S105 - what stands for one


class InterruptedRunError(CrmError):
    """The last run of the script was interrupted: whether to go on with it or to begin anew is for its owner to say."""

    code = "interrupted-run"


class ScriptChangedError(CrmError):
    """The script or its parameters are not those of the run that is to go on."""

    code = "script-changed"


@dataclass(frozen=True)
class RunRequest:
    """How a script is to be run: values of parameters (`given`, paths among them seen from `cwd`), and which steps.

    `environ` is where parameters that say so are looked up. `resume` goes on with the last run if it did not come to
    its end; `restart` begins anew although it was interrupted. `first` and `only` name a step, or its number.
    """

    given: Mapping[str, str] = field(default_factory=dict)
    cwd: Path | None = None
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    resume: bool = False
    restart: bool = False
    first: str | None = None
    only: str | None = None


@dataclass(frozen=True)
class Plan:
    """What is to be run: the values, the day, the run that goes on, and the steps that are left out, with why."""

    values: Mapping[str, Any]
    today: date
    resumed: PastRun | None = None
    skipped: Mapping[int, str] = field(default_factory=dict)


def planned(script: Script, context: ScriptContext, request: RunRequest) -> Plan:
    """Return what is to be run; raises what `execute_script` says that it raises before the first step."""
    last = last_run(context.store, script.name)
    if request.resume and last is not None and last.status in ("running", "interrupted", "failed"):
        if request.first or request.only:
            raise ScriptError("--resume says itself where to go on", hint="leave --from and --only out")
        return _resumed(script, last, request)
    if last is not None and last.status in ("running", "interrupted") and not (request.restart or request.resume):
        raise _interrupted(script, context.store, last)
    first, only = _named(script, request.first), _named(script, request.only)
    if first and only:
        raise ScriptError("--from and --only name different steps to begin with", hint="give one of them")
    values = script.settle(request.given, today=context.today, cwd=request.cwd, environ=request.environ)
    return Plan(values, context.today, None, left_out(script.steps, first, only))


def _interrupted(script: Script, store: Store, last: PastRun) -> InterruptedRunError:
    when = f"{last.started_at.astimezone(store.zone):%Y-%m-%d %H:%M}"
    where = f" in the step {last.step}" if last.step else ""
    hint = f"crm run {script.path} --resume goes on behind the last finished step, --restart begins anew"
    return InterruptedRunError(
        f"run {last.id} of {script.name}, begun at {when}, was interrupted{where}", hint=hint, run=last.id
    )


def _resumed(script: Script, last: PastRun, request: RunRequest) -> Plan:
    """Take the parameters of the run that goes on; refuse where they or the script are others now."""
    again = f"crm run {script.path} --restart begins anew"
    kept = dict(last.parameters)
    today = date.fromisoformat(kept.pop("today"))
    if set(kept) != set(script.parameters):
        raise ScriptChangedError(f"the parameters of {script.name} have changed since run {last.id}", hint=again)
    values: dict[str, Any] = {}
    for name, value in kept.items():
        found = _named_again(script, name, request, today)
        if found is not None and plain_value(found) == value:
            values[name] = found  # with its password, if it has one
        elif name in request.given:
            message = f"run {last.id} of {script.name} was begun with another value of {name}"
            raise ScriptChangedError(message, hint=f"leave --set {name} out, or {again}", parameter=name)
        elif isinstance(value, str) and SECRET in value:
            message = f"the value of {name} held a password, which is not kept"
            raise ScriptChangedError(message, hint=f"give it again: --set {name}=…", parameter=name)
        else:
            values[name] = None if value is None else script.parameters[name].read(value, today)
    if script.fingerprint(plain_values(values, today)) != last.fingerprint:
        raise ScriptChangedError(f"the steps of {script.name} have changed since run {last.id}", hint=again)
    return Plan(values, today, last)


def _named_again(script: Script, name: str, request: RunRequest, today: date) -> Any:
    """Return what the command line, the environment or the script says of a parameter now."""
    one = script.parameters[name]
    given = {name: request.given[name]} if name in request.given else {}
    optional = {name: replace(one, required=False)}
    return settle(script.name, optional, given, today=today, cwd=request.cwd, environ=request.environ)[name]


def _named(script: Script, name: str | None) -> Step | None:
    if name is None:
        return None
    for step in script.steps:
        if name in (step.name, str(step.number)):
            return step
    names = [step.name for step in script.steps]
    hint = did_you_mean(name, names) or f"its steps: {', '.join(names)}"
    raise NotFoundError(f"{script.name} has no step {name!r}", hint=hint, step=name)
