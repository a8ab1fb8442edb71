"""Decisions as lessons for the next search, also when the records that they were made about have been merged since.

A merge takes the answer "the same" out of the records that are searched, and leaves "different" there. To learn from
both, a search keeps how the engine saw each pair that may be asked about, and takes the lessons of earlier runs along.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import sqlalchemy as sa

from crm_cli.dedupe import Lesson, MatchResult, observed
from crm_cli.dedupe.arrays import Floats, Ints
from crm_cli.dedupe.scoring import Scorer
from crm_cli.dictionary import Entity
from crm_cli.jobs.decisions import DUPLICATE, NEGATIVE, Pair
from crm_cli.store import Store, in_chunks

__all__ = ["Answers", "lessons_to_keep", "looks_of", "read_answers", "seen"]

_NEWEST = 2000  # decisions that teach; more would teach nothing new
_SEEN_FROM, _SEEN_TO = 0.02, 0.999  # probability, after learning, of the pairs whose looks are kept


@dataclass(frozen=True)
class Answers:
    """`labelled`: pairs of records that are there, and whether they are the same; `lessons`: about others."""

    labelled: Mapping[Pair, bool] = field(default_factory=dict)
    lessons: Mapping[Pair, Lesson] = field(default_factory=dict)


def read_answers(store: Store, connection: sa.Connection, entity: Entity, there: Set[int]) -> Answers:
    """Return what was decided about records as they were named then; `there` are the records of this search.

    An undone merge is no answer: it may have been undone for any reason.
    """
    table = store.table("match_decision")
    query = sa.select(table.c.left_id, table.c.right_id, table.c.verdict).where(
        table.c.entity == entity.name, table.c.verdict.in_([DUPLICATE, *sorted(NEGATIVE)])
    )
    rows = connection.execute(query.order_by(table.c.id.desc()).limit(_NEWEST))
    told = {(row.left_id, row.right_id): row.verdict == DUPLICATE for row in rows}
    labelled = {pair: same for pair, same in told.items() if there >= set(pair)}
    gone = [pair for pair in told if pair not in labelled]
    looks = _looks(store, connection, entity, gone) if gone else {}
    lessons = {pair: Lesson(*looks[pair], told[pair]) for pair in gone if pair in looks}
    return Answers(labelled, lessons)


def seen(result: MatchResult) -> dict[int, list[float]]:
    """Return for the places of uncertain pairs how the engine saw them: log-odds, then the level of each comparison."""
    if result.scorer is None:
        return {}
    pairs = result.pairs
    return looks_of(result.scorer, pairs.left, pairs.right, pairs.probability)


def looks_of(scorer: Scorer, left: Ints, right: Ints, probability: Floats) -> dict[int, list[float]]:
    """Return the same for the places of any pairs of records that `scorer` knows."""
    places = np.flatnonzero((probability >= _SEEN_FROM) & (probability <= _SEEN_TO))
    looks = observed(scorer, left[places].astype(np.int64), right[places].astype(np.int64))
    return {
        place: [round(log_odds, 3), *levels.values()]
        for place, (levels, log_odds) in zip(places.tolist(), looks, strict=True)
    }


def lessons_to_keep(answers: Answers, numbers: Mapping[int, int], result: MatchResult) -> list[list[Any]]:
    """Return the lessons of this search for those to come: left id, right id, log-odds, levels by comparison."""
    kept = [[*pair, lesson.log_odds, dict(lesson.levels)] for pair, lesson in answers.lessons.items()]
    if result.scorer is None or not answers.labelled:
        return kept
    i, j = (np.array([numbers[pair[side]] for pair in answers.labelled], np.int64) for side in (0, 1))
    looks = observed(result.scorer, i, j)
    return kept + [
        [*pair, round(log_odds, 3), levels] for pair, (levels, log_odds) in zip(answers.labelled, looks, strict=True)
    ]


Looks = dict[Pair, tuple[dict[str, int], float]]


def _looks(store: Store, connection: sa.Connection, entity: Entity, wanted: Sequence[Pair]) -> Looks:
    """How the last search saw pairs, or an earlier one whose lessons it took along."""
    run, pair = store.table("match_run"), store.table("match_pair")
    query = sa.select(run.c.id, run.c.model, run.c.summary).where(
        run.c.entity == entity.name, run.c.finished_at.is_not(None)
    )
    last = connection.execute(query.order_by(run.c.id.desc()).limit(1)).one_or_none()
    if last is None or last.model is None:
        return {}
    found: Looks = {
        (left, right): (levels, log_odds) for left, right, log_odds, levels in (last.summary or {}).get("lessons", ())
    }
    if "comparisons" not in last.model:  # persons and organizations were matched apart, and their looks are not kept
        return found
    names = [each["name"] for each in last.model["comparisons"]]
    missing = set(wanted) - found.keys()
    for chunk in in_chunks(sorted({left for left, _ in missing})):
        rows = sa.select(pair.c.left_id, pair.c.right_id, pair.c.scores).where(
            pair.c.run_id == last.id, pair.c.left_id.in_(chunk)
        )
        for row in connection.execute(rows):
            look = (row.scores or {}).get("seen")
            if look is not None and (row.left_id, row.right_id) in missing:
                found[row.left_id, row.right_id] = dict(zip(names, look[1:], strict=True)), look[0]
    return found
