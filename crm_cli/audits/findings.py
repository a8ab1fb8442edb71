"""Findings: which records a policy found wrong, kept from run to run – open, accepted for a while, or fixed.

Everything is set-based: the findings that are there are compared with the verdicts of a policy once (`compare`), which
says how many of each kind there are; only kinds of which there are any cost a write.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa

from crm_cli.audits.policy import Level, Policy
from crm_cli.audits.verdicts import Verdict
from crm_cli.store import Store

__all__ = ["Comparison", "Counts", "compare", "policies_with_findings", "store_findings"]

_OPEN, _ACCEPTED, _EXPIRED, _FIXED = "open", "accepted", "expired", "fixed"
_LEVELS = {1: Level.WARN, 2: Level.ERROR}


@dataclass(frozen=True)
class Counts:
    """What one policy found: records looked at, those failing as warning and as error, and how many are new.

    Accepted findings count apart, and `fixed` are those that were found before and no longer.
    """

    records: int = 0
    warnings: int = 0
    errors: int = 0
    new_warnings: int = 0
    new_errors: int = 0
    accepted: int = 0
    fixed: int = 0

    @property
    def failing(self) -> int:
        """Records that fail and are not accepted."""
        return self.warnings + self.errors

    @property
    def new(self) -> int:
        """Records that fail and did not before."""
        return self.new_warnings + self.new_errors


@dataclass
class Comparison:
    """How many findings of each kind are there beside a verdict.

    `standing` and `back` by level: findings that stand and are found again (accepted ones apart), and fixed ones that
    came back. `gone` stand and are found no more; `worded` are to get the other severity; `known` are all that stand
    beside a failing record, whatever their state.
    """

    verdict: Verdict
    standing: Counter[int] = field(default_factory=Counter)
    accepted: Counter[int] = field(default_factory=Counter)
    back: int = 0
    expired: int = 0
    gone: int = 0
    other_severity: Counter[int] = field(default_factory=Counter)
    known: int = 0

    @property
    def unknown(self) -> int:
        """How many records fail that have no finding."""
        return self.verdict.totals.failing - self.known

    @property
    def counts(self) -> Counts:
        """What the policy found, as a run reports it."""
        totals = self.verdict.totals
        warnings, errors = totals.warnings - self.accepted[1], totals.errors - self.accepted[2]
        return Counts(
            totals.records, warnings, errors, warnings - self.standing[1], errors - self.standing[2],
            self.accepted.total(), self.gone,
        )  # fmt: skip

    def add(self, state: str, level: int, number: int, *, severity_differs: bool) -> None:
        """Count findings of one state whose records have one verdict: 0 does not fail, 1 is a warning, 2 an error."""
        if not level:
            self.gone += 0 if state == _FIXED else number
            return
        self.known += number
        self.back += number if state == _FIXED else 0
        self.expired += number if state == _EXPIRED else 0
        self.accepted[level] += number if state == _ACCEPTED else 0
        self.standing[level] += number if state in (_OPEN, _EXPIRED) else 0
        self.other_severity[level] += number if severity_differs else 0


def policies_with_findings(store: Store, connection: sa.Connection, policies: Collection[Policy]) -> set[str]:
    """Return the names of the policies that have findings, of whatever state."""
    table = store.table("finding")
    return {
        policy.name
        for policy in policies
        if connection.scalar(sa.select(table.c.id).where(*_of(table, policy)).limit(1)) is not None
    }


def compare(store: Store, connection: sa.Connection, verdict: Verdict, today: date) -> Comparison:
    """Compare what a policy says with its findings of earlier runs."""
    finding = store.table("finding")
    level = sa.func.coalesce(verdict.level, 0)
    severity = sa.case(*((level == number, one.value) for number, one in _LEVELS.items()), else_=finding.c.severity)
    state = sa.case(
        (sa.and_(finding.c.status == _ACCEPTED, finding.c.accepted_until >= today), _ACCEPTED),
        (sa.and_(finding.c.status == _ACCEPTED, finding.c.accepted_until < today), _EXPIRED),
        (finding.c.status == _FIXED, _FIXED),
        else_=_OPEN,
    )
    inner = (
        sa.select(
            state.label("state"),
            level.label("level"),
            sa.case((finding.c.severity != severity, 1), else_=0).label("differs"),
        )
        .select_from(finding.outerjoin(verdict.table, verdict.table.c.record_id == finding.c.record_id))
        .where(*_of(finding, verdict.policy), *verdict.within(finding.c.record_id))
        .subquery()
    )
    found = Comparison(verdict)
    query: sa.Select[Any] = sa.select(*inner.c, sa.func.count()).group_by(*inner.c)
    for state_, level_, differs, number in connection.execute(query):
        found.add(state_, level_, number, severity_differs=bool(differs))
    return found


def _of(finding: sa.FromClause, policy: Policy) -> tuple[sa.ColumnElement[bool], ...]:
    return finding.c.policy == policy.name, finding.c.entity == policy.entity


def store_findings(store: Store, connection: sa.Connection, compared: Comparison, *, run_id: int, today: date) -> None:
    """Bring the stored findings of a policy up to what was found now.

    A finding that comes back is opened again as a new one; an acceptance ends after its last day. `last_run_id` is
    filled when a finding is fixed, with the last run that found it: so a finding that stands costs no write.
    """
    verdict = compared.verdict
    policy, finding = verdict.policy, store.table("finding")
    mine = sa.update(finding).where(*_of(finding, policy))
    unaccepted = {"accepted_until": None, "accepted_by": None, "reason": None}
    if compared.gone:
        gone = sa.and_(finding.c.status != _FIXED, *verdict.within(finding.c.record_id), ~_fails(finding, verdict))
        previous = _previous_run(store, connection, policy, run_id)
        connection.execute(mine.where(gone).values(status=_FIXED, last_run_id=previous))
    if compared.back:
        again = {"status": _OPEN, "first_run_id": run_id, "last_run_id": None, "message": policy.message, **unaccepted}
        connection.execute(mine.where(finding.c.status == _FIXED, _fails(finding, verdict)).values(**again))
    if compared.expired:
        expired = sa.and_(finding.c.status == _ACCEPTED, finding.c.accepted_until < today)
        connection.execute(mine.where(expired, _fails(finding, verdict)).values(status=_OPEN, **unaccepted))
    for number in (one for one in _LEVELS if compared.other_severity[one]):
        other = sa.and_(finding.c.severity != _LEVELS[number].value, _fails(finding, verdict, number))
        connection.execute(mine.where(other).values(severity=_LEVELS[number].value))
    if compared.unknown:
        _insert_new(store, connection, compared, run_id)


def _fails(finding: sa.FromClause, verdict: Verdict, level: int | None = None) -> sa.ColumnElement[bool]:
    """Return the condition that the record of a finding fails; at that level, if one is given."""
    failing = verdict.level > 0 if level is None else verdict.level == level
    return sa.exists().where(verdict.table.c.record_id == finding.c.record_id, failing).correlate(finding)


def _insert_new(store: Store, connection: sa.Connection, compared: Comparison, run_id: int) -> None:
    verdict, finding = compared.verdict, store.table("finding")
    policy, record_id = verdict.policy, verdict.table.c.record_id
    first = store.allocate(connection, "finding", compared.unknown)[0]
    values: dict[str, Any] = {
        "id": sa.func.row_number().over(order_by=record_id) + (first - 1),
        "policy": sa.literal(policy.name), "entity": sa.literal(policy.entity), "record_id": record_id,
        "severity": sa.case((verdict.level == 2, Level.ERROR.value), else_=Level.WARN.value),
        "message": sa.literal(policy.message), "first_run_id": sa.literal(run_id), "status": sa.literal(_OPEN),
    }  # fmt: skip
    failing = sa.select(*(value.label(name) for name, value in values.items())).where(verdict.level > 0)
    if compared.known:
        known = sa.exists().where(*_of(finding, policy), finding.c.record_id == record_id)
        failing = failing.where(~known.correlate(verdict.table))
    connection.execute(sa.insert(finding).from_select(list(values), failing))


def _previous_run(store: Store, connection: sa.Connection, policy: Policy, run_id: int) -> int:
    """Return the run before this one that looked at the policy: the last that found what is gone now."""
    table = store.table("quality_snapshot")
    query = sa.select(sa.func.max(table.c.run_id)).where(table.c.policy == policy.name, table.c.run_id < run_id)
    return connection.scalar(query) or run_id
