"""Drafts: what a row of a source says, in the dictionary's terms and standard forms, before anything is written."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from crm_cli.importers import Row

__all__ = [
    "MEND_ROW",
    "REJECT_COLUMNS",
    "SOURCE_COLUMN",
    "Draft",
    "Fault",
    "Point",
    "SourceId",
    "known_as",
    "note_columns",
    "source_cells",
]

SOURCE_COLUMN = "_source"
REJECT_COLUMNS = ("_row", "_column", "_reason", "_hint", SOURCE_COLUMN)
ORIGINAL = "@original"  # the key in `extra` under which the given forms of standardized values are kept
_LONGEST_ID = 160
MEND_ROW = "mend the row and import the rejects file"  # of a row that could not be read


def known_as(text: str) -> str:
    """Return an id of a source as it is kept: as given, or shortened with a digest that tells long ones apart."""
    if len(text) <= _LONGEST_ID:
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:40]
    return f"{text[: _LONGEST_ID - 41]}~{digest}"


def note_columns(header: Sequence[str]) -> tuple[str, ...]:
    """Return the columns that a rejects file adds; a source's own column of such a name is data."""
    found = tuple(name for name in REJECT_COLUMNS if name in header)
    return found if {*found, SOURCE_COLUMN} == set(REJECT_COLUMNS) else ()


def source_cells(header: Sequence[str], row: Row) -> dict[str, str | None]:
    """Return the cells of a row by column; cells beyond the header are called by their place, none is lost."""
    cells = dict(zip(header, row.values, strict=False))
    for place in range(len(header), len(row.values)):
        cells[f"column {place + 1}"] = row.values[place]
    return cells


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row is rejected: the column and value at fault, in words and with a cure."""

    column: str
    value: str | None
    reason: str
    hint: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the fault as a batch keeps it."""
        return {"column": self.column, "value": self.value, "reason": self.reason, "hint": self.hint}


@dataclass(slots=True)
class Point:
    """A contact point of a draft: a row of `detail`, its party still to come."""

    detail: str
    values: dict[str, Any]

    @property
    def identity(self) -> tuple[str, str]:
        """What makes two contact points of a party the same."""
        return self.detail, str(self.values.get("standard") or "").casefold()


@dataclass(frozen=True, slots=True)
class SourceId:
    """Stands in a reference field until the record is found that the source knows by this id."""

    text: str
    entities: tuple[str, ...]  # of which the id may be
    column: str


@dataclass(slots=True)
class Draft:
    """One row, per entity that it fills: stored values, contact points, originals; and what speaks against it."""

    row: Row
    content_hash: str
    external_id: str
    modified: datetime | None = None
    values: dict[str, dict[str, Any]] = field(default_factory=dict)
    points: dict[str, list[Point]] = field(default_factory=dict)
    originals: dict[str, dict[str, str]] = field(default_factory=dict)
    extra: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    missed: list[tuple[str, str]] = field(default_factory=list)  # references, by entity, that were given and not found
    waiting: list[tuple[str, str, SourceId]] = field(default_factory=list)  # those by id: entity, field, id
    keyed: bool = False  # whether the id is the source's own, not made of the row's content
    public_id: str | None = None  # the id by which we know the record, where the row has it

    def misses(self, entity: str) -> bool:
        """Whether a reference of this entity was given and not found."""
        return any(name == entity for name, _ in self.missed)

    def extra_of(self, entity: str, *, main: bool) -> dict[str, Any] | None:
        """Return what is kept beside the record: unmapped columns (with the main entity), originals of its fields."""
        kept: dict[str, Any] = dict(self.extra) if main else {}
        if self.originals.get(entity):
            kept[ORIGINAL] = self.originals[entity]
        return kept or None
