"""Rules that sort records into territories, and how owners are chosen there."""

from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_cli.history import Author, operation, undo
from crm_cli.query import ConditionError
from crm_cli.store import Store
from crm_cli.territories import (
    Assigned,
    NewRule,
    NoRulesError,
    add_member,
    add_rule,
    assign_territories,
)
from crm_cli.territories.dealing import least_loaded, round_robin, weighted
from tests.dumps import business_content

BOSS = Author("boss")
TODAY = date(2026, 6, 15)


def fill(store: Store, **rule: Any) -> dict[str, int]:
    with operation(store, "add", BOSS) as op:
        ann, bob = op.insert("app_user", [{"username": "ann"}, {"username": "bob"}])
        key, south = op.insert("territory", [{"name": "Key"}, {"name": "South"}])
        add_rule(op, NewRule(territory="south", entity="account", condition="industry = 'toys'", **rule))
        add_rule(op, NewRule(territory="Key", entity="account", condition="employees > 100", position=1))
        add_member(op, "South", ann, share=3.0)
        add_member(op, "South", bob)
    return {"ann": ann, "bob": bob, "key": key, "south": south}


def add_accounts(store: Store, number: int, **fields: Any) -> list[int]:
    with operation(store, "add", BOSS) as op:
        return op.insert("account", [{"name": f"A{n}", "industry": "Toys", **fields} for n in range(number)])


def assign_accounts(store: Store, *, dry_run: bool = False, today: date = TODAY, where: str | None = None) -> Assigned:
    with operation(store, "assign", BOSS, dry_run=dry_run) as op:
        return assign_territories(op, "account", today=today, where=where)


def test_the_first_rule_wins_and_a_second_run_changes_nothing(store: Store) -> None:
    known = fill(store, assign="round_robin")
    add_accounts(store, 4)
    [large] = add_accounts(store, 1, employees=500)
    add_accounts(store, 1, industry="Steel")
    before = business_content(store)
    assert assign_accounts(store, dry_run=True).moved == 5
    assert business_content(store) == before
    done = assign_accounts(store)
    assert (done.moved, done.owners_changed, done.unmatched) == (5, 4, 1)
    counts = {one.territory: (one.before, one.after) for one in done.counts}
    assert counts == {"Key": (0, 1), "South": (0, 4), None: (6, 1)}
    rows = {row["id"]: row for row in business_content(store)["account"]}
    assert (rows[large]["territory_id"], rows[large]["owner_id"]) == (known["key"], None)
    owners = Counter(row["owner_id"] for row in rows.values() if row["territory_id"] == known["south"])
    assert owners == {known["ann"]: 2, known["bob"]: 2}
    again = assign_accounts(store)
    assert (again.moved, again.owners_changed) == (0, 0)
    undo(store, done.operation_id, BOSS)
    assert business_content(store) == before


def test_round_robin_goes_on_where_the_last_run_ended(store: Store) -> None:
    known = fill(store, assign="round_robin")
    for _ in range(4):  # one a night: not always the same one
        add_accounts(store, 1)
        assign_accounts(store)
    owners = [row["owner_id"] for row in business_content(store)["account"]]
    assert owners == [known["ann"], known["bob"], known["ann"], known["bob"]]


@pytest.mark.parametrize(("assign", "ann", "bob"), [("weighted", 9, 3), ("least_loaded", 6, 6), ("round_robin", 6, 6)])
def test_shares_and_loads(store: Store, assign: str, ann: int, bob: int) -> None:
    known = fill(store, assign=assign)
    add_accounts(store, 12)
    assign_accounts(store)
    owners = Counter(row["owner_id"] for row in business_content(store)["account"])
    assert owners == {known["ann"]: ann, known["bob"]: bob}


def test_rules_hold_only_in_their_time_and_where_narrows(store: Store) -> None:
    fill(store, effective_from=date(2026, 7, 1), effective_to=date(2026, 7, 31))
    one, _ = add_accounts(store, 2)
    assert assign_accounts(store, today=date(2026, 6, 30)).moved == 0
    assert assign_accounts(store, today=date(2026, 7, 31), where=f"id = {one}").moved == 1
    assert assign_accounts(store, today=date(2026, 8, 1)).moved == 0
    with pytest.raises(NoRulesError, match="no rule for leads"), operation(store, "assign", BOSS) as op:
        assign_territories(op, "lead", today=TODAY)


def test_a_wrong_condition_is_refused_when_the_rule_is_made(store: Store) -> None:
    with operation(store, "rule", BOSS) as op:
        op.insert("territory", [{"name": "South"}])
        with pytest.raises(ConditionError):
            add_rule(op, NewRule(territory="South", entity="account", condition="industry ="))


def test_a_territory_that_nobody_works_keeps_the_owners_and_is_named(store: Store) -> None:
    with operation(store, "add", BOSS) as op:
        op.insert("territory", [{"name": "Empty"}])
        add_rule(op, NewRule(territory="Empty", entity="account", condition="true", assign="round_robin"))
    add_accounts(store, 2)
    done = assign_accounts(store)
    assert (done.moved, done.owners_changed, done.unmanned) == (2, 0, ["Empty"])


@given(shares=st.lists(st.integers(0, 5), min_size=1, max_size=5), number=st.integers(0, 200))
def test_weighted_stays_close_to_the_shares(shares: list[int], number: int) -> None:
    given_shares = {place: float(share) for place, share in enumerate(shares)}
    dealt = Counter(islice(weighted(given_shares, {}), number))
    total = sum(shares) or len(shares)
    for place, share in given_shares.items():
        fair = number * (share if sum(shares) else 1) / total
        assert abs(dealt[place] - fair) <= len(shares)


def test_turns_and_loads_are_deterministic() -> None:
    assert list(islice(round_robin([1, 2, 3], after=2), 4)) == [3, 1, 2, 3]
    assert list(islice(round_robin([1, 2], after=9), 2)) == [1, 2]
    assert list(islice(least_loaded({1: 2, 2: 0}), 4)) == [2, 2, 1, 2]
