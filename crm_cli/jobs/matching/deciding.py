"""Decisions of a person about pairs, each an operation of its own – stored at once, undone like any write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa

from crm_cli.dictionary import Entity
from crm_cli.errors import NotFoundError, UsageError
from crm_cli.history import Author, Operation, operation, resolve_all
from crm_cli.jobs.decisions import DUPLICATE, Decision, Verdict, pair_of, read_decisions, record_decisions
from crm_cli.store import Store

__all__ = ["VERDICTS", "decide", "decision_about", "link_related"]

VERDICTS = ("duplicate", "same_household", "same_company", "related", "different", "unsure")
# What a decision becomes as a relationship of two parties, as (name, inverse name).
_RELATIONSHIPS = {
    "same_household": ("same household as", "same household as"),
    "same_company": ("same company as", "same company as"),
    "related": ("related to", "related to"),
}


def decide(
    store: Store, entity: str, verdicts: Sequence[Verdict], author: Author, *, link: bool = False, dry_run: bool = False
) -> int:
    """Record what was decided about pairs of records; return the number of the operation.

    Ids of merged records stand for their survivors. With `link` a decision for the same household or company also
    becomes a relationship of the two parties. Raises `NotFoundError` for an unknown or deleted record, `UsageError`
    for an unknown verdict or a record paired with itself.
    """
    declared = store.dictionary.entity(entity)
    for one in verdicts:
        if one.verdict not in VERDICTS:
            raise UsageError(f"{one.verdict!r} is no decision", hint=f"one of: {', '.join(VERDICTS)}")
    with operation(store, "decide", author, dry_run=dry_run) as op:
        settled = _of_today(op, declared, verdicts)
        record_decisions(op, declared.name, settled)
        if link and declared.subtype_of == "party":
            link_related(op, settled)
    return op.id


def decision_about(store: Store, entity: Entity, left: int, right: int) -> Decision | None:
    """Return what was decided about two records, None if nothing was."""
    with store.read() as connection:
        return read_decisions(store, connection, entity.name, (left, right)).get(pair_of(left, right))


def _of_today(op: Operation, entity: Entity, verdicts: Sequence[Verdict]) -> list[Verdict]:
    ids = {number for one in verdicts for number in (one.left, one.right)}
    today = resolve_all(op.store, op.connection, entity.name, ids)
    table = op.store.table(entity.name)
    query = sa.select(table.c.id).where(table.c.id.in_(sorted(set(today.values()))), table.c.deleted_at.is_(None))
    known = set(op.connection.scalars(query))
    for number, now in today.items():
        if now not in known:
            hint = f"crm {entity.noun} list shows those that exist"
            raise NotFoundError(f"there is no {entity.noun} {number}", hint=hint, entity=entity.name, record_id=number)
    return [replace(one, left=today[one.left], right=today[one.right]) for one in verdicts]


def link_related(op: Operation, verdicts: Sequence[Verdict]) -> None:
    """Make a relationship of each verdict for the same household, the same company or related, unless there is one."""
    for one in verdicts:
        if one.verdict == DUPLICATE or one.verdict not in _RELATIONSHIPS:
            continue
        kind = _relationship_type(op, *_RELATIONSHIPS[one.verdict])
        left, right = pair_of(one.left, one.right)
        table = op.store.table("relationship")
        query = sa.select(table.c.id).where(
            table.c.type_id == kind, table.c.party_id == left, table.c.other_party_id == right
        )
        if op.connection.scalar(query.where(table.c.deleted_at.is_(None))) is None:
            op.insert("relationship", [{"type_id": kind, "party_id": left, "other_party_id": right}])


def _relationship_type(op: Operation, name: str, inverse: str) -> int:
    table = op.store.table("relationship_type")
    known = op.connection.scalar(sa.select(table.c.id).where(table.c.name == name))
    return int(known) if known else op.insert("relationship_type", [{"name": name, "inverse_name": inverse}])[0]
