"""Sort records into territories by rules – the first that matches wins – and give them owners there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time

import sqlalchemy as sa

from crm_cli.dictionary import Entity
from crm_cli.errors import CrmError
from crm_cli.history import Operation, assign
from crm_cli.query import Scope, compile_where
from crm_cli.territories.choosing import choosers
from crm_cli.territories.ownership import OPEN, alive
from crm_cli.territories.rules import Member, Rule, read_members, read_rules

__all__ = ["Assigned", "NoRulesError", "TerritoryCount", "assign_territories"]

_AT_ONCE = 5_000


class NoRulesError(CrmError):
    """No rule says into which territory records of the entity fall."""

    code = "no-rules"


@dataclass(frozen=True)
class TerritoryCount:
    """How many living records of the entity a territory has (`None`: those in none), before and after."""

    territory: str | None
    before: int
    after: int


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


def assign_territories(operation: Operation, entity: str, *, today: date, where: str | None = None) -> Assigned:
    """Apply the rules that are in force on `today` to the records of `entity` (those that fit `where`).

    A record that no rule matches keeps the territory it has, and one whose owner is a member of its territory keeps
    the owner: a second run changes nothing. Raises `NoRulesError`, and what a wrong condition raises.
    """
    declared = operation.store.dictionary.entity(entity)
    rules = read_rules(operation.store, operation.connection, declared.name)
    rules = [rule for rule in rules if rule.holds_on(today)]
    if not rules:
        hint = f"crm territory rule add NAME --entity {declared.noun} --where … adds one"
        raise NoRulesError(f"no rule for {declared.plural} is in force on {today}", hint=hint, entity=declared.name)
    return _Assigning(operation, declared, rules, today).run(where)


class _Assigning:
    def __init__(self, operation: Operation, entity: Entity, rules: Sequence[Rule], today: date) -> None:
        self.op = operation
        self.store, self.connection = operation.store, operation.connection
        self.entity = entity
        self.rules = rules
        self.today = today
        self.result = Assigned(operation.id, entity.name)

    def run(self, where: str | None) -> Assigned:
        before = self._counts()
        won = self._won(where)
        owners = self._owners(won)
        self.result.matched = dict(Counter(self.rules[place].id for place in won.values()))
        targets = ((number, self.rules[place].territory_id) for number, place in won.items())
        self.result.moved = assign(self.op, self.entity.name, "territory_id", targets)
        self.result.owners_changed = assign(self.op, self.entity.name, "owner_id", owners.items())
        after = self._counts()
        names = sorted({*before, *after}, key=lambda name: (name is None, name or ""))
        self.result.counts = [TerritoryCount(name, before.get(name, 0), after.get(name, 0)) for name in names]
        return self.result

    def _won(self, where: str | None) -> dict[int, int]:
        """Return, by id, the place of the first rule that matches each record; one pass over the records."""
        scope = Scope(self.store, self.entity)
        tests = alive(scope)
        if where:
            tests.append(self._condition(where, scope))
        cases = [(self._condition(rule.condition, scope), place) for place, rule in enumerate(self.rules)]
        place = sa.case(*cases, else_=-1)
        query = sa.select(scope.root.c.id, place).select_from(scope.source).where(*tests).order_by(scope.root.c.id)
        won: dict[int, int] = {}
        for number, rule in self.connection.execute(query.execution_options(yield_per=_AT_ONCE)):
            if rule < 0:
                self.result.unmatched += 1
            else:
                won[number] = rule
        return won

    def _condition(self, text: str, scope: Scope) -> sa.ColumnElement[bool]:
        zone = self.store.zone
        now = datetime.combine(self.today, time(0), zone)
        found = compile_where(self.store.dictionary, self.entity, text, now=now, today=self.today, zone=zone)
        return found.render(scope)

    def _owners(self, won: Mapping[int, int]) -> dict[int, int]:
        """Return the new owners of the records that the rules deal and that no member of the territory owns."""
        members = read_members(self.store, self.connection)
        owned = self._owned()
        held: dict[int, list[int]] = {}
        free: list[int] = []
        for number, place in won.items():
            rule = self.rules[place]
            if rule.assign == "keep":
                continue
            if owned.get(number) in _people(members.get(rule.territory_id, ())):
                held.setdefault(rule.territory_id, []).append(owned[number])
            else:
                free.append(number)
        return self._dealt(free, won, members, held)

    def _dealt(
        self, free: Sequence[int], won: Mapping[int, int], members: Mapping[int, list[Member]],
        held: Mapping[int, list[int]],
    ) -> dict[int, int]:  # fmt: skip
        loads = self._loads()
        streams: dict[tuple[int, str], Iterator[int] | None] = {}
        dealt: dict[int, int] = {}
        for number in free:
            rule = self.rules[won[number]]
            key = (rule.territory_id, rule.assign)
            if key not in streams:
                there = members.get(rule.territory_id, [])
                streams[key] = choosers(rule.assign, there, held.get(rule.territory_id, ()), loads)
                if not there:
                    self.result.unmanned.append(rule.territory)
            stream = streams[key]
            if stream is not None:
                dealt[number] = next(stream)
        return dealt

    def _owned(self) -> dict[int, int]:
        scope = Scope(self.store, self.entity)
        query = sa.select(scope.root.c.id, scope.root.c.owner_id).where(
            *alive(scope), scope.root.c.owner_id.is_not(None)
        )
        rows = self.connection.execute(query.execution_options(yield_per=_AT_ONCE))
        return {row[0]: row[1] for row in rows}

    def _loads(self) -> dict[int, int]:
        """How many open records of the entity everybody has."""
        scope = Scope(self.store, self.entity)
        tests = alive(scope)
        if self.entity.name in OPEN:
            tests.append(self._condition(OPEN[self.entity.name], scope))
        owner = scope.root.c.owner_id
        query = sa.select(owner, sa.func.count()).select_from(scope.source).where(*tests, owner.is_not(None))
        return {row[0]: row[1] for row in self.connection.execute(query.group_by(owner))}

    def _counts(self) -> dict[str | None, int]:
        scope = Scope(self.store, self.entity)
        territory = self.store.table("territory")
        source = scope.root.outerjoin(territory, territory.c.id == scope.root.c.territory_id)
        query = sa.select(territory.c.name, sa.func.count()).select_from(source).where(*alive(scope))
        return {row[0]: row[1] for row in self.connection.execute(query.group_by(territory.c.name))}


def _people(members: Sequence[Member]) -> set[int]:
    return {member.user_id for member in members}
