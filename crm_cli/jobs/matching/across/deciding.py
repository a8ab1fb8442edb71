"""Decisions of a person about a record and one of another entity; "the same" links the two."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from crm_cli.dictionary import Entity
from crm_cli.errors import NotFoundError, UsageError
from crm_cli.history import Author, Operation, operation, resolve_all
from crm_cli.jobs.decisions import DUPLICATE, Verdict
from crm_cli.jobs.matching.across.decisions import record_across_decision
from crm_cli.jobs.matching.across.sides import Across, living
from crm_cli.jobs.matching.deciding import VERDICTS
from crm_cli.store import Store

__all__ = ["decide_across"]


def decide_across(
    store: Store, across: Across, verdicts: Sequence[Verdict], author: Author, *, dry_run: bool = False
) -> int:
    """Record what was decided about pairs (`left` of the entity, `right` of the other); return the operation's number.

    A duplicate is linked: its record refers to the other one from then on. Nothing else of it changes – it is not
    converted, and whoever works on it goes on. Another verdict takes the link back. Ids of merged records stand for
    their survivors. Raises `NotFoundError` for an unknown or deleted record, `UsageError` for an unknown verdict and
    for a record that is linked to another one.
    """
    for one in verdicts:
        if one.verdict not in VERDICTS:
            raise UsageError(f"{one.verdict!r} is no decision", hint=f"one of: {', '.join(VERDICTS)}")
    with operation(store, "decide", author, dry_run=dry_run) as op:
        today = _of_today(op, across.entity, {one.left for one in verdicts})
        others = _of_today(op, across.other, {one.right for one in verdicts})
        for one in verdicts:
            settled = Verdict(today[one.left], others[one.right], one.verdict)
            record_across_decision(op, across, settled)
            _link(op, across, settled)
    return op.id


def _of_today(op: Operation, entity: Entity, ids: set[int]) -> dict[int, int]:
    today = resolve_all(op.store, op.connection, entity.name, ids)
    known = living(op.store, op.connection, entity, set(today.values()))
    for number, now in today.items():
        if now not in known:
            hint = f"crm {entity.noun} list shows those that exist"
            raise NotFoundError(f"there is no {entity.noun} {number}", hint=hint, entity=entity.name, record_id=number)
    return today


def _link(op: Operation, across: Across, one: Verdict) -> None:
    table = op.store.table(across.entity.name)
    linked = op.connection.scalar(sa.select(table.c[across.link]).where(table.c.id == one.left))
    wanted = one.right if one.verdict == DUPLICATE else None
    if wanted is None and linked != one.right:
        return  # it was not linked, or to something else
    if wanted is not None and linked not in (None, wanted):
        noun, other = across.entity.noun, across.other.noun
        raise UsageError(
            f"{noun} {one.left} is linked to {other} {linked} already",
            hint=f"crm dedupe decide {noun} {one.left} {linked} different --against {other} takes that back",
            record_id=one.left, linked=linked,
        )  # fmt: skip
    op.update(across.entity.name, {one.left: {across.link: wanted}}, unit=one.left)
