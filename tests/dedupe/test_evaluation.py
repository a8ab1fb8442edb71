"""Scores of clusters, beside the plain definition: every pair counted."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from crm_cli.dedupe import score_clusters

LABELS = st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from("123"), max_size=8)


@given(LABELS, LABELS)
def test_pairs_are_counted_as_by_hand(found: dict[str, str], truth: dict[str, str]) -> None:
    pairs = list(combinations(sorted(truth), 2))
    said = {(a, b) for a, b in pairs if a in found and found.get(a) == found.get(b)}
    true = {(a, b) for a, b in pairs if truth[a] == truth[b]}

    scores = score_clusters(found, truth)

    assert (scores.found_pairs, scores.true_pairs, scores.right_pairs) == (len(said), len(true), len(said & true))
    assert scores.precision == (len(said & true) / len(said) if said else 1.0)
    assert scores.recall == (len(said & true) / len(true) if true else 1.0)


def test_b_cubed_averages_over_records() -> None:
    scores = score_clusters({"a": "1", "b": "1", "c": "1", "d": "2"}, {"a": "x", "b": "x", "c": "y", "d": "y"})

    assert round(scores.b3_precision, 4) == round((2 / 3 + 2 / 3 + 1 / 3 + 1) / 4, 4)
    assert scores.b3_recall == (1 + 1 + 0.5 + 0.5) / 4
    assert scores.f1 == 2 * (1 / 3) * (1 / 2) / (1 / 3 + 1 / 2)
