"""Which entities are matched with which, and what decides that a record of one is a record of the other."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from crm_cli.dictionary import Entity
from crm_cli.errors import UsageError
from crm_cli.store import Store, in_chunks

__all__ = ["Across", "across_of", "living", "unlinked"]

# the names of which a record must have one to be looked for as a record of the other entity
_NAMED_BY = {
    ("lead", "contact"): ("given_name", "family_name"),
    ("lead", "account"): ("company",),
}


@dataclass(frozen=True, slots=True)
class Across:
    """Records of `entity` are looked for among those of `other`; `link` is the field that names what was found."""

    entity: Entity
    other: Entity
    link: str
    named_by: tuple[str, ...]


def across_of(store: Store, entity: str, other: str) -> Across:
    """Return the pair of entities; raises `UsageError` for two that are not matched with each other."""
    one, another = store.dictionary.entity(entity), store.dictionary.entity(other)
    named_by = _NAMED_BY.get((one.name, another.name))
    if named_by is None:
        known = "; ".join(f"{left} --against {right}" for left, right in _NAMED_BY)
        raise UsageError(f"{one.plural} are not matched against {another.plural}", hint=f"what is: {known}")
    return Across(one, another, f"converted_{another.name}_id", named_by)


def unlinked(store: Store, connection: sa.Connection, across: Across, ids: Collection[int]) -> set[int]:
    """Return those of the living records that have a name to be looked for by, and are not linked yet."""
    table = store.table(across.entity.name)
    named = sa.or_(*(sa.func.coalesce(table.c[name], "") != "" for name in across.named_by))
    open_ = sa.and_(table.c[across.link].is_(None), named)
    return _chosen(store, connection, across.entity, ids, open_)


def living(store: Store, connection: sa.Connection, entity: Entity, ids: Collection[int]) -> set[int]:
    """Return those of the records that are neither deleted nor merged."""
    return _chosen(store, connection, entity, ids, sa.true())


def _chosen(
    store: Store, connection: sa.Connection, entity: Entity, ids: Collection[int], condition: sa.ColumnElement[bool]
) -> set[int]:
    table = store.table(entity.name)
    alive = sa.and_(table.c.deleted_at.is_(None), table.c.merged_into_id.is_(None))
    found: set[int] = set()
    for chunk in in_chunks(sorted(ids)):
        found.update(connection.scalars(sa.select(table.c.id).where(table.c.id.in_(chunk), alive, condition)))
    return found
