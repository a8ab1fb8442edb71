"""Run a script: every step checked before the first runs, then in order; each step ends with an outcome."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from crm_cli.automation.script import Script, ScriptError, Step
from crm_cli.automation.values import Reader
from crm_cli.errors import CrmError, ExitCode, did_you_mean, worst

__all__ = ["ScriptResult", "StepKind", "StepOutcome", "run_script"]

Context = TypeVar("Context")


@dataclass(frozen=True)
class StepOutcome:
    """How a step ended: its exit code, what it did in one line, and the operation to undo it by."""

    summary: str
    exit_code: ExitCode = ExitCode.DONE
    operation_id: int | None = None


@dataclass(frozen=True)
class StepKind(Generic[Context]):
    """What a step of this name does, which options it takes, which it needs, and how their values are read."""

    function: Callable[..., StepOutcome]
    options: tuple[str, ...]
    required: tuple[str, ...] = ()
    readers: Mapping[str, Reader] = field(default_factory=dict)

    def check(self, step: Step) -> None:
        """Raise `ScriptError` for an option that is unknown or missing."""
        for name in step.options:
            if name not in self.options:
                hint = did_you_mean(name, self.options) or f"{step.kind} takes: {', '.join(self.options)}"
                raise ScriptError(
                    f"step {step.number} ({step.name}): unknown option {name!r}", hint=hint, step=step.number
                )
        for name in self.required:
            if name not in step.options:
                raise ScriptError(
                    f"step {step.number} ({step.name}) needs {name!r}", hint=f"{name} = …", step=step.number
                )

    def read(self, step: Step, options: Mapping[str, Any]) -> dict[str, Any]:
        """Return the options (parameters filled in) as the step wants them; `ScriptError` names one that cannot be."""
        found = dict(options)
        for name, reader in self.readers.items():
            if name in found:
                try:
                    found[name] = reader(found[name])
                except ValueError as fault:
                    message = f"step {step.number} ({step.name}): {name} = {found[name]!r}"
                    raise ScriptError(message, hint=str(fault), step=step.number, option=name) from None
        return found


@dataclass(frozen=True)
class StepReport:
    """One line of the result."""

    step: int
    name: str
    exit_code: int
    summary: str
    operation: int | None


@dataclass
class ScriptResult:
    """What became of the steps that ran, in order."""

    name: str
    steps: list[StepReport] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    @property
    def exit_code(self) -> ExitCode:
        """The weightiest code of the steps."""
        return worst(*(ExitCode(one.exit_code) for one in self.steps))


def run_script(
    script: Script,
    kinds: Mapping[str, StepKind[Context]],
    context: Context,
    *,
    announce: Callable[[Step], None] | None = None,
) -> ScriptResult:
    """Run the steps in order. A step that raises ends the script, unless its `on_error` is "continue".

    Findings (3) and rejected rows (4) are outcomes, not errors: the script goes on and ends with the weightiest code.
    Raises `ScriptError` before anything runs when a step is unknown or its options are wrong.
    """
    for step in script.steps:
        _kind(kinds, step).check(step)
        _kind(kinds, step).read(step, script.filled(step))
    result = ScriptResult(script.name)
    for place, step in enumerate(script.steps):
        if announce:
            announce(step)
        kind = _kind(kinds, step)
        outcome = _outcome(kind, context, kind.read(step, script.filled(step)))
        code = outcome.exit_code
        result.steps.append(StepReport(step.number, step.name, int(code), outcome.summary, outcome.operation_id))
        if code in (ExitCode.ERROR, ExitCode.USAGE, ExitCode.LOCKED) and step.on_error == "stop":
            result.skipped = [one.name for one in script.steps[place + 1 :]]
            break
    return result


def _kind(kinds: Mapping[str, StepKind[Context]], step: Step) -> StepKind[Context]:
    if step.kind not in kinds:
        hint = did_you_mean(step.kind, list(kinds)) or f"known: {', '.join(kinds)}"
        raise ScriptError(f"step {step.number}: there is no step {step.kind!r}", hint=hint, step=step.number)
    return kinds[step.kind]


def _outcome(kind: StepKind[Context], context: Context, options: Mapping[str, Any]) -> StepOutcome:
    try:
        return kind.function(context, **options)
    except CrmError as error:
        code = ExitCode.ERROR if error.exit_code is ExitCode.USAGE else error.exit_code
        hint = f" ({error.hint})" if error.hint else ""
        return StepOutcome(f"{error.message}{hint}", code)
