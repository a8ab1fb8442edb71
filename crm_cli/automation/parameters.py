"""Parameters of a script: typed, with defaults, set from outside by `--set NAME=VALUE`.

    [parameters]
    share = 0.3                                   # the type is that of the value
    [parameters.since]
    type = "date"
    default = "today - 30"
    help = "From which day on"

`${name}` in a step stands for the value; an option that is nothing but `${name}` keeps its type.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from crm_cli.automation.errors import ScriptError
from crm_cli.errors import did_you_mean

__all__ = ["BUILT_IN", "PARAMETER", "TYPES", "Parameter", "as_text", "fill", "read_parameter", "settle", "used_in"]

TYPES = ("string", "integer", "number", "boolean", "date", "path", "choice")
BUILT_IN = {"today": "the day that the run reckons with", "run": "the number of the run"}
PARAMETER = re.compile(r"\$\{(\w+)\}")
_NAME = re.compile(r"[A-Za-z_]\w*")
_DAY = re.compile(r"today(?:\s*(?P<sign>[+-])\s*(?P<days>\d{1,5}))?")
_KEYS = ("type", "default", "required", "env", "help", "choices")
_TRUTH = {"true": True, "yes": True, "false": False, "no": False}


@dataclass(frozen=True)
class Parameter:
    """A parameter as declared. Without a default it is None unless given, and `required` demands that it is given.

    `env` names a variable of the environment that gives it where --set does not: the place for what is secret.
    """

    name: str
    type: str = "string"
    default: Any = None
    required: bool = False
    help: str = ""
    choices: tuple[str, ...] = ()
    env: str = ""
    place: str = field(default="", compare=False)  # the file, for messages

    def read(self, given: Any, today: date) -> Any:
        """Return a value of this type from what TOML or the command line gave; `ScriptError` says what is wanted."""
        try:
            return _READERS[self.type](self, given, today)
        except (ValueError, OverflowError):
            wanted = ", ".join(self.choices) if self.choices else _WANTED[self.type]
            message = f"{self.place}parameter {self.name}: {given!r} is not of the type {self.type}"
            raise ScriptError(message, hint=f"wanted: {wanted}", parameter=self.name) from None


def read_parameter(file: str, name: str, content: Any) -> Parameter:
    """Return a parameter as TOML declares it: a table, or only a default whose type is the parameter's.

    Raises `ScriptError` for an unknown key or type, and a default that is not of the type.
    """
    place = f"{file}: "
    if not _NAME.fullmatch(name) or name in BUILT_IN:
        why = "is built in" if name in BUILT_IN else "is no name: letters, digits and _"
        raise ScriptError(f"{file}: parameter {name!r} {why}", hint="give it another name", parameter=name)
    if not isinstance(content, dict):
        return Parameter(name, _type_of(place, name, content), content, place=place)
    for key in content:
        if key not in _KEYS:
            hint = did_you_mean(key, _KEYS) or f"known: {', '.join(_KEYS)}"
            raise ScriptError(f"{file}: parameter {name}: unknown key {key!r}", hint=hint, parameter=name)
    return _declared(place, name, content)


def _declared(place: str, name: str, content: Mapping[str, Any]) -> Parameter:
    default, choices = content.get("default"), content.get("choices", [])
    kind = content.get("type") or ("choice" if choices else "string" if default is None else None)
    kind = _type_of(place, name, default) if kind is None else kind
    if kind not in TYPES:
        hint = did_you_mean(str(kind), TYPES) or f"one of: {', '.join(TYPES)}"
        raise ScriptError(f"{place}parameter {name}: there is no type {kind!r}", hint=hint, parameter=name)
    if (kind == "choice") != bool(choices) or not all(isinstance(one, str) for one in choices):
        hint = 'type = "choice" with choices = ["a", "b"], and no other type with them'
        raise ScriptError(f"{place}parameter {name}: choices and type do not fit", hint=hint, parameter=name)
    made = Parameter(
        name, kind, default, content.get("required") is True, str(content.get("help", "")), tuple(choices),
        str(content.get("env", "")), place,
    )  # fmt: skip
    if default is not None:
        made.read(default, date(2000, 1, 1))
    return made


def _type_of(place: str, name: str, value: Any) -> str:
    kinds = ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string"), (date, "date"))
    for kind, word in kinds:
        if isinstance(value, kind):
            return word
    message = f"{place}parameter {name}: {value!r} is no value of a parameter"
    raise ScriptError(message, hint=f"types: {', '.join(TYPES)}", parameter=name)


def settle(
    script: str, declared: Mapping[str, Parameter], given: Mapping[str, str], *, today: date, cwd: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Return the value of each parameter: as `given` (texts), else from the environment, else its default.

    A path that is given is seen from `cwd`, a default path from the script. Raises `ScriptError` for an unknown
    parameter, one that is required and not given, and a value that is not of its type.
    """
    for name in given:
        if name not in declared:
            hint = did_you_mean(name, list(declared)) or f"its parameters: {', '.join(declared) or 'none'}"
            raise ScriptError(f"the script {script} has no parameter {name!r}", hint=hint, parameter=name)
    values: dict[str, Any] = {}
    for name, one in declared.items():
        text = given.get(name, (environ or {}).get(one.env))
        if text is not None:
            value = one.read(text, today)
            is_file = one.type == "path" and "://" not in text
            values[name] = str((cwd or Path()) / Path(value).expanduser()) if is_file else value
        elif one.required and one.default is None:
            what = f": {one.help}" if one.help else ""
            hint = f"--set {name}=…" + (f", or the variable {one.env}" if one.env else "")
            raise ScriptError(f"the script {script} needs the parameter {name}{what}", hint=hint, parameter=name)
        else:
            values[name] = None if one.default is None else one.read(one.default, today)
    return values


def used_in(value: Any) -> list[str]:
    """Return the names of the parameters that stand in the value of an option."""
    if isinstance(value, list):
        return [name for one in value for name in used_in(one)]
    return PARAMETER.findall(value) if isinstance(value, str) else []


def fill(value: Any, values: Mapping[str, Any], *, quoted: bool = False) -> Any:
    """Return the value of an option with `${name}` replaced; a whole-value `${name}` keeps the parameter's type.

    With `quoted` the option is a condition, in which `'${name}'` is a text: a quote in the value does not end it.
    """
    if isinstance(value, list):
        return [fill(one, values, quoted=quoted) for one in value]
    if not isinstance(value, str):
        return value
    whole = PARAMETER.fullmatch(value)
    if whole:
        return values[whole[1]]

    def text(found: re.Match[str]) -> str:
        shown = as_text(values[found[1]])
        return shown.replace("'", "''") if quoted else shown

    return PARAMETER.sub(text, value)


def as_text(value: Any) -> str:
    """Return a value as it stands within a text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _string(_: Parameter, given: Any, __: date) -> str:
    if not isinstance(given, str):
        raise ValueError
    return given


def _integer(_: Parameter, given: Any, __: date) -> int:
    if isinstance(given, bool) or not isinstance(given, int | str):
        raise ValueError
    return int(given)


def _number(_: Parameter, given: Any, __: date) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float | str):
        raise ValueError
    found = float(given) if isinstance(given, str) else given
    if found != found or found in (float("inf"), float("-inf")):
        raise ValueError
    return int(found) if isinstance(given, str) and given.strip().lstrip("+-").isdigit() else found


def _boolean(_: Parameter, given: Any, __: date) -> bool:
    if isinstance(given, str) and given.casefold() in _TRUTH:
        return _TRUTH[given.casefold()]
    if not isinstance(given, bool):
        raise ValueError
    return given


def _date(_: Parameter, given: Any, today: date) -> date:
    if isinstance(given, date):
        return date(given.year, given.month, given.day)
    if not isinstance(given, str):
        raise ValueError
    relative = _DAY.fullmatch(given.strip())
    if relative is None:
        return date.fromisoformat(given.strip())
    days = int(relative["days"] or 0)
    return today + timedelta(days=-days if relative["sign"] == "-" else days)


def _choice(parameter: Parameter, given: Any, _: date) -> str:
    if given not in parameter.choices:
        raise ValueError
    return str(given)


_READERS = {
    "string": _string, "integer": _integer, "number": _number, "boolean": _boolean, "date": _date, "path": _string,
    "choice": _choice,
}  # fmt: skip
_WANTED = {
    "string": "a text", "integer": "a whole number", "number": "a number", "boolean": "true or false",
    "date": "a day such as 2026-06-30, today, or today - 30", "path": "the path of a file", "choice": "",
}  # fmt: skip
