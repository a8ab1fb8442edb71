"""The fast parts of the engine beside slow and obvious ones."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA, JaroWinkler

from crm_cli.dedupe import MatchTable
from crm_cli.dedupe.blocking.blocks import blocks_of
from crm_cli.dedupe.cleaning import clean
from crm_cli.dedupe.clustering import cluster
from crm_cli.dedupe.comparisons.bags import bags_of
from crm_cli.dedupe.comparisons.spelling import Spelling
from crm_cli.dedupe.components import components
from crm_cli.dedupe.encoding import codes_of, encode_several
from crm_cli.dedupe.evidence import log_odds
from crm_cli.dedupe.features import Features, build_features
from crm_cli.dedupe.kinds import Kind
from crm_cli.dedupe.plan import plan_columns
from crm_cli.dedupe.scoring import Scorer
from crm_cli.dedupe.searching import Search, search
from crm_cli.dedupe.settings import MatchSettings
from crm_cli.dedupe.streaming import LOWEST_LOG_ODDS, Survivors, hopeful, merged, score_survivors
from tests.dedupe.people import people


@pytest.fixture(scope="module")
def trained() -> Search:
    found = search(features_of(people(1200, seed=4, households=0.3)[0]), MatchSettings())
    assert found is not None
    return found


def features_of(frame: pl.DataFrame) -> Features:
    table = MatchTable.of(frame)
    return build_features(table, plan_columns(table))


def test_dropping_hopeless_pairs_loses_none_that_reaches_the_floor(trained: Search) -> None:
    i, j = trained.candidates.pairs
    scorer = Scorer(trained.features, trained.model)
    every = scorer.raw_log_odds(i, j)

    survivors = score_survivors(trained.features, trained.model, i, j)

    kept = log_odds(trained.model, survivors.evidence)
    found = dict(zip(zip(survivors.i.tolist(), survivors.j.tolist(), strict=True), kept.tolist(), strict=True))
    for left, right, odds in zip(i.tolist(), j.tolist(), every.tolist(), strict=True):
        if odds >= LOWEST_LOG_ODDS:
            assert found[left, right] == pytest.approx(odds)
    assert len(found) < len(i)


def test_candidates_compared_before_are_joined_to_the_others_without_a_second_look(trained: Search) -> None:
    i, j = trained.candidates.pairs
    known = np.arange(len(i)) % 3 == 0
    levels = trained.features.levels(i[known], j[known])
    evidence = Scorer(trained.features, trained.model).evidence(i[known], j[known], levels)
    every = score_survivors(trained.features, trained.model, i, j)

    before = hopeful(Survivors(i[known], j[known], levels, evidence), trained.model, LOWEST_LOG_ODDS)
    others = score_survivors(trained.features, trained.model, i[~known], j[~known])
    both = merged(before, others, trained.features.rows)

    assert both.i.tolist() == every.i.tolist()
    assert both.j.tolist() == every.j.tolist()
    assert both.levels.tolist() == every.levels.tolist()
    assert both.evidence.match == pytest.approx(every.evidence.match)
    assert np.stack(both.evidence.related) == pytest.approx(np.stack(every.evidence.related))


@given(st.lists(st.integers(0, 6), max_size=40), st.integers(2, 8))
def test_blocks_hold_the_pairs_that_share_a_key(keys: list[int], limit: int) -> None:
    blocks = blocks_of(np.arange(len(keys)), np.array(keys, np.int64), limit)

    i, j = blocks.all_pairs()

    fits = {key for key in keys if keys.count(key) <= limit}
    expected = {(a, b) for a, b in combinations(range(len(keys)), 2) if keys[a] == keys[b] and keys[a] in fits}
    assert sorted(zip(i.tolist(), j.tolist(), strict=True)) == sorted(expected)
    assert blocks.oversize == sum(keys.count(key) for key in set(keys) - fits)


@given(st.lists(st.tuples(st.integers(0, 29), st.integers(0, 29)), max_size=60))
def test_components_are_those_of_a_naive_search(edges: list[tuple[int, int]]) -> None:
    pairs = np.array(edges, np.int64).reshape(-1, 2)

    label = components(pairs[:, 0], pairs[:, 1], 30).tolist()

    expected = list(range(30))
    for _ in range(30):
        for a, b in edges:
            expected[a] = expected[b] = min(expected[a], expected[b])
    assert label == expected


WORDS = st.one_of(st.text("abß0 ", max_size=9), st.text(max_size=5), st.sampled_from(["", "anna", "anne", "annemarie"]))


@given(st.lists(WORDS, min_size=1, max_size=8), st.sampled_from([0.75, 0.8, 0.92]), st.integers(0, 3))
def test_spelling_is_compared_as_if_every_pair_was_read(texts: list[str], cutoff: float, most: int) -> None:
    a, b = (each.ravel() for each in np.indices((len(texts), len(texts))))
    spelling = Spelling(pl.Series(texts, dtype=pl.String))

    alike, edits = spelling.jaro_winkler(a, b, cutoff), spelling.edits(a, b, most)

    for x, y, similarity, distance in zip(a.tolist(), b.tolist(), alike.tolist(), edits.tolist(), strict=True):
        assert similarity == pytest.approx(JaroWinkler.similarity(texts[x], texts[y], score_cutoff=cutoff), abs=1e-6)
        assert min(distance, most + 1) == min(OSA.distance(texts[x], texts[y]), most + 1)


@given(
    st.lists(st.frozensets(st.integers(0, 599), max_size=40) | st.frozensets(st.integers(0, 5)), min_size=1),
    st.integers(0, 9),
    st.floats(0.05, 1),
)
def test_weighted_sets_are_compared_as_if_every_term_was_looked_at(
    sets: list[frozenset[int]], seed: int, cutoff: float
) -> None:
    mass = np.random.default_rng(seed).uniform(0.01, 9, 600)
    entries = [(value, term) for value, terms in enumerate(sets) for term in terms]
    value, term = (np.array([each[side] for each in entries], np.int64) for side in (0, 1))
    bags = bags_of(value, term, len(sets), mass)
    a, b = (each.ravel() for each in np.indices((len(sets), len(sets))))

    shared, keys = bags.shared(a, b)
    cosines = bags.cosines(a, b, cutoff)

    assert keys.tolist() == [
        k * 600 + t for k, (x, y) in enumerate(zip(a, b, strict=True)) for t in sorted(sets[x] & sets[y])
    ]
    for x, y, own, cosine in zip(a.tolist(), b.tolist(), shared.tolist(), cosines.tolist(), strict=True):
        both, left, right = (sum(mass[each] for each in terms) for terms in (sets[x] & sets[y], sets[x], sets[y]))
        assert own == pytest.approx(both)
        whole = both / np.sqrt(max(left * right, 1e-9))
        assert cosine == pytest.approx(whole) or (cosine == 0 and whole < cutoff)


@given(st.lists(st.one_of(st.none(), st.text(max_size=3)), max_size=50))
def test_codes_give_back_the_texts(texts: list[str | None]) -> None:
    values, codes = codes_of(pl.Series(texts, dtype=pl.String))

    assert [None if code < 0 else values[code] for code in codes.tolist()] == texts
    assert values.n_unique() == len(values)


def test_several_values_are_kept_in_order_without_repeats_and_nulls() -> None:
    column = encode_several(pl.Series([["a", "b", "a"], [], None, ["b", None]], dtype=pl.List(pl.String)))

    values = column.values.to_list()
    per_row = np.split(column.codes, column.offsets[1:-1])
    assert [[values[code] for code in codes] for codes in per_row] == [["a", "b"], [], [], ["b"]]
    assert column.filled == 0.5


@given(st.lists(st.text(max_size=25), max_size=10), st.sampled_from(list(Kind)))
@settings(max_examples=60, deadline=None)
def test_cleaning_keeps_its_place_and_makes_no_empty_text(texts: list[str], kind: Kind) -> None:
    done = clean(pl.Series(texts, dtype=pl.String), kind)

    assert len(done) == len(texts)
    assert "" not in done.drop_nulls().to_list()


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (Kind.PHONE, ["(415) 730-5266", "+1 415.730.5266 x12", "1-415-730-5266"]),
        (Kind.BIRTH_DATE, ["1971-06-24", "24.6.1971", "6/24/71", "19710624"]),
        (Kind.ORGANIZATION, ["I.B.M. Corp.", "I B M Ltd", "ibm"]),
        (Kind.STREET, ["278 Franklin Parkway Apt 8", "278 FRANKLIN PKWY #8", "278 Franklin Pkwy."]),
        (Kind.FAMILY_NAME, ["O'Neil PhD", "ONEIL", "O’Neil, Esq."]),
        (Kind.FAMILY_NAME, ["O'Neil Jr", "ONEIL, JR.", "O’Neil jr"]),
        (Kind.POSTAL_CODE, ["94952-1234", "94952"]),
        (Kind.WEB, ["https://www.foo.example/", "foo.example"]),
    ],
)
def test_spellings_of_one_value_are_one(kind: Kind, values: list[str]) -> None:
    assert clean(pl.Series(values), kind).n_unique() == 1


def test_a_forbidden_pair_is_kept_apart_even_if_a_third_record_links_both() -> None:
    odds = {(0, 1): 9.0, (0, 2): 9.0, (1, 2): -np.inf}
    i, j = np.array([0, 0, 1]), np.array([1, 2, 2])

    def score(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.array([odds[x, y] for x, y in zip(a.tolist(), b.tolist(), strict=True)])

    found = cluster(i, j, score(i, j), 3, score, expected_matches=2.0)

    assert found.label[1] != found.label[2]


def test_a_placeholder_of_thousands_does_not_blow_up_and_is_reported() -> None:
    frame, _ = people(4000, seed=6)
    crowded = frame.with_columns(
        phone=pl.when(pl.int_range(pl.len()) % 2 == 0).then(pl.lit("0800 111222")).otherwise("phone")
    )

    found = search(features_of(crowded), MatchSettings(rules=["phone", "email", "last name + birth date"]))

    assert found is not None
    assert len(found.candidates) < 20_000
    assert found.candidates.oversize[0].rule == "phone"
    assert found.candidates.oversize[0].records == 2000
