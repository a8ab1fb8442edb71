"""Learning from answers, as the engine's callers see it."""

from __future__ import annotations

import json

import numpy as np
import pytest

from crm_cli.dedupe import (
    Lesson,
    MatchResult,
    MatchSettings,
    MatchTable,
    Model,
    explain,
    find_duplicates,
    observed,
    score_clusters,
)
from crm_cli.dedupe.clustering import cluster
from crm_cli.dedupe.learning import Lessons, instructive, learn
from crm_cli.errors import UsageError
from tests.dedupe.people import people


def answered(result: MatchResult, truth: np.ndarray, most: int = 50) -> list[tuple[int, int, bool]]:
    """The first questions of a search, answered by one who knows."""
    pairs = [(int(result.pairs.left[place]), int(result.pairs.right[place])) for place in result.questions[:most]]
    return [(i, j, bool(truth[i] == truth[j])) for i, j in pairs]


def binding(told: list[tuple[int, int, bool]]) -> MatchSettings:
    forced, forbidden = ([(i, j) for i, j, same in told if same is wanted] for wanted in (True, False))
    return MatchSettings(labelled=told, forced=forced, forbidden=forbidden)


def f1(result: MatchResult, truth: np.ndarray) -> float:
    found, true = ({str(n): str(each) for n, each in enumerate(x.tolist())} for x in (result.clusters, truth))
    return score_clusters(found, true).f1


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5, 6])
@pytest.mark.parametrize("answers", [10, 50])
def test_right_answers_make_no_search_worse(seed: int, answers: int) -> None:
    frame, truth = people(1200, seed=seed, households=0.3)
    table = MatchTable.of(frame)
    before = find_duplicates(table, MatchSettings(questions=answers))

    after = find_duplicates(table, binding(answered(before, truth)))

    assert f1(after, truth) >= f1(before, truth)


def test_answers_about_fifty_pairs_change_what_is_thought_of_others() -> None:
    frame, truth = people(3000, seed=31, households=0.3)
    table = MatchTable.of(frame)
    before = find_duplicates(table, MatchSettings(questions=50))
    told = answered(before, truth)

    bound = find_duplicates(table, MatchSettings(forced=binding(told).forced, forbidden=binding(told).forbidden))
    learned = find_duplicates(table, binding(told))

    assert learned.summary.learning is not None
    assert learned.summary.learning.adopted
    assert learned.summary.learning.changes
    assert f1(learned, truth) > f1(bound, truth)


def test_asking_for_questions_changes_nothing_else() -> None:
    table = MatchTable.of(people(600, seed=5)[0])

    plain, asking = find_duplicates(table), find_duplicates(table, MatchSettings(questions=20))

    assert plain.questions == ()
    assert plain.summary.learning is None
    assert plain.model == asking.model
    assert plain.clusters.tolist() == asking.clusters.tolist()
    assert plain.pairs.probability.tolist() == asking.pairs.probability.tolist()


def test_questions_are_about_uncertain_pairs_each_once_and_the_same_every_time() -> None:
    table = MatchTable.of(people(2000, seed=31, households=0.3)[0])

    result, again = (find_duplicates(table, MatchSettings(questions=40)) for _ in range(2))

    assert result.questions == again.questions
    assert len(set(result.questions)) == len(result.questions) == 40
    asked = result.pairs.probability[list(result.questions)]
    assert asked.min() >= 0.1
    assert asked.max() < 0.98


def test_two_questions_about_the_same_two_clusters_do_not_follow_each_other() -> None:
    comparisons = compared()
    levels = np.zeros((4, len(comparisons)), np.uint8)
    levels[2:, 0] = 1
    odds = np.zeros(4)
    clusters = np.array([0, 0, 5, 7]), np.array([1, 1, 6, 8])

    order = instructive(levels, odds, clusters, comparisons, 4).tolist()

    assert sorted(order) == [0, 1, 2, 3]
    assert set(order[:3]) != {0, 1, 2}
    assert set(order[:3]) != {0, 1, 3}


def test_an_answer_that_was_remembered_teaches_like_one_about_records_that_are_there() -> None:
    frame, truth = people(1500, seed=31, households=0.3)
    table = MatchTable.of(frame)
    before = find_duplicates(table, MatchSettings(questions=50))
    told = answered(before, truth)
    assert before.scorer is not None
    looks = observed(before.scorer, *(np.array([each[side] for each in told]) for side in (0, 1)))
    lessons = [Lesson(*look, same) for look, (_, _, same) in zip(looks, told, strict=True)]

    there = find_duplicates(table, MatchSettings(labelled=told))
    gone = find_duplicates(table, MatchSettings(lessons=lessons))

    assert gone.summary.learning == there.summary.learning
    assert gone.pairs.probability.tolist() == there.pairs.probability.tolist()


def test_lessons_about_other_columns_are_left_out() -> None:
    table = MatchTable.of(people(400, seed=5)[0])

    result = find_duplicates(table, MatchSettings(lessons=[Lesson({"shoe size": 1}, 0.0, same=True)]))

    assert result.summary.learning is None


def compared() -> list:
    """The comparisons of a small table."""
    scorer = find_duplicates(MatchTable.of(people(300, seed=5)[0])).scorer
    assert scorer is not None
    return scorer.features.comparisons


def test_what_answers_say_of_a_level_is_learned_and_what_they_do_not_is_left() -> None:
    comparisons = compared()
    levels = np.ones((30, len(comparisons)), np.uint8)
    levels[::2, 0] = 2
    lessons = Lessons(levels, np.zeros(30), levels[:, 0] == 2)

    correction, learning = learn(lessons, comparisons)

    assert correction is not None
    assert learning.gain > 10
    assert correction.levels[0][2] > 0.5
    assert correction.levels[0][1] < -0.5
    assert correction.levels[1][2] == 0


@pytest.mark.parametrize("seed", range(5))
def test_answers_as_the_model_foretold_them_change_nothing(seed: int) -> None:
    comparisons, rng = compared(), np.random.default_rng(seed)
    levels = np.stack([rng.integers(0, each.top + 1, 50) for each in comparisons], axis=1).astype(np.uint8)
    odds = rng.uniform(-4, 4, 50)
    lessons = Lessons(levels, odds, rng.random(50) < 1 / (1 + 2.0**-odds))

    correction, learning = learn(lessons, comparisons)

    assert correction is None
    assert not learning.adopted


def test_denied_sure_pairs_teach_nothing_for_the_confirmed_ones_are_merged() -> None:
    frame, _ = people(800, seed=11)
    table = MatchTable.of(frame)
    before = find_duplicates(table)
    sure = np.flatnonzero(before.pairs.probability > 0.999)[:30]
    told = [(int(before.pairs.left[each]), int(before.pairs.right[each]), False) for each in sure]

    after = find_duplicates(table, MatchSettings(labelled=told))

    assert after.summary.learning is None
    assert after.clusters.tolist() == before.clusters.tolist()


def test_a_learned_model_survives_json_and_explains_what_it_says() -> None:
    frame, truth = people(3000, seed=31, households=0.3)
    table = MatchTable.of(frame)
    told = answered(find_duplicates(table, MatchSettings(questions=50)), truth)
    result = find_duplicates(table, MatchSettings(labelled=told))
    assert result.scorer is not None
    assert result.model is not None
    assert "correction" in result.model

    assert Model.from_json(json.loads(json.dumps(result.model))).to_json() == result.model
    for place in range(0, len(result.pairs), max(len(result.pairs) // 20, 1)):
        said = explain(result.scorer, int(result.pairs.left[place]), int(result.pairs.right[place]))
        assert said.probability == pytest.approx(float(result.pairs.probability[place]), abs=1e-5)


def test_an_answer_about_a_record_that_is_not_there_is_refused() -> None:
    with pytest.raises(UsageError, match="not among the 10 given"):
        find_duplicates(MatchTable.of(people(10, seed=1)[0]), MatchSettings(labelled=[(3, 10, True)]))


def test_two_that_are_the_same_as_a_third_count_as_the_same_in_the_estimate() -> None:
    odds = {(0, 1): 8.0, (0, 2): 8.0, (1, 2): -2.0}

    def score(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.array([odds[x, y] for x, y in zip(a.tolist(), b.tolist(), strict=True)])

    i, j = np.array([0, 0, 1]), np.array([1, 2, 2])
    found = cluster(i, j, score(i, j), 3, score, expected_matches=3.0)

    sure = 1 / (1 + 2.0**-8)
    assert found.said == 3
    assert found.expected_right == pytest.approx(2 * sure + 0.2, abs=1e-6)
    assert found.coherent_right == pytest.approx(2 * sure + 2 * sure - 1, abs=1e-6)
