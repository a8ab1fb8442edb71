"""Hand one user's records over to others: one operation, previewed, undone.

A customer stays with one person: what hangs on a record that moves follows it (`ownership.FOLLOWS`), only the rest is
dealt. Nobody's record ends up owned by nobody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from crm_cli.collecting import seldom_collecting
from crm_cli.dictionary import UnknownFieldError, shown
from crm_cli.errors import UsageError
from crm_cli.history import Operation, assign
from crm_cli.query import Scope, compile_where
from crm_cli.store import Store
from crm_cli.territories.dealing import Split, deal
from crm_cli.territories.ownership import FOLLOWS, OPEN, Holding, alive, holdings, owned_entities
from crm_cli.territories.users import User, find_user, working_users

if TYPE_CHECKING:
    from crm_cli.query.condition import Condition

__all__ = ["Handover", "HandoverPlan", "Moves", "plan_handover", "reassign"]

_AT_ONCE = 5_000


@dataclass(frozen=True, kw_only=True)
class Handover:
    """What is asked for: whose records, to whom, which of them, and how they are split.

    `where` is asked of every entity that has the fields it names; records of the others move only with a record that
    they follow. `open_only` leaves won and lost opportunities, converted and disqualified leads and activities that
    are not planned with the giver, as history.
    """

    giver: str
    takers: Sequence[str]
    where: str | None = None
    split: Split = Split.EVEN
    entities: Sequence[str] = ()
    open_only: bool = True
    today: date | None = None


@dataclass
class HandoverPlan:
    """Who would get what: per entity the ids of the records and, beside each, the number of its root."""

    giver: User
    takers: list[User]
    records: dict[str, list[int]] = field(default_factory=dict)
    roots: dict[str, list[int]] = field(default_factory=dict)
    weights: list[int] = field(default_factory=list)
    left: Counter[str] = field(default_factory=Counter)
    unasked: list[str] = field(default_factory=list)  # entities that lack the fields of `where`

    @property
    def total(self) -> int:
        """How many records move."""
        return sum(len(ids) for ids in self.records.values())

    def counts(self) -> dict[str, int]:
        """How many records of each entity move."""
        return {entity: len(ids) for entity, ids in self.records.items() if ids}


@dataclass(frozen=True)
class Moves:
    """What a hand-over did: records moved and left per entity, and what everybody holds before and after."""

    operation_id: int
    moved: dict[str, int]
    left: dict[str, int]
    holdings: list[Holding]
    unasked: list[str]

    @property
    def total(self) -> int:
        """How many records moved."""
        return sum(self.moved.values())


def plan_handover(store: Store, connection: sa.Connection, wanted: Handover) -> HandoverPlan:
    """Find out what would move, without dealing it.

    Raises `NotFoundError` for unknown users, `UsageError` for takers who left or are the giver, and what a wrong
    condition raises.
    """
    giver = find_user(store, connection, wanted.giver)
    takers = working_users(store, connection, wanted.takers)
    if not takers or giver in takers:
        who = f"{giver.username} cannot hand over to themselves" if takers else "nobody is to take the records"
        raise UsageError(who, hint="name others with --to", user=giver.username)
    plan = HandoverPlan(giver, takers)
    _Planning(store, connection, wanted, plan).fill()
    return plan


def reassign(operation: Operation, wanted: Handover) -> Moves:
    """Hand over, inside an open operation; raises as `plan_handover` does."""
    with seldom_collecting():
        return _reassign(operation, wanted)


def _reassign(operation: Operation, wanted: Handover) -> Moves:
    store, connection = operation.store, operation.connection
    plan = plan_handover(store, connection, wanted)
    people = [plan.giver, *plan.takers]
    entities = owned_entities(store.dictionary, wanted.entities)
    before = holdings(store, connection, entities, [one.id for one in people])
    dealt = deal(plan.weights, [taker.id for taker in plan.takers], wanted.split)
    moved: dict[str, int] = {}
    for entity, ids in plan.records.items():
        pairs = zip(ids, plan.roots[entity], strict=True)
        moved[entity] = assign(operation, entity, "owner_id", ((number, dealt[root]) for number, root in pairs))
    after = holdings(store, connection, entities, [one.id for one in people])
    username = store.dictionary.entity("app_user").field("username")
    held = [
        Holding(shown(username, one.username), name, before.get((one.id, name), 0), after.get((one.id, name), 0))
        for name in entities
        for one in people
    ]
    return Moves(operation.id, {k: v for k, v in moved.items() if v}, dict(+plan.left), held, plan.unasked)


class _Planning:
    """Reads the giver's records, parents before children, and finds the root that each goes with."""

    def __init__(self, store: Store, connection: sa.Connection, wanted: Handover, plan: HandoverPlan) -> None:
        self.store = store
        self.connection = connection
        self.wanted = wanted
        self.plan = plan
        self.root_of: dict[str, dict[int, int]] = {}

    def fill(self) -> None:
        entities = owned_entities(self.store.dictionary, self.wanted.entities)
        conditions = self._conditions(entities)
        for place, entity in enumerate(entities):
            has_children = any(parent == entity for name in entities[place:] for _, parent in FOLLOWS[name])
            self._add(entity, conditions.get(entity), keep=has_children)

    def _conditions(self, entities: Sequence[str]) -> dict[str, Condition]:
        """The user's condition for each entity that it can be asked of; of none, the first fault is the user's."""
        if not self.wanted.where:
            return {}
        found: dict[str, Condition] = {}
        faults: list[UnknownFieldError] = []
        for entity in entities:
            try:
                found[entity] = self._compiled(entity, self.wanted.where)
            except UnknownFieldError as fault:
                faults.append(fault)
                self.plan.unasked.append(entity)
        if not found:
            raise faults[0]
        return found

    def _compiled(self, entity: str, text: str) -> Condition:
        today = self.wanted.today
        zone = self.store.zone
        now = datetime.combine(today, time(0), zone) if today else None
        return compile_where(self.store.dictionary, entity, text, now=now, today=today, zone=zone)

    def _add(self, entity: str, condition: Condition | None, *, keep: bool) -> None:
        ids, roots, weights = (
            self.plan.records.setdefault(entity, []),
            self.plan.roots.setdefault(entity, []),
            self.plan.weights,
        )
        if not FOLLOWS[entity] and not self.wanted.where:
            self._add_roots(entity, ids, roots, keep=keep)
            return
        known = self.root_of.setdefault(entity, {})
        parents = [self.root_of.get(parent, {}) for _, parent in FOLLOWS[entity]]
        for row in self._rows(entity, condition):
            root = next((found[key] for found, key in zip(parents, row[2:], strict=True) if key in found), None)
            if root is None and row[1]:
                root = len(weights)
                weights.append(0)
            if root is None:
                self.plan.left[entity] += 1
                continue
            weights[root] += 1
            ids.append(row[0])
            roots.append(root)
            if keep:
                known[row[0]] = root

    def _add_roots(self, entity: str, ids: list[int], roots: list[int], *, keep: bool) -> None:
        """Add records that follow nobody and are all asked for: each is a root, nothing is looked at one by one."""
        for part in self._result(entity, None).partitions(_AT_ONCE):
            ids += [row[0] for row in part]
        first = len(self.plan.weights)
        roots += range(first, first + len(ids))
        self.plan.weights += [1] * len(ids)
        if keep:
            self.root_of[entity] = dict(zip(ids, roots, strict=True))

    def _rows(self, entity: str, condition: Condition | None) -> Iterator[Sequence[Any]]:
        """Yield (id, whether it is asked for itself, its parents' ids …), by id."""
        for part in self._result(entity, condition).partitions(_AT_ONCE):
            yield from part

    def _result(self, entity: str, condition: Condition | None) -> sa.CursorResult[Any]:
        scope = Scope(self.store, self.store.dictionary.entity(entity))
        asked: Any = sa.literal(0 if self.wanted.where else 1)
        if condition is not None:
            asked = sa.case((condition.render(scope), 1), else_=0)
        tests = [*alive(scope), scope.root.c.owner_id == self.plan.giver.id]
        if self.wanted.open_only and entity in OPEN:
            tests.append(self._compiled(entity, OPEN[entity]).render(scope))
        columns = [scope.root.c[name].label(f"parent{place}") for place, (name, _) in enumerate(FOLLOWS[entity])]
        query = sa.select(scope.root.c.id, asked.label("asked"), *columns).select_from(scope.source).where(*tests)
        return self.connection.execute(query.order_by(scope.root.c.id).execution_options(yield_per=_AT_ONCE))
