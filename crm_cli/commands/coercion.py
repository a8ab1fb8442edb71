"""Start time: most values on a command line are texts, and need no validator.

Typer 0.29 builds a Pydantic adapter for every parameter of the command that runs, given or not, and importing Pydantic
takes longer (0.2 s) than the rest of the start (0.15 s; `docs/decisions/0002-command-grammar.md`). Here a parameter
that was not given, a text, a plain path and a known word of an enumeration are taken as they are; everything else goes
Typer's own way when it occurs. It rests on internals of Typer, which `pyproject.toml` therefore pins to a range.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from typer._coercion import RuntimeParam, TypeDescriptor, build_runtime_param

__all__ = ["spare_validators"]


def spare_validators(parameters: list[Any]) -> None:
    """Give each of these Typer parameters the quick way, keeping Typer's for what it does not know."""
    for parameter in parameters:
        descriptor = parameter.type_descriptor
        if descriptor.file_annotation is None:
            parameter._runtime_param = _Quick(descriptor.parameter_info, descriptor.annotation, descriptor)


@dataclass(frozen=True)
class _Quick(RuntimeParam):
    descriptor: TypeDescriptor

    def _coerce_value(self, value: Any, param: Any, ctx: Any) -> Any:
        plain = self._plain(value)
        return build_runtime_param(self.descriptor).coerce(value, param=param, ctx=ctx) if plain is None else plain

    def _plain(self, value: Any) -> Any:
        """Return the converted value, None when it needs more than a conversion."""
        wanted, info = self.annotation, self.parameter_info
        if wanted is str and isinstance(value, str):
            return value
        if wanted is Path and isinstance(value, str) and not (info.exists or info.resolve_path):
            return Path(value)
        if isinstance(wanted, type) and issubclass(wanted, Enum) and isinstance(value, str):
            return next((member for member in wanted if member.value == value), None)
        return None
