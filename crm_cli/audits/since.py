"""Since when a finding stands: what is new since the last run, or since a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal, TypeAlias

import sqlalchemy as sa

from crm_cli.store import Store

__all__ = ["Since", "found_since", "newest_runs"]

Since: TypeAlias = date | Literal["last"]


def newest_runs(store: Store, connection: sa.Connection) -> dict[str, int]:
    """Return the newest run that looked at the whole of each policy and dimension."""
    table = store.table("quality_snapshot")
    query = sa.select(table.c.policy, sa.func.max(table.c.run_id)).group_by(table.c.policy)
    return dict(tuple(row) for row in connection.execute(query))


def found_since(store: Store, since: Since, newest: Mapping[str, int]) -> sa.ColumnElement[bool]:
    """Return the condition that a finding was first found on or after a day, or by the `newest` run of its policy.

    Runs over a part (`--where`) that came after the newest whole one count with it.
    """
    finding = store.table("finding")
    if since == "last":
        run = sa.case(newest, value=finding.c.policy, else_=0) if newest else sa.literal(0)
        return finding.c.first_run_id >= run
    runs = store.table("audit_run")
    return finding.c.first_run_id.in_(sa.select(runs.c.id).where(runs.c.today >= since))
