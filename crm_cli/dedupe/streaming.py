"""Score many candidate pairs, and drop those that cannot match before any text of theirs is compared.

Equal values need no comparison: their weights are added first, as numbers. What a pair could still gain at best is
known, too. A pair whose best possible sum stays below the floor, against unrelated records or against either related
class, is dropped, exactly and without loss; then the next most telling column is compared, and so on.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from crm_cli.dedupe.arrays import Floats, Ints, Levels
from crm_cli.dedupe.comparisons import Comparison, GivenName
from crm_cli.dedupe.evidence import Evidence, Weights, weights_of
from crm_cli.dedupe.features import Features
from crm_cli.dedupe.kinds import Kind
from crm_cli.dedupe.model import Model

__all__ = ["LOWEST_LOG_ODDS", "Survivors", "hopeful", "merged", "score_survivors"]

LOWEST_LOG_ODDS = -10.0  # pairs below are nowhere looked at again: calibration begins here
_CHUNK = 60_000
_THREADS = 2
_OPEN = 255  # stands for a level that is not known yet


@dataclass(frozen=True, slots=True, eq=False)
class Survivors:
    """The pairs that may match: record numbers, levels, evidence."""

    i: Ints
    j: Ints
    levels: Levels
    evidence: Evidence


def score_survivors(
    features: Features, model: Model, i: Ints, j: Ints, *, floor: float | None = LOWEST_LOG_ODDS
) -> Survivors:
    """Compare the pairs and keep those whose log2 odds reach `floor` (None: keep all), in their order."""
    scorer = _Scorer(features, model, floor)
    spans = [slice(start, start + _CHUNK) for start in range(0, len(i), _CHUNK)] or [slice(0, 0)]
    if len(spans) == 1:
        return scorer.survivors(i, j)
    with ThreadPoolExecutor(_THREADS) as pool:
        parts = list(pool.map(lambda span: scorer.survivors(i[span], j[span]), spans))
    return _joined(parts)


def _joined(parts: Sequence[Survivors]) -> Survivors:
    classes = range(len(parts[0].evidence.related))
    evidence = Evidence(
        np.concatenate([part.evidence.match for part in parts]),
        tuple(np.concatenate([part.evidence.related[each] for part in parts]) for each in classes),
    )
    i, j, levels = (np.concatenate([getattr(part, name) for part in parts]) for name in ("i", "j", "levels"))
    return Survivors(i, j, levels, evidence)


def hopeful(pairs: Survivors, model: Model, floor: float | None) -> Survivors:
    """Those of the pairs whose log2 odds reach `floor` against each rival class (None: all), as `score_survivors`."""
    if floor is None:
        return pairs
    starts = _starts(model)
    match, related = pairs.evidence.match, pairs.evidence.related
    hope = match + starts[0] >= floor
    for each, start in zip(related, starts[1:], strict=True):
        hope &= match - each + start >= floor
    return _taken(pairs, np.flatnonzero(hope))


def merged(one: Survivors, other: Survivors, rows: int) -> Survivors:
    """The pairs of both, in ascending order."""
    both = _joined((one, other))
    return _taken(both, np.argsort(both.i * rows + both.j))


def _taken(pairs: Survivors, places: Ints) -> Survivors:
    evidence = Evidence(pairs.evidence.match[places], tuple(each[places] for each in pairs.evidence.related))
    return Survivors(pairs.i[places], pairs.j[places], pairs.levels.take(places, axis=0), evidence)


def _starts(model: Model) -> Floats:
    """log2 of the prior odds of a match against unrelated pairs, and against each related class."""
    unrelated = max(1 - model.prior - sum(model.related_priors), 0.01)
    rivals = np.array((unrelated, *(max(each, 1e-300) for each in model.related_priors)))
    return np.asarray(np.log2(model.prior / rivals))


class _Scorer:
    """What is the same for all chunks: the tables of weights, the order of comparing."""

    def __init__(self, features: Features, model: Model, floor: float | None) -> None:
        self.features, self.floor = features, floor
        weights = [weights_of(comparison, model, place) for place, comparison in enumerate(features.comparisons)]
        self.tables = [_Table(comparison, own) for comparison, own in zip(features.comparisons, weights, strict=True)]
        self.starts = _starts(model)
        self.order = sorted(range(len(weights)), key=lambda place: float(weights[place].match[1]))

    def survivors(self, i: Ints, j: Ints) -> Survivors:
        work = _Chunk(self, i, j)
        for place in self.order:
            work.drop_hopeless(at_least=0.1)
            work.compare(place)
        work.drop_hopeless(at_least=0.0)
        return Survivors(work.i, work.j, work.levels, work.evidence())


class _Table:
    """The weights of one comparison against every rival (unrelated, and each related class), a row each.

    `levels[k]`: of level k; `values[code]`: of equality on a value, then of an open comparison (the most that it can
    still add), then of one with nothing to compare. `gain` is the row of an open one.
    """

    def __init__(self, comparison: Comparison, weights: Weights) -> None:
        self.comparison = comparison
        self.whole = _compared_as_a_whole(comparison)
        self.levels = _against_each(weights.match, weights.related)
        rare: Floats = np.zeros((0, self.levels.shape[1]))
        if weights.match_value is not None and weights.related_value is not None:
            rare = _against_each(weights.match_value, weights.related_value)
        self.rare = rare if len(rare) else None
        closest = self.levels[1:] if self.whole else self.levels[1 : comparison.top]  # equal values are added at once
        self.gain: Floats = closest.max(axis=0)
        if self.whole:
            self.gain = np.maximum(self.gain, rare.max(axis=0, initial=-np.inf))
            self.values = np.stack((self.gain, np.zeros_like(self.gain)))
            return
        equal = rare if len(rare) else np.repeat(self.levels[-1:], len(comparison.column.values), axis=0)
        self.values = np.concatenate((equal, self.gain[None], np.zeros((1, len(self.gain)))))

    def graded(self, levels: Levels, i: Ints, j: Ints) -> Floats:
        """The weights of pairs of records by their levels."""
        weights = self.levels.take(levels, axis=0)
        if not self.whole or self.rare is None:
            return weights
        equal = np.flatnonzero(levels == self.comparison.top)
        code = self.comparison.agreed(i[equal], j[equal])
        weights[equal[code >= 0]] = self.rare[code[code >= 0]]
        return weights


def _against_each(match: Floats, related: Sequence[Floats]) -> Floats:
    """One column a rival: the weights of a match against unrelated, and against each related class."""
    return np.stack((match, *(match - each for each in related)), axis=1)


class _Chunk:
    """Pairs on their way: the best sums that they can still become, the levels that are known.

    A level is `_OPEN` until it is known; of an open comparison `best` holds the most that it can add.
    """

    def __init__(self, scorer: _Scorer, i: Ints, j: Ints) -> None:
        self.scorer, self.i, self.j = scorer, i, j
        self.levels = np.empty((len(i), len(scorer.tables)), np.uint8)
        self.best = np.tile(scorer.starts, (len(i), 1))
        swapped = self._swapped()
        for place, table in enumerate(scorer.tables):
            self._begin(place, table, swapped)

    def _swapped(self) -> Ints:
        swap = self.scorer.features.swap
        return np.zeros(0, np.int64) if swap is None else np.flatnonzero(swap.found(self.i, self.j))

    def _begin(self, place: int, table: _Table, swapped: Ints) -> None:
        """Find what needs no comparison: equal values, missing ones, and names that are swapped."""
        last = len(table.values) - 1
        if table.whole:
            present = table.comparison.present
            row = last - (present[self.i] & present[self.j])
            self.levels[:, place] = np.where(row == last, 0, _OPEN)
        else:
            a, b = table.comparison.column.codes[self.i], table.comparison.column.codes[self.j]
            missing, equal = (a | b) < 0, a == b
            row = np.where(equal, a, last - 1)
            row[missing] = last
            known = np.where(equal, np.uint8(table.comparison.top), np.uint8(_OPEN))
            known[missing] = 0
            self.levels[:, place] = known
        self.best += table.values.take(row, axis=0)
        if len(swapped):
            self._settle_swapped(place, table, row, swapped)

    def _settle_swapped(self, place: int, table: _Table, row: Ints, swapped: Ints) -> None:
        """Given and family name swapped are one level of the given name, and none of the family name."""
        swap = self.scorer.features.swap
        if swap is None or place not in (swap.given_at, swap.family_at):
            return
        level = GivenName.SWAPPED if place == swap.given_at else 0
        self.levels[swapped, place] = level
        self.best[swapped] += table.levels[level] - table.values.take(row[swapped], axis=0)

    def compare(self, place: int) -> None:
        """Compare one column of the pairs for which it is open."""
        at = np.flatnonzero(self.levels[:, place] == _OPEN)
        if len(at):
            table, i, j = self.scorer.tables[place], self.i[at], self.j[at]
            levels = table.comparison.levels(i, j)
            self.levels[at, place] = levels
            gained = table.graded(levels, i, j)
            gained -= table.gain
            self.best[at] = self.best.take(at, axis=0) + gained

    def drop_hopeless(self, at_least: float) -> None:
        """Drop the pairs whose best possible sums stay below the floor, if they are more than `at_least` of all."""
        floor = self.scorer.floor
        if floor is None or not len(self.i):
            return
        hope = np.flatnonzero(np.logical_and.reduce([each >= floor for each in self.best.T]))
        if 1 - len(hope) / len(self.i) > at_least:
            self.i, self.j = self.i[hope], self.j[hope]
            self.levels, self.best = self.levels.take(hope, axis=0), self.best.take(hope, axis=0)

    def evidence(self) -> Evidence:
        """The sums of weights, now that no comparison is open."""
        sums = self.best - self.scorer.starts
        match = np.ascontiguousarray(sums[:, 0])
        return Evidence(match, tuple(match - sums[:, rival] for rival in range(1, sums.shape[1])))


def _compared_as_a_whole(comparison: Comparison) -> bool:
    """Whether equality cannot be seen from one pair of codes."""
    return comparison.kind == Kind.PLACE or comparison.column.offsets is not None
