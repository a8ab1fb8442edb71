"""What a mapping says of cells beside the field that they fill: their words in ours, and ids in place of names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crm_cli.dictionary import Dictionary, Entity, Field, fold
from crm_cli.importers.mapping import Mapping
from crm_cli.jobs.importing.drafts import Draft, SourceId, known_as

__all__ = ["OurWords", "References"]


class OurWords:
    """The words of a source in ours, by column."""

    def __init__(self, mapping: Mapping) -> None:
        self._mapping = mapping
        self._words = {
            column: {fold(given): ours for given, ours in words.items()} for column, words in mapping.values.items()
        }

    def of(self, column: str, cells: Sequence[str | None]) -> Sequence[str | None]:
        """Return the cells of a column in our words; None for a blank one, and for one that says nothing."""
        words = self._words.get(column)
        if words is None:
            return cells
        return [None if cell is None else (words.get(fold(cell), cell) or None) for cell in cells]

    def meaning(self) -> list[Any]:
        """Return what beside its targets says how a mapping reads cells; nothing where it says nothing of it."""
        ids = sorted((column, list(entities)) for column, entities in self._mapping.ids.items())
        words = sorted((column, sorted(words.items())) for column, words in self._mapping.values.items())
        return [ids, words] if ids or words else []


class References:
    """Keeps what cells say of other records, by name or by id, until the drafts are resolved."""

    def __init__(self, dictionary: Dictionary, mapping: Mapping) -> None:
        self._dictionary = dictionary
        self._ids = mapping.ids

    def fill(self, draft: Draft, column: str, entity: Entity, one: Field, given: str) -> None:
        """Put what a cell says into the reference `one`.

        An id goes before a name, the first id before others; what they say stays beside the record.
        """
        values = draft.values.setdefault(entity.name, {})
        known = values.get(one.name)
        if isinstance(known, SourceId):
            draft.extra[column] = given
            return
        if column in self._ids:
            values[one.name] = SourceId(known_as(given), self._entities(column, one), column)
            if known is not None:
                draft.extra[f"{one.path_name} (name)"] = known
        else:
            values[one.name] = given

    def _entities(self, column: str, one: Field) -> tuple[str, ...]:
        """The entities of which the ids in a column are: those that the mapping names, else the field's own."""
        given = tuple(self._dictionary.entity(name).name for name in self._ids[column])
        target = one.reference.entity if one.reference else None
        parts = tuple(entity.name for entity in self._dictionary if target and entity.subtype_of == target)
        return given or parts or ((target,) if target else ())
