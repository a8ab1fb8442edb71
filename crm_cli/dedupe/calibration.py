"""Calibrate the log-odds without labels, by third records.

If a and c are the same beyond doubt, then (a, b) is a match exactly if (c, b) is. For pairs of every log-odds bin such
a *sure twin* c is looked up; where (c, b) is itself clear, it tells whether (a, b) was one. The share of yes per bin,
pooled with a few pseudo-pairs at the model's own rate and made monotone, replaces the nominal log-odds. What both twins
have wrong in the same way stays unseen.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from crm_cli.dedupe.arrays import Floats, Ints, sigmoid2
from crm_cli.dedupe.model import Calibration

__all__ = ["calibrate"]

_BINS = np.array([-10, -6.6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6.6, 8, 10])
_SURE = 6.6  # bits: 99 %
_MOST_LOOKED_UP = 30_000
_PSEUDO_PAIRS = 10.0


def calibrate(
    i: Ints, j: Ints, log_odds: Floats, rows: int, score: Callable[[Ints, Ints], Floats]
) -> tuple[Calibration, int]:
    """Return the calibration of `log_odds` of the pairs (i, j), and the number of verdicts of twins that it rests on.

    `score(i, j)` gives uncalibrated log2 odds of any pairs.
    """
    twins = _Twins(i, j, log_odds >= _SURE, rows)
    rng = np.random.default_rng(2)
    picked = _spread(np.flatnonzero(twins.known(i, j) & (log_odds > _BINS[0]) & (log_odds <= _BINS[-1])), log_odds, rng)
    yes, no = np.zeros(len(_BINS) + 1), np.zeros(len(_BINS) + 1)
    for own, other in ((i[picked], j[picked]), (j[picked], i[picked])):
        twin, at = twins.draw(own, other, rng)
        verdict = score(np.minimum(twin, other[at]), np.maximum(twin, other[at]))
        bins = np.digitize(log_odds[picked[at]], _BINS)
        np.add.at(yes, bins[verdict >= _SURE], 1)
        np.add.at(no, bins[verdict <= -_SURE], 1)
    return _curve(yes[1:-1], no[1:-1]), int(yes[1:-1].sum() + no[1:-1].sum())


class _Twins:
    """For each record those that are the same beyond doubt."""

    def __init__(self, i: Ints, j: Ints, sure: np.ndarray[tuple[int], np.dtype[np.bool_]], rows: int) -> None:
        owners, twins = np.concatenate((i[sure], j[sure])), np.concatenate((j[sure], i[sure]))
        order = np.argsort(owners, kind="stable")
        self.twins = twins[order]
        self.counts = np.bincount(owners, minlength=rows)
        self.starts = np.cumsum(self.counts) - self.counts

    def known(self, i: Ints, j: Ints) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Pairs of which at least one record has a twin."""
        return (self.counts[i] > 0) | (self.counts[j] > 0)

    def draw(self, own: Ints, other: Ints, rng: np.random.Generator) -> tuple[Ints, Ints]:
        """A random twin for each of `own` that has one and is not `other` itself, and the places that got one."""
        at = np.flatnonzero(self.counts[own] > 0)
        offset = (rng.random(len(at)) * self.counts[own[at]]).astype(np.int64)
        twin = self.twins[self.starts[own[at]] + offset]
        different = twin != other[at]
        return twin[different], at[different]


def _spread(places: Ints, log_odds: Floats, rng: np.random.Generator) -> Ints:
    """An equal share of the places for every bin."""
    bins = np.digitize(log_odds[places], _BINS)
    share = _MOST_LOOKED_UP // len(_BINS)
    chosen = [rng.permutation(places[bins == each])[:share] for each in np.unique(bins)]
    return np.concatenate(chosen) if chosen else places[:0]


def _curve(yes: Floats, no: Floats) -> Calibration:
    """Pool with pseudo-pairs at the nominal rate, make monotone, and turn back into log-odds."""
    centre = (_BINS[:-1] + _BINS[1:]) / 2
    weight = yes + no + _PSEUDO_PAIRS
    rate = (yes + _PSEUDO_PAIRS * sigmoid2(centre)) / weight
    monotone = _isotonic(rate, weight).clip(1e-4, 1 - 1e-4)
    return Calibration(centre, np.log2(monotone / (1 - monotone)))


def _isotonic(values: Floats, weights: Floats) -> Floats:
    """The closest non-decreasing sequence: pool adjacent violators (Ayer et al. 1955)."""
    pools: list[tuple[float, float, int]] = []
    for value, weight in zip(values.tolist(), weights.tolist(), strict=True):
        pool = (value, weight, 1)
        while pools and pools[-1][0] > pool[0]:
            before = pools.pop()
            both = before[1] + pool[1]
            pool = ((before[0] * before[1] + pool[0] * pool[1]) / both, both, before[2] + pool[2])
        pools.append(pool)
    return np.repeat([pool[0] for pool in pools], [pool[2] for pool in pools])
