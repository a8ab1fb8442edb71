"""Numbers of a column: extremes and mean of all, quartiles of all or of a random sample, Tukey's fences, a histogram.

Quartiles interpolate linearly between order statistics (definition 7 of Hyndman and Fan, Sample quantiles in
statistical packages, The American Statistician 1996). Fences lie 1.5 interquartile ranges outside the quartiles (Tukey,
Exploratory Data Analysis, 1977, chapter 2C). The sample gives each row the same chance: every row draws a number, and
those with the smallest stay; with n of them the rank of a quartile is off by about √(3 / (16 n)) of the rows: of
100 000 by 0.14 %.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from crm_cli.audits.profiling.model import Bin, NumberSummary

__all__ = ["NumberStream", "histogram", "summarized", "weighted_quantile"]

Floats: TypeAlias = npt.NDArray[np.float64]
Counts: TypeAlias = npt.NDArray[np.int64]

_BINS = 20
_FENCE, _OUTER = 1.5, 3.0
_FEWEST = 12  # numbers below which fences say nothing


class NumberStream:
    """Takes numbers as they come; keeps extremes, sum and a sample of `room` numbers."""

    def __init__(self, room: int) -> None:
        self.count = 0
        self._room = room
        self._total = 0.0
        self._least, self._greatest = np.inf, -np.inf
        self._values: Floats = np.empty(0)
        self._draws: Floats = np.empty(0)
        self._random = np.random.default_rng(0)  # the same file gives the same profile

    def add(self, values: Floats, counts: Counts) -> None:
        """Take numbers, each as often as its count says."""
        if not len(values):
            return
        self.count += int(counts.sum())
        self._total += float((values * counts).sum())
        self._least, self._greatest = min(self._least, float(values.min())), max(self._greatest, float(values.max()))
        cells = np.repeat(values, counts)
        self._values = np.concatenate([self._values, cells])
        self._draws = np.concatenate([self._draws, self._random.random(len(cells))])
        if len(self._values) > self._room:
            kept = np.argpartition(self._draws, self._room)[: self._room]
            self._values, self._draws = self._values[kept], self._draws[kept]

    def summary(self, *, fenced: bool) -> NumberSummary | None:
        """Return what came in, None without any number; `fenced` asks for fences."""
        if not self.count:
            return None
        values, counts = np.unique(self._values, return_counts=True)
        exact = self.count == len(self._values)
        values[0], values[-1] = self._least, self._greatest
        mean = self._total / self.count
        made = summarized(values, counts.astype(np.int64), fenced=fenced)
        if exact:
            return made
        scaled = [Bin(one.start, one.end, round(one.count * self.count / len(self._values))) for one in made.histogram]
        return NumberSummary(
            self.count, self._least, self._greatest, mean, made.lower_quartile, made.median, made.upper_quartile,
            made.fences, False, scaled,  # noqa: FBT003 - the order of the declaration
        )  # fmt: skip


def weighted_quantile(values: Floats, counts: Counts, part: float) -> float:
    """Return the quantile of sorted `values` that stand there so often."""
    ends = np.cumsum(counts)
    place = (int(ends[-1]) - 1) * part
    low, high = int(np.floor(place)), int(np.ceil(place))
    below, above = (float(values[np.searchsorted(ends, at, side="right")]) for at in (low, high))
    return below + (above - below) * (place - low)


def summarized(values: Floats, counts: Counts, *, fenced: bool) -> NumberSummary:
    """Return the summary of sorted different `values` that stand there so often."""
    number = int(counts.sum())
    lower, median, upper = (weighted_quantile(values, counts, part) for part in (0.25, 0.5, 0.75))
    spread = upper - lower
    fences = None
    if fenced and spread > 0 and number >= _FEWEST:
        fences = (lower - _FENCE * spread, upper + _FENCE * spread)
    inner = (lower - _OUTER * spread, upper + _OUTER * spread) if spread > 0 else None
    bins = [Bin(_written(start), _written(end), count) for start, end, count in histogram(values, counts, inner)]
    mean = float((values * (counts / number)).sum())
    return NumberSummary(
        number, float(values[0]), float(values[-1]), mean, lower, median, upper, fences, True, bins  # noqa: FBT003
    )  # fmt: skip


def histogram(
    values: Floats, counts: Counts, inner: tuple[float, float] | None = None
) -> list[tuple[float, float, int]]:
    """Return bars (from, to, count) over sorted `values`: of equal width, but what is outside `inner` in the end bars.

    So one value a thousand times too large doesn't press all others into one bar.
    """
    least, greatest = float(values[0]), float(values[-1])
    if least == greatest:
        return [(least, greatest, int(counts.sum()))]
    low, high = (max(least, inner[0]), min(greatest, inner[1])) if inner else (least, greatest)
    if not low < high:
        low, high = least, greatest
    edges = np.linspace(low, high, min(_BINS, len(values)) + 1)
    edges[0], edges[-1] = least, greatest
    heights = np.histogram(values, bins=edges, weights=counts)[0]
    return [
        (float(start), float(end), int(height))
        for start, end, height in zip(edges[:-1], edges[1:], heights, strict=True)
    ]


def _written(value: float) -> str:
    return f"{value:.6g}"
