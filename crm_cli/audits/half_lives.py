"""Half-lives: after how many days half of the values of a group are dead, estimated from what looking found.

Each look – a call, a visit, a verification, a mailing – says whether a value that was known to hold so many days ago
still holds: current status data, censored on both sides. With exponential decay at the rate r it is alive with
probability exp(-r·age); the estimate maximizes the likelihood of all looks, its interval is the 95 % likelihood-ratio
interval (the half-life is ln 2 / r). Decay forgets, so several looks at one record count as several.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from crm_cli.audits.policy import HALF_LIFE, Policy
from crm_cli.dictionary import Entity, EntityRole, Freshness
from crm_cli.store import Store

__all__ = [
    "LOOKS_NEEDED",
    "Estimate",
    "HalfLife",
    "Look",
    "estimate_half_life",
    "half_life_of",
    "half_lives",
    "half_lives_of_last_run",
    "with_half_lives",
]

LOOKS_NEEDED = 200
"""Results from which on an estimate is used: with a quarter dead its interval is then about ± 30 % wide."""
YOUNGEST = 7.0
"""Looks at values known for fewer days say nothing of decay: what is wrong then was wrong from the start."""
_LOOKS = ("call", "mail", "visit", "verify", "bounce")
_MAILINGS = ("mail", "bounce")
_CHI_SQUARE = 3.841458820694124 / 2  # half of the 95 % quantile of one degree of freedom
_RATES = (1e-9, 10.0)  # a half-life of two million years, and of less than two hours
_DAY = 86_400.0
_RUNS_LOOKED_AT = 20


class Look(NamedTuple):
    """A value that was known to hold `age` days before was found alive or dead."""

    age: float
    dead: bool
    by_mailing: bool = False


@dataclass(frozen=True, slots=True)
class Estimate:
    """A half-life in days and its 95 % interval."""

    days: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class HalfLife:
    """A group's half-life: the default, the estimate (None: too few results, or all alive, or all dead), and what it
    rests on. `left_out`: bounces that tell nothing, since it is not known whom the same mailings reached."""

    group: Freshness
    default: float
    estimate: Estimate | None
    looks: int
    dead: int
    left_out: int = 0

    @property
    def days(self) -> float:
        """The half-life that counts."""
        return self.estimate.days if self.estimate else self.default


def estimate_half_life(looks: Sequence[Look]) -> Estimate | None:
    """Return the half-life that makes the looks most likely, with its interval; None when all are alive or all dead."""
    import numpy as np

    alive = float(sum(one.age for one in looks if not one.dead))
    dead = np.array([one.age for one in looks if one.dead])
    if not alive or not dead.size:
        return None

    def slope(rate: float) -> float:
        return float(np.sum(dead / np.expm1(np.minimum(rate * dead, 700.0)))) - alive

    def likelihood(rate: float) -> float:
        return float(np.sum(np.log(-np.expm1(-rate * dead)))) - rate * alive

    best = _root(slope, *_RATES)
    least = likelihood(best) - _CHI_SQUARE
    slowest = _root(lambda rate: least - likelihood(rate), _RATES[0], best)
    fastest = _root(lambda rate: likelihood(rate) - least, best, _RATES[1])
    return Estimate(math.log(2) / best, math.log(2) / fastest, math.log(2) / slowest)


def _root(falling: Callable[[float], float], low: float, high: float) -> float:
    """Return where a falling function is 0, by halving on the scale of logarithms; the end nearest to it if nowhere."""
    left, right = math.log(low), math.log(high)
    for _ in range(80):
        middle = (left + right) / 2
        if falling(math.exp(middle)) > 0:
            left = middle
        else:
            right = middle
    return math.exp((left + right) / 2)


def half_lives(
    store: Store, connection: sa.Connection | None = None, groups: Iterable[Freshness] = Freshness
) -> dict[Freshness, HalfLife]:
    """Return the half-life of each group of fields, or of those named."""
    if connection is None:
        with store.read() as opened:
            return half_lives(store, opened, groups)
    tallies = _tallies(store, connection)
    return {group: _half_life(store, connection, group, tallies.get(group.value, (0, 0))) for group in groups}


def with_half_lives(policies: Iterable[Policy], days: Mapping[str, float]) -> list[Policy]:
    """Return the policies; those of freshness that set no half-life get that of their group."""
    return [
        replace(one, half_life=days[one.stale]) if one.stale and one.half_life is None and one.stale in days else one
        for one in policies
    ]


def half_lives_of_last_run(store: Store, connection: sa.Connection) -> dict[str, float]:
    """Return the half-lives that the last audit of freshness estimated: quick, for a look at one record."""
    run = store.table("audit_run")
    summaries = connection.scalars(sa.select(run.c.summary).order_by(run.c.id.desc()).limit(_RUNS_LOOKED_AT))
    found: dict[str, Any] = next((one["half_lives"] for one in summaries if one and one.get("half_lives")), {})
    return {str(group): float(days) for group, days in found.items()}


def half_life_of(store: Store, connection: sa.Connection, group: Freshness) -> HalfLife:
    """Return the half-life of one group of fields."""
    return half_lives(store, connection, [group])[group]


def _half_life(store: Store, connection: sa.Connection, group: Freshness, tally: tuple[int, int]) -> HalfLife:
    results, dead = tally
    if results < LOOKS_NEEDED:
        return HalfLife(group, HALF_LIFE, None, results, dead)
    looks: list[Look] = []
    for entity in store.dictionary:
        if entity.role is EntityRole.RECORD:
            looks += _looks_at(store, connection, entity, group)
    used = _balanced(looks)
    found = estimate_half_life(used) if len(used) >= LOOKS_NEEDED else None
    return HalfLife(group, HALF_LIFE, found, len(used), sum(one.dead for one in used), len(looks) - len(used))


def _balanced(looks: Sequence[Look]) -> list[Look]:
    """Leave mailings out of which little more than the bounces is known: the dead alone say that all are dead."""
    bounced = sum(one.by_mailing and one.dead for one in looks)
    arrived = sum(one.by_mailing and not one.dead for one in looks)
    return [one for one in looks if not one.by_mailing] if bounced > arrived else list(looks)


def _is_look(table: sa.Table) -> tuple[sa.ColumnElement[bool], ...]:
    return table.c.method.in_(_LOOKS), table.c.result.in_(("valid", "dead"))


def _tallies(store: Store, connection: sa.Connection) -> dict[str, tuple[int, int]]:
    """Return how many looks there are at each group, and how many found it dead, by one reading."""
    table = store.table("confirmation")
    died = sa.func.sum(sa.case((table.c.result == "dead", 1), else_=0))
    query = sa.select(table.c.freshness_group, sa.func.count(), died).where(*_is_look(table))
    rows = connection.execute(query.group_by(table.c.freshness_group))
    return {group: (int(looks), int(dead)) for group, looks, dead in rows}


def _looks_at(store: Store, connection: sa.Connection, entity: Entity, group: Freshness) -> list[Look]:
    """Return the looks at the group of an entity's records, each with its age."""
    table, root, batch = store.table("confirmation"), store.table(entity.name), store.table("import_batch")
    of_group = table.c.freshness_group == group.value
    looked_at = sa.select(table.c.record_id).where(table.c.entity == entity.name, of_group, *_is_look(table))
    batches = connection.execute(sa.select(batch.c.id, batch.c.groups).where(batch.c.groups.is_not(None)))
    carrying = [one.id for one in batches if group.value in (one.groups or ())]
    carried = sa.and_(table.c.freshness_group == "*", table.c.batch_id.in_(carrying)) if carrying else sa.false()
    query = (
        sa.select(table.c.record_id, table.c.confirmed_at, table.c.result, table.c.method, root.c.created_at)
        .join(root, root.c.id == table.c.record_id)
        .where(
            table.c.entity == entity.name, table.c.record_id.in_(looked_at),
            sa.or_(of_group, carried), table.c.result.in_(("valid", "dead")),
        )
        .order_by(table.c.record_id, table.c.confirmed_at, table.c.id)
    )  # fmt: skip
    return _walk(connection.execute(query))


def _walk(rows: Iterable[Any]) -> list[Look]:
    """Follow each record through its confirmations; what was found dead is looked at again only once it lived again."""
    looks: list[Look] = []
    record: int | None = None
    known: datetime | None = None
    for number, confirmed_at, result, method, created_at in rows:
        if number != record:
            record, known = number, created_at if created_at < confirmed_at else None
        if known is not None and method in _LOOKS:
            age = (confirmed_at - known).total_seconds() / _DAY
            if age >= YOUNGEST:
                looks.append(Look(age, result == "dead", method in _MAILINGS))
        known = confirmed_at if result == "valid" else None
    return looks
