"""How many values are probably dead: the sum of 1 - 2^(-age / half-life), by source, owner, territory or altogether.

Records are counted by day in the database; only the days are reckoned here, so the work grows with days, not records.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from crm_cli.audits.freshness import still_valid
from crm_cli.audits.policy import Policy
from crm_cli.audits.population import Population, check_where, freshness_only, population
from crm_cli.dictionary import shown
from crm_cli.store import Store

__all__ = ["By", "Decayed", "decayed"]


class By(StrEnum):
    """By what the values are counted."""

    GROUP = "group"
    SOURCE = "source"
    OWNER = "owner"
    TERRITORY = "territory"


_NAMED = {By.SOURCE: ("source_system", "name"), By.OWNER: ("app_user", "username"), By.TERRITORY: ("territory", "name")}


@dataclass(slots=True)
class Decayed:
    """Of the records of a policy (those of one source, owner or territory; None: of none): how many have a value of the
    group, how many of these were found dead, and how many are dead by expectation, those found dead among them."""

    policy: str
    entity: str
    group: str
    of: str | None
    values: int = 0
    found_dead: int = 0
    dead: float = 0.0

    @property
    def share(self) -> float:
        """The share that is dead by expectation."""
        return self.dead / self.values if self.values else 0.0


def decayed(
    store: Store, policies: Sequence[Policy], *, by: By = By.GROUP, today: date, where: str | None = None
) -> list[Decayed]:
    """Return how many values are probably dead, most dead first; policies of other kinds are left out.

    A record is of the source that knew it first. Raises `UsageError` where no policy is about freshness, or for a
    condition over several entities.
    """
    chosen = freshness_only(policies)
    check_where(chosen, where)
    found: list[Decayed] = []
    with store.read() as connection:
        for policy in chosen:
            people = population(store, connection, policy, today=today, where=where)
            found += _counted(store, connection, people, by, today)
    return sorted(found, key=lambda one: (-one.dead, one.policy, one.of or ""))


def _counted(store: Store, connection: sa.Connection, people: Population, by: By, today: date) -> list[Decayed]:
    source, dimension = _dimension(store, people, by)
    rows = (
        sa.select(
            dimension.label("of_id"),
            sa.func.date(people.known.moment, type_=sa.Date()).label("day"),
            sa.case((people.known.dead, 1), else_=0).label("dead"),
        )
        .select_from(source)
        .where(*people.tests)
        .subquery()
    )
    query = sa.select(rows.c.of_id, rows.c.day, rows.c.dead, sa.func.count()).group_by(
        rows.c.of_id, rows.c.day, rows.c.dead
    )
    found: dict[int | None, Decayed] = {}
    policy = people.policy
    for number, day, dead, count in connection.execute(query):
        one = found.setdefault(number, Decayed(policy.name, people.entity.name, people.group.value, None))
        holds = 0.0 if dead else still_valid((today - day).days, policy.half_life_days)
        one.values += count
        one.found_dead += count if dead else 0
        one.dead += count * (1 - holds)
    for number, name in _names(store, connection, by, [one for one in found if one is not None]).items():
        found[number].of = name
    return list(found.values())


def _dimension(store: Store, people: Population, by: By) -> tuple[sa.FromClause, sa.ColumnElement[Any]]:
    """Return what is read from, and the column that says whose a record is."""
    root = people.scope.root
    nothing = sa.literal(None, sa.BigInteger())
    if by is By.SOURCE:
        ref = store.table("external_ref")
        first = (
            sa.select(ref.c.record_id, sa.func.min(ref.c.id).label("first_id"))
            .where(ref.c.entity == people.entity.name)
            .group_by(ref.c.record_id)
            .subquery()
        )
        knew = ref.alias()
        source = people.known.source.outerjoin(first, first.c.record_id == root.c.id)
        return source.outerjoin(knew, knew.c.id == first.c.first_id), knew.c.source_system_id
    name = f"{by}_id"
    return people.known.source, root.c[name] if by is not By.GROUP and name in root.c else nothing


def _names(store: Store, connection: sa.Connection, by: By, ids: Sequence[int]) -> dict[int, str]:
    if by not in _NAMED or not ids:
        return {}
    entity, name = _NAMED[by]
    table, field = store.table(entity), store.dictionary.entity(entity).field(name)
    rows = connection.execute(sa.select(table.c.id, table.c[name]).where(table.c.id.in_(ids)))
    return {number: str(shown(field, text)) for number, text in rows}
