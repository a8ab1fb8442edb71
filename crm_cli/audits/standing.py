"""How the database stands by what runs stored: scores, levels and trends, without asking the policies again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from crm_cli.audits.findings import Counts
from crm_cli.audits.policy import Level, Policy
from crm_cli.audits.scores import DimensionScore, PolicyResult, dimension_scores, level_of, score_of
from crm_cli.audits.since import Since, found_since, newest_runs
from crm_cli.audits.trend import Trend, read_history
from crm_cli.errors import ExitCode, NotFoundError
from crm_cli.store import Store

__all__ = ["NoRunError", "Standing", "StandingFinding", "read_standing", "standing_findings"]

_CHUNK = 2_000


class NoRunError(NotFoundError):
    """No run of the audit was stored so far that looked at any of the policies."""

    code = "no-audit-run"


@dataclass(frozen=True)
class Standing:
    """The newest run, how each policy and dimension stands by the findings that are open now, and the trends."""

    run_id: int
    run_day: date
    actor: str
    results: list[PolicyResult]
    dimensions: list[DimensionScore]
    trends: dict[str, Trend]
    since: Since | None = None

    @property
    def level(self) -> Level:
        """The worst level that any policy reached."""
        return max((one.level for one in self.results), key=lambda level: level.rank, default=Level.OK)

    @property
    def worst(self) -> list[PolicyResult]:
        """The policies that have findings to show, the worst first."""
        found = [one for one in self.results if self.shown(one)]
        return sorted(found, key=lambda one: (-one.level.rank, -one.share, one.policy.name))

    def shown(self, one: PolicyResult) -> int:
        """How many open findings of a policy count: all, or those found since the day that was asked for."""
        return one.counts.failing if self.since is None else one.counts.new

    def trend(self, dimension: str) -> Trend | None:
        """The trend of a dimension."""
        return self.trends.get(f"dimension:{dimension}")

    def exit_code(self, fail_on: Level) -> ExitCode:
        """Return 3 when a policy reached `fail_on` or worse, else 0."""
        return ExitCode.FINDINGS if self.level.rank >= fail_on.rank else ExitCode.DONE


@dataclass(frozen=True)
class StandingFinding:
    """An open finding, the policy that found it, and the day of the run that did so first."""

    id: int
    policy: Policy
    record_id: int
    severity: str
    since: date


def read_standing(store: Store, policies: Sequence[Policy], *, since: Since | None = None, runs: int = 20) -> Standing:
    """Return how `policies` stand by the newest stored run of each and the findings that are open now.

    With `since` they are judged by what was found since then alone. Raises `NoRunError`.
    """
    with store.read() as connection:
        newest = newest_runs(store, connection)
        runs_here = [newest[one.name] for one in policies if one.name in newest]
        if not runs_here:
            raise NoRunError("no audit was run and stored so far", hint="crm audit run")
        records = _records(store, connection)
        counted = _counts(store, connection, found_since(store, since or "last", newest))
        table = store.table("audit_run")
        run = connection.execute(sa.select(table).where(table.c.id == max(runs_here))).mappings().one()
    trends = {one.name: one for one in read_history(store, runs=runs)}
    results = [
        _judged(one, records.get(one.name, 0), counted.get((one.name, one.entity), {}), trends, new_only=bool(since))
        for one in policies
    ]
    before = {name: score for name, trend in trends.items() if (score := _score_before(trend)) is not None}
    return Standing(
        run["id"], run["today"], run["actor"] or "", results, dimension_scores(results, before), trends, since
    )


def _records(store: Store, connection: sa.Connection) -> dict[str, int]:
    """How many records each policy looked at in its newest run."""
    table = store.table("quality_snapshot")
    last = sa.select(table.c.policy, sa.func.max(table.c.run_id).label("run_id")).group_by(table.c.policy).subquery()
    same = sa.and_(table.c.policy == last.c.policy, table.c.run_id == last.c.run_id)
    query = sa.select(table.c.policy, table.c.records).select_from(table.join(last, same))
    return {policy: number or 0 for policy, number in connection.execute(query)}


_States = dict[tuple[str, str, int], int]  # severity, status, whether it is new → how many


def _counts(store: Store, connection: sa.Connection, is_new: sa.ColumnElement[bool]) -> dict[tuple[str, str], _States]:
    table = store.table("finding")
    new = sa.case((is_new, 1), else_=0).label("new")
    inner = sa.select(table.c.policy, table.c.entity, table.c.severity, table.c.status, new)
    states = inner.where(table.c.status.in_(("open", "accepted"))).subquery()
    found: dict[tuple[str, str], _States] = {}
    query: sa.Select[Any] = sa.select(*states.c, sa.func.count()).group_by(*states.c)
    for policy, entity, severity, status, fresh, number in connection.execute(query):
        found.setdefault((policy, entity), {})[(severity, status, fresh)] = number
    return found


def _judged(policy: Policy, records: int, states: _States, trends: dict[str, Trend], *, new_only: bool) -> PolicyResult:
    def number(severity: Level, *, fresh: tuple[int, ...] = (0, 1)) -> int:
        return sum(states.get((severity.value, "open", one), 0) for one in fresh)

    failing = number(Level.WARN) + number(Level.ERROR)
    counts = Counts(
        records=max(records, failing),  # a run over a part may have found more since
        warnings=number(Level.WARN), errors=number(Level.ERROR),
        new_warnings=number(Level.WARN, fresh=(1,)), new_errors=number(Level.ERROR, fresh=(1,)),
        accepted=sum(count for (_, status, _), count in states.items() if status == "accepted"),
    )  # fmt: skip
    level = level_of(policy, counts, new_only=new_only)
    return PolicyResult(policy, counts, level, score_of(counts), _score_before(trends.get(policy.name)))


def _score_before(trend: Trend | None) -> float | None:
    """The score in the run before the newest."""
    return trend.points[-2][2] if trend and len(trend.points) > 1 else None


def standing_findings(
    store: Store, connection: sa.Connection, policy: Policy, *, since: Since | None = None, limit: int | None = None
) -> Iterator[list[StandingFinding]]:
    """Yield the open findings of a policy by record, in chunks: there may be millions."""
    table, run = store.table("finding"), store.table("audit_run")
    query = (
        sa.select(table.c.id, table.c.record_id, table.c.severity, run.c.today)
        .select_from(table.join(run, run.c.id == table.c.first_run_id))
        .where(table.c.policy == policy.name, table.c.entity == policy.entity, table.c.status == "open")
        .order_by(table.c.record_id)
    )
    if since is not None:
        query = query.where(found_since(store, since, newest_runs(store, connection)))
    last, left = -1, limit
    while left is None or left > 0:
        size = _CHUNK if left is None else min(left, _CHUNK)
        rows = connection.execute(query.where(table.c.record_id > last).limit(size)).all()
        if not rows:
            return
        yield [StandingFinding(number, policy, record, severity, day) for number, record, severity, day in rows]
        last, left = rows[-1].record_id, None if left is None else left - len(rows)
