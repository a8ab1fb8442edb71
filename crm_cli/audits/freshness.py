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

__all__ = [
    "Known",
    "LastKnown",
    "all_last_known",
    "day_before",
    "details_of_group",
    "has_value",
    "judged",
    "last_known",
    "still_valid",
]

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
class Known:
    """What is known of a group: when it last held, and whether it was found dead since."""

    moment: Column
    dead: Truth


@dataclass(frozen=True)
class LastKnown(Known):
    """What is known of a group, and the tables to read it from."""

    source: sa.FromClause


def last_known(
    store: Store,
    connection: sa.Connection,
    entity: Entity,
    group: Freshness,
    scope: Scope,
) -> LastKnown:
    """Join the records of `scope` to the newest confirmations of the group."""
    table = store.table("confirmation")
    of_group = _of_group(store, connection, group)
    newest = (
        sa.select(table.c.record_id, *_newest(table, group, sa.true()))
        .where(table.c.entity == entity.name, of_group)
        .group_by(table.c.record_id)
        .subquery()
    )
    known = _known(newest, group, scope.root)
    source = scope.source.outerjoin(newest, newest.c.record_id == scope.root.c.id)
    return LastKnown(known.moment, known.dead, source)


def all_last_known(
    store: Store, connection: sa.Connection, entity: Entity, groups: Iterable[Freshness], scope: Scope,
    chosen: tuple[sa.FromClause, sa.FromClause, Iterable[Truth]],
) -> dict[Freshness, Known]:  # fmt: skip
    """Let `scope` read from records with the newest confirmations of several groups; return what is known of each.

    `chosen` says which records: a table, what it is joined to, and conditions. One reading of the confirmations
    serves all groups. They are grouped record by record as they are read, and joined to nothing but the one record: so
    the database keeps no table of them, which would be the largest thing in memory.
    """
    record, source, conditions = chosen
    table = store.table("confirmation").alias()
    of_record = sa.and_(table.c.entity == entity.name, table.c.record_id == record.c.id)
    columns = [
        column for group in groups for column in _newest(table, group, _of_group(store, connection, group, table))
    ]
    newest = (
        sa.select(record.c.id.label("record_id"), *columns)
        .select_from(source.outerjoin(table, of_record))
        .where(*conditions)
        .group_by(record.c.id)
        .subquery()
    )
    # an outer join, though no record is missing: SQLite then begins with the records, and does not turn it round
    scope.source = newest.outerjoin(scope.root, scope.root.c.id == newest.c.record_id)
    return {group: _known(newest, group, scope.root) for group in groups}


def _newest(table: sa.FromClause, group: Freshness, of_group: Truth) -> list[Column]:
    """Return when the group was last found valid, dead and unknown, as aggregates over the confirmations."""
    return [
        sa.func.max(sa.case((sa.and_(table.c.result == result, of_group), table.c.confirmed_at))).label(
            f"{result}_{group.value}"
        )
        for result in ("valid", "dead", "unknown")
    ]


def _known(newest: sa.FromClause, group: Freshness, root: sa.FromClause) -> Known:
    valid_at, dead_at, unknown_at = (newest.c[f"{result}_{group.value}"] for result in ("valid", "dead", "unknown"))
    moment = sa.func.coalesce(valid_at, root.c.created_at)
    doubted = sa.and_(unknown_at.is_not(None), unknown_at > dead_at)
    return Known(moment, sa.and_(dead_at.is_not(None), dead_at >= moment, ~doubted))


def _of_group(
    store: Store, connection: sa.Connection, group: Freshness, table: sa.FromClause | None = None
) -> Truth:  # fmt: skip
    """Return whether a confirmation is one of the group: by name, or that of an import which carried it."""
    table = store.table("confirmation") if table is None else table
    batches = _batches_that_carry(store, connection, group)
    carried = sa.and_(table.c.freshness_group == "*", table.c.batch_id.in_(batches)) if batches else sa.false()
    return sa.or_(table.c.freshness_group == group.value, carried)


def _batches_that_carry(store: Store, connection: sa.Connection, group: Freshness) -> list[int]:
    """Return the imports whose columns carry the group; their thin confirmations stand for all that they carried."""
    table = store.table("import_batch")
    rows = connection.execute(sa.select(table.c.id, table.c.groups).where(table.c.groups.is_not(None)))
    return [row.id for row in rows if group.value in (row.groups or ())]
