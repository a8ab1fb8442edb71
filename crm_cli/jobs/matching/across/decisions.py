"""Decisions about a record and one of another entity, remembered for ever, and read for the records of today."""

from __future__ import annotations

import sqlalchemy as sa

from crm_cli.history import Operation, resolve_all
from crm_cli.jobs.decisions import Decision, Pair, Verdict
from crm_cli.jobs.matching.across.sides import Across
from crm_cli.store import Store

__all__ = ["read_across_decisions", "record_across_decision"]


def read_across_decisions(store: Store, connection: sa.Connection, across: Across) -> dict[Pair, Decision]:
    """Return the decision about each pair (record, other record) of today; the newest holds where merges unite some."""
    table = store.table("cross_decision")
    query = sa.select(table).where(table.c.entity == across.entity.name, table.c.other_entity == across.other.name)
    rows = connection.execute(query.order_by(table.c.decided_at, table.c.id)).all()
    today = resolve_all(store, connection, across.entity.name, {row.record_id for row in rows})
    others = resolve_all(store, connection, across.other.name, {row.other_id for row in rows})
    return {
        (today[row.record_id], others[row.other_id]): Decision(row.verdict, row.actor, row.decided_at) for row in rows
    }


def record_across_decision(op: Operation, across: Across, one: Verdict) -> None:
    """Write a verdict, in place of what was decided about the same two before."""
    table = op.store.table("cross_decision")
    key = {
        "entity": across.entity.name, "record_id": one.left, "other_entity": across.other.name, "other_id": one.right,
    }  # fmt: skip
    said = {
        "verdict": one.verdict, "actor": op.author.actor, "decided_at": op.started_at,
        "reason": op.author.reason or None,
    }  # fmt: skip
    query = sa.select(table.c.id, table.c.verdict).where(*(table.c[name] == value for name, value in key.items()))
    known = op.connection.execute(query).one_or_none()
    if known is None:
        op.insert("cross_decision", [key | said], units=[one.left])
    elif known.verdict != one.verdict:
        op.update("cross_decision", {known.id: said}, unit=one.left)
