"""The JSON Schema (draft 2020-12) of scripts, made from the declarations by which they are checked: for editors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm_cli.automation.kinds import Option, StepKind
from crm_cli.automation.parameters import TYPES
from crm_cli.automation.script import ON_ERROR, SCRIPT_KEYS, STEP_KEYS

__all__ = ["script_schema"]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_LENGTH = r"^\s*\d+(\.\d+)?\s*[A-Za-z]+\s*$"
_PARAMETER = {"type": "string", "pattern": r"^\$\{\w+\}$"}
_SCALAR = {"type": ["string", "number", "boolean"]}


def script_schema(kinds: Mapping[str, StepKind[Any]]) -> dict[str, Any]:
    """Return the schema of scripts whose steps are of these kinds; what it takes, `read_script` and the checks take,
    but for what only the whole can tell: names of steps in conditions, parameters that are used."""
    return {
        "$schema": _DIALECT,
        "title": "Script of crm",
        "type": "object",
        "additionalProperties": False,
        "required": ["step"],
        "properties": {
            "name": _text(SCRIPT_KEYS["name"], minLength=1, maxLength=60),
            "description": _text(SCRIPT_KEYS["description"]),
            "every": _text(SCRIPT_KEYS["every"], pattern=_LENGTH),
            "due": _text(SCRIPT_KEYS["due"], pattern=r"^\s*\d{1,2}:\d{2}"),
            "parameters": _parameters(),
            "step": {
                "description": SCRIPT_KEYS["step"], "type": "array", "minItems": 1,
                "items": {"oneOf": [{"$ref": f"#/$defs/{_key(name)}"} for name in kinds]},
            },
        },
        "$defs": {_key(kind.name): _step(kind) for kind in kinds.values()},
    }  # fmt: skip


def _key(name: str) -> str:
    return name.replace(" ", "-")


def _text(description: str, **more: Any) -> dict[str, Any]:
    return {"description": description, "type": "string", **more}


def _parameters() -> dict[str, Any]:
    table = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "type": {"enum": list(TYPES), "description": "What values it takes; else what its default is"},
            "default": {**_SCALAR, "description": "Its value unless --set gives another"},
            "required": {"type": "boolean", "description": "Whether it has to be given"},
            "env": _text("The variable of the environment that gives it, where --set does not"),
            "help": _text("What it is for"),
            "choices": {"type": "array", "items": {"type": "string"}, "description": "The values of a choice"},
        },
    }
    return {
        "description": SCRIPT_KEYS["parameters"], "type": "object",
        "propertyNames": {"pattern": r"^[A-Za-z_]\w*$"}, "additionalProperties": {"anyOf": [_SCALAR, table]},
    }  # fmt: skip


def _step(kind: StepKind[Any]) -> dict[str, Any]:
    names = [kind.name, *([kind.once_named] if kind.once_named else [])]
    run = {"const": kind.name} if len(names) == 1 else {"enum": names}
    common = {
        "run": {"description": STEP_KEYS["run"], **run},
        "name": _text(STEP_KEYS["name"], minLength=1),
        "when": _text(STEP_KEYS["when"], minLength=1),
        "on_error": {"description": STEP_KEYS["on_error"], "enum": list(ON_ERROR)},
        "timeout": _text(STEP_KEYS["timeout"], pattern=_LENGTH),
        "retry": {
            "description": STEP_KEYS["retry"], "type": "object", "additionalProperties": False,
            "properties": {
                "times": {"type": "integer", "minimum": 0, "maximum": 100},
                "wait": {"type": "string", "pattern": _LENGTH},
            },
        },
    }  # fmt: skip
    needed = [one.name for one in kind.options if one.required]
    return {
        "title": kind.name, "description": kind.help, "type": "object", "additionalProperties": False,
        "required": ["run", *needed], "properties": {**common, **{one.name: _option(one) for one in kind.options}},
    }  # fmt: skip


def _option(one: Option) -> dict[str, Any]:
    """An option is what its type says, or nothing but a parameter."""
    schema = dict(one.type.schema)
    free_text = schema == {"type": "string"}
    return {"description": one.help, **(schema if free_text else {"anyOf": [schema, _PARAMETER]})}
