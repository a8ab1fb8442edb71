"""A script: TOML with a name, parameters and steps.

    name = "nightly"
    [parameters]
    file = "new.csv"

    [[step]]
    run = "import"
    source = "${file}"
    into = "contact"

Steps are data, not shell text: a value never becomes a command.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crm_cli.errors import UsageError, did_you_mean

__all__ = ["OnError", "Script", "ScriptError", "Step", "read_script"]

OnError = ("stop", "continue")
_PARAMETER = re.compile(r"\$\{(\w+)\}")


class ScriptError(UsageError):
    """The script is not what a script can be: unknown step, missing value, wrong type."""

    code = "script"


@dataclass(frozen=True)
class Step:
    """One step: what it runs, with which options, and whether the script goes on when it fails."""

    number: int
    name: str
    kind: str
    options: Mapping[str, Any]
    on_error: str = "stop"


@dataclass(frozen=True)
class Script:
    """A script as read: `parameters` are the values that `${name}` stands for."""

    name: str
    description: str
    parameters: Mapping[str, Any]
    steps: tuple[Step, ...]
    folder: Path = field(default_factory=Path)

    def with_values(self, given: Mapping[str, str]) -> Script:
        """Return the script with parameters set, each read as the type of its default; unknown ones are refused."""
        values = dict(self.parameters)
        for name, text in given.items():
            if name not in values:
                hint = did_you_mean(name, list(values)) or f"its parameters: {', '.join(values) or 'none'}"
                raise ScriptError(f"the script {self.name} has no parameter {name!r}", hint=hint, parameter=name)
            values[name] = _typed(name, text, values[name])
        return Script(self.name, self.description, values, self.steps, self.folder)

    def filled(self, step: Step) -> dict[str, Any]:
        """Return the options of a step with `${name}` replaced; a whole-value `${name}` keeps the parameter's type."""
        return {name: self._fill(value) for name, value in step.options.items()}

    def _fill(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._fill(one) for one in value]
        if not isinstance(value, str):
            return value
        whole = _PARAMETER.fullmatch(value)
        if whole:
            return self._value(whole[1])
        return _PARAMETER.sub(lambda found: str(self._value(found[1])), value)

    def _value(self, name: str) -> Any:
        if name not in self.parameters:
            hint = did_you_mean(name, list(self.parameters)) or "declare it under [parameters]"
            raise ScriptError(f"the script uses ${{{name}}}, which is no parameter", hint=hint, parameter=name)
        return self.parameters[name]


def read_script(path: Path) -> Script:
    """Read a script; `ScriptError` says what is wrong with it and in which step."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as fault:
        raise ScriptError(f"cannot read {path}: {fault.strerror}", hint="check the path", file=str(path)) from fault
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise ScriptError(f"{path} is not TOML: {fault}", hint="a script is TOML in UTF-8", file=str(path)) from fault
    unknown = set(content) - {"name", "description", "parameters", "step"}
    if unknown:
        hint = (
            did_you_mean(min(unknown), ["name", "description", "parameters", "step"])
            or "name, description, [parameters], [[step]]"
        )
        raise ScriptError(f"{path}: unknown key {min(unknown)!r}", hint=hint, file=str(path))
    steps = content.get("step", [])
    if not isinstance(steps, list) or not steps:
        raise ScriptError(
            f"{path} has no steps", hint='add [[step]] with run = "import" or another step', file=str(path)
        )
    made = tuple(_step(path, number, one) for number, one in enumerate(steps, start=1))
    return Script(
        content.get("name", path.stem), content.get("description", ""), content.get("parameters", {}), made, path.parent
    )


def _step(path: Path, number: int, content: dict[str, Any]) -> Step:
    options = dict(content)
    kind, name = options.pop("run", None), options.pop("name", None)
    on_error = options.pop("on_error", "stop")
    if not isinstance(kind, str):
        raise ScriptError(f"{path}, step {number}: it does not say what to run", hint='add run = "import"', step=number)
    if on_error not in OnError:
        raise ScriptError(
            f"{path}, step {number}: on_error = {on_error!r}", hint=f"one of: {', '.join(OnError)}", step=number
        )
    return Step(number, name or kind, kind, options, on_error)


def _typed(name: str, text: str, default: Any) -> Any:
    try:
        if isinstance(default, bool):
            return {"true": True, "false": False}[text.casefold()]
        if isinstance(default, int | float):
            return type(default)(text)
    except (KeyError, ValueError):
        message = f"parameter {name}: {text!r} is not of the type of {default!r}"
        raise ScriptError(message, hint=f"its default is {default!r}", parameter=name) from None
    return text
