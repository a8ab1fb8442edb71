"""Proposing moves that balance territories, or the members of one: read, balanced, written as a plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import shown
from crm_cli.errors import UsageError
from crm_cli.query import Scope, minor_digits
from crm_cli.store import Store
from crm_cli.territories.balancing import Item, Step, balance, is_balanced
from crm_cli.territories.fairness import Fairness, fairness
from crm_cli.territories.ownership import OPEN, alive
from crm_cli.territories.rules import Rule, find_territory, read_members, read_rules
from crm_cli.territories.sorting import NO_RULE, conditioned, sort_records
from crm_cli.territories.tree import territory_names

__all__ = ["MEASURES", "HolderLine", "Proposal", "propose"]

MEASURES = ("accounts", "revenue", "pipeline")
_AT_ONCE = 5_000


@dataclass(frozen=True, kw_only=True)
class HolderLine:
    """A territory or a member: what it holds before and after, in accounts and by the measure."""

    name: str
    accounts_before: int
    accounts_after: int
    before: float
    after: float


@dataclass
class Proposal:
    """Moves that were found, what they come to, and the document of a plan that makes them."""

    measure: str
    currency: str
    among: str
    fixed: int  # accounts that stay: named, sticky, or with an owner from outside
    lines: list[HolderLine] = field(default_factory=list)
    moves: list[dict[str, Any]] = field(default_factory=list)
    before: Fairness | None = None
    after: Fairness | None = None
    balanced: bool = False
    document: dict[str, Any] = field(default_factory=dict)


def propose(
    store: Store, connection: sa.Connection, territories: Sequence[str], *, by: str = "accounts", today: date,
    tolerance: float = 0.1, max_moves: int | None = None,
) -> Proposal:  # fmt: skip
    """Return moves of accounts that even the territories out; of one territory its members.

    Accounts that a rule names, or that a sticky rule holds, never move. Between territories the plan has rules of
    single accounts, so that the next sorting leaves them where they are; between members it moves the owner. Raises
    `UsageError` for fewer than two holders, an unknown measure, and amounts of more than one currency.
    """
    if by not in MEASURES:
        raise UsageError(f"--by {by} is unknown", hint=f"one of: {', '.join(MEASURES)}")
    return _Proposing(store, connection, by, today).run(territories, tolerance, max_moves)


class _Proposing:
    def __init__(self, store: Store, connection: sa.Connection, by: str, today: date) -> None:
        self.store, self.connection, self.by, self.today = store, connection, by, today
        self.names = territory_names(store, connection)
        self.account = store.dictionary.entity("account")

    def run(self, territories: Sequence[str], tolerance: float, max_moves: int | None) -> Proposal:
        places = list(dict.fromkeys(find_territory(self.store, self.connection, name) for name in territories))
        holders = self._members(places[0]) if len(places) == 1 else {place: self.names[place] for place in places}
        if len(holders) < 2:
            hint = "name two territories or more, or one that has two members or more"
            raise UsageError(f"there is nothing to balance {territories[0]} with", hint=hint)
        among = "members" if len(places) == 1 else "territories"
        weights, currency = self._weights(places)
        items, fixed, stay = self._items(places, holders, weights, within=len(places) == 1)
        result = Proposal(self.by, currency, among, stay)
        steps = balance(items, fixed, tolerance=tolerance, max_moves=max_moves)
        self._figures(result, items, fixed, steps, holders, tolerance)
        result.document = self._document(steps, holders, places, among)
        return result

    def _members(self, place: int) -> dict[int, str]:
        return {one.user_id: one.username for one in read_members(self.store, self.connection).get(place, [])}

    def _items(
        self, places: Sequence[int], holders: dict[int, str], weights: dict[int, float], *, within: bool
    ) -> tuple[list[Item], dict[int, float], int]:
        """Return what may move, the load that cannot for each holder, and how many accounts that is."""
        rules = [rule for rule in read_rules(self.store, self.connection, "account") if rule.holds_on(self.today)]
        found = sort_records(self.store, self.connection, self.account, rules, today=self.today)
        fixed: dict[int, float] = dict.fromkeys(holders, 0.0)
        items: list[Item] = []
        stay = 0
        for number, territory, owner, place in zip(
            found.ids, found.territories, found.owners, found.places, strict=True
        ):
            holder = owner if within else territory
            if territory not in places or holder not in fixed:
                stay += territory in places
                continue
            weight = 1.0 if self.by == "accounts" else weights.get(number, 0.0)
            if place != NO_RULE and _holds_fast(rules[place]):
                stay += 1
                fixed[holder] += weight
            else:
                items.append(Item(weight, number, holder))
        return items, fixed, stay

    def _weights(self, places: Sequence[int]) -> tuple[dict[int, float], str]:
        """Return what each account weighs, in minor units, and the one currency that all of it is in."""
        if self.by == "accounts":
            return {}, ""
        if self.by == "revenue":
            scope = Scope(self.store, self.account)
            row = scope.root.c
            query = sa.select(row.id, row.annual_revenue, row.currency).where(
                *alive(scope), row.territory_id.in_(places), row.annual_revenue > 0
            )
        else:
            query = self._pipeline(places)
        weights: dict[int, float] = {}
        currencies: set[str] = set()
        for number, amount, currency in self.connection.execute(query.execution_options(yield_per=_AT_ONCE)):
            currencies.add(currency or "")
            weights[number] = weights.get(number, 0.0) + float(amount)
        if len(currencies) > 1:
            listed = ", ".join(sorted(one or "none" for one in currencies))
            raise UsageError(f"amounts in several currencies cannot be added: {listed}", hint="--by accounts")
        return weights, next(iter(currencies), "")

    def _pipeline(self, places: Sequence[int]) -> sa.Select[Any]:
        opportunity = self.store.dictionary.entity("opportunity")
        scope, account = Scope(self.store, opportunity), self.store.table("account")
        row = scope.root.c
        tests = [*alive(scope), conditioned(self.store, opportunity, OPEN["opportunity"], scope, self.today)]
        source = scope.root.join(account, account.c.id == row.account_id)
        query = sa.select(row.account_id, row.amount, row.currency).select_from(source)
        return query.where(*tests, row.amount > 0, account.c.territory_id.in_(places))

    def _figures(
        self, result: Proposal, items: Sequence[Item], fixed: dict[int, float], steps: Sequence[Step],
        holders: dict[int, str], tolerance: float,
    ) -> None:  # fmt: skip
        taker = {step.id: step.taker for step in steps}
        before, after = dict(fixed), dict(fixed)
        counts = {holder: [0, 0] for holder in holders}
        for item in items:
            last = taker.get(item.id, item.holder)
            before[item.holder] += item.weight
            after[last] += item.weight
            counts[item.holder][0] += 1
            counts[last][1] += 1
        scale = 1.0 if self.by == "accounts" else 10.0 ** minor_digits(result.currency)
        result.lines = [
            HolderLine(
                name=name, accounts_before=counts[holder][0], accounts_after=counts[holder][1],
                before=before[holder] / scale, after=after[holder] / scale,
            )
            for holder, name in holders.items()
        ]  # fmt: skip
        result.before, result.after = fairness(before.values()), fairness(after.values())
        result.balanced = is_balanced(after, tolerance)
        titles = self._titles([step.id for step in steps])
        weighed = {item.id: item.weight / scale for item in items}
        result.moves = [
            {"account": step.id, "name": titles.get(step.id), "from": holders[step.giver], "to": holders[step.taker],
             self.by if self.by != "accounts" else "weight": weighed[step.id]}
            for step in steps
        ]  # fmt: skip

    def _titles(self, ids: Sequence[int]) -> dict[int, Any]:
        table, name = self.store.table("account"), self.account.field("name")
        found: dict[int, Any] = {}
        for start in range(0, len(ids), 500):
            query = sa.select(table.c.id, table.c.name).where(table.c.id.in_(ids[start : start + 500]))
            found |= {row.id: shown(name, row.name) for row in self.connection.execute(query)}
        return found

    def _document(
        self, steps: Sequence[Step], holders: dict[int, str], places: Sequence[int], among: str
    ) -> dict[str, Any]:
        """The plan: rules of single accounts before all others, or moves of owners.

        Names that views hide go by their numbers, which name a territory or a user as well.
        """
        names = {holder: name if name.strip("•") else str(holder) for holder, name in holders.items()}
        title = f"Balance of {', '.join(self.names[place] for place in places)} by {self.by}"
        given: dict[int, list[int]] = {}
        for step in steps:
            given.setdefault(step.taker, []).append(step.id)
        document: dict[str, Any] = {"name": title, "entities": ["account"]}
        if among == "members":
            moves = [
                {"entity": "account", "records": ids, "owner": names[taker]} for taker, ids in sorted(given.items())
            ]
            return document | {"sort": False, "move": moves}
        first = min((rule.position for rule in read_rules(self.store, self.connection, "account")), default=1)
        rules = [
            {"territory": names[taker], "entity": "account", "accounts": ids, "named": False, "position": first - 1,
             "assign": self._mode(taker)}
            for taker, ids in sorted(given.items())
        ]  # fmt: skip
        return document | {"rule": rules}

    def _mode(self, place: int) -> str:
        """How the territory chooses owners today."""
        rules = read_rules(self.store, self.connection, "account")
        modes = [rule.assign for rule in rules if rule.territory_id == place and not rule.named]
        dealing = [mode for mode in modes if mode not in ("keep", "direct", "sticky")]
        return dealing[0] if dealing else "least_loaded" if self._members(place) else "keep"


def _holds_fast(rule: Rule) -> bool:
    return rule.named or rule.assign in ("sticky", "direct")
