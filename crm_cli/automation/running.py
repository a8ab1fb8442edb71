"""Run the steps of a script in order: conditions, errors, further tries; each step ends with a report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from crm_cli.automation.condition import ConditionError
from crm_cli.automation.kinds import StepOutcome, known_results
from crm_cli.automation.script import Script, Step
from crm_cli.errors import CrmError, ExitCode, worst

__all__ = ["LEFT_OUT", "Performer", "ScriptResult", "StepReport", "done_report", "left_out", "run_steps"]

LEFT_OUT = "left out by"


@dataclass(frozen=True)
class StepReport:
    """What became of a step: `status` is done, failed or skipped; `results` is what conditions may look at."""

    step: int
    name: str
    exit_code: int | None
    summary: str
    operation: int | None = None
    status: str = "done"
    attempts: int = 1
    results: Mapping[str, Any] = field(default_factory=dict)

    @property
    def told(self) -> dict[str, Any]:
        """Everything that a condition may look at."""
        return {**self.results, "exit_code": self.exit_code, "status": self.status}


@dataclass
class ScriptResult:
    """What became of the steps, in order; `not_run` are those that were not reached because an error `stopped` it."""

    name: str
    run: int | None = None
    steps: list[StepReport] = field(default_factory=list)
    not_run: list[str] = field(default_factory=list)
    stopped: bool = False

    @property
    def exit_code(self) -> ExitCode:
        """The weightiest code of the steps."""
        return worst(*(ExitCode(one.exit_code) for one in self.steps if one.exit_code is not None))

    @property
    def status(self) -> str:
        """How the run ended: done when it came to its end, failed when an error stopped it."""
        return "failed" if self.stopped else "done"


class Performer(Protocol):
    """What carries steps out and keeps account of them; the runner only decides what is next."""

    def perform(self, step: Step, attempt: int) -> StepOutcome:
        """Carry a step out; raises what it raises."""

    def explained(self, error: Exception) -> CrmError | None:
        """Return an error in words that can be shown; None for one that is a defect and has to fly on."""

    def is_passing(self, error: Exception) -> bool:
        """Whether the step may succeed if it is tried again: a lock, a lost connection."""

    def retrying(self, step: Step, attempt: int, error: CrmError, seconds: float) -> None:
        """The step is tried again after so many seconds; returns when they have passed."""

    def ended(self, step: Step, report: StepReport, error: CrmError | None) -> None:
        """A step was finished, failed, or was skipped."""


def left_out(steps: tuple[Step, ...], first: Step | None, only: Step | None) -> dict[int, str]:
    """Return the numbers of the steps that are not to be run, and why.

    Raises `ScriptError` where the condition of a step that is to be run looks at one that is not.
    """
    named = only or first
    if named is None:
        return {}
    out = {
        one.number: f"{LEFT_OUT} --{'only' if only else 'from'}"
        for one in steps
        if (only and one.number != only.number) or one.number < named.number
    }
    for step in steps:
        if step.number in out or step.number == named.number or step.when is None:
            continue
        looked_at = known_results({one.name: {"number": one.number} for one in steps})
        for other, _ in step.when.results:
            if looked_at[other]["number"] in out:
                hint = "start at an earlier step, or run it alone with --only: then its condition is not asked"
                raise step.wrong(f"its condition looks at {other}, which is left out", hint)
    return out


def run_steps(
    script: Script, performer: Performer, values: Mapping[str, Any], *,
    finished: Mapping[int, StepReport] | None = None, unasked: int | None = None,
) -> ScriptResult:  # fmt: skip
    """Run the steps that are not `finished`. A step that fails ends the script, unless its `on_error` is "continue".

    Findings (3) and rejected rows (4) are outcomes, not errors: the script goes on and ends with the weightiest code.
    The condition of the step number `unasked` is not asked. What is no `CrmError` flies on.
    """
    result = ScriptResult(script.name, steps=[])
    told: dict[str, Mapping[str, Any]] = {}
    for place, step in enumerate(script.steps):
        report = (finished or {}).get(step.number)
        if report is None:
            report = _ended(step, performer, values, told, asked=step.number != unasked)
        result.steps.append(report)
        told[step.name] = report.told
        if report.status == "failed" and step.on_error == "stop":
            result.stopped = True
            result.not_run = [one.name for one in script.steps[place + 1 :]]
            break
    return result


def _ended(
    step: Step, performer: Performer, values: Mapping[str, Any], told: Mapping[str, Mapping[str, Any]], *, asked: bool
) -> StepReport:
    error: CrmError | None = None
    try:
        if asked and step.when is not None and not step.when.holds(known_results(told), values):
            report = StepReport(step.number, step.name, None, f"not so: {step.when.text}", status="skipped", attempts=0)
        else:
            report, error = _tried(step, performer)
    except ConditionError as fault:
        error = step.wrong(f"when: {fault}", "compare numbers with numbers, texts with texts")
        report = _failure(step, error, 0)
    performer.ended(step, report, error)
    return report


def _tried(step: Step, performer: Performer) -> tuple[StepReport, CrmError | None]:
    attempt = 1
    while True:
        try:
            outcome = performer.perform(step, attempt)
        except Exception as fault:
            error = performer.explained(fault)
            if error is None:
                raise
            if attempt > step.retry.times or not performer.is_passing(fault):
                return _failure(step, error, attempt), error
            performer.retrying(step, attempt, error, step.retry.wait)
            attempt += 1
        else:
            return done_report(step, outcome, attempt), None


def done_report(step: Step, outcome: StepOutcome, attempt: int) -> StepReport:
    """Return the report of a step that was carried out."""
    code, number = int(outcome.exit_code), outcome.operation_id
    return StepReport(step.number, step.name, code, outcome.summary, number, "done", attempt, dict(outcome.results))


def _failure(step: Step, error: CrmError, attempt: int) -> StepReport:
    code = ExitCode.ERROR if error.exit_code is ExitCode.USAGE else error.exit_code
    hint = f" ({error.hint})" if error.hint else ""
    return StepReport(step.number, step.name, int(code), f"{error.message}{hint}", None, "failed", attempt)
