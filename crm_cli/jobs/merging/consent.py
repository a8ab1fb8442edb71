"""Consent after a merge: the most restrictive of what the merged records had said.

Consent is append-only, and the newest row of a channel and purpose holds. Were the rows only put together, a later
"given" of one record would override the other's "withdrawn", which never was about that record.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from crm_cli.history import Operation
from crm_cli.jobs.merging.clusters import Cluster
from crm_cli.store import in_chunks

__all__ = ["restrict_consents"]

Row = Mapping[str, Any]
_EVERY_CHANNEL = "any"


def restrict_consents(op: Operation, clusters: Sequence[Cluster]) -> int:
    """Write a withdrawal for each cluster, channel and purpose that a member had withdrawn and the union would allow.

    Call it before the rows are re-attached. Returns how many withdrawals were written.
    """
    rows = _read(op, [number for cluster in clusters for number in cluster.members])
    added: list[dict[str, Any]] = []
    units: list[int] = []
    for cluster in clusters:
        for row in _withdrawals({number: rows.get(number, []) for number in cluster.members}):
            evidence = f"withdrawn by {row['party_id']}, merged into {cluster.survivor}"
            added.append({
                "party_id": cluster.survivor, "channel": row["channel"], "purpose": row["purpose"],
                "status": "withdrawn", "recorded_at": max(op.started_at, row["not_before"]),
                "evidence": evidence,
            })  # fmt: skip
            units.append(cluster.survivor)
    op.insert("consent", added, units=units)
    return len(added)


def _read(op: Operation, ids: Sequence[int]) -> dict[int, list[Row]]:
    table = op.store.table("consent")
    found: dict[int, list[Row]] = defaultdict(list)
    for chunk in in_chunks(ids):
        query = sa.select(table).where(table.c.party_id.in_(chunk), table.c.deleted_at.is_(None))
        for row in op.connection.execute(query.order_by(table.c.recorded_at, table.c.id)).mappings():
            found[row["party_id"]].append(dict(row))
    return found


def _withdrawals(by_member: Mapping[int, Sequence[Row]]) -> list[dict[str, Any]]:
    """Return (party_id, channel, purpose) of each withdrawal that the union of the rows would forget.

    `not_before` is the newest that was said of it: a consent can be dated in the future, and of equals the last holds.
    """
    united = sorted(
        (row for rows in by_member.values() for row in rows), key=lambda row: (row["recorded_at"], row["id"])
    )
    lost = []
    for channel, purpose in sorted({(row["channel"], row["purpose"]) for row in united}):
        objecting = next((n for n, rows in by_member.items() if _status(rows, channel, purpose) == "withdrawn"), None)
        newest = _newest(united, channel, purpose)
        if objecting is not None and newest is not None and newest["status"] == "given":
            not_before = newest["recorded_at"]
            lost.append({"party_id": objecting, "channel": channel, "purpose": purpose, "not_before": not_before})
    return lost


def _status(rows: Sequence[Row], channel: str, purpose: str) -> str | None:
    newest = _newest(rows, channel, purpose)
    return None if newest is None else str(newest["status"])


def _newest(rows: Sequence[Row], channel: str, purpose: str) -> Row | None:
    """Return the newest row that covers the channel; `any` covers all."""
    covering = [row for row in rows if row["purpose"] == purpose and row["channel"] in (channel, _EVERY_CHANNEL)]
    return covering[-1] if covering else None
