"""A mapping: which column of a source fills which field, as a value that can be saved, read and checked."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable
from collections.abc import Mapping as Map
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import tomlkit

from crm_cli.dictionary import ContactSlot, Dictionary, Entity, Field
from crm_cli.errors import CrmError, UsageError

__all__ = [
    "EXTRA",
    "FULL_NAME",
    "IGNORE",
    "PUBLIC_ID",
    "ColumnMap",
    "Mapping",
    "MappingError",
    "Target",
    "find_target",
    "read_mapping",
]

IGNORE = "ignore"
EXTRA = "extra"
FULL_NAME = "full_name"
EXTERNAL_ID = "external_id"
LAST_MODIFIED = "last_modified"
PUBLIC_ID = "public_id"
_PSEUDO = (FULL_NAME, EXTERNAL_ID, LAST_MODIFIED, PUBLIC_ID)


class MappingError(UsageError):
    """The mapping names a column, entity or field that is not there, or fills nothing."""

    code = "mapping"


@dataclass(frozen=True, slots=True)
class Target:
    """What a column fills: a field or contact slot of an entity, or something made of it (`full_name`)."""

    entity: Entity
    name: str
    field: Field | None = None
    slot: ContactSlot | None = None

    def __str__(self) -> str:
        return f"{self.entity.noun}.{self.name}"


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """One column: what it fills (`contact.email`, `extra`, `ignore`), how sure that is and why."""

    column: str
    target: str
    confidence: float = 1.0
    why: str = "as the mapping says"


@dataclass(frozen=True)
class Mapping:
    """Columns to targets, for records of `into`; `key` is the column whose value identifies a record in its source.

    `values` says for a column what its cells are in our words ("" for: they say nothing). `ids` are columns of
    references that hold ids of the source, each with the entities that these may be of (none: the field's own).
    `layout` names the system whose layout this is.
    """

    into: tuple[str, ...]
    columns: tuple[ColumnMap, ...]
    key: str | None = None
    source: str | None = None
    constants: Map[str, str] = field(default_factory=dict)
    values: Map[str, Map[str, str]] = field(default_factory=dict)
    ids: Map[str, tuple[str, ...]] = field(default_factory=dict)
    layout: str | None = None

    def targets(self, dictionary: Dictionary) -> dict[str, Target]:
        """Return column → target of the columns that fill something; `MappingError` names what does not exist."""
        return {
            one.column: find_target(dictionary, one.target, self.into)
            for one in self.columns
            if one.target not in (IGNORE, EXTRA)
        }

    def checked(self, header: Iterable[str]) -> Mapping:
        """Return the mapping for a source with this header: columns it does not speak of go to `extra`.

        Raises `MappingError` when it speaks of a column that the source has not.
        """
        names = list(header)
        spoken = {one.column for one in self.columns}
        for column in [*spoken, *([self.key] if self.key else []), *self.values, *self.ids]:
            if column not in names:
                near = difflib.get_close_matches(column, names, n=1)
                hint = f"did you mean {near[0]!r}?" if near else f"its columns are: {', '.join(names)}"
                raise MappingError(f"the source has no column {column!r}", hint=hint, column=column)
        rest = tuple(ColumnMap(name, EXTRA, why="the mapping does not name it") for name in names if name not in spoken)
        return replace(self, columns=(*self.columns, *rest))

    def to_toml(self) -> str:
        """Return the mapping as the text of a mapping file."""
        document = tomlkit.document()
        document.add(
            tomlkit.comment("Which column fills which field. crm schema show ENTITY --paths lists the fields;")
        )
        document.add(tomlkit.comment('"extra" keeps the column beside the record, "ignore" drops it.'))
        document["into"] = "+".join(self.into)
        if self.source:
            document["source"] = self.source
        if self.key:
            document["key"] = self.key
        columns = tomlkit.table()
        for one in self.columns:
            item = tomlkit.item(one.target)
            item.comment(f"{one.why} ({one.confidence:.0%})")
            columns[one.column] = item
        document["columns"] = columns
        if self.constants:
            document["constants"] = dict(self.constants)
        if self.ids:
            document["ids"] = {column: list(entities) for column, entities in self.ids.items()}
        if self.values:
            document["values"] = {column: dict(words) for column, words in self.values.items()}
        return tomlkit.dumps(document)

    @classmethod
    def from_json(cls, kept: Map[str, Any], why: str) -> Mapping:
        """Return the mapping that `to_json` gave; `why` says where it comes from."""
        columns = tuple(ColumnMap(name, target, 1.0, why) for name, target in (kept.get("columns") or {}).items())
        ids = {column: tuple(entities) for column, entities in (kept.get("ids") or {}).items()}
        return cls(
            tuple(kept.get("into") or ()), columns, kept.get("key"), None, kept.get("constants") or {},
            kept.get("values") or {}, ids, kept.get("layout"),
        )  # fmt: skip

    def to_json(self) -> dict[str, Any]:
        """Return the mapping as a batch keeps it."""
        return {
            "into": list(self.into),
            "key": self.key,
            "columns": {one.column: one.target for one in self.columns},
            "constants": dict(self.constants),
            **({"values": {column: dict(words) for column, words in self.values.items()}} if self.values else {}),
            **({"ids": {column: list(entities) for column, entities in self.ids.items()}} if self.ids else {}),
            **({"layout": self.layout} if self.layout else {}),
        }


def read_mapping(path: Path) -> Mapping:
    """Read a mapping file (TOML); `MappingError` says what is wrong with it and where."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as fault:
        raise MappingError(
            f"cannot read {path}: {fault.strerror}", hint="crm mapping make SOURCE -o FILE makes one"
        ) from fault
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise MappingError(f"{path} is not a mapping file: {fault}", hint="it is TOML in UTF-8") from fault
    unknown = set(content) - {"into", "source", "key", "columns", "constants", "values", "ids"}
    columns = content.get("columns")
    if unknown or not isinstance(columns, dict) or not isinstance(content.get("into"), str):
        what = f"unknown: {', '.join(sorted(unknown))}" if unknown else "it needs `into` and a table [columns]"
        raise MappingError(f"{path}: {what}", hint="crm mapping make SOURCE writes one to start from")
    return Mapping(
        into=tuple(content["into"].split("+")),
        columns=tuple(ColumnMap(column, str(target)) for column, target in columns.items()),
        key=content.get("key"),
        source=content.get("source"),
        constants={name: str(value) for name, value in content.get("constants", {}).items()},
        values={column: _words(path, column, words) for column, words in content.get("values", {}).items()},
        ids={column: tuple([of] if isinstance(of, str) else of) for column, of in content.get("ids", {}).items()},
    )


def _words(path: Path, column: str, words: Any) -> dict[str, str]:
    if not isinstance(words, dict):
        raise MappingError(
            f"{path}: values.{column}: it should be a table", hint=f'[values."{column}"] "Their word" = "ours"'
        )
    return {given: str(ours) for given, ours in words.items()}


def find_target(dictionary: Dictionary, text: str, into: tuple[str, ...]) -> Target:
    """Return what `text` (`contact.email`, or `email` with one entity) names; `MappingError` suggests the nearest."""
    noun, _, name = text.rpartition(".")
    entity = dictionary.entity(noun or into[0])
    if entity.name not in {dictionary.entity(one).name for one in into}:
        raise MappingError(
            f"{text}: the import fills {' and '.join(into)}", hint=f"use --into {'+'.join(into)}+{entity.noun}"
        )
    if name in _PSEUDO:
        return Target(entity, name)
    if name in entity.slot_by_name:
        return Target(entity, name, slot=entity.slot_by_name[name])
    one = entity.by_name.get(name) or entity.by_name.get(f"{name}_id")
    if one is None:
        try:
            raise entity.unknown(name)
        except CrmError as fault:
            raise MappingError(fault.message, hint=fault.hint, field=name) from None
    return Target(entity, one.name, field=one)
