"""Decisions teach the next search; a review begins with the pairs that teach most. On every database."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from crm_cli.dedupe import Learning
from crm_cli.history import operation, undo
from crm_cli.jobs import matching
from crm_cli.jobs.matching import ReviewOptions, ReviewOrder, Verdict
from crm_cli.jobs.merging import MergeGroup, merge
from crm_cli.store import Store
from tests.dedupe.people import people
from tests.jobs.people import MARIA

ENTITY = "contact"


@pytest.fixture
def person(store: Store) -> dict[int, int]:
    """Contacts that are hard to tell apart, and which person each is."""
    frame, truth = people(900, seed=31, households=0.3)
    rows = [
        {"given_name": row["first name"] or None, "family_name": row["last name"] or "X", "birth_date": day(row)}
        for row in frame.iter_rows(named=True)
    ]
    with operation(store, "add", MARIA) as op:
        ids = op.insert(ENTITY, rows)
        phones = zip(ids, frame["phone"].to_list(), strict=True)
        op.insert("phone_number", [{"party_id": one, "value": text, "standard": text} for one, text in phones if text])
    return dict(zip(ids, truth.tolist(), strict=True))


def day(row: dict[str, str]) -> date | None:
    try:
        return date.fromisoformat(row["birth date"])
    except ValueError:
        return None


def queue(store: Store, **options: Any) -> list[matching.Candidate]:
    return matching.review_queue(store, store.dictionary.entity(ENTITY), ReviewOptions(**options))


def answer(store: Store, person: dict[int, int], most: int) -> list[Verdict]:
    """Decide the first pairs of the review by the truth."""
    verdicts = [
        Verdict(*one.pair, "duplicate" if person[one.left] == person[one.right] else "same_household")
        for one in queue(store)[:most]
    ]
    matching.decide(store, ENTITY, verdicts, MARIA)
    return verdicts


def taught(store: Store) -> Learning | None:
    return matching.find(store, ENTITY, MARIA)[2].summary.learning


def counts(learning: Learning | None) -> tuple[int, int]:
    assert learning is not None
    return learning.answers, learning.same


def test_a_review_begins_with_what_teaches_most_unless_told_otherwise(store: Store, person: dict[int, int]) -> None:
    assert taught(store) is None
    offered = queue(store)
    ranks = [one.teaches for one in offered if one.teaches is not None]
    assert len(ranks) > 10
    assert [one.teaches for one in offered[: len(ranks)]] == sorted(ranks)
    assert all(0.1 <= one.probability < matching.SURE for one in offered[: len(ranks)])
    assert all(one.waterfall is not None for one in offered[: len(ranks)]), "a review begins at once"
    by_probability = queue(store, order=ReviewOrder.PROBABILITY)
    assert {one.id for one in by_probability} == {one.id for one in offered}
    unsure = [one.probability for one in by_probability if one.probability < matching.SURE]
    assert unsure == sorted(unsure, reverse=True)


def test_decisions_teach_also_when_the_records_were_merged_since(store: Store, person: dict[int, int]) -> None:
    matching.find(store, ENTITY, MARIA)
    verdicts = answer(store, person, 20)
    same = sum(one.verdict == "duplicate" for one in verdicts)
    assert 0 < same < 20
    assert counts(taught(store)) == (20, same)
    assert matching.merge_decided(store, ENTITY, MARIA).merged > 0
    assert counts(taught(store)) == (20, same)
    assert counts(taught(store)) == (20, same), "what an earlier search saw is taken along"


def test_merged_before_the_next_search_a_decision_still_teaches(store: Store, person: dict[int, int]) -> None:
    matching.find(store, ENTITY, MARIA)
    verdicts = answer(store, person, 20)
    matching.merge_decided(store, ENTITY, MARIA)
    assert counts(taught(store)) == (20, sum(one.verdict == "duplicate" for one in verdicts))


def test_a_decision_that_was_undone_teaches_nothing(store: Store, person: dict[int, int]) -> None:
    matching.find(store, ENTITY, MARIA)
    left, right = queue(store)[0].pair
    number = matching.decide(store, ENTITY, [Verdict(left, right, "different")], MARIA)
    assert counts(taught(store)) == (1, 0)
    undo(store, number, MARIA)
    assert taught(store) is None


def test_neither_does_a_merge_that_was_undone_nor_an_unsure_verdict(store: Store, person: dict[int, int]) -> None:
    matching.find(store, ENTITY, MARIA)
    first, second = queue(store)[:2]
    done = merge(store, ENTITY, [MergeGroup(first.pair, first.left)], MARIA)
    undo(store, done.operation_id, MARIA)
    matching.decide(store, ENTITY, [Verdict(*second.pair, "unsure")], MARIA)
    assert taught(store) is None


def test_an_explanation_says_what_the_search_said(store: Store, person: dict[int, int]) -> None:
    matching.find(store, ENTITY, MARIA)
    answer(store, person, 40)
    matching.find(store, ENTITY, MARIA)
    one = next(one for one in queue(store) if one.teaches is None and one.probability < matching.SURE)
    waterfall = matching.Reasons(store, ENTITY).explain(*one.pair)
    assert waterfall is not None
    assert waterfall.probability == pytest.approx(one.probability, abs=1e-4)
