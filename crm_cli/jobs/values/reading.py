"""Counting the values of a field where they stand, and grouping them: work and memory go by distinct values."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa

from crm_cli.dictionary import Entity
from crm_cli.jobs.values.fields import ValueField
from crm_cli.query import Scope, Selection, ids_of
from crm_cli.spellings import KEYS, Method, Spelling, SpellingGroup, group_spellings
from crm_cli.store import Store, in_chunks

__all__ = ["Wanted", "counted", "equal_keys_only", "ids_by_value", "spelling_groups"]

_AT_ONCE = 5_000


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which values are asked for: those of the records that fit `where`, in `min_count` of them at least.

    Without `methods` all that suit the field: not the distance where values identify somebody. `distance` is the most
    edits, of one group as a whole `min_count` is asked.
    """

    field: ValueField
    where: str | None = None
    methods: Collection[Method] = ()
    distance: int = 1
    min_count: int = 1


def equal_keys_only(wanted: Wanted) -> Wanted:
    """Return the same question without what is only near: for whoever takes proposals unseen.

    A letter makes another city of a city (Fargo, Largo), and no number of records tells which are the same.
    """
    return replace(wanted, methods=tuple(KEYS))


def counted(store: Store, connection: sa.Connection, wanted: Wanted) -> Iterator[Spelling]:
    """Yield every value with the number of its records, those of most records first.

    Rows are fetched as they are consumed. Raises what a wrong `where` raises.
    """
    values = _values(store, wanted.field, wanted.where)
    count = sa.func.count()
    query = sa.select(values.c.v, count).group_by(values.c.v).having(count >= wanted.min_count)
    query = query.order_by(count.desc(), values.c.v).execution_options(yield_per=_AT_ONCE)
    for value, number in connection.execute(query):
        yield Spelling(value, number)


def spelling_groups(store: Store, connection: sa.Connection, wanted: Wanted) -> list[SpellingGroup]:
    """Return the groups of values that are probably spellings of one, those of most records first."""
    field = wanted.field
    suited = tuple(one for one in Method if not (field.is_identifying and one is Method.DISTANCE))
    every = Wanted(field=field, where=wanted.where)
    counts = {one.value: one.count for one in counted(store, connection, every)}
    groups = group_spellings(counts, wanted.methods or suited, distance=wanted.distance, marks=field.is_identifying)
    return [one for one in groups if one.count >= wanted.min_count]


def ids_by_value(
    store: Store, connection: sa.Connection, field: ValueField, where: str | None, values: Sequence[str]
) -> dict[str, list[int]]:
    """Return the ids of the rows that hold one of `values`, by value."""
    held = _values(store, field, where)
    found: dict[str, list[int]] = {}
    for chunk in in_chunks(sorted(values)):
        query = sa.select(held.c.id, held.c.v).where(held.c.v.in_(chunk)).order_by(held.c.id)
        for number, value in connection.execute(query):
            found.setdefault(value, []).append(number)
    return found


def _values(store: Store, field: ValueField, where: str | None) -> sa.Subquery:
    """The ids and values of the field, blanks left out."""
    scope = Scope(store, field.entity)
    value = scope.value(field.path)
    query = sa.select(scope.root.c.id.label("id"), value.label("v")).select_from(scope.source)
    chosen = ids_of(store, Selection(entity=field.entity.name, where=where))
    query = query.where(scope.root.c.id.in_(chosen), value.is_not(None), value != "")
    for condition in _of_living(store, field.entity, scope.root):
        query = query.where(condition)
    return query.subquery()


def _of_living(store: Store, entity: Entity, table: sa.FromClause) -> Iterator[sa.ColumnElement[bool]]:
    """The parts of deleted and merged records are not looked at either."""
    for one in entity.references:
        if one.reference is None or not one.reference.owned or one.reference.entity is None:
            continue
        target = one.reference.entity
        owners = [other.name for other in store.dictionary if other.subtype_of == target] or [target]
        living = []
        for name in owners:
            owner = store.table(name)
            alive = sa.select(owner.c.id).where(owner.c.deleted_at.is_(None), owner.c.merged_into_id.is_(None))
            living.append(table.c[one.name].in_(alive))
        yield sa.or_(*living)
