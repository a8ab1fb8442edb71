"""Sort records into territories by rules – the first that matches wins – and give them owners there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from operator import ne
from typing import NamedTuple

import sqlalchemy as sa

from crm_cli.collecting import seldom_collecting
from crm_cli.dictionary import Entity
from crm_cli.errors import CrmError
from crm_cli.history import Operation
from crm_cli.history.assigning import assign_fields
from crm_cli.query import Scope
from crm_cli.territories.choosing import choosers, stays
from crm_cli.territories.following import follow
from crm_cli.territories.ownership import OPEN, alive
from crm_cli.territories.rules import Member, Rule, read_members, read_rules
from crm_cli.territories.sorting import NO_RULE, Sorted, conditioned, sort_records

__all__ = ["Assigned", "Move", "NoRulesError", "TerritoryCount", "assign_territories"]


class NoRulesError(CrmError):
    """No rule says into which territory records of the entity fall."""

    code = "no-rules"


@dataclass(frozen=True)
class TerritoryCount:
    """How many living records of the entity a territory has (`None`: those in none), before and after."""

    territory: str | None
    before: int
    after: int


class Move(NamedTuple):
    """A record that got another territory, another owner or both."""

    id: int
    old_territory: int | None
    new_territory: int | None
    old_owner: int | None
    new_owner: int | None


@dataclass
class Assigned:
    """What an assignment did."""

    operation_id: int
    entity: str
    moved: int = 0
    owners_changed: int = 0
    unmatched: int = 0
    matched: dict[int, int] = field(default_factory=dict)  # rule → records that it won
    counts: list[TerritoryCount] = field(default_factory=list)
    unmanned: list[str] = field(default_factory=list)  # territories whose rule deals, but that nobody works
    followed: dict[str, int] = field(default_factory=dict)  # entity → records that went with their account
    moves: list[Move] = field(default_factory=list)  # only where they were asked for


def assign_territories(
    operation: Operation, entity: str, *, today: date, where: str | None = None, children: bool = False,
    keep_moves: bool = False,
) -> Assigned:  # fmt: skip
    """Apply the rules that are in force on `today` to the records of `entity` (those that fit `where`).

    A record that no rule matches keeps the territory it has, and one whose owner may keep it (`choosing.stays`) keeps
    the owner: a second run changes nothing. With `children` open work of the owner before that hangs on a record goes
    to the new owner with it; `keep_moves` lists every record that moved in the answer. Raises `NoRulesError`, and what
    a wrong condition raises.
    """
    declared = operation.store.dictionary.entity(entity)
    rules = read_rules(operation.store, operation.connection, declared.name)
    rules = [rule for rule in rules if rule.holds_on(today)]
    if not rules:
        hint = f"crm territory rule add NAME --entity {declared.noun} --where … adds one"
        raise NoRulesError(f"no rule for {declared.plural} is in force on {today}", hint=hint, entity=declared.name)
    with seldom_collecting():
        return _Assigning(operation, declared, rules, today).run(where, children=children, keep_moves=keep_moves)


class _Assigning:
    def __init__(self, operation: Operation, entity: Entity, rules: Sequence[Rule], today: date) -> None:
        self.op = operation
        self.store, self.connection = operation.store, operation.connection
        self.entity = entity
        self.rules = rules
        self.today = today
        self.result = Assigned(operation.id, entity.name)
        self.members = read_members(self.store, self.connection)

    def run(self, where: str | None, *, children: bool, keep_moves: bool) -> Assigned:
        before = self._counts()
        found = sort_records(self.store, self.connection, self.entity, self.rules, today=self.today, where=where)
        won = Counter(found.places)
        self.result.unmatched = won.pop(NO_RULE, 0)
        self.result.matched = {self.rules[place].id: count for place, count in sorted(won.items())}
        new_owners = self._owners(found)
        new_territories = self._territories(found)
        rows = list(zip(found.ids, new_territories, new_owners, strict=True))
        old = zip(found.ids, found.territories, found.owners, strict=True)
        changed = [at for at, (row, before_it) in enumerate(zip(rows, old, strict=True)) if row != before_it]
        assign_fields(self.op, self.entity.name, ("territory_id", "owner_id"), [rows[at] for at in changed])
        self.result.moved = sum(map(ne, found.territories, new_territories))
        self.result.owners_changed = sum(map(ne, found.owners, new_owners))
        if children or keep_moves:
            moves = [
                Move(
                    found.ids[at], found.territories[at], new_territories[at], found.owners[at], new_owners[at]
                )
                for at in changed
            ]  # fmt: skip
            taken = {one.id: (one.old_owner, one.new_owner) for one in moves if one.old_owner != one.new_owner}
            self.result.followed = follow(self.op, self.entity.name, taken, self.today) if children else {}
            self.result.moves = moves if keep_moves else []
        self._count(before)
        return self.result

    def _count(self, before: Mapping[str | None, int]) -> None:
        after = self._counts()
        names = sorted({*before, *after}, key=lambda name: (name is None, name or ""))
        self.result.counts = [TerritoryCount(name, before.get(name, 0), after.get(name, 0)) for name in names]

    def _territories(self, found: Sorted) -> list[int | None]:
        """Return where the rules put each record; one that none matches stays where it is."""
        targets = [rule.territory_id for rule in self.rules]
        return [
            here if place == NO_RULE else targets[place]
            for place, here in zip(found.places, found.territories, strict=True)
        ]

    def _owners(self, found: Sorted) -> list[int | None]:
        """Return whose each record is to be: the owner that it has, unless the rules deal it and nobody keeps it."""
        held: dict[int, list[int]] = {}
        free: list[int] = []
        people = [{one.user_id for one in self.members.get(rule.territory_id, ())} for rule in self.rules]
        for at, (place, owner) in enumerate(zip(found.places, found.owners, strict=True)):
            if place == NO_RULE or (rule := self.rules[place]).assign == "keep":
                continue
            was_here = found.territories[at] == rule.territory_id
            if stays(rule, owner, was_here=was_here, people=people[place], working=self._working):
                if owner is not None:
                    held.setdefault(rule.territory_id, []).append(owner)
            else:
                free.append(at)
        owners = list(found.owners)
        for at, owner in self._dealt(free, found, held):
            owners[at] = owner
        return owners

    def _dealt(self, free: Sequence[int], found: Sorted, held: Mapping[int, list[int]]) -> list[tuple[int, int]]:
        streams: dict[tuple[int, str, int | None], Iterator[int] | None] = {}
        by_place: list[Iterator[int] | None] = []
        for rule in self.rules:
            key = (rule.territory_id, rule.assign, rule.owner_id)
            if key not in streams:
                there: list[Member] = self.members.get(rule.territory_id, [])
                streams[key] = choosers(rule, there, held.get(rule.territory_id, ()), lambda: self._loads)
            by_place.append(streams[key])
        unmanned: dict[str, None] = {}
        dealt: list[tuple[int, int]] = []
        for at in free:
            stream = by_place[found.places[at]]
            if stream is None:
                unmanned[self.rules[found.places[at]].territory] = None
            else:
                dealt.append((at, next(stream)))
        self.result.unmanned = list(unmanned)
        return dealt

    @cached_property
    def _working(self) -> set[int]:
        user = self.store.table("app_user")
        query = sa.select(user.c.id).where(user.c.active == sa.true(), user.c.deleted_at.is_(None))
        return set(self.connection.scalars(query))

    @cached_property
    def _loads(self) -> dict[int, int]:
        """How many open records of the entity everybody has."""
        scope = Scope(self.store, self.entity)
        tests = alive(scope)
        if self.entity.name in OPEN:
            tests.append(conditioned(self.store, self.entity, OPEN[self.entity.name], scope, self.today))
        owner = scope.root.c.owner_id
        query = sa.select(owner, sa.func.count()).select_from(scope.source).where(*tests, owner.is_not(None))
        return {row[0]: row[1] for row in self.connection.execute(query.group_by(owner))}

    def _counts(self) -> dict[str | None, int]:
        scope = Scope(self.store, self.entity)
        territory = self.store.table("territory")
        source = scope.root.outerjoin(territory, territory.c.id == scope.root.c.territory_id)
        query = sa.select(territory.c.name, sa.func.count()).select_from(source).where(*alive(scope))
        return {row[0]: row[1] for row in self.connection.execute(query.group_by(territory.c.name))}
