"""Tables of which the header alone says what system wrote them: their columns mean what they mean there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from crm_cli.dictionary import Dictionary, Entity, SemanticType
from crm_cli.importers import Table
from crm_cli.importers.mapping import ColumnMap, Mapping
from crm_cli.importers.profiles import ShapedTable, letters, mapping_of, recognize, shape

__all__ = ["as_known", "mapping_as_known"]


def as_known(table: Table, into: Sequence[str], *, as_it_is: bool = False) -> Table:
    """Return the table as a known layout of these entities describes it; a table of no known layout as it is.

    `as_it_is` leaves layouts out that add columns to the table.
    """
    found = recognize(table.header)
    if found is None or found[1].into not in into or (as_it_is and found[1].routes):
        return table
    return shape(*found, table)


def mapping_as_known(dictionary: Dictionary, table: ShapedTable, into: tuple[str, ...]) -> Mapping:
    """Return what the columns fill: by the layout, and, of columns that it does not have, by the names of fields."""
    made = mapping_of(table, into)
    known = {one.column for one in made.columns}
    taken = {one.target for one in made.columns}
    added = []
    for column in (name for name in table.header if name not in known):
        target = next((one for one in _named(dictionary, made.into, column) if one not in taken), None)
        if target is not None:
            taken.add(target)
            added.append(ColumnMap(column, target, why="the header is the field's name"))
    return replace(made, columns=(*made.columns, *added))


def _named(dictionary: Dictionary, into: Sequence[str], column: str) -> list[str]:
    entities = [dictionary.entity(name) for name in reversed(into)]
    return [f"{entity.noun}.{name}" for entity in entities for name in _fields(entity, letters(column))]


def _fields(entity: Entity, header: str) -> list[str]:
    return [
        one.name
        for one in entity.fields
        if one.type is not SemanticType.REFERENCE and header in {letters(word) for word in (one.name, *one.synonyms)}
    ]
