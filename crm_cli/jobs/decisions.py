"""Decisions about pairs of records: the same, or not the same but related, or different – remembered for ever.

A decision goes on naming the records that it was made about. Whoever reads it gets the records that stand for them
today, so it holds after merges, and an undone merge leaves it as it was.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crm_cli.errors import UsageError
from crm_cli.history import Operation, resolve_all, stood_for_by
from crm_cli.store import Store, in_chunks

__all__ = [
    "DUPLICATE",
    "NEGATIVE",
    "Choices",
    "Decision",
    "Pair",
    "Verdict",
    "pair_of",
    "read_decisions",
    "record_decisions",
]

DUPLICATE = "duplicate"
NEGATIVE = frozenset({"same_household", "same_company", "related", "different"})

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person chose for a merge: the surviving record, and for fields the record whose value survives."""

    survivor: int | None = None
    taken: Mapping[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any] | None:
        """Return the choices as they are kept; None where nothing was chosen."""
        kept = {"survivor": self.survivor, "taken": dict(self.taken)}
        return {name: value for name, value in kept.items() if value} or None

    @classmethod
    def from_json(cls, kept: Mapping[str, Any] | None) -> Choices:
        """Return what `to_json` made."""
        kept = kept or {}
        return cls(kept.get("survivor"), kept.get("taken") or {})


@dataclass(frozen=True, slots=True)
class Verdict:
    """A verdict to be recorded about two records; `choices`: what survives when the two are merged."""

    left: int
    right: int
    verdict: str
    unit: int | None = None
    choices: Choices | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about two records, by whom and when; `implied` by the undoing of their merge.

    `choices` name records as they were called when it was decided.
    """

    verdict: str
    actor: str
    decided_at: datetime
    implied: bool = False
    choices: Choices = field(default_factory=Choices)

    @property
    def is_negative(self) -> bool:
        """Whether the two are not the same."""
        return self.verdict in NEGATIVE


def pair_of(one: int, other: int) -> Pair:
    """Return the two ids as decisions and pairs are kept, the smaller first."""
    return (one, other) if one < other else (other, one)


def read_decisions(
    store: Store, connection: sa.Connection, entity: str, ids: Collection[int] | None = None
) -> dict[Pair, Decision]:
    """Return the decision about each pair of today's records; with `ids` only those about two of them.

    Where decisions about records that were merged since disagree, "not the same" holds. A merge that was undone
    implies "different", unless somebody decided after that.
    """
    found: dict[Pair, Decision] = {}
    # a decision goes on naming the records that it was made about
    named = None if ids is None else {*ids, *stood_for_by(store, connection, entity, ids)}
    for pair, decision in [*_decided(store, connection, entity, named), *_unmerged(store, connection, entity, named)]:
        known = found.get(pair)
        if known is None or _overrides(decision, known):
            found[pair] = decision
    return found


def record_decisions(op: Operation, entity: str, verdicts: Iterable[Verdict], reason: str | None = None) -> int:
    """Write verdicts, in place of what was decided about the same two before; return how many are new or different.

    Raises `UsageError` for a record paired with itself.
    """
    wanted: dict[Pair, Verdict] = {}
    for one in verdicts:
        if one.left == one.right:
            raise UsageError(f"a record cannot be compared with itself: {one.left}", hint="name two different ids")
        wanted[pair_of(one.left, one.right)] = one
    known = _rows(op.store, op.connection, entity, sorted({pair[0] for pair in wanted}))
    common = {"actor": op.author.actor, "decided_at": op.started_at, "reason": reason or op.author.reason or None}
    added: list[dict[str, Any]] = []
    changed: dict[int, dict[str, Any]] = {}
    units: dict[int, int] = {}
    for pair, one in wanted.items():
        row = known.get(pair)
        if row is None:
            ids = {"entity": entity, "left_id": pair[0], "right_id": pair[1]}
            added.append({**ids, "verdict": one.verdict, **common, "choices": _kept(one), "unit": one.unit})
        elif row.verdict != one.verdict or (one.choices is not None and row.choices != _kept(one)):
            changed[row.id] = {"verdict": one.verdict, **common, "choices": _kept(one)}
            if one.unit is not None:
                units[row.id] = one.unit
    op.insert("match_decision", added, units=[row["unit"] for row in added])
    op.update("match_decision", changed, units=units)
    return len(added) + len(changed)


def _kept(one: Verdict) -> dict[str, Any] | None:
    return one.choices.to_json() if one.choices else None


def _overrides(new: Decision, known: Decision) -> bool:
    if new.implied:
        return not known.is_negative and new.decided_at > known.decided_at
    if known.implied:
        return new.decided_at > known.decided_at
    return new.is_negative and not known.is_negative


def _rows(store: Store, connection: sa.Connection, entity: str, left: Sequence[int]) -> dict[Pair, Any]:
    table = store.table("match_decision")
    found: dict[Pair, Any] = {}
    for chunk in in_chunks(left):
        query = sa.select(table).where(table.c.entity == entity, table.c.left_id.in_(chunk))
        found.update({(row.left_id, row.right_id): row for row in connection.execute(query)})
    return found


def _decided(
    store: Store, connection: sa.Connection, entity: str, ids: Collection[int] | None
) -> list[tuple[Pair, Decision]]:
    table = store.table("match_decision")
    query = sa.select(table).where(table.c.entity == entity).order_by(table.c.id)
    queries = [query] if ids is None else [query.where(table.c.left_id.in_(some)) for some in in_chunks(sorted(ids))]
    rows = [
        (
            (row.left_id, row.right_id),
            Decision(row.verdict, row.actor, row.decided_at, choices=Choices.from_json(row.choices)),
        )
        for one in queries
        for row in connection.execute(one)
        if ids is None or row.right_id in ids
    ]
    return _of_today(store, connection, entity, rows)


def _unmerged(
    store: Store, connection: sa.Connection, entity: str, ids: Collection[int] | None
) -> list[tuple[Pair, Decision]]:
    """Pairs whose merge was undone, as the log says: undo writes no decision, so redoing needs to take none back."""
    change, operation = store.table("change"), store.table("operation")
    query = (
        sa.select(change.c.record_id, change.c.old, operation.c.actor, operation.c.started_at)
        .join_from(change, operation, operation.c.id == change.c.operation_id)
        .where(operation.c.kind == "undo", operation.c.undone_by_id.is_(None))
        .where(change.c.entity == entity, change.c.action == "update")
        .order_by(change.c.id)
    )
    queries = [query] if ids is None else [query.where(change.c.record_id.in_(some)) for some in in_chunks(sorted(ids))]
    rows = [
        (
            pair_of(row.record_id, row.old["merged_into_id"]),
            Decision("different", row.actor, row.started_at, implied=True),
        )
        for one in queries
        for row in connection.execute(one)
        if (row.old or {}).get("merged_into_id") is not None
    ]
    return _of_today(store, connection, entity, [one for one in rows if ids is None or set(ids).issuperset(one[0])])


def _of_today(
    store: Store, connection: sa.Connection, entity: str, rows: Sequence[tuple[Pair, Decision]]
) -> list[tuple[Pair, Decision]]:
    today = resolve_all(store, connection, entity, {number for pair, _ in rows for number in pair})
    pairs = [(pair_of(today[left], today[right]), decision) for (left, right), decision in rows]
    return [(pair, decision) for pair, decision in pairs if pair[0] != pair[1]]
