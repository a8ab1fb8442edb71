"""What bad data cost, and how many distinct customers there are, alike on every database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_cli.audits import load_policies
from crm_cli.history import Author, operation
from crm_cli.jobs.costs import Pair, Rates, costs, distinct_customers, expected_duplicates
from crm_cli.store import Store

TODAY = date(2026, 6, 15)
NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
LONG_AGO = NOON - timedelta(days=880)
PAIRS = st.lists(st.tuples(st.integers(1, 7), st.integers(1, 7), st.sampled_from([0.1, 0.5, 0.9, 1.0])), max_size=12)


def people(store: Store, count: int, *, made: datetime = LONG_AGO, address: bool = True) -> list[int]:
    with operation(store, "add", Author("tester")) as op:
        ids = op.insert("contact", [{"family_name": "Doe", "created_at": made} for _ in range(count)])
        if address:
            points = [{"party_id": one, "city": "Berlin", "value": "Berlin", "is_primary": True} for one in ids]
            op.insert("postal_address", points, covered=True)
    return ids


def searched(store: Store, *pairs: Pair) -> None:
    """Leave behind what a search for duplicates does."""
    with operation(store, "find", Author("tester")) as op:
        [run] = op.insert("match_run", [{"entity": "contact", "started_at": NOON, "finished_at": NOON}])
        rows = [
            {"run_id": run, "entity": "contact", "left_id": left, "right_id": right, "probability": probability,
             "verdict": "duplicate"}
            for left, right, probability in pairs
        ]  # fmt: skip
        op.insert("match_pair", rows, covered=True)


@pytest.mark.all_databases
def test_costs_are_numbers_times_what_one_costs(store: Store) -> None:
    one, two, three, _ = people(store, 4)
    [bare] = people(store, 1, address=False)
    searched(store, (one, two, 0.9), (two, three, 0.8), (one, three, 0.7), (one, bare, 0.5))
    rates = Rates(per_mailing=0.8, per_duplicate=10, mailings=4)
    found = {(one.what, one.entity): one for one in costs(store, load_policies(), rates, today=TODAY)}
    returned, twice = found["returned mailings", "contact"], found["duplicates mailed twice", "contact"]
    assert (returned.number, returned.sum) == (pytest.approx(4 * 0.5 * 4), pytest.approx(8 * 0.8))
    assert (twice.number, twice.sum) == (pytest.approx(1.7 * 4), pytest.approx(6.8 * 0.8))
    assert found["duplicates", "contact"].number == pytest.approx(0.9 + 0.8 + 0.5)
    assert found["duplicates", "account"].sum == 0

    account, contact = distinct_customers(store)
    assert (contact.records, contact.distinct, contact.searched_at) == (5, 3, NOON)
    assert (account.records, account.duplicates, account.distinct) == (0, None, None)


@pytest.mark.all_databases
def test_duplicates_made_again_since_the_last_merge_are_counted(store: Store) -> None:
    old, gone, other = people(store, 3)
    with operation(store, "merge", Author("tester")) as op:
        op.insert(
            "merge", [{"operation_id": op.id, "entity": "contact", "record_id": gone, "survivor_id": old}], covered=True
        )
        op.update("contact", {gone: {"merged_into_id": old, "deleted_at": NOON}})
        merged_at = op.started_at
    again, unsure = people(store, 2, made=merged_at + timedelta(seconds=1))
    searched(store, (old, again, 0.9), (old, unsure, 0.2), (old, other, 0.6))
    _, contact = distinct_customers(store)
    assert (contact.records, contact.recreated, contact.merged_at) == (4, 1, merged_at)


def test_what_was_decided_counts_whole_and_what_differs_not_at_all(store: Store) -> None:
    one, two, three = people(store, 3)
    searched(store, (one, two, 0.6), (one, three, 0.6))
    with operation(store, "decide", Author("tester")) as op:
        for other, verdict in ((two, "duplicate"), (three, "different")):
            pair = {"entity": "contact", "left_id": one, "right_id": other}
            op.insert("match_decision", [{**pair, "verdict": verdict, "actor": "li", "decided_at": NOON}], covered=True)
    assert distinct_customers(store)[1].duplicates == pytest.approx(1.0)


@settings(max_examples=60, deadline=None)
@given(PAIRS)
def test_of_pairs_that_hang_together_only_those_that_join_count(pairs: list[Pair]) -> None:
    proper = [pair for pair in pairs if pair[0] != pair[1]]
    best = max((_weight(chosen) for size in range(5) for chosen in combinations(proper, size)), default=0.0)
    found = expected_duplicates(proper)
    if len({number for pair in proper for number in pair[:2]}) <= 5:  # else a forest may have more than four pairs
        assert found == pytest.approx(best)
    assert found >= best - 1e-9


def _weight(pairs: tuple[Pair, ...]) -> float:
    """The probabilities of pairs that have no circle among them, 0 where they have one."""
    groups: list[set[int]] = []
    for left, right, _ in pairs:
        touched = [group for group in groups if group & {left, right}]
        if any({left, right} <= group for group in touched):
            return 0.0
        groups = [group for group in groups if group not in touched] + [set().union({left, right}, *touched)]
    return sum(pair[2] for pair in pairs)
