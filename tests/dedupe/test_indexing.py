"""A few records compared with very many by what a search of the many has left."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_cli.dedupe import MatchResult, MatchTable, ModelVersionError, find_duplicates
from crm_cli.dedupe.blocking import block_limit
from crm_cli.dedupe.indexing import Blueprint, Comparer, blueprint_of, frequencies_of, index_keys
from crm_cli.dedupe.indexing.hashing import hash_texts
from tests.dedupe.people import people

_MASK = 2**64 - 1


@pytest.fixture(scope="module")
def searched() -> tuple[pl.DataFrame, MatchResult, Blueprint]:
    frame, _ = people(1500, seed=4)
    result = find_duplicates(MatchTable.of(frame))
    blueprint = blueprint_of(result, block_limit(frame.height))
    assert blueprint is not None
    return frame, result, Blueprint.from_json(json.loads(json.dumps(blueprint.to_json())))


def naive_hash(text: str, seed: int) -> int:
    total, power = seed, 1
    for byte in text.encode():
        power = power * 6364136223846793005 & _MASK
        total = (total + (byte + 1) * power) & _MASK
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        total = (total ^ (total >> shift)) * factor & _MASK
    return total ^ (total >> 31)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=12), max_size=8), st.integers(0, 2**63))
def test_hashes_are_those_of_a_plain_loop(texts: list[str], seed: int) -> None:
    found = hash_texts(pl.Series(texts, dtype=pl.String), seed).tolist()
    assert found == [naive_hash(text, seed) for text in texts]


def test_hashes_outlive_the_program() -> None:
    """Keys are kept in databases: another value here makes every index of every user useless."""
    assert hash_texts(pl.Series(["müller"]), 7).tolist() == [naive_hash("müller", 7)] == [4798608790425289462]


def test_a_record_has_the_same_keys_alone_and_among_others(
    searched: tuple[pl.DataFrame, MatchResult, Blueprint],
) -> None:
    frame, result, blueprint = searched
    assert result.scorer is not None
    records, keys = index_keys(result.scorer.features, blueprint.rules)
    assert len(keys) == len(set(zip(records.tolist(), keys.tolist(), strict=True))), "each key of a record once"
    for number in (0, 17, 803):
        alone, own = Comparer(MatchTable.of(frame[number : number + 1]), blueprint).keys()
        assert set(alone.tolist()) <= {0}
        assert sorted(own.tolist()) == sorted(keys[records == number].tolist())


def test_most_matches_share_a_kept_key(searched: tuple[pl.DataFrame, MatchResult, Blueprint]) -> None:
    _, result, blueprint = searched
    assert result.scorer is not None
    records, keys = index_keys(result.scorer.features, blueprint.rules)
    of_record: dict[int, set[int]] = {}
    for record, key in zip(records.tolist(), keys.tolist(), strict=True):
        of_record.setdefault(record, set()).add(key)
    sure = np.flatnonzero(result.pairs.probability > 0.9)
    pairs = zip(result.pairs.left[sure].tolist(), result.pairs.right[sure].tolist(), strict=True)
    found = [bool(of_record.get(i, set()) & of_record.get(j, set())) for i, j in pairs]
    assert len(found) > 100
    assert np.mean(found) > 0.97


def test_a_few_are_scored_as_the_whole_table_scores_them(
    searched: tuple[pl.DataFrame, MatchResult, Blueprint],
) -> None:
    frame, result, blueprint = searched
    assert result.scorer is not None
    keys, counts = frequencies_of(result.scorer.features)
    known = dict(zip(keys.tolist(), counts.tolist(), strict=True))
    asked: list[int] = []

    def count(terms: np.ndarray) -> dict[int, int]:
        asked.extend(terms.tolist())
        return {term: known[term] for term in terms.tolist() if term in known}

    chosen = np.flatnonzero(result.pairs.probability > 0.05)[:200]
    left, right = result.pairs.left[chosen], result.pairs.right[chosen]
    some = np.unique(np.concatenate((left, right)))
    comparer = Comparer(MatchTable.of(frame[some.tolist()]), blueprint, count)
    scores = comparer.compare(np.searchsorted(some, left), np.searchsorted(some, right))
    difference = np.abs(scores.probability - result.pairs.probability[chosen])
    assert asked, "frequencies of the many are asked for"
    assert np.median(difference) < 0.005
    assert np.mean(difference > 0.1) < 0.03
    assert np.mean((scores.probability > 0.5) == (result.pairs.probability[chosen] > 0.5)) > 0.98


def test_columns_that_are_gone_and_other_versions_are_refused(
    searched: tuple[pl.DataFrame, MatchResult, Blueprint],
) -> None:
    frame, _, blueprint = searched
    with pytest.raises(ModelVersionError, match="which these records do not have"):
        Comparer(MatchTable.of(frame.drop(frame.columns[0])), blueprint)
    with pytest.raises(ModelVersionError, match="version 0"):
        Blueprint.from_json(blueprint.to_json() | {"version": 0})


def test_where_there_are_few_matches_plain_values_are_kept() -> None:
    frame, _ = people(60, seed=3)
    blueprint = blueprint_of(find_duplicates(MatchTable.of(frame)), block_limit(60))
    assert blueprint is not None
    assert len(blueprint.rules) > 2


def test_nothing_to_compare_leaves_no_blueprint() -> None:
    assert blueprint_of(find_duplicates(MatchTable.of(pl.DataFrame({"a": ["x"]}))), 120) is None
