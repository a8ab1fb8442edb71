"""Running a script: one at a time of each name, from the first step or on behind the last that was finished."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from crm_cli.automation import (
    LEFT_OUT,
    Script,
    ScriptError,
    ScriptResult,
    Step,
    StepReport,
    check_script,
    kind_of,
    left_out,
    run_steps,
)
from crm_cli.errors import CrmError, ExitCode, LockedError, NotFoundError, did_you_mean
from crm_cli.jobs.scripting.context import ScriptContext
from crm_cli.jobs.scripting.event_log import Watch, no_watch
from crm_cli.jobs.scripting.journal import Journal, PastRun, last_run
from crm_cli.jobs.scripting.performing import StepPerformer
from crm_cli.jobs.scripting.steps import STEPS
from crm_cli.store import Store, is_busy
from crm_cli.store.lease import held_lease

__all__ = ["InterruptedRunError", "RunRequest", "ScriptChangedError", "execute_script", "lease_name"]


class InterruptedRunError(CrmError):
    """The last run of the script was interrupted: whether to go on with it or to begin anew is for its owner to say."""

    code = "interrupted-run"


class ScriptChangedError(CrmError):
    """The script or its parameters are not those of the run that is to go on."""

    code = "script-changed"


@dataclass(frozen=True)
class RunRequest:
    """How a script is to be run: values of parameters (`given`, paths among them seen from `cwd`), and which steps.

    `resume` goes on with the last run if it did not come to its end; `restart` begins anew although it was
    interrupted. `first` and `only` name a step, or its number.
    """

    given: Mapping[str, str] = field(default_factory=dict)
    cwd: Path | None = None
    resume: bool = False
    restart: bool = False
    first: str | None = None
    only: str | None = None


class _RollBack(Exception):  # noqa: N818 - a signal, not an error
    """Ends the outer transaction of a dry run."""


def execute_script(
    script: Script, context: ScriptContext, request: RunRequest | None = None, watch: Watch = no_watch
) -> ScriptResult:
    """Run a script; return what became of its steps. All of it is one group, which `history.undo_run` takes back.

    Each step is a transaction of its own, in which it is also noted as finished. A dry run is one transaction that is
    rolled back, so that steps see what earlier ones would have done. Before the first step it raises `ScriptError`,
    `LockedError` where the script runs already, `InterruptedRunError`, `ScriptChangedError` where what is to go on is
    another script now. What interrupts it (Ctrl-C, SIGTERM) rolls the step in progress back and flies on.
    """
    request = request or RunRequest()
    check_script(script, STEPS)
    if not context.dry_run:
        with _alone(context.store, script.name, context.wait):
            return _run(script, context, request, watch)
    results: list[ScriptResult] = []
    try:
        with context.store.lease(wait=context.wait), context.store.write() as connection:
            inner = replace(context, store=context.store.bound_to(connection))
            results.append(_run(script, inner, request, watch))
            raise _RollBack
    except _RollBack:
        return results[0]


def lease_name(script: str) -> str:
    """Return the name of the lease that a run of the script holds."""
    return f"script {script}"


@contextmanager
def _alone(store: Store, name: str, wait: float) -> Iterator[None]:
    """Hold the lease of the script; `LockedError` says who runs it, and since when."""
    table = store.table("lease")
    entered = False
    try:
        with held_lease(store.engine, table, wait=wait, name=lease_name(name)):
            entered = True
            yield
    except LockedError as error:
        if entered:
            raise
        with store.read() as connection:
            since = connection.scalar(sa.select(table.c.acquired_at).where(table.c.name == lease_name(name)))
        when = f" since {since.astimezone(store.zone):%Y-%m-%d %H:%M:%S}" if since else ""
        holder = error.facts.get("holder") or "another process"
        hint = "wait for it to end, or pass --wait SECONDS"
        raise LockedError(f"{name} is being run by {holder}{when}", hint=hint, holder=holder) from None
    except sa.exc.OperationalError as fault:
        if entered or not is_busy(fault):
            raise
        raise LockedError("the database is busy", hint="try again later") from fault


@dataclass(frozen=True)
class _Plan:
    """What is to be run: the values, the day, the run that goes on, and the steps that are left out, with why."""

    values: Mapping[str, Any]
    today: date
    resumed: PastRun | None = None
    skipped: Mapping[int, str] = field(default_factory=dict)


def _run(script: Script, context: ScriptContext, request: RunRequest, watch: Watch) -> ScriptResult:
    plan = _planned(script, context, request)
    for step in script.steps:
        kind_of(STEPS, step).read(step, script.filled(step, {**plan.values, "today": plan.today, "run": 0}))
    journal = _journal(script, context, plan)
    values = {**plan.values, "today": plan.today, "run": journal.run}
    author = replace(context.author, script_run_id=journal.run)
    performer = StepPerformer(script, STEPS, replace(context, author=author, today=plan.today), values, journal, watch)
    performer.tell("run-resumed" if plan.resumed else "run-started", dry_run=context.dry_run)
    try:
        finished = _finished(script, context.store, journal, plan)
        result = run_steps(script, performer, values, finished=finished, unasked=_unasked(script, finished))
    except BaseException as fault:
        _note_end(performer, fault)
        raise
    result.run = journal.run
    journal.end(context.store, result.status, int(result.exit_code))
    performer.tell("run-ended", status=result.status, exit_code=int(result.exit_code))
    return result


def _note_end(performer: StepPerformer, fault: BaseException) -> None:
    """Note how the run broke off. Where even that fails it is left as running, which nobody does: interrupted."""
    status = "failed" if isinstance(fault, Exception) else "interrupted"
    codes = {"failed": ExitCode.ERROR, "interrupted": ExitCode.TERMINATED}
    code = ExitCode.INTERRUPTED if isinstance(fault, KeyboardInterrupt) else codes[status]
    with suppress(Exception):
        performer.journal.end(performer.context.store, status, int(code))
    with suppress(Exception):
        performer.tell("run-ended", status=status, exit_code=int(code))


def _planned(script: Script, context: ScriptContext, request: RunRequest) -> _Plan:
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
    values = script.settle(request.given, today=context.today, cwd=request.cwd)
    return _Plan(values, context.today, None, left_out(script.steps, first, only))


def _interrupted(script: Script, store: Store, last: PastRun) -> InterruptedRunError:
    when = f"{last.started_at.astimezone(store.zone):%Y-%m-%d %H:%M}"
    where = f" in the step {last.step}" if last.step else ""
    hint = f"crm run {script.path} --resume goes on behind the last finished step, --restart begins anew"
    return InterruptedRunError(
        f"run {last.id} of {script.name}, begun at {when}, was interrupted{where}", hint=hint, run=last.id
    )


def _resumed(script: Script, last: PastRun, request: RunRequest) -> _Plan:
    """Take the parameters of the run that goes on; refuse where they or the script are others now."""
    again = f"crm run {script.path} --restart begins anew"
    kept = dict(last.parameters)
    today = date.fromisoformat(kept.pop("today"))
    if set(kept) != set(script.parameters):
        raise ScriptChangedError(f"the parameters of {script.name} have changed since run {last.id}", hint=again)
    values = {name: None if value is None else script.parameters[name].read(value, today)
              for name, value in kept.items()}  # fmt: skip
    given = script.settle({**_texts(kept), **request.given}, today=today, cwd=request.cwd)
    for name in request.given:
        if given[name] != values[name]:
            message = f"run {last.id} of {script.name} was begun with another value of {name}"
            raise ScriptChangedError(message, hint=f"leave --set {name} out, or {again}", parameter=name)
    if script.fingerprint(values) != last.fingerprint:
        raise ScriptChangedError(f"the steps of {script.name} have changed since run {last.id}", hint=again)
    return _Plan(values, today, last)


def _texts(kept: Mapping[str, Any]) -> dict[str, str]:
    """Return kept values as the command line would give them, so that nothing required is missing."""
    return {name: value if isinstance(value, str) else str(value) for name, value in kept.items() if value is not None}


def _named(script: Script, name: str | None) -> Step | None:
    if name is None:
        return None
    for step in script.steps:
        if name in (step.name, str(step.number)):
            return step
    names = [step.name for step in script.steps]
    hint = did_you_mean(name, names) or f"its steps: {', '.join(names)}"
    raise NotFoundError(f"{script.name} has no step {name!r}", hint=hint, step=name)


def _journal(script: Script, context: ScriptContext, plan: _Plan) -> Journal:
    if plan.resumed is None:
        return Journal.begin(context.store, script, plan.values, plan.today, context.author.actor)
    journal = Journal(plan.resumed.id)
    journal.reopen(context.store)
    return journal


def _finished(script: Script, store: Store, journal: Journal, plan: _Plan) -> dict[int, StepReport]:
    """Return the steps that are not to be run; those that are left out are noted, for a later --resume."""
    for step in script.steps:
        if step.number in plan.skipped:
            report = StepReport(step.number, step.name, None, plan.skipped[step.number], None, "skipped", 0)
            journal.end_step(store, step, report)
    return journal.finished(store, script)


def _unasked(script: Script, finished: Mapping[int, StepReport]) -> int | None:
    """Return the step that --from or --only named: whoever names a step does not ask for its condition."""
    skipped = {number for number, report in finished.items() if report.summary.startswith(LEFT_OUT)}
    return next((step.number for step in script.steps if skipped and step.number not in skipped), None)
