"""Running a script: one at a time of each name, from the first step or on behind the last that was finished."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace

import sqlalchemy as sa

from crm_cli.automation import (
    LEFT_OUT,
    Script,
    ScriptResult,
    StepReport,
    check_script,
    kind_of,
    run_steps,
)
from crm_cli.errors import ExitCode, LockedError
from crm_cli.jobs.scripting.context import ScriptContext
from crm_cli.jobs.scripting.event_log import Watch, no_watch
from crm_cli.jobs.scripting.journal import Journal
from crm_cli.jobs.scripting.performing import StepPerformer
from crm_cli.jobs.scripting.planning import Plan, RunRequest, planned
from crm_cli.jobs.scripting.steps import STEPS
from crm_cli.store import Store, is_busy
from crm_cli.store.lease import held_lease

__all__ = ["execute_script", "lease_name"]


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


def _run(script: Script, context: ScriptContext, request: RunRequest, watch: Watch) -> ScriptResult:
    plan = planned(script, context, request)
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


def _journal(script: Script, context: ScriptContext, plan: Plan) -> Journal:
    if plan.resumed is None:
        return Journal.begin(context.store, script, plan.values, plan.today, context.author.actor)
    journal = Journal(plan.resumed.id)
    journal.reopen(context.store)
    return journal


def _finished(script: Script, store: Store, journal: Journal, plan: Plan) -> dict[int, StepReport]:
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
