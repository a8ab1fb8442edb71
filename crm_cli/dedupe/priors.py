"""Fit the priors on candidate pairs: how many matches and related pairs there are in all."""

from __future__ import annotations

import numpy as np

from crm_cli.dedupe.arrays import Floats
from crm_cli.dedupe.evidence import Evidence
from crm_cli.dedupe.model import Model

__all__ = ["fit_priors"]

_ROUNDS = 40
_SETTLED = 1e-3
_LEAST_COMPLETENESS = 0.3
_CLIP = 200.0


def fit_priors(model: Model, evidence: Evidence, rows: int, completeness: float, scale: float = 1.0) -> Model:
    """EM over the priors alone, with the weights of rare values: prior = sum of posteriors / completeness / all pairs.

    `evidence` is that of all candidates, or of one in `scale` of them. This matters more than any other detail after
    the classes: it moves all log-odds at once.
    """
    every_pair = max(rows * (rows - 1) / 2, 1.0) / scale
    ratios = [np.exp2(np.clip(each, -_CLIP, _CLIP)) for each in (evidence.match, *evidence.related)]
    complete = np.array([max(_LEAST_COMPLETENESS, completeness)] + [1.0] * len(evidence.related))
    priors = np.array([model.prior, *model.related_priors])
    for _ in range(_ROUNDS):
        found = _expected(priors, ratios) / complete
        after = np.maximum(found, 1.0 / scale) / every_pair
        after[0] = min(0.5, after[0])
        settled = bool((np.abs(after / priors - 1) < _SETTLED).all())
        priors = after
        if settled:
            break
    return model.with_priors(float(priors[0]), [float(each) for each in priors[1:]])


def _expected(priors: Floats, ratios: list[Floats]) -> Floats:
    """Expected number of pairs of each class but the unrelated one."""
    weighted = [prior * ratio for prior, ratio in zip(priors, ratios, strict=True)]
    total = np.maximum(sum(weighted) + max(1 - float(priors.sum()), 0.01), 1e-300)
    return np.array([float((each / total).sum()) for each in weighted])
