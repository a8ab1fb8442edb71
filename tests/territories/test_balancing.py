"""Balancing and the figures of fairness: beside naive references, on small cases that can be tried out whole."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_cli.errors import UsageError
from crm_cli.history import operation
from crm_cli.store import Store
from crm_cli.territories import Proposal, apply_plan, fairness, plan_of, propose
from crm_cli.territories.balancing import Item, Step, balance, is_balanced
from tests.dumps import business_content
from tests.territories.market import BOSS, make_market

TODAY = date(2026, 6, 15)
Case = tuple[list[Item], dict[int, float]]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    holders = list(range(draw(st.integers(2, 3))))
    items = [
        Item(float(draw(st.integers(0, 12))), number, draw(st.sampled_from(holders)))
        for number in range(draw(st.integers(0, 7)))
    ]
    return items, {holder: float(draw(st.integers(0, 6))) for holder in holders}


def loads_after(case: Case, steps: Sequence[Step]) -> dict[int, float]:
    items, fixed = case
    taker = {step.id: step.taker for step in steps}
    loads = dict(fixed)
    for item in items:
        loads[taker.get(item.id, item.holder)] += item.weight
    return loads


def squares(loads: dict[int, float]) -> float:
    return sum(load * load for load in loads.values())


def every_way(case: Case, most: int) -> list[dict[int, float]]:
    """The naive reference: the loads of every way to give the items out with so many moves at most."""
    items, fixed = case
    found = []
    for holders in itertools.product(fixed, repeat=len(items)):
        steps = [
            Step(one.id, one.holder, holder) for one, holder in zip(items, holders, strict=True) if one.holder != holder
        ]
        if len(steps) <= most:
            found.append(loads_after(case, steps))
    return found


@given(case=cases(), most=st.one_of(st.none(), st.integers(1, 4)))
@settings(deadline=None, max_examples=60)
def test_no_move_is_left_that_would_help(case: Case, most: int | None) -> None:
    steps = balance(*case, tolerance=0.0, max_moves=most)
    assert steps == balance(*case, tolerance=0.0, max_moves=most)
    assert most is None or len(steps) <= most
    start, end = loads_after(case, []), loads_after(case, steps)
    assert squares(end) <= squares(start)
    after = [Item(one.weight, one.id, {s.id: s.taker for s in steps}.get(one.id, one.holder)) for one in case[0]]
    if most is None:
        assert squares(end) <= min(map(squares, every_way((after, case[1]), 1))) + 1e-6
        swapped = [
            loads_after((after, case[1]), [Step(a.id, a.holder, b.holder), Step(b.id, b.holder, a.holder)])
            for a, b in itertools.combinations(after, 2)
        ]
        assert squares(end) <= min(map(squares, swapped), default=squares(end)) + 1e-6
    best = min(map(squares, every_way(case, len(case[0]) if most is None else most)))
    assert squares(end) >= best - 1e-6
    if most == 1:
        assert squares(end) == pytest.approx(best), "of single moves the best is found"


@given(case=cases())
@settings(deadline=None, max_examples=40)
def test_it_stops_as_soon_as_it_is_even_enough(case: Case) -> None:
    if is_balanced(loads_after(case, []), 0.5):
        assert balance(*case, tolerance=0.5) == []


def test_two_that_only_a_swap_evens_out_are_swapped() -> None:
    items = [Item(9, 1, 1), Item(9, 2, 1), Item(7, 3, 2), Item(7, 4, 2)]
    steps = balance(items, {1: 0, 2: 0}, tolerance=0.01)
    assert loads_after((items, {1: 0, 2: 0}), steps) == {1: 16, 2: 16}
    assert len(steps) == 2
    assert balance(items, {1: 0, 2: 0}, tolerance=0.01, max_moves=1) == [], "a swap is two"


@given(loads=st.lists(st.integers(0, 50), min_size=1, max_size=8))
def test_the_figures_are_those_of_their_definitions(loads: list[int]) -> None:
    found = fairness(loads)
    if not sum(loads):
        assert found.gini is None
        return
    mean = sum(loads) / len(loads)
    apart = sum(abs(a - b) for a in loads for b in loads)
    assert found.gini == pytest.approx(apart / (2 * len(loads) ** 2 * mean), abs=1e-9)
    assert found.variation == pytest.approx((sum((one - mean) ** 2 for one in loads) / len(loads)) ** 0.5 / mean)
    assert found.largest == pytest.approx(max(loads) / mean)


def proposed(store: Store, *places: str, **wanted: object) -> Proposal:
    with store.read() as connection:
        return propose(store, connection, places, today=TODAY, **wanted)  # type: ignore[arg-type]


def owners(store: Store, place: int) -> list[int]:
    return [row["owner_id"] for row in business_content(store)["account"] if row["territory_id"] == place]


def test_territories_are_evened_out_and_the_next_sorting_leaves_them_so(store: Store) -> None:
    known = make_market(store)
    found = proposed(store, "North", "South")
    assert [(one.name, one.before, one.after) for one in found.lines] == [("North", 3, 5), ("South", 7, 5)]
    assert found.balanced
    plan = plan_of(found.document, "PLAN.toml")
    for _ in range(2):
        with operation(store, "territory", BOSS) as op:
            apply_plan(op, plan, today=TODAY)
        assert (len(owners(store, known["North"])), len(owners(store, known["South"]))) == (5, 5)
    assert set(owners(store, known["North"])) == {known["tom"]}


def test_named_accounts_never_move(store: Store) -> None:
    known = make_market(store)
    ids = [known[f"A{n}"] for n in range(7)]
    rule = {"territory": "South", "accounts": ids[:6], "position": 1}
    with operation(store, "territory", BOSS) as op:
        apply_plan(op, plan_of({"rule": [rule]}, "PLAN.toml"), today=TODAY)
    found = proposed(store, "North", "South", tolerance=0.0)
    assert [move["account"] for move in found.moves] == [ids[6]]
    assert (found.fixed, found.balanced) == (6, False)


def test_members_of_one_territory_by_revenue(store: Store) -> None:
    known = make_market(store)
    document = {"sort": False, "member": [{"territory": "South", "user": "li"}]}
    with operation(store, "territory", BOSS) as op:
        apply_plan(op, plan_of(document, "PLAN.toml"), today=TODAY)
    found = proposed(store, "South", by="revenue", tolerance=0.01)
    assert (found.among, found.currency) == ("members", "EUR")
    assert [(one.name, one.before, one.after) for one in found.lines] == [("maria", 28_000, 14_000), ("li", 0, 14_000)]
    with operation(store, "territory", BOSS) as op:
        apply_plan(op, plan_of(found.document, "PLAN.toml"), today=TODAY)
    assert set(owners(store, known["South"])) == {known["maria"], known["li"]}
    assert proposed(store, "South", by="pipeline", tolerance=0.01).currency == "EUR"
    assert len(proposed(store, "North", "South", tolerance=0.0, max_moves=1).moves) == 1


def test_what_cannot_be_balanced_is_said(store: Store) -> None:
    known = make_market(store)
    with pytest.raises(UsageError, match="nothing to balance South with"):
        proposed(store, "South", "south")
    with pytest.raises(UsageError, match="--by size is unknown"):
        proposed(store, "North", "South", by="size")
    with operation(store, "set", BOSS) as op:
        op.update("account", {known["A1"]: {"currency": "USD"}})
    with pytest.raises(UsageError, match="several currencies cannot be added: EUR, USD"):
        proposed(store, "North", "South", by="revenue")
