"""How evenly work is spread: the usual figures of inequality.

- Coefficient of variation: standard deviation by mean (K. Pearson, "Regression, heredity, and panmixia", 1896); of the
  whole population, as all who have a share are known.
- Gini coefficient (C. Gini, "Variabilità e mutabilità", 1912), by the sorted-values form: 0 everybody has as much, near
  1 one has all.
- Largest by mean: how much more than a fair part the busiest has.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import fsum, sqrt

__all__ = ["Fairness", "fairness"]


@dataclass(frozen=True, slots=True)
class Fairness:
    """Figures of one spread; all None where there is nothing to spread or nobody to spread it on."""

    holders: int
    mean: float | None
    variation: float | None
    gini: float | None
    largest: float | None  # by the mean


def fairness(loads: Iterable[float]) -> Fairness:
    """Return the figures of the loads (none negative), one a holder; who has nothing counts too."""
    values = sorted(loads)
    count = len(values)
    total = fsum(values)
    if not count or total <= 0:
        return Fairness(count, None, None, None, None)
    mean = total / count
    variation = sqrt(fsum((value - mean) ** 2 for value in values) / count) / mean
    ranked = fsum((2 * place - count - 1) * value for place, value in enumerate(values, start=1))
    return Fairness(count, mean, variation, ranked / (count * total), values[-1] / mean)
