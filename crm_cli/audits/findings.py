"""Findings: which records a policy found wrong, kept from run to run – open, accepted for a while, or fixed.

Everything is set-based: the records that fail stand in a temporary table (or, when nothing may be written, in a
subquery), and are compared with the findings that are there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from crm_cli.audits.policy import Level, Policy
from crm_cli.audits.questions import Question
from crm_cli.store import Store

__all__ = ["Counts", "count", "failing_subquery", "failing_table", "store_findings"]

_TEMPORARY = """CREATE TEMPORARY TABLE IF NOT EXISTS audit_failing
    (record_id BIGINT NOT NULL PRIMARY KEY, severity VARCHAR(5) NOT NULL)"""
_NEW, _OPEN, _ACCEPTED = "new", "open", "accepted"


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


def failing_subquery(question: Question) -> sa.FromClause:
    """Return the failing records as a subquery: for runs that write nothing."""
    return question.failing.subquery("failing")


def failing_table(connection: sa.Connection, question: Question) -> sa.FromClause:
    """Put the failing records into a temporary table, which a run uses again for every policy; return it."""
    connection.exec_driver_sql(_TEMPORARY)
    table = sa.table("audit_failing", sa.column("record_id", sa.BigInteger), sa.column("severity", sa.String))
    connection.execute(sa.delete(table))
    connection.execute(sa.insert(table).from_select(["record_id", "severity"], question.failing))
    return table


def count(store: Store, connection: sa.Connection, question: Question, failing: sa.FromClause, today: date) -> Counts:
    """Count what a policy found, beside the findings of earlier runs."""
    found = _by_state(store, connection, question.policy, failing, today)
    population = sa.select(sa.func.count()).select_from(question.population.subquery())
    warn, error = Level.WARN.value, Level.ERROR.value
    return Counts(
        records=connection.scalar(population) or 0,
        warnings=found.get((warn, _NEW), 0) + found.get((warn, _OPEN), 0),
        errors=found.get((error, _NEW), 0) + found.get((error, _OPEN), 0),
        new_warnings=found.get((warn, _NEW), 0),
        new_errors=found.get((error, _NEW), 0),
        accepted=found.get((warn, _ACCEPTED), 0) + found.get((error, _ACCEPTED), 0),
        fixed=connection.scalar(_gone(store, question, failing, sa.func.count())) or 0,
    )


def _by_state(
    store: Store, connection: sa.Connection, policy: Policy, failing: sa.FromClause, today: date
) -> dict[tuple[str, str], int]:
    finding = store.table("finding")
    accepted = sa.and_(finding.c.status == "accepted", finding.c.accepted_until >= today)
    state = sa.case(
        (sa.or_(finding.c.id.is_(None), finding.c.status == "fixed"), sa.literal(_NEW)),
        (accepted, sa.literal(_ACCEPTED)),
        else_=sa.literal(_OPEN),
    ).label("state")
    same = sa.and_(*_of(finding, policy), finding.c.record_id == failing.c.record_id)
    inner = sa.select(failing.c.severity, state).select_from(failing.outerjoin(finding, same)).subquery()
    query = sa.select(inner.c.severity, inner.c.state, sa.func.count()).group_by(inner.c.severity, inner.c.state)
    return {(severity, state): number for severity, state, number in connection.execute(query)}


def _of(finding: sa.FromClause, policy: Policy) -> tuple[sa.ColumnElement[bool], ...]:
    return finding.c.policy == policy.name, finding.c.entity == policy.entity


def _gone(store: Store, question: Question, failing: sa.FromClause, what: Any) -> sa.Select[Any]:
    """Select from the findings that stood until now and are no longer found."""
    finding = store.table("finding")
    return sa.select(what).select_from(finding).where(*_gone_conditions(finding, question, failing))


def _gone_conditions(finding: sa.Table, question: Question, failing: sa.FromClause) -> list[sa.ColumnElement[bool]]:
    still = sa.exists().where(failing.c.record_id == finding.c.record_id).correlate(finding)
    return [*_of(finding, question.policy), finding.c.status != "fixed", *question.within(finding.c.record_id), ~still]


def store_findings(
    store: Store, connection: sa.Connection, question: Question, failing: sa.FromClause, *, run_id: int, today: date
) -> None:
    """Bring the stored findings of a policy up to what was found now.

    A finding that comes back is opened again as a new one; an acceptance ends after its last day. `last_run_id` is
    filled when a finding is fixed, with the last run that found it: so a finding that stands costs no write.
    """
    policy = question.policy
    finding = store.table("finding")
    here = finding.c.record_id.in_(sa.select(failing.c.record_id))
    mine = sa.update(finding).where(*_of(finding, policy))
    unaccepted = {"accepted_until": None, "accepted_by": None, "reason": None}
    reopened = {"status": "open", "first_run_id": run_id, "last_run_id": None, "message": policy.message, **unaccepted}
    previous = _previous_run(store, connection, policy, run_id)
    gone = _gone_conditions(finding, question, failing)
    connection.execute(sa.update(finding).where(*gone).values(status="fixed", last_run_id=previous))
    connection.execute(mine.where(finding.c.status == "fixed", here).values(**reopened))
    expired = sa.and_(finding.c.status == "accepted", finding.c.accepted_until < today)
    connection.execute(mine.where(expired, here).values(status="open", **unaccepted))
    for level in (Level.WARN, Level.ERROR):
        of_level = sa.select(failing.c.record_id).where(failing.c.severity == level.value)
        other = sa.and_(finding.c.severity != level.value, finding.c.record_id.in_(of_level))
        connection.execute(mine.where(other).values(severity=level.value))
    _insert_new(store, connection, policy, failing, run_id)


def _insert_new(store: Store, connection: sa.Connection, policy: Policy, failing: sa.FromClause, run_id: int) -> None:
    finding = store.table("finding")
    known = sa.exists().where(*_of(finding, policy), finding.c.record_id == failing.c.record_id).correlate(failing)
    number = connection.scalar(sa.select(sa.func.count()).select_from(failing).where(~known)) or 0
    if not number:
        return
    first = store.allocate(connection, "finding", number)[0]
    values: dict[str, Any] = {
        "id": sa.func.row_number().over(order_by=failing.c.record_id) + (first - 1),
        "policy": sa.literal(policy.name), "entity": sa.literal(policy.entity), "record_id": failing.c.record_id,
        "severity": failing.c.severity, "message": sa.literal(policy.message),
        "first_run_id": sa.literal(run_id), "status": sa.literal("open"),
    }  # fmt: skip
    rows = sa.select(*(value.label(name) for name, value in values.items())).select_from(failing).where(~known)
    connection.execute(sa.insert(finding).from_select(list(values), rows))


def _previous_run(store: Store, connection: sa.Connection, policy: Policy, run_id: int) -> int:
    """Return the run before this one that looked at the policy: the last that found what is gone now."""
    table = store.table("quality_snapshot")
    query = sa.select(sa.func.max(table.c.run_id)).where(table.c.policy == policy.name, table.c.run_id < run_id)
    return connection.scalar(query) or run_id
