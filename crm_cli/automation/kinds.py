"""Kinds of steps as they are declared: which options each takes, what it tells, and how a script is checked by that."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from crm_cli.automation.condition import Condition, Known, slug
from crm_cli.automation.parameters import BUILT_IN, as_text, used_in
from crm_cli.automation.script import Script, Step
from crm_cli.automation.values import ValueType
from crm_cli.errors import ExitCode, did_you_mean

__all__ = ["ALWAYS_TOLD", "Option", "StepKind", "StepOutcome", "check_script", "kind_of", "known_results"]

Context = TypeVar("Context")
Given = Mapping[str, Any]

ALWAYS_TOLD = {"exit_code": "its exit code", "status": "done, failed or skipped"}


@dataclass(frozen=True)
class StepOutcome:
    """How a step ended: its exit code, what it did in one line, its results, and the operation to undo it by."""

    summary: str
    exit_code: ExitCode = ExitCode.DONE
    operation_id: int | None = None
    results: Mapping[str, int | float | str | bool] = field(default_factory=dict)


@dataclass(frozen=True)
class Option:
    """An option of a step."""

    name: str
    type: ValueType
    help: str
    required: bool = False


@dataclass(frozen=True)
class StepKind(Generic[Context]):
    """What a step of this name does, which options it takes and which results conditions may look at.

    `writes`: all that it writes stands in one transaction with the note that it is finished. What does not write, or
    may be done twice, takes no lock for that long. `once_named` is what it was called before.
    """

    name: str
    help: str
    function: Callable[[Context, Given], StepOutcome]
    options: tuple[Option, ...] = ()
    results: Mapping[str, str] = field(default_factory=dict)
    writes: bool = True
    once_named: str = ""

    def check(self, step: Step, parameters: Sequence[str]) -> None:
        """Raise `ScriptError` for an option that is unknown, missing, wrong, or uses what is no parameter."""
        known = {one.name: one for one in self.options}
        for name, value in step.options.items():
            if name not in known:
                hint = did_you_mean(name, known) or f"{self.name} takes: {', '.join(known)}"
                raise step.wrong(f"unknown option {name!r}", hint, option=name)
            used = used_in(value)
            for one in used:
                if one not in parameters:
                    hint = did_you_mean(one, parameters) or "declare it under [parameters]"
                    raise step.wrong(f"{name} uses ${{{one}}}, which is no parameter", hint, parameter=one)
            if not used:
                _read(step, known[name], value)
        for option in self.options:
            if option.required and option.name not in step.options:
                raise step.wrong(f"{self.name} needs {option.name!r}", f"{option.name} = …: {option.help}")

    def read(self, step: Step, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the options (parameters filled in) as the step wants them; `ScriptError` names one that cannot be."""
        for option in self.options:
            if option.required and option.name not in given:
                hint = "give its parameter a value: --set NAME=VALUE"
                raise step.wrong(f"{option.name} has no value", hint, option=option.name)
        return {one.name: _read(step, one, given[one.name]) for one in self.options if one.name in given}


def _read(step: Step, option: Option, value: Any) -> Any:
    try:
        return option.type.read(value)
    except ValueError as fault:
        if isinstance(step.options.get(option.name), str) and not isinstance(value, str):  # of a parameter
            with suppress(ValueError):
                return option.type.read(as_text(value))
        raise step.wrong(f"{option.name} = {value!r}", str(fault), option=option.name) from None


def kind_of(kinds: Mapping[str, StepKind[Context]], step: Step) -> StepKind[Context]:
    """Return the kind of a step; `ScriptError` suggests the nearest where there is none of its name."""
    if step.kind in kinds:
        return kinds[step.kind]
    for kind in kinds.values():
        if kind.once_named == step.kind:
            return kind
    hint = did_you_mean(step.kind, list(kinds)) or f"known: {', '.join(kinds)}"
    raise step.wrong(f"there is no step {step.kind!r}", hint)


def check_script(script: Script, kinds: Mapping[str, StepKind[Context]]) -> None:
    """Raise `ScriptError` for the first step that is unknown, or whose options or condition cannot be."""
    names = [*script.parameters, *BUILT_IN]
    for place, step in enumerate(script.steps):
        kind_of(kinds, step).check(step, names)
        if step.when is not None:
            _check_condition(step, step.when, script.steps[:place], kinds)


def _check_condition(
    step: Step, when: Condition, earlier: Sequence[Step], kinds: Mapping[str, StepKind[Context]]
) -> None:
    told = {one.name: kind_of(kinds, one).results for one in earlier}
    for named, result in when.results:
        found = next(_called(named, told), None)
        if found is None:
            hint = did_you_mean(named, [slug(one) for one in told]) or f"earlier steps: {', '.join(told) or 'none'}"
            raise step.wrong(f"when looks at {named}, which is no earlier step", hint)
        names = [*told[found], *ALWAYS_TOLD]
        if result not in names:
            hint = did_you_mean(result, names) or f"{found} tells: {', '.join(names)}"
            raise step.wrong(f"when looks at {named}.{result}, which it does not tell", hint)


def _called(named: str, steps: Mapping[str, Any]) -> Iterator[str]:
    yield from (one for one in steps if one == named)
    yield from (one for one in steps if slug(one) == named)


def known_results(told: Known) -> Known:
    """Return results by each name that a condition may use for a step."""
    return {**{slug(name): found for name, found in told.items()}, **told}
