"""Which rows refer to the records of a merge, and what their references become: the generic reference policy.

Everything follows from `Reference.on_merge` in the dictionary: a new entity that refers to a contact is merged rightly
from the day it is declared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import Dictionary, Entity, EntityRole, Field, OnMerge
from crm_cli.history import Operation
from crm_cli.store import in_chunks

__all__ = ["Referring", "Row", "moving_references", "read_referring"]

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Referring:
    """An entity whose rows refer to records of `target` by `fields`, and move when these are merged."""

    target: Entity
    entity: Entity
    fields: tuple[Field, ...]

    @property
    def unites(self) -> bool:
        """Whether rows that a merge makes equal become one."""
        return any(one.reference and one.reference.on_merge is OnMerge.UNITE for one in self.fields)

    @property
    def unites_values(self) -> bool:
        """Whether of two equal rows one is merged into the other: parts just stay with the record merged away."""
        return self.unites and self.entity.role is EntityRole.RECORD

    @property
    def owner(self) -> Field | None:
        """The field that says of which record the row is a part, if it is a part."""
        return next((one for one in self.fields if one.reference and one.reference.owned), None)

    @property
    def unique_keys(self) -> list[tuple[str, ...]]:
        """The unique keys that a moving reference is a part of."""
        names = {one.name for one in self.fields}
        keys = [key for key in self.entity.unique_together if names & set(key)]
        return keys + [(one.name,) for one in self.fields if one.unique]

    @property
    def needs_survivors_rows(self) -> bool:
        """Whether rows of the survivor matter too: to be equal to, to clash with, to be the primary one."""
        return self.unites or bool(self.unique_keys) or "is_primary" in self.entity.by_name

    def is_live(self, row: Row) -> bool:
        """Whether the row counts: neither deleted nor merged away."""
        return row.get("deleted_at") is None and row.get("merged_into_id") is None

    def moves(self, row: Row, survivor_of: Mapping[int, int]) -> dict[str, int]:
        """Return what the row's references become, as field → new id; empty when the row stays as it is.

        A deleted part stays with its record, and no row comes to refer to itself or to one record twice.
        """
        new = self._new_targets(row, survivor_of)
        return {} if self._named_twice(row, new) else new

    def closes_on(self, row: Row, survivor_of: Mapping[int, int]) -> int | None:
        """Return the survivor that a living row would name twice, such as a relationship of two that become one."""
        return self._named_twice(row, self._new_targets(row, survivor_of)) if self.is_live(row) else None

    def _new_targets(self, row: Row, survivor_of: Mapping[int, int]) -> dict[str, int]:
        if self.entity.role is EntityRole.DETAIL and not self.is_live(row):
            return {}
        if self.entity.name == self.target.name and row["id"] in survivor_of:
            return {}
        new = {
            one.name: survivor_of[row[one.name]]
            for one in self.fields
            if row[one.name] in survivor_of and self._means_target(one, row)
        }
        if self.entity.name == self.target.name:
            new = {name: number for name, number in new.items() if number != row["id"]}
        return new

    def _named_twice(self, row: Row, new: Mapping[str, int]) -> int | None:
        """Return the record that the row would name twice and did not before."""
        names = [one.name for one in self.fields]
        after = [new.get(name, row[name]) for name in names]
        if len(set(after)) == len({row[name] for name in names}):
            return None
        return next((number for number in new.values() if after.count(number) > 1), None)

    def _means_target(self, one: Field, row: Row) -> bool:
        reference = one.reference
        return reference is not None and (
            reference.entity is not None or row[reference.entity_field] == self.target.name
        )


def moving_references(dictionary: Dictionary, entity: Entity) -> list[Referring]:
    """Return every entity with references to `entity` that a merge moves; those to be kept are left out."""
    found: dict[str, list[Field]] = {}
    for referring, one in dictionary.references_to(entity.name):
        if one.reference and one.reference.on_merge is not OnMerge.KEEP:
            found.setdefault(referring.name, []).append(one)
    return [Referring(entity, dictionary.entity(name), tuple(fields)) for name, fields in found.items()]


def read_referring(op: Operation, referring: Referring, ids: Sequence[int]) -> list[Row]:
    """Return the rows that refer to any of `ids`, in the order of their ids: whole where their values may be united."""
    table = op.store.table(referring.entity.name)
    names = table.c.keys() if referring.unites_values else _needed(referring, table.c.keys())
    columns = [table.c[name] for name in names]
    rows: dict[int, Row] = {}
    for one in referring.fields:
        for chunk in in_chunks(ids):
            query = sa.select(*columns).where(table.c[one.name].in_(chunk))
            if one.reference and one.reference.entity is None:
                query = query.where(table.c[one.reference.entity_field] == referring.target.name)
            rows.update({row["id"]: dict(row) for row in op.connection.execute(query).mappings()})
    return [rows[number] for number in sorted(rows)]


def _needed(referring: Referring, available: Iterable[str]) -> list[str]:
    wanted = {"id", "deleted_at", "merged_into_id", "updated_at", "is_primary", "standing", *referring.entity.unite_by}
    for one in referring.fields:
        wanted.add(one.name)
        if one.reference and one.reference.entity is None:
            wanted.add(one.reference.entity_field)
    for key in referring.unique_keys:
        wanted.update(key)
    return [name for name in available if name in wanted]
