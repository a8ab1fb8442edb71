"""From agreement levels to log-odds: match weights, with agreement on rare values weighing more.

A weight is log2 of a ratio of probabilities ("bits"): the level's probability in a match over that between unrelated
records. Equal values weigh by their frequency p: log2(m / p) against unrelated pairs; against a related class, where a
share s agrees beyond chance, log2(m / (s + (1 - s) p)).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from crm_cli.dedupe.arrays import Floats, Ints, Levels
from crm_cli.dedupe.comparisons import Comparison
from crm_cli.dedupe.model import Model

__all__ = ["Evidence", "Weights", "class_log_odds", "collect_evidence", "log_odds", "weights_of"]

_CLIP = 300.0


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """Weights in bits of one comparison: `match[level]` match against unrelated, `related[c][level]` class c likewise.

    `match_value[code]` and `related_value[c][code]` replace the top level's weight; None where values are not weighed.
    """

    match: Floats
    related: tuple[Floats, ...]
    match_value: Floats | None
    related_value: tuple[Floats, ...] | None


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """For each pair the sum of weights: for a match, and for each related class, both against unrelated."""

    match: Floats
    related: tuple[Floats, ...]


def weights_of(comparison: Comparison, model: Model, place: int) -> Weights:
    """The weights of the comparison at `place` of the model."""
    part = model.comparisons[place]
    unrelated = np.maximum(part.unrelated, 1e-12)
    match = np.log2(np.maximum(part.match, 1e-6) / unrelated)
    related = tuple(np.log2(np.maximum(each, 1e-9) / unrelated) for each in part.related)
    for each in (match, *related):
        each[0] = 0.0
    if not comparison.weighs_values:
        return Weights(match, related, None, None)
    share = comparison.frequencies
    beyond = [max(float(each[-1]) - comparison.repeat_rate, 0.0) for each in part.related]
    values = tuple(np.log2((over + (1 - over) * share) / share) for over in beyond)
    return Weights(match, related, np.log2(part.match[-1] / share), values)


def collect_evidence(
    comparisons: Sequence[Comparison], weights: Sequence[Weights], i: Ints, j: Ints, levels: Levels
) -> Evidence:
    """Sum the weights of all comparisons (`weights[k]` those of the k-th) for each pair."""
    match = np.zeros(len(i))
    related = [np.zeros(len(i)) for _ in (weights[0].related if weights else ())]
    for place, (comparison, own) in enumerate(zip(comparisons, weights, strict=True)):
        add_weights(comparison, own, levels[:, place], (i, j), (match, related))
    return Evidence(match, tuple(related))


def add_weights(
    comparison: Comparison,
    weights: Weights,
    level: Levels,
    pairs: tuple[Ints, Ints],
    sums: tuple[Floats, Sequence[Floats]],
) -> None:
    """Add one comparison's weights of `pairs` to the sums for match and for each related class."""
    match, related = sums
    match += weights.match.take(level)
    for place, table in enumerate(weights.related):
        related[place][:] += table.take(level)
    if weights.match_value is None or weights.related_value is None:
        return
    equal = np.flatnonzero(level == comparison.top)
    code = comparison.agreed(pairs[0][equal], pairs[1][equal])
    equal, code = equal[code >= 0], code[code >= 0]
    match[equal] += weights.match_value[code] - weights.match[comparison.top]
    for total, table, value in zip(related, weights.related, weights.related_value, strict=True):
        total[equal] += value[code] - table[comparison.top]


def class_log_odds(model: Model, evidence: Evidence) -> list[Floats]:
    """log2 of (prior × likelihood) of match and of each related class, over that of unrelated."""
    unrelated = np.log2(max(1 - model.prior - sum(model.related_priors), 0.01))
    odds = [evidence.match + np.log2(model.prior) - unrelated]
    for weight, prior in zip(evidence.related, model.related_priors, strict=True):
        odds.append(weight + np.log2(max(prior, 1e-300)) - unrelated)
    return odds


def log_odds(model: Model, evidence: Evidence) -> Floats:
    """log2 odds of a match against everything else, before calibration."""
    match, *related = class_log_odds(model, evidence)
    against = np.exp2(np.clip(-match, -_CLIP, _CLIP))
    for each in related:
        against += np.exp2(np.clip(each - match, -_CLIP, _CLIP))
    return np.asarray(-np.log2(np.maximum(against, 1e-80)))
