"""A performer of steps that do next to nothing: what scripts decide can be tested without jobs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from crm_cli.automation import (
    Option,
    ScriptResult,
    Step,
    StepKind,
    StepOutcome,
    StepReport,
    check_script,
    kind_of,
    read_script,
    run_steps,
)
from crm_cli.automation.values import TEXT, whole
from crm_cli.errors import CrmError, ExitCode, LockedError

Log = list[str]


def say(log: Log, given: Mapping[str, Any]) -> StepOutcome:
    log.extend([given["text"]] * given.get("times", 1))
    return StepOutcome(f"said {given['text']}", results={"said": given.get("times", 1)})


def find(log: Log, _: Mapping[str, Any]) -> StepOutcome:
    log.append("find")
    return StepOutcome("2 findings", ExitCode.FINDINGS, results={"found": 2})


def fail(log: Log, _: Mapping[str, Any]) -> StepOutcome:
    log.append("fail")
    raise CrmError("it broke", hint="mend it")


def wait_for_lock(log: Log, _: Mapping[str, Any]) -> StepOutcome:
    log.append("try")
    if log.count("try") < 3:
        raise LockedError("li is writing")
    return StepOutcome("got in")


def crash(_: Log, __: Mapping[str, Any]) -> StepOutcome:
    raise ZeroDivisionError


KINDS: dict[str, StepKind[Log]] = {
    "say": StepKind(
        "say", "Say it", say, (Option("text", TEXT, "What", required=True), Option("times", whole(1), "How often")),
        {"said": "how often"}, once_named="shout",
    ),
    "find it": StepKind("find it", "Find", find, (), {"found": "how many"}),
    "fail": StepKind("fail", "Fail", fail, (), {"lost": "how many"}),
    "lock": StepKind("lock", "Wait", wait_for_lock),
    "crash": StepKind("crash", "Crash", crash),
}  # fmt: skip


@dataclass
class FakePerformer:
    log: Log
    values: Mapping[str, Any]
    filled: Any
    waits: list[float] = field(default_factory=list)
    reports: list[StepReport] = field(default_factory=list)

    def perform(self, step: Step, attempt: int) -> StepOutcome:
        kind = kind_of(KINDS, step)
        return kind.function(self.log, kind.read(step, self.filled(step, self.values)))

    def explained(self, error: Exception) -> CrmError | None:
        return error if isinstance(error, CrmError) else None

    def is_passing(self, error: Exception) -> bool:
        return isinstance(error, LockedError)

    def retrying(self, step: Step, attempt: int, error: CrmError, seconds: float) -> None:
        self.waits.append(seconds)

    def ended(self, step: Step, report: StepReport, error: CrmError | None) -> None:
        self.reports.append(report)


@dataclass
class Ran:
    result: ScriptResult
    log: Log
    performer: FakePerformer


def write(folder: Path, text: str) -> Path:
    path = folder / "night.toml"
    path.write_text(text, encoding="utf-8")
    return path


def run(
    folder: Path, text: str, given: Mapping[str, str] | None = None, finished: Mapping[int, StepReport] | None = None
) -> Ran:
    made = read_script(write(folder, text))
    check_script(made, KINDS)
    today = date(2026, 11, 30)
    values = {**made.settle(given or {}, today=today), "today": today, "run": 7}
    log: Log = []
    performer = FakePerformer(log, values, made.filled)
    return Ran(run_steps(made, performer, values, finished=finished), log, performer)
