"""Reading findings, and accepting them for a while – or cron is red for ever, and gets deleted."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from crm_cli.audits.since import Since, found_since, newest_runs
from crm_cli.errors import NotFoundError, UsageError
from crm_cli.store import Store

__all__ = ["Accepted", "StoredFinding", "accept", "read_findings"]


@dataclass(frozen=True)
class StoredFinding:
    """A finding as it is stored."""

    id: int
    policy: str
    entity: str
    record_id: int
    severity: str
    message: str
    status: str
    accepted_until: date | None
    accepted_by: str | None
    reason: str | None


@dataclass(frozen=True)
class Accepted:
    """What was accepted: findings per policy."""

    by_policy: dict[str, int]

    @property
    def total(self) -> int:
        """How many findings."""
        return sum(self.by_policy.values())


def read_findings(
    store: Store,
    *,
    policies: Collection[str] = (),
    statuses: Collection[str] = ("open",),
    record: tuple[str, int] | None = None,
    since: Since | None = None,
    limit: int | None = None,
) -> list[StoredFinding]:
    """Return stored findings, of all records or of one (entity and number): errors first, then by policy and record.

    `since` leaves those that were first found by the newest run of their policy, or on that day or later.
    """
    table = store.table("finding")
    names = list(StoredFinding.__dataclass_fields__)
    worst_first = sa.case((table.c.severity == "error", 0), else_=1)
    query = sa.select(*(table.c[name] for name in names)).where(table.c.status.in_(sorted(statuses)))
    if record:
        query = query.where(table.c.entity == record[0], table.c.record_id == record[1])
    if policies:
        query = query.where(table.c.policy.in_(sorted(policies)))
    with store.read() as connection:
        if since is not None:
            query = query.where(found_since(store, since, newest_runs(store, connection)))
        rows = connection.execute(query.order_by(worst_first, table.c.policy, table.c.record_id).limit(limit))
        return [StoredFinding(**row) for row in rows.mappings()]


def accept(
    store: Store, what: Sequence[int | str], *, until: date, today: date, reason: str, actor: str, dry_run: bool = False
) -> Accepted:
    """Accept findings by number, or all open findings of a policy by its name, up to and including `until`.

    What a policy finds later is not accepted by this. Raises `NotFoundError` for what is not an open finding, and
    `UsageError` for a day that is over or no reason.
    """
    if until < today:
        raise UsageError(f"--until {until} is over", hint="give a day to come")
    if not reason.strip():
        raise UsageError("an acceptance needs a reason", hint="give --reason TEXT; the next reader will ask")
    table = store.table("finding")
    numbers = [one for one in what if isinstance(one, int)]
    names = [one for one in what if isinstance(one, str)]
    chosen = sa.and_(
        table.c.status.in_(("open", "accepted")), sa.or_(table.c.id.in_(numbers), table.c.policy.in_(names))
    )
    with store.read() as connection:
        _check_found(connection, table, numbers, names)
        grouped = sa.select(table.c.policy, sa.func.count()).where(chosen).group_by(table.c.policy)
        counts: dict[str, int] = dict(tuple(row) for row in connection.execute(grouped.order_by(table.c.policy)))
    if not dry_run:
        values: dict[str, Any] = {"accepted_until": until, "accepted_by": actor, "reason": reason}
        with store.write() as connection:
            connection.execute(table.update().where(chosen).values(status="accepted", **values))
    return Accepted(counts)


def _check_found(connection: sa.Connection, table: sa.Table, numbers: Sequence[int], names: Sequence[str]) -> None:
    standing = table.c.status.in_(("open", "accepted"))
    known = set(connection.scalars(sa.select(table.c.id).where(standing, table.c.id.in_(numbers))))
    missing: list[int | str] = [one for one in numbers if one not in known]
    found = set(connection.scalars(sa.select(table.c.policy).where(standing, table.c.policy.in_(names)).distinct()))
    missing += [one for one in names if one not in found]
    if missing:
        what = f"finding {missing[0]}" if isinstance(missing[0], int) else f"finding of a policy {missing[0]!r}"
        raise NotFoundError(f"there is no open {what}", hint="crm audit findings lists them", finding=missing[0])
