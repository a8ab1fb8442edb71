"""Reading the records of an entity with the rule that wins each: one pass, on which all that sorts them rests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time

import sqlalchemy as sa

from crm_cli.dictionary import Entity
from crm_cli.query import Scope, compile_where
from crm_cli.store import Store
from crm_cli.territories.ownership import alive
from crm_cli.territories.rules import Rule

__all__ = ["NO_RULE", "Sorted", "conditioned", "sort_records"]

NO_RULE = -1
_AT_ONCE = 5_000
_AT_ONE_CASE = 500  # branches of one CASE; SQLite takes expressions that are 1 000 deep


@dataclass
class Sorted:
    """Living records of an entity, column by column and by id: where each is, whose it is, and which rule wins it."""

    ids: list[int] = field(default_factory=list)
    territories: list[int | None] = field(default_factory=list)
    owners: list[int | None] = field(default_factory=list)
    places: list[int] = field(default_factory=list)  # of the rule, in the rules that were given; NO_RULE for none


def sort_records(
    store: Store, connection: sa.Connection, entity: Entity, rules: Sequence[Rule], *, today: date,
    where: str | None = None,
) -> Sorted:  # fmt: skip
    """Return the records (that fit `where`) with the first rule that matches each; raises what a condition raises."""
    scope = Scope(store, entity)
    tests = alive(scope)
    if where:
        tests.append(conditioned(store, entity, where, scope, today))
    cases = [(conditioned(store, entity, rule.condition, scope, today), place) for place, rule in enumerate(rules)]
    place: sa.ColumnElement[int] = sa.literal_column(str(NO_RULE), sa.Integer)
    for start in reversed(range(0, len(cases), _AT_ONE_CASE)):
        place = sa.case(*cases[start : start + _AT_ONE_CASE], else_=place)
    row = scope.root.c
    query = sa.select(row.id, row.territory_id, row.owner_id, place).select_from(scope.source)
    result = connection.execute(query.where(*tests).order_by(row.id).execution_options(yield_per=_AT_ONCE))
    found = Sorted()
    for part in result.partitions(_AT_ONCE):
        ids, territories, owners, places = zip(*part, strict=True)
        found.ids += ids
        found.territories += territories
        found.owners += owners
        found.places += places
    return found


def conditioned(store: Store, entity: Entity, text: str, scope: Scope, today: date) -> sa.ColumnElement[bool]:
    """Return a condition of the `--where` language as `scope` asks it, days reckoned from `today`."""
    zone = store.zone
    now = datetime.combine(today, time(0), zone)
    found = compile_where(store.dictionary, entity, text, now=now, today=today, zone=zone)
    return found.render(scope)
