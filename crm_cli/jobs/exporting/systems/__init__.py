"""Files that other systems import: which columns they take, how they call them, and how they spell their values.

To add a system: a TOML file here, named as it is called with `--for`. A table an entity: `columns` maps each header to
the field that fills it, `values` each of our values to theirs, `required` names what their import demands, `instead`
says by which prefix of address columns another one is filled where it is blank.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

from crm_cli.dictionary import Entity
from crm_cli.errors import UsageError

__all__ = ["Layout", "known_systems", "layout_of"]


@dataclass(frozen=True)
class Layout:
    """The import file of one entity: header → field, header → our value → theirs, and what must not be blank."""

    title: str
    columns: Mapping[str, str]
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    required: Sequence[str] = ()
    instead: Mapping[str, str] = field(default_factory=dict)

    @property
    def fields(self) -> list[str]:
        """The fields to read: those of the columns, then those that stand in for blank ones."""
        others = {name: self._other(name) for name in self.columns.values()}
        return list(dict.fromkeys([*self.columns.values(), *(other for other in others.values() if other)]))

    def _other(self, name: str) -> str:
        return next((self.instead[one] + name.removeprefix(one) for one in self.instead if name.startswith(one)), "")

    def row(self, values: Mapping[str, Any]) -> list[Any]:
        """Return the row of a record, given what its fields hold. An address is taken whole: parts are never mixed."""
        filled = {one for one in self.instead if any(values.get(name) for name in values if name.startswith(one))}
        return [self._value(header, name, values, filled) for header, name in self.columns.items()]

    def _value(self, header: str, name: str, values: Mapping[str, Any], filled: set[str]) -> Any:
        other = self._other(name)
        is_blank = other and not any(name.startswith(one) for one in filled)
        value = values[other if is_blank else name]
        return self.values.get(header, {}).get(value, value) if isinstance(value, str) else value


def known_systems() -> list[str]:
    """Return the names of the systems."""
    folder = resources.files(__name__)
    return sorted(one.name.removesuffix(".toml") for one in folder.iterdir() if one.name.endswith(".toml"))


def layout_of(system: str, entity: Entity) -> Layout:
    """Return the layout of an entity's import file; `UsageError` where the system has none for it."""
    content = tomllib.loads(resources.files(__name__).joinpath(f"{system}.toml").read_text(encoding="utf-8"))
    tables = {name: one for name, one in content.items() if isinstance(one, dict)}
    if entity.name not in tables:
        hint = f"it takes {', '.join(tables)}"
        raise UsageError(f"--for {system}: there is no import file for {entity.plural}", hint=hint)
    return Layout(title=content["title"], **tables[entity.name])
