"""The whole view of one record: what the records room shows of it, and what audits and searches say about it.

To add what another room knows of a record: a function here that returns rows, and its part in `view`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import sqlalchemy as sa

from crm_cli import records
from crm_cli.audits import Policy, half_lives_of_last_run, judged, read_findings, with_half_lives
from crm_cli.dictionary import Entity
from crm_cli.history import resolve_all
from crm_cli.jobs.decisions import pair_of, read_decisions
from crm_cli.jobs.matching import WORTH_A_LOOK, NoRunError, last_run
from crm_cli.records import View
from crm_cli.store import Store

__all__ = ["view"]

_OPERATIONS = 5  # the last that touched the record
Row = dict[str, Any]


def view(store: Store, entity: str, text: str, policies: Callable[[], Sequence[Policy]]) -> View:
    """Return what there is to know of the record that `text` names; raises what `records.locate` raises.

    Besides what `records.view` has: the freshness of each group as the policies judge it (`confirmed`), the open
    findings of the audit, the undecided pairs of the last search for duplicates, and the last operations. `policies` is
    asked only for a record that there is.
    """
    found = records.view(store, entity, text)
    declared, number = store.dictionary.entity(entity), found.id
    known = list(policies())
    with store.read() as connection:
        groups = _groups_with_values(store, declared, found)
        created = found.parts["record"]["created_at"].astimezone(store.zone).date()
        fresh = _freshness(
            store, found, with_half_lives(known, half_lives_of_last_run(store, connection)), groups, created
        )
        pairs = _duplicates(store, connection, declared, number)
        operations, more = _operations(store, connection, declared, number)
    parts = {**found.parts, "confirmed": fresh, "findings": _findings(store, declared, number, known)}
    parts |= {"duplicates": pairs, "operations": operations}
    filled = {name: part for name, part in parts.items() if part}
    return replace(found, parts=filled, left_out=found.left_out | ({"operations": more} if more else {}))


def _groups_with_values(store: Store, entity: Entity, found: View) -> list[str]:
    """Return the freshness groups in which the record holds something."""
    names = {one.name: one.freshness for one in entity.fields if one.freshness}
    groups = {names[name] for name in found.parts["record"] if name in names}
    for detail, _ in store.dictionary.details_of(entity.name):
        if found.parts.get(detail.plural):
            groups |= {one.freshness for one in detail.fields if one.freshness}
    return sorted(group.value for group in groups)


def _freshness(
    store: Store, found: View, policies: Sequence[Policy], groups: Sequence[str], created: date
) -> list[Row]:
    """Return each group with when and how it was last confirmed, and what the policies make of that."""
    confirmed = {row["group"]: row for row in found.parts.get("confirmed", ())}
    rows = []
    entity, today = store.dictionary.entity(found.entity).name, store.today()
    nothing = dict.fromkeys(("confirmed_at", "method", "result", "source", "by", "valid_at"))
    for group in sorted({*groups, *confirmed}):
        row = confirmed.get(group, {"group": group, **nothing})
        day = row["valid_at"].astimezone(store.zone).date() if row["valid_at"] else created
        state, holds = judged(policies, entity, group, day, today, dead=row["result"] == "dead")
        rows.append({**row, "days": max((today - day).days, 0), "still_valid": round(holds, 2), "state": state})
    return rows


def _findings(store: Store, entity: Entity, number: int, policies: Sequence[Policy]) -> list[Row]:
    """Return the open findings of the record, each with the command that mends it."""
    known = {one.name: one for one in policies}
    return [
        {
            "finding": one.id, "severity": one.severity, "policy": one.policy, "message": one.message,
            "fix": known[one.policy].fix.replace("{id}", str(number)),
        }
        for one in read_findings(store, policies=known, record=(entity.name, number))
    ]  # fmt: skip


def _duplicates(store: Store, connection: sa.Connection, entity: Entity, number: int) -> list[Row]:
    """Return the undecided pairs of the last search in which the record is, the most probable first."""
    try:
        run = last_run(store, entity)
    except NoRunError:
        return []
    table, merged = store.table("match_pair"), store.table(entity.name)
    mine = [number, *connection.scalars(sa.select(merged.c.id).where(merged.c.merged_into_id == number))]
    within = sa.or_(table.c.left_id.in_(mine), table.c.right_id.in_(mine))
    query = sa.select(table).where(table.c.run_id == run.id, table.c.probability >= WORTH_A_LOOK, within)
    pairs = connection.execute(query.order_by(table.c.probability.desc(), table.c.id)).all()
    today = resolve_all(store, connection, entity.name, {one for row in pairs for one in (row.left_id, row.right_id)})
    others: dict[int, float] = {}
    for row in pairs:
        for other in {today[row.left_id], today[row.right_id]} - {number}:
            others.setdefault(other, row.probability)
    decided = read_decisions(store, connection, entity.name, {number, *others})
    living = set(
        connection.scalars(sa.select(merged.c.id).where(merged.c.id.in_(others), merged.c.deleted_at.is_(None)))
    )
    titles = records.titles_of(store, connection, entity.name, list(others))
    return [
        {
            "id": other, "title": titles[other], "probability": round(probability, 4),
            "review": f"crm dedupe explain {entity.noun} {number} {other}",
        }
        for other, probability in others.items()
        if other in living and pair_of(number, other) not in decided
    ]  # fmt: skip


def _operations(store: Store, connection: sa.Connection, entity: Entity, number: int) -> tuple[list[Row], int]:
    """Return the last operations on the record or its contact points, newest first, and how many are older."""
    change, operation = store.table("change"), store.table("operation")
    touched = [sa.and_(change.c.entity == entity.name, change.c.record_id == number)]
    for detail, via in store.dictionary.details_of(entity.name):
        points = store.table(detail.name)
        ids = list(connection.scalars(sa.select(points.c.id).where(points.c[via.name] == number)))
        if ids:
            touched.append(sa.and_(change.c.entity == detail.name, change.c.record_id.in_(ids)))
    numbers: set[int] = set()
    for condition in touched:
        numbers |= set(connection.scalars(sa.select(change.c.operation_id).distinct().where(condition)))
    last = sorted(numbers, reverse=True)[:_OPERATIONS]
    query = sa.select(operation).where(operation.c.id.in_(last)).order_by(operation.c.id.desc())
    rows = [
        {
            "operation": row.id, "kind": row.kind, "at": row.started_at, "by": row.actor, "reason": row.reason,
            "undone_by": row.undone_by_id,
        }
        for row in connection.execute(query)
    ]  # fmt: skip
    return rows, len(numbers) - len(rows)
