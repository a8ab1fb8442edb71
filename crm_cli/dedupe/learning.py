"""Learn from what people answered about pairs, and choose the pairs whose answers teach most.

The model's calibrated log-odds are the starting point. Added to them is a correction that is linear in the agreement
levels: a logistic regression with an offset, whose coefficients a normal prior holds near 0 (maximum a posteriori;
Bishop 2006, 4.5). So the answers correct weights where they say something, and leave the rest as EM learned it without
labels. Which pairs were asked depends on their levels and log-odds only, and on both the regression is conditional:
answers that are no random sample need no weights for that (ignorable selection, Rubin 1976).

People err. An answer counts as wrong with a small probability whatever the pair looks like, so that one slip on a pair
that is beyond doubt does not turn the model around (the robust likelihood of Copas 1988).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from crm_cli.dedupe.arrays import Bools, Floats, Ints, Levels, distinct, sigmoid2
from crm_cli.dedupe.comparisons import Comparison
from crm_cli.dedupe.model import Correction
from crm_cli.dedupe.scoring import Scorer

__all__ = ["TELLING", "Learning", "Lesson", "Lessons", "instructive", "learn", "lessons_of", "observed"]

_NATS = float(np.log(2))  # a bit in nats
_LEVEL_DEVIATION = 1.0  # nats; how far off a weight of the model is expected to be
_BASE_DEVIATION = 0.5  # nats; likewise the log-odds of all pairs alike, which self-calibration has seen to
_SLIPS = 0.02  # share of answers that are wrong
TELLING = (0.05, 0.99)  # probabilities between which an answer teaches
_ROUNDS = 60
_SETTLED = 1e-7
_FOLDS = 10
_CONVINCING = float(np.log2(3))  # bits; a ratio of 3 is where evidence begins to be "positive" (Kass and Raftery 1995)
_ASKED = (0.1, 0.98)  # more certain pairs are not asked about
_CHANGES_TOLD = 5
_POOL = 1000  # pairs that stand for all uncertain ones
_LINK_VARIANCE = 10.0  # nats²; what an answer says of the other pairs between the same two clusters


@dataclass(frozen=True, slots=True)
class Lesson:
    """An answer about a pair that is not among the records any more (merged since), with what it looked like then.

    `levels`: the level of each comparison by its name; `log_odds`: calibrated, before anything was learned.
    """

    levels: Mapping[str, int]
    log_odds: float
    same: bool


@dataclass(frozen=True, slots=True, eq=False)
class Lessons:
    """Answers as arrays: levels [answer, comparison], calibrated log2 odds, and whether the two are the same."""

    levels: Levels
    log_odds: Floats
    same: Bools

    def __len__(self) -> int:
        return len(self.same)

    def joined(self, other: Lessons) -> Lessons:
        """These and others."""
        return Lessons(
            np.concatenate((self.levels, other.levels)),
            np.concatenate((self.log_odds, other.log_odds)),
            np.concatenate((self.same, other.same)),
        )

    def telling(self) -> Lessons:
        """Those about pairs that were somewhat uncertain.

        Who is sure merges, and the answer goes with the record: of sure pairs only those would be left, and teach, that
        were denied. Leaving out by log-odds alone is no bias.
        """
        probability = sigmoid2(self.log_odds)
        kept = (probability >= TELLING[0]) & (probability <= TELLING[1])
        return Lessons(self.levels[kept], self.log_odds[kept], self.same[kept])


@dataclass(frozen=True)
class Learning:
    """What answers taught: how many there were, and how much better the learned weights foretell held-out ones.

    `gain`: bits in all; unless it is convincing, nothing was `adopted`. `changes`: by how many bits which levels count
    for more (or less), the largest first.
    """

    answers: int
    same: int
    gain: float
    adopted: bool
    changes: tuple[tuple[str, str, float], ...] = ()


def observed(scorer: Scorer, i: Ints, j: Ints) -> list[tuple[dict[str, int], float]]:
    """What a lesson about each pair is to keep: its levels by comparison, and its log-odds before any learning."""
    plain = replace(scorer, model=replace(scorer.model, correction=None))
    low, high = np.minimum(i, j), np.maximum(i, j)
    names = [each.name for each in scorer.features.comparisons]
    rows = zip(scorer.features.levels(low, high).tolist(), plain.log_odds(low, high).tolist(), strict=True)
    return [(dict(zip(names, levels, strict=True)), odds) for levels, odds in rows]


def lessons_of(remembered: Sequence[Lesson], comparisons: Sequence[Comparison]) -> Lessons:
    """The remembered lessons that were given about the very comparisons that are made now; the others are left out."""
    tops = {each.name: each.top for each in comparisons}
    fit = [
        each
        for each in remembered
        if each.levels.keys() == tops.keys() and all(0 <= each.levels[name] <= top for name, top in tops.items())
    ]
    levels = np.array([[each.levels[name] for name in tops] for each in fit], np.uint8).reshape(len(fit), len(tops))
    return Lessons(levels, np.array([each.log_odds for each in fit], float), np.array([e.same for e in fit], np.bool_))


def learn(lessons: Lessons, comparisons: Sequence[Comparison]) -> tuple[Correction | None, Learning]:
    """Fit the correction that the answers suggest; None where it does not foretell held-out answers better.

    Each answer is foretold by a correction fitted to the answers of other folds. Better is: all of them together are
    three times as likely as without any correction.
    """
    design = _Design(comparisons)
    rows, offset, same = design.rows(lessons.levels, lessons.log_odds), lessons.log_odds * _NATS, lessons.same
    gain = _held_out_gain(rows, offset, same)
    told = int(same.sum())
    if gain < _CONVINCING:
        return None, Learning(len(lessons), told, round(gain, 2), adopted=False)
    correction = design.correction(_fitted(rows, offset, same)[0])
    changes = _changes(correction, comparisons)
    return correction, Learning(len(lessons), told, round(gain, 2), adopted=True, changes=changes)


def instructive(
    levels: Levels,
    log_odds: Floats,
    clusters: tuple[Ints, Ints],
    comparisons: Sequence[Comparison],
    most: int,
    lessons: Lessons | None = None,
) -> Ints:
    """The places of up to `most` pairs to ask about, those that teach most first.

    `log_odds` are calibrated; `clusters`: the clusters of either side of each pair. Greedily that pair is taken whose
    answer takes away most of the variance of what is uncertain (an A-optimal design: Chaloner and Verdinelli 1995;
    variance of a pair's log-odds by the weights that it rests on, counted by p (1 - p)). So a question is about a pair
    that is uncertain itself, typical of many others, and unlike those that were asked before; a second question about
    the same two clusters is hardly ever worth it. `lessons` are what has been answered already.
    """
    probability = sigmoid2(log_odds)
    pool = _pool(probability)
    design = _Design(comparisons)
    rows = design.rows(levels[pool], log_odds[pool])
    known: Floats = np.eye(rows.shape[1])
    if lessons is not None and len(lessons):
        known = _fitted(design.rows(lessons.levels, lessons.log_odds), lessons.log_odds * _NATS, lessons.same)[1]
    low, high = np.minimum(*clusters)[pool], np.maximum(*clusters)[pool]
    link = distinct(low.astype(np.int64) * (int(high.max(initial=0)) + 1) + high)[1]
    covariance = rows @ known @ rows.T + _LINK_VARIANCE * (link[:, None] == link)
    return pool[_greedy(covariance, probability[pool], most)]


def _pool(probability: Floats) -> Ints:
    """Uncertain pairs, or very many represented by a draw in proportion to their variance; the same draw every time."""
    places = np.flatnonzero((probability >= _ASKED[0]) & (probability < _ASKED[1]))
    if len(places) <= _POOL:
        return places
    variance = probability[places].astype(float) * (1 - probability[places])
    drawn = np.random.default_rng(3).choice(len(places), _POOL, replace=False, p=variance / variance.sum())
    return places[np.sort(drawn)]


def _greedy(covariance: Floats, probability: Floats, most: int) -> Ints:
    variance = probability.astype(float) * (1 - probability)
    chosen: list[int] = []
    for _ in range(min(most, len(probability))):
        gain = variance @ covariance**2 / (1 / variance + covariance.diagonal())
        gain[chosen] = -1.0
        best = int(gain.argmax())
        chosen.append(best)
        told = covariance[best].copy()
        covariance -= np.outer(told, told) / (1 / variance[best] + told[best])
    return np.array(chosen, np.int64)


class _Design:
    """Rows of the regression: the base, then a column for each level of each comparison, scaled to variance 1."""

    def __init__(self, comparisons: Sequence[Comparison]) -> None:
        self.tops = [each.top for each in comparisons]
        self.starts = np.cumsum([1, *(top + 1 for top in self.tops)])

    def rows(self, levels: Levels, log_odds: Floats) -> Floats:
        made = np.zeros((len(levels), int(self.starts[-1])))
        made[:, 0] = _BASE_DEVIATION
        for place, start in enumerate(self.starts[:-1]):
            made[np.arange(len(levels)), start + levels[:, place]] = _LEVEL_DEVIATION
        return np.asarray(made * Correction.share(log_odds)[:, None])

    def correction(self, fitted: Floats) -> Correction:
        bits = fitted / _NATS
        spans = zip(self.starts[:-1], self.starts[1:], strict=True)
        return Correction(
            float(bits[0]) * _BASE_DEVIATION, tuple(bits[start:stop] * _LEVEL_DEVIATION for start, stop in spans)
        )


def _fitted(rows: Floats, offset: Floats, same: Bools) -> tuple[Floats, Floats]:
    """The most probable coefficients under a standard normal prior (Fisher scoring), and their covariance."""
    found = np.zeros(rows.shape[1])
    information = np.eye(rows.shape[1])
    for _ in range(_ROUNDS):
        score, weight = _slopes(offset + rows @ found, same)
        information = (rows * weight[:, None]).T @ rows + np.eye(rows.shape[1])
        step = np.linalg.solve(information, rows.T @ score - found)
        found = found + step
        if float(np.abs(step).max()) < _SETTLED:
            break
    return found, np.linalg.inv(information)


def _slopes(logit: Floats, same: Bools) -> tuple[Floats, Floats]:
    """First derivative of the log-likelihood of each answer by its logit, and its Fisher information."""
    right = 1 / (1 + np.exp(-np.clip(logit, -30, 30)))
    told = _SLIPS + (1 - 2 * _SLIPS) * right
    change = (1 - 2 * _SLIPS) * right * (1 - right)
    return change * (same - told) / (told * (1 - told)), change**2 / (told * (1 - told))


def _held_out_gain(rows: Floats, offset: Floats, same: Bools) -> float:
    """Gain in log-likelihood (bits) of all answers, each foretold by a correction that was not fitted to it."""
    gains = np.zeros(len(rows))
    fold = np.arange(len(rows)) % _FOLDS
    for number in np.unique(fold):
        held = fold == number
        fitted, _ = _fitted(rows[~held], offset[~held], same[~held])
        gains[held] = _likelihood(offset[held] + rows[held] @ fitted, same[held]) - _likelihood(
            offset[held], same[held]
        )
    return float(gains.sum()) / _NATS


def _likelihood(logit: Floats, same: Bools) -> Floats:
    told = _SLIPS + (1 - 2 * _SLIPS) / (1 + np.exp(-np.clip(logit, -30, 30)))
    return np.asarray(np.log(np.where(same, told, 1 - told)))


def _changes(correction: Correction, comparisons: Sequence[Comparison]) -> tuple[tuple[str, str, float], ...]:
    found = []
    for each, bits in zip(comparisons, correction.levels, strict=True):
        labels = ("nothing to compare", *each.labels)
        found += [(each.name, labels[level], round(float(change), 2)) for level, change in enumerate(bits)]
    return tuple(sorted(found, key=lambda one: -abs(one[2]))[:_CHANGES_TOLD])
