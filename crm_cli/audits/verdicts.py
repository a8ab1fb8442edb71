"""What policies say of records, many at once: one reading of an entity's table answers all policies about it.

A temporary table holds a row a record, and a column a policy: NULL where the policy does not look at the record, else
0 where it passes, 1 where it fails as a warning, 2 as an error. Policies about freshness are answered together, since
all of them need the confirmations; the others together. A database that may not be written, even for a while, is asked
policy by policy instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from crm_cli.audits.freshness import Known, all_last_known
from crm_cli.audits.policy import Level, Policy
from crm_cli.audits.questions import Conditions, Truth, alive, ask, condition_of, conditions_of, narrowed_ids
from crm_cli.dictionary import Freshness
from crm_cli.query import Scope
from crm_cli.store import Store
from crm_cli.store.columns import big_id

__all__ = ["Totals", "Verdict", "together", "verdict_alone", "verdicts_of"]

_TABLE = "audit_verdict"
_MOST = 20  # policies answered by one reading, each with a join or two: MariaDB joins no more than 61 tables


@dataclass(frozen=True, slots=True)
class Totals:
    """How many records a policy looked at, and how many of them fail as warning and as error."""

    records: int
    warnings: int
    errors: int

    @property
    def failing(self) -> int:
        """Records that fail."""
        return self.warnings + self.errors


@dataclass(frozen=True)
class Verdict:
    """What a policy says of each record: `table` has their numbers as `record_id`, `level` is 0 or NULL for those that
    do not fail, 1 for a warning, 2 for an error. `narrowed` are the ids that the user's own condition leaves."""

    policy: Policy
    totals: Totals
    table: sa.FromClause
    level: sa.ColumnElement[Any]
    narrowed: sa.Select[Any] | None = None

    def within(self, record_id: sa.ColumnElement[Any]) -> list[Truth]:
        """Return the condition that a record is one that this run was to look at, deleted or not."""
        return [] if self.narrowed is None else [record_id.in_(self.narrowed)]


def together(policies: Sequence[Policy]) -> Iterator[list[Policy]]:
    """Yield the policies in groups that `verdicts_of` may answer by one reading."""
    kinds: dict[tuple[str, bool], list[Policy]] = {}
    for policy in policies:
        kinds.setdefault((policy.entity, policy.stale is not None), []).append(policy)
    for members in kinds.values():
        for start in range(0, len(members), _MOST):
            yield members[start : start + _MOST]


@contextmanager
def verdicts_of(
    store: Store, connection: sa.Connection, policies: Sequence[Policy], today: date, where: str | None
) -> Iterator[list[Verdict]]:
    """Yield what each of the policies says; the temporary table that holds it is gone at the end of the block.

    The policies are a group of `together`. Raises what `ask` raises.
    """
    reading = _Reading(store, connection, policies[0].entity, today, where)
    tests = [reading.test(policy, policies) for policy in policies]
    table = _temporary_table(connection, len(tests))
    rows = sa.select(reading.scope.root.c.id, *map(_level, tests)).select_from(reading.scope.source)
    connection.execute(sa.insert(table).from_select(list(table.c), rows.where(*reading.conditions())))
    narrowed = narrowed_ids(store, policies[0].entity, where, today)
    levels = list(table.c)[1:]
    yield [
        Verdict(policy, totals, table, level, narrowed)
        for policy, totals, level in zip(policies, _totals(connection, table), levels, strict=True)
    ]
    _drop(connection)


def verdict_alone(
    store: Store, connection: sa.Connection, policy: Policy, today: date, where: str | None
) -> Verdict:  # fmt: skip
    """Return what one policy says, as a subquery: slower, and needs no right to make even a temporary table."""
    question = ask(store, connection, policy, today, where)
    failing = question.failing.subquery("failing")
    level = sa.case((failing.c.severity == Level.ERROR.value, 2), (failing.c.severity == Level.WARN.value, 1), else_=0)
    table = sa.select(failing.c.record_id, level.label("level")).subquery("verdict")
    records = connection.scalar(sa.select(sa.func.count()).select_from(question.population.subquery())) or 0
    grouped = sa.select(table.c.level, sa.func.count()).group_by(table.c.level)
    numbers: dict[int, int] = dict(tuple(row) for row in connection.execute(grouped))
    totals = Totals(records, numbers.get(1, 0), numbers.get(2, 0))
    return Verdict(policy, totals, table, table.c.level, question.narrowed)


class _Reading:
    """One reading of an entity's table: a scope that all its policies share."""

    def __init__(self, store: Store, connection: sa.Connection, entity: str, today: date, where: str | None) -> None:
        self.store, self.connection, self.today, self.where = store, connection, today, where
        self.entity = store.dictionary.entity(entity)
        self.scope = Scope(store, self.entity)
        self.known: dict[Freshness, Known] = {}

    def test(self, policy: Policy, policies: Sequence[Policy]) -> Conditions:
        """Return the conditions of a policy, one of the `policies` of this reading."""
        if policy.stale and not self.known:
            self._read_confirmations({one.stale: None for one in policies if one.stale})
        known = self.known[policy.stale] if policy.stale else None
        return conditions_of(self.store, policy, self.today, self.scope, known)

    def _read_confirmations(self, groups: dict[Freshness, None]) -> None:
        chosen = Scope(self.store, self.entity)
        conditions = self._chosen(chosen)
        where = (chosen.root, chosen.source, conditions)
        self.known = all_last_known(self.store, self.connection, self.entity, list(groups), self.scope, where)

    def conditions(self) -> list[Truth]:
        """Return which records are read; with confirmations these have said it already."""
        return [] if self.known else self._chosen(self.scope)

    def _chosen(self, scope: Scope) -> list[Truth]:
        narrowed = [condition_of(self.store, scope, self.entity.name, self.where, self.today)] if self.where else []
        return [*alive(self.entity, scope.root), *narrowed]


def _level(test: Conditions) -> sa.ColumnElement[Any]:
    worst = sa.case((test.severity == Level.ERROR.value, 2), else_=1)
    return sa.case((test.looked_at, sa.case((test.fails, worst), else_=0)))


def _temporary_table(connection: sa.Connection, policies: int) -> sa.Table:
    _drop(connection)
    columns = [sa.Column(f"level_{place}", sa.SmallInteger()) for place in range(policies)]
    table = sa.Table(
        _TABLE, sa.MetaData(), sa.Column("record_id", big_id(), primary_key=True, autoincrement=False), *columns,
        prefixes=["TEMPORARY"],
    )  # fmt: skip
    table.create(connection)
    return table


def _drop(connection: sa.Connection) -> None:
    """Drop the temporary table, and nothing else of that name; MariaDB commits when it drops any other."""
    statement = {
        "sqlite": f"DROP TABLE IF EXISTS temp.{_TABLE}",
        "postgresql": f"DROP TABLE IF EXISTS pg_temp.{_TABLE}",
    }.get(connection.dialect.name, f"DROP TEMPORARY TABLE IF EXISTS {_TABLE}")
    connection.exec_driver_sql(statement)


def _totals(connection: sa.Connection, table: sa.Table) -> list[Totals]:
    """Count all policies by one reading of the temporary table."""
    counts: list[sa.ColumnElement[Any]] = []
    for level in list(table.c)[1:]:
        counts.append(sa.func.count(level))
        counts += [sa.func.count(sa.case((level == number, 1))) for number in (1, 2)]
    found = connection.execute(sa.select(*counts).select_from(table)).one()
    return [Totals(*found[place : place + 3]) for place in range(0, len(found), 3)]
