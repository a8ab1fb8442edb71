"""Freshness: when a group of a record's fields was last known to hold, and how probably it still does.

The probability that a value still holds is 2^(−age / half-life); its age is counted from the last confirmation of the
group, else from the day on which the record was made.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from crm_cli.audits.policy import HALF_LIFE, Policy
from crm_cli.dictionary import Dictionary, Entity, Field, Freshness
from crm_cli.query import Scope
from crm_cli.store import Store

__all__ = ["LastKnown", "day_before", "details_of_group", "has_value", "judged", "last_known", "still_valid"]

Column = sa.ColumnElement[Any]
Truth = sa.ColumnElement[bool]


def still_valid(age_days: float, half_life: float) -> float:
    """Return the probability that a value of this age still holds (exponential decay; both in days)."""
    return float(2.0 ** (-max(age_days, 0.0) / half_life))


def day_before(today: date, days: float) -> datetime:
    """Return the moment in UTC before which something is more than `days` old on `today`."""
    return datetime.combine(today, time(0), UTC) - timedelta(days=days)


def details_of_group(dictionary: Dictionary, entity: str, group: Freshness) -> list[tuple[Entity, Field]]:
    """Return the details of an entity that hold values of the group, each with the field that names their record."""
    return [
        (detail, via)
        for detail, via in dictionary.details_of(entity)
        if any(one.freshness is group for one in detail.fields)
    ]


def has_value(store: Store, entity: Entity, group: Freshness, root: sa.FromClause) -> Truth:
    """Return whether a record of `root` has a value in the group: in a field of its own, or a contact point."""
    own = [one.name for one in entity.fields if one.freshness is group and not one.custom]
    tests: list[Truth] = [root.c[name].is_not(None) for name in own]
    for detail, via in details_of_group(store.dictionary, entity.name, group):
        table = store.table(detail.name).alias()
        tests.append(sa.exists().where(table.c[via.name] == root.c.id, table.c.deleted_at.is_(None)).correlate(root))
    return sa.or_(sa.false(), *tests)


def judged(
    policies: Iterable[Policy], entity: str, group: str, known: date, today: date, *, dead: bool = False
) -> tuple[str, float]:
    """Return how fresh a group of a record is that was last known to hold on a day, and how probably it still does.

    `fresh`, `stale` or `probably dead`, as the first policy of the entity for the group warns or fails; `dead`
    when it was found so. Without a policy it is fresh.
    """
    policy = next((one for one in policies if one.entity == entity and one.stale == group), None)
    days = max((today - known).days, 0)
    if dead:
        return "dead", 0.0
    holds = still_valid(days, policy.half_life_days if policy else HALF_LIFE)
    if policy and policy.error_after is not None and days > policy.error_after:
        return "probably dead", holds
    if policy and policy.warn_after is not None and days > policy.warn_after:
        return "stale", holds
    return "fresh", holds


@dataclass(frozen=True)
class LastKnown:
    """What is known of a group: the tables to read from, when it last held, and whether it was found dead since."""

    source: sa.FromClause
    moment: Column
    dead: Truth


def last_known(
    store: Store,
    connection: sa.Connection,
    entity: Entity,
    group: Freshness,
    scope: Scope,
) -> LastKnown:
    """Join the records of `scope` to the newest confirmations of the group."""
    table = store.table("confirmation")
    batches = _batches_that_carry(store, connection, group)
    carried = sa.and_(table.c.freshness_group == "*", table.c.batch_id.in_(batches)) if batches else sa.false()
    newest = (
        sa.select(
            table.c.record_id,
            sa.func.max(sa.case((table.c.result == "valid", table.c.confirmed_at))).label("valid_at"),
            sa.func.max(sa.case((table.c.result == "dead", table.c.confirmed_at))).label("dead_at"),
            sa.func.max(sa.case((table.c.result == "unknown", table.c.confirmed_at))).label("unknown_at"),
        )
        .where(table.c.entity == entity.name, sa.or_(table.c.freshness_group == group.value, carried))
        .group_by(table.c.record_id)
        .subquery()
    )
    moment = sa.func.coalesce(newest.c.valid_at, scope.root.c.created_at)
    doubted = sa.and_(newest.c.unknown_at.is_not(None), newest.c.unknown_at > newest.c.dead_at)
    dead = sa.and_(newest.c.dead_at.is_not(None), newest.c.dead_at >= moment, ~doubted)
    return LastKnown(scope.source.outerjoin(newest, newest.c.record_id == scope.root.c.id), moment, dead)


def _batches_that_carry(store: Store, connection: sa.Connection, group: Freshness) -> list[int]:
    """Return the imports whose columns carry the group; their thin confirmations stand for all that they carried."""
    table = store.table("import_batch")
    rows = connection.execute(sa.select(table.c.id, table.c.groups).where(table.c.groups.is_not(None)))
    return [row.id for row in rows if group.value in (row.groups or ())]
