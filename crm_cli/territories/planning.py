"""Carrying a plan of territories out, inside an open operation: structure first, then the records.

A simulation is this very function, rolled back: what it shows is what applying does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa

from crm_cli.errors import CrmError
from crm_cli.history import Operation
from crm_cli.history.assigning import assign_fields
from crm_cli.territories.assigning import Assigned, Move, assign_territories
from crm_cli.territories.coverage import covering
from crm_cli.territories.following import follow
from crm_cli.territories.plan import MemberChange, Plan, PlanError, RecordMove, RuleChange, TerritoryChange
from crm_cli.territories.rules import (
    NewRule,
    add_member,
    add_rule,
    check_condition,
    direct_owner,
    find_territory,
    read_rules,
    remove_member,
)
from crm_cli.territories.stays import note_stays
from crm_cli.territories.users import find_user, working_users

__all__ = ["Carried", "carry_out"]

_SORTED = ("account", "contact", "lead", "opportunity")


@dataclass
class Carried:
    """What carrying a plan out did."""

    operation_id: int
    plan: str
    structure: dict[str, int] = field(default_factory=dict)  # "rules added" → 3
    assigned: list[Assigned] = field(default_factory=list)
    moves: dict[str, list[Move]] = field(default_factory=dict)  # entity → every record that moved
    followed: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        """How many records moved, those that followed counted."""
        return sum(map(len, self.moves.values())) + self.followed.total()


def carry_out(operation: Operation, plan: Plan, *, today: date, stays: bool = True) -> Carried:
    """Change territories, members and rules as the plan says, then sort the records by the rules of `today`.

    Stays are noted from the plan's day on, which is `today` unless it says another; without `stays` not at all, for
    what is rolled back. Raises `PlanError`, naming the place in the plan, for what does not fit the database.
    """
    done = _Carrying(operation, plan, today).run()
    if stays:
        note_stays(operation, done.moves, plan.effective or today)
    return done


@contextmanager
def _at(place: str) -> Iterator[None]:
    """Let a fault say where in the plan it is."""
    try:
        yield
    except CrmError as error:
        raise PlanError(f"{place}: {error.message}", hint=error.hint, place=place) from None


class _Carrying:
    def __init__(self, operation: Operation, plan: Plan, today: date) -> None:
        self.op, self.plan, self.today = operation, plan, today
        self.store, self.connection = operation.store, operation.connection
        self.done: Counter[str] = Counter()
        self.result = Carried(operation.id, plan.name)

    def run(self) -> Carried:
        self._structure()
        for entity in self._entities():
            self._sort(entity)
        for move in self.plan.moves:
            with _at(move.place):
                self._move(move)
        for change in self.plan.territories:
            if change.remove:
                with _at(change.place):
                    self._remove_territory(change)
        self.result.moves = {entity: _net(moves) for entity, moves in self.result.moves.items()}
        self.result.structure = {name: count for name, count in sorted(self.done.items()) if count}
        return self.result

    def _structure(self) -> None:
        for territory in self.plan.territories:
            if not territory.remove:
                with _at(territory.place):
                    self._territory(territory)
        for member in self.plan.members:
            with _at(member.place):
                self._member(member)
        for rule in self.plan.rules:
            with _at(rule.place):
                self._rule(rule)
        gone = [find_territory(self.store, self.connection, one.name) for one in self.plan.territories if one.remove]
        self._end_rules(gone)

    def _territory(self, change: TerritoryChange) -> None:
        table = self.store.table("territory")
        values: dict[str, Any] = {}
        if change.parent is not None:
            values["parent_id"] = find_territory(self.store, self.connection, change.parent) if change.parent else None
        if change.description is not None:
            values["description"] = change.description or None
        try:
            number = find_territory(self.store, self.connection, change.name)
        except CrmError:
            self.op.insert("territory", [{"name": change.name, **values}])
            self.done["territories added"] += 1
            return
        self._check_circle(number, values.get("parent_id"), table)
        self.done["territories changed"] += len(self.op.update("territory", {number: values}))

    def _check_circle(self, number: int, parent: int | None, table: sa.Table) -> None:
        above = {row.id: row.parent_id for row in self.connection.execute(sa.select(table.c.id, table.c.parent_id))}
        seen = {number}
        while parent is not None:
            if parent in seen:
                raise PlanError("the territory would be a part of itself", hint="give it a parent outside of it")
            seen.add(parent)
            parent = above.get(parent)

    def _member(self, change: MemberChange) -> None:
        if change.remove:
            user = find_user(self.store, self.connection, change.user)
            remove_member(self.op, change.territory, user.id)
            self.done["members removed"] += 1
            return
        [taker] = working_users(self.store, self.connection, [change.user])
        add_member(self.op, change.territory, taker.id, share=change.share, role=change.role or "")
        self.done["members added or changed"] += 1

    def _rule(self, change: RuleChange) -> None:
        if change.id is None:
            add_rule(self.op, self._new_rule(change))
            self.done["rules added"] += 1
            return
        rule = next((one for one in read_rules(self.store, self.connection) if one.id == change.id), None)
        if rule is None:
            raise PlanError(f"there is no rule {change.id}", hint="crm territory rule list shows them")
        if change.remove:
            self.op.delete("territory_rule", [rule.id])
            self.done["rules removed"] += 1
            return
        values = self._rule_values(change, change.entity or rule.entity)
        if change.assign or change.owner:
            mode = change.assign or ("direct" if change.owner else rule.assign)
            values["assign"] = mode
            owner = change.owner or (rule.owner if mode == "direct" else None)
            values["owner_id"] = direct_owner(self.store, self.connection, mode, owner)
        self.done["rules changed"] += len(self.op.update("territory_rule", {rule.id: values}))

    def _rule_values(self, change: RuleChange, entity: str) -> dict[str, Any]:
        """What a change of a rule sets, besides how owners are chosen."""
        values: dict[str, Any] = {
            name: getattr(change, name)
            for name in ("position", "named", "effective_from", "effective_to")
            if getattr(change, name) is not None
        }
        if change.has_condition:
            values["condition"] = check_condition(self.store, entity, self._condition(change, entity))
        if change.territory is not None:
            values["territory_id"] = find_territory(self.store, self.connection, change.territory)
        return values

    def _new_rule(self, change: RuleChange) -> NewRule:
        entity = self.store.dictionary.entity(change.entity or "account").name
        return NewRule(
            territory=change.territory or "", entity=entity, condition=self._condition(change, entity),
            position=change.position, assign=change.assign or ("direct" if change.owner else "keep"),
            effective_from=change.effective_from, effective_to=change.effective_to, owner=change.owner,
            named=bool(change.accounts) if change.named is None else change.named,
        )  # fmt: skip

    def _condition(self, change: RuleChange, entity: str) -> str:
        return covering(
            entity, where=change.where, postal=change.postal, accounts=change.accounts, exclude=change.exclude
        )

    def _entities(self) -> list[str]:
        if not self.plan.sort:
            return []
        ruled = {one.entity for one in read_rules(self.store, self.connection) if one.holds_on(self.today)}
        if not self.plan.entities:
            return [name for name in _SORTED if name in ruled]
        return [self.store.dictionary.entity(name).name for name in self.plan.entities]

    def _sort(self, entity: str) -> None:
        done = assign_territories(self.op, entity, today=self.today, children=self.plan.children, keep_moves=True)
        self.result.assigned.append(done)
        self.result.moves.setdefault(entity, []).extend(done.moves)
        self.result.followed.update(done.followed)
        done.moves = []

    def _move(self, move: RecordMove) -> None:
        entity = self.store.dictionary.entity(move.entity).name
        if entity not in _SORTED:
            raise PlanError(f"{entity} has no territory", hint=f"these have: {', '.join(_SORTED)}")
        to_territory = find_territory(self.store, self.connection, move.territory) if move.territory else None
        taker = working_users(self.store, self.connection, [move.owner])[0].id if move.owner else None
        moves = [
            Move(number, territory, to_territory or territory, owner, taker or owner)
            for number, territory, owner in self._named_records(entity, move.records)
        ]
        rows = ((one.id, one.new_territory, one.new_owner) for one in moves)
        assign_fields(self.op, entity, ("territory_id", "owner_id"), rows)
        taken = {one.id: (one.old_owner, one.new_owner) for one in moves if one.old_owner != one.new_owner}
        if self.plan.children:
            self.result.followed.update(follow(self.op, entity, taken, self.today))
        self.result.moves.setdefault(entity, []).extend(moves)

    def _named_records(self, entity: str, numbers: tuple[int, ...]) -> list[Any]:
        table = self.store.table(entity)
        found: list[Any] = []
        for start in range(0, len(numbers), 500):
            query = sa.select(table.c.id, table.c.territory_id, table.c.owner_id).where(
                table.c.id.in_(numbers[start : start + 500]), table.c.deleted_at.is_(None),
                table.c.merged_into_id.is_(None),
            )  # fmt: skip
            found += self.connection.execute(query)
        missing = sorted(set(numbers) - {row.id for row in found})
        if missing:
            hint = "it was deleted or merged since the plan was made; take it out, or make the plan anew"
            raise PlanError(f"there is no {entity} {missing[0]}", hint=hint, missing=missing)
        return sorted(found)

    def _end_rules(self, territories: list[int]) -> None:
        """A territory that goes takes its rules and members with it."""
        for name, what in (("territory_rule", "rules removed"), ("territory_member", "members removed")):
            table = self.store.table(name)
            query = sa.select(table.c.id).where(table.c.territory_id.in_(territories), table.c.deleted_at.is_(None))
            self.done[what] += len(self.op.delete(name, list(self.connection.scalars(query))))

    def _remove_territory(self, change: TerritoryChange) -> None:
        number = find_territory(self.store, self.connection, change.name)
        for entity in (*_SORTED, "territory"):
            table = self.store.table(entity)
            within = table.c.parent_id if entity == "territory" else table.c.territory_id
            query = sa.select(sa.func.count()).where(within == number, table.c.deleted_at.is_(None))
            if entity != "territory":
                query = query.where(table.c.merged_into_id.is_(None))
            left = self.connection.scalar(query) or 0
            if left:
                plural = self.store.dictionary.entity(entity).plural
                hint = "give them another territory by a rule, a parent or a move of the plan"
                raise PlanError(f"{left} {plural} would stay in {change.name}, which is to go", hint=hint, left=left)
        self.op.delete("territory", [number])
        self.done["territories removed"] += 1


def _net(moves: list[Move]) -> list[Move]:
    """What several moves of a record come to: from where it was first to where it is last, if that differs."""
    found: dict[int, Move] = {}
    for one in moves:
        first = found.get(one.id, one)
        found[one.id] = Move(one.id, first.old_territory, one.new_territory, first.old_owner, one.new_owner)
    return [one for one in found.values() if (one.old_territory, one.old_owner) != (one.new_territory, one.new_owner)]
