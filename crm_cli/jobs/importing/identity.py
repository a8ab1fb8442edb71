"""Whether a row speaks of the person or company that its key named before, or of somebody else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crm_cli.dictionary import Entity, Field, Freshness, fold, shown_as

__all__ = ["EarlierRows", "Strangers", "differing", "identity_of"]

_MOST = 0.8


@dataclass
class EarlierRows:
    """Which keys the rows of an import had so far, table by table: the same key again should be the same record.

    This grows with the source, so it holds no more than it must: by entity, the key and the number of its row.
    """

    _tables: list[tuple[str, dict[str, dict[str, int]]]] = field(default_factory=list)

    def begin(self, table: str) -> None:
        """Begin a table; keys of the tables before it stay known."""
        self._tables.append((table, {}))

    def add(self, entity: str, key: str, number: int) -> None:
        """Note that a row was taken."""
        self._tables[-1][1].setdefault(entity, {}).setdefault(key, number)

    def find(self, entity: str, key: str) -> str | None:
        """Return the words for the row that had this key first, None where none had."""
        for place, (name, rows) in enumerate(self._tables, 1):
            number = rows[entity].get(key) if entity in rows else None
            if number is not None:
                return f"row {number}" if place == len(self._tables) else f"row {number} of {name}"
        return None


@dataclass
class Strangers:
    """How many records a source brought before under the keys of these rows, and which are somebody else in them."""

    known: int = 0
    others: list[str] = field(default_factory=list)  # in words

    def compare(self, entity: Entity, key: str, given: Mapping[str, Any], row: Mapping[str, Any]) -> None:
        """Count a row as a stranger where nothing of its identity is that of the record."""
        names, shared = differing(entity, given, row)
        if names and len(names) == shared:
            was = " ".join(str(shown_as(entity, name, row[name])) for name in names)
            now = " ".join(str(given[name]) for name in names)
            self.others.append(f"{key} was {was} and is {now} here")

    @property
    def are_most(self) -> bool:
        """Whether these are hardly the same records."""
        return len(self.others) > _MOST * self.known


def identity_of(entity: Entity) -> list[Field]:
    """Return the fields that tell records of an entity apart: those of its identity, else those of its title."""
    found = [one for one in entity.fields if one.freshness is Freshness.IDENTITY and not one.custom]
    return found or [entity.by_name[name] for name in entity.title if name in entity.by_name]


def differing(entity: Entity, given: Mapping[str, Any], row: Mapping[str, Any]) -> tuple[list[str], int]:
    """Return the identity fields in which both say something and not the same, and in how many both say something."""
    shared = [
        one.name for one in identity_of(entity) if given.get(one.name) is not None and row.get(one.name) is not None
    ]
    return [name for name in shared if not _alike(given[name], row[name])], len(shared)


def _alike(one: Any, other: Any) -> bool:
    """Whether two values are the same, or one is the initial of the other."""
    if not (isinstance(one, str) and isinstance(other, str)):
        return bool(one == other)
    short, long = sorted(((fold(text) or "").rstrip(".") for text in (one, other)), key=len)
    return short == long or (len(short) == 1 and long.startswith(short))
