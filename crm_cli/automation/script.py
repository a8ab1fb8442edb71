"""A script: TOML with a name, parameters and steps.

    name = "nightly"
    due = "02:00"

    [parameters]
    file = "new.csv"

    [[step]]
    run = "import"
    source = "${file}"
    into = "contact"

    [[step]]
    run = "audit run"
    when = "import.rejected = 0"
    on_error = "continue"
    retry = { times = 3, wait = "30s" }

Steps are data, not shell text: a value never becomes a command.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from crm_cli.automation.condition import Condition, ConditionError, read_condition
from crm_cli.automation.errors import ScriptError
from crm_cli.automation.parameters import BUILT_IN, Parameter, fill, read_parameter, settle
from crm_cli.automation.schedule import Schedule, ScheduleError, read_length, read_schedule
from crm_cli.errors import did_you_mean

__all__ = ["ON_ERROR", "SCRIPT_KEYS", "STEP_KEYS", "Retry", "Script", "Step", "read_script"]

ON_ERROR = ("stop", "continue")
SCRIPT_KEYS = {
    "name": "What the script is called; else its file's name. Two scripts of one name never run at once",
    "description": "What it is for",
    "every": "How often it should run, such as 1 day: crm due tells when it did not",
    "due": "When it should run, such as 06:30 mon-fri: crm due tells when it did not",
    "parameters": "Values that ${name} stands for, set by --set NAME=VALUE",
    "step": "The steps, in order",
}
STEP_KEYS = {
    "run": "What the step does",
    "name": "What it is called, in conditions and in --from; else as what it does",
    "when": "Only if this holds: a condition on the results of earlier steps, such as import.rejected = 0",
    "on_error": "What becomes of the script when the step fails: stop (else so), or continue",
    "retry": "How often to try again, and after how long, when the database is locked or the connection is lost",
    "timeout": "How long the step may take, such as 2 hours; then it is rolled back and has failed",
}
_LONGEST_NAME = 60
_MOST_TRIES = 100


@dataclass(frozen=True)
class Retry:
    """How often a step is tried again when the database was locked or lost, and how many seconds later."""

    times: int = 0
    wait: float = 30.0


@dataclass(frozen=True)
class Step:
    """One step: what it runs, with which options, when, and whether the script goes on when it fails."""

    number: int
    name: str
    kind: str
    options: Mapping[str, Any]
    on_error: str = "stop"
    when: Condition | None = None
    retry: Retry = field(default_factory=Retry)
    timeout: float | None = None  # seconds
    file: str = ""

    @property
    def place(self) -> str:
        """Where the step stands, for messages."""
        return f"{self.file}, step {self.number} ({self.name})"

    def wrong(self, what: str, hint: str, **facts: Any) -> ScriptError:
        """Return the error that says what is wrong with this step."""
        return ScriptError(f"{self.place}: {what}", hint=hint, file=self.file, step=self.number, **facts)


@dataclass(frozen=True)
class Script:
    """A script as read; `path` is its file, `content` what TOML gave."""

    name: str
    description: str
    parameters: Mapping[str, Parameter]
    steps: tuple[Step, ...]
    path: Path = field(default_factory=Path)
    schedule: Schedule | None = None
    content: Mapping[str, Any] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """The folder from which its paths are seen."""
        return self.path.parent

    def settle(
        self, given: Mapping[str, str], *, today: date, cwd: Path | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """Return the value of each parameter; raises what `parameters.settle` raises."""
        return settle(self.name, self.parameters, given, today=today, cwd=cwd, environ=environ)

    def filled(self, step: Step, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the options of a step with `${name}` replaced. What has no value is left out."""
        found = {name: fill(value, values, quoted=name == "where") for name, value in step.options.items()}
        return {name: value for name, value in found.items() if value is not None}

    def fingerprint(self, values: Mapping[str, Any]) -> str:
        """Return the SHA-256 of what the script does under these values; what it is called or due at is not in it."""
        doing = {"step": self.content.get("step"), "values": dict(values)}
        text = json.dumps(doing, sort_keys=True, ensure_ascii=False, default=str)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def read_script(path: Path) -> Script:
    """Read a script; `ScriptError` says what is wrong with it, in which file and step."""
    content = _content(path)
    _refuse_unknown(f"{path}", content, SCRIPT_KEYS)
    steps = content.get("step", [])
    if not isinstance(steps, list) or not steps or not all(isinstance(one, dict) for one in steps):
        raise ScriptError(
            f"{path} has no steps", hint='add [[step]] with run = "import" or another step', file=str(path)
        )
    declared = content.get("parameters", {})
    if not isinstance(declared, dict):
        raise ScriptError(f"{path}: parameters is no table", hint="write [parameters]", file=str(path))
    name = content.get("name", path.stem)
    if not isinstance(name, str) or not 0 < len(name) <= _LONGEST_NAME or not name.isprintable():
        hint = f"a text of at most {_LONGEST_NAME} characters"
        raise ScriptError(f"{path}: name = {name!r} is no name of a script", hint=hint, file=str(path))
    parameters = {one: read_parameter(str(path), one, given) for one, given in declared.items()}
    made = tuple(_steps(str(path), steps, {*parameters, *BUILT_IN}))
    description = str(content.get("description", ""))
    return Script(name, description, parameters, made, path, _schedule(str(path), content), content)


def _content(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as fault:
        raise ScriptError(f"cannot read {path}: {fault.strerror}", hint="check the path", file=str(path)) from fault
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise ScriptError(f"{path} is not TOML: {fault}", hint="a script is TOML in UTF-8", file=str(path)) from fault


def _refuse_unknown(place: str, content: Mapping[str, Any], known: Mapping[str, str]) -> None:
    unknown = sorted(set(content) - set(known))
    if unknown:
        hint = did_you_mean(unknown[0], known) or f"known: {', '.join(known)}"
        raise ScriptError(f"{place}: unknown key {unknown[0]!r}", hint=hint, file=place)


def _schedule(file: str, content: Mapping[str, Any]) -> Schedule | None:
    every, due = (None if name not in content else str(content[name]) for name in ("every", "due"))
    try:
        return read_schedule(every, due)
    except ScheduleError as fault:
        what, _, hint = str(fault).partition("; ")
        raise ScriptError(f"{file}: {what}", hint=hint, file=file) from None


def _steps(file: str, contents: list[dict[str, Any]], parameters: set[str]) -> list[Step]:
    made: list[Step] = []
    for number, content in enumerate(contents, start=1):
        step = _step(file, number, content, {one.name for one in made})
        if any(one.name == step.name for one in made):
            raise step.wrong("another step has this name", "give each step a name of its own")
        for name in step.when.parameters if step.when else ():
            if name not in parameters:
                raise step.wrong(f"when = … uses ${{{name}}}, which is no parameter", _declare(name, parameters))
        made.append(step)
    return made


def _declare(name: str, parameters: set[str]) -> str:
    return did_you_mean(name, parameters) or "declare it under [parameters]"


def _step(file: str, number: int, content: Mapping[str, Any], taken: set[str]) -> Step:
    options = dict(content)
    kind, name = options.pop("run", None), options.pop("name", None)
    if not isinstance(kind, str):
        where = f"{file}, step {number}"
        raise ScriptError(f"{where}: it does not say what to run", hint='add run = "import"', file=file, step=number)
    if name is not None and (not isinstance(name, str) or not name.strip() or '"' in name):
        raise ScriptError(f"{file}, step {number}: name = {name!r} is no name", hint="a text", file=file, step=number)
    bare = Step(number, name or _free(kind, taken), kind, {}, file=file)
    on_error = options.pop("on_error", "stop")
    if on_error not in ON_ERROR:
        raise bare.wrong(f"on_error = {on_error!r}", f"one of: {', '.join(ON_ERROR)}")
    when, retry = _when(bare, options.pop("when", None)), _retry(bare, options.pop("retry", None))
    timeout = _timeout(bare, options.pop("timeout", None))
    return Step(number, bare.name, kind, options, on_error, when, retry, timeout, file)


def _free(kind: str, taken: set[str]) -> str:
    """Return the name of a step that has none: what it does, numbered where that was done before."""
    names = [kind, *(f"{kind} {number}" for number in range(2, len(taken) + 3))]
    return next(one for one in names if one not in taken)


def _when(step: Step, text: Any) -> Condition | None:
    if text is None:
        return None
    if not isinstance(text, str):
        raise step.wrong(f"when = {text!r}", 'a condition in quotes, such as "import.rejected = 0"')
    try:
        return read_condition(text)
    except ConditionError as fault:
        raise step.wrong(f"when: {fault}", "write such as: import.rejected = 0 and audit_run.exit_code < 3") from None


def _retry(step: Step, content: Any) -> Retry:
    if content is None:
        return Retry()
    hint = 'write retry = { times = 3, wait = "30s" }'
    if not isinstance(content, dict) or not set(content) <= {"times", "wait"}:
        raise step.wrong(f"retry = {content!r}", hint)
    times, wait = content.get("times", 1), content.get("wait", "30s")
    if isinstance(times, bool) or not isinstance(times, int) or not 0 <= times <= _MOST_TRIES:
        raise step.wrong(f"retry: times = {times!r}", hint)
    try:
        return Retry(times, read_length(str(wait)))
    except ScheduleError as fault:
        raise step.wrong(f"retry: wait = {fault}", hint) from None


def _timeout(step: Step, text: Any) -> float | None:
    if text is None:
        return None
    try:
        found = read_length(str(text))
    except ScheduleError as fault:
        raise step.wrong(f"timeout = {fault}", 'write timeout = "2 hours"') from None
    if found <= 0:
        raise step.wrong(f"timeout = {text!r} leaves no time", 'write timeout = "2 hours"')
    return found
