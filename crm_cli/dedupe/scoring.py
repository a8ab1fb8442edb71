"""Score candidate pairs: levels, evidence, posterior of each class."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from crm_cli.dedupe.arrays import Floats, Ints, Levels, pair_keys
from crm_cli.dedupe.evidence import Evidence, Weights, class_log_odds, collect_evidence, log_odds, weights_of
from crm_cli.dedupe.features import Features
from crm_cli.dedupe.model import Model

__all__ = ["KnownOdds", "Scorer", "calibrated_posteriors", "posteriors"]

_CHUNK = 1_000_000


@dataclass(frozen=True, eq=False)
class Scorer:
    """Scores any pairs of one table by one model."""

    features: Features
    model: Model

    @cached_property
    def weights(self) -> list[Weights]:
        """The weights of each comparison; a table of all its values, so they are made once."""
        return [weights_of(each, self.model, place) for place, each in enumerate(self.features.comparisons)]

    def evidence(self, i: Ints, j: Ints, levels: Levels) -> Evidence:
        """Summed weights of pairs whose levels are known."""
        return collect_evidence(self.features.comparisons, self.weights, i, j, levels)

    def raw_log_odds(self, i: Ints, j: Ints) -> Floats:
        """log2 odds before calibration."""
        parts = [self._raw(i[at : at + _CHUNK], j[at : at + _CHUNK]) for at in range(0, len(i), _CHUNK)]
        return np.concatenate([raw for raw, _ in parts]) if parts else np.zeros(0)

    def _raw(self, i: Ints, j: Ints) -> tuple[Floats, Levels]:
        levels = self.features.levels(i, j)
        return log_odds(self.model, self.evidence(i, j, levels)), levels

    def log_odds(self, i: Ints, j: Ints) -> Floats:
        """Log2 odds of a match, calibrated and corrected as far as the model is."""
        parts = (self._raw(i[at : at + _CHUNK], j[at : at + _CHUNK]) for at in range(0, len(i), _CHUNK))
        done = [self.model.calibrated(raw, levels) for raw, levels in parts]
        return np.concatenate(done) if done else np.zeros(0)


@dataclass(frozen=True, eq=False)
class KnownOdds:
    """Log-odds of any pairs; those that were scored before (ascending `keys`) are looked up."""

    score: Callable[[Ints, Ints], Floats]
    keys: Ints
    odds: Floats
    rows: int

    def __call__(self, i: Ints, j: Ints) -> Floats:
        """Log-odds of the pairs."""
        wanted = pair_keys(i, j, self.rows)
        if not len(self.keys):
            return self.score(i, j)
        place = np.searchsorted(self.keys, wanted).clip(0, len(self.keys) - 1)
        found = self.odds[place]
        unknown = np.flatnonzero(self.keys[place] != wanted)
        found[unknown] = self.score(i[unknown], j[unknown])
        return np.asarray(found)


def posteriors(model: Model, evidence: Evidence) -> Floats:
    """Probabilities of match, unrelated and each related class (one row a pair), before calibration."""
    match, *related = class_log_odds(model, evidence)
    odds = np.stack([match, np.zeros_like(match), *related], axis=1)
    odds -= odds.max(axis=1, keepdims=True)
    found = np.exp2(odds)
    return np.asarray(found / found.sum(axis=1, keepdims=True))


def calibrated_posteriors(model: Model, evidence: Evidence, match: Floats) -> Floats:
    """Probabilities of all classes with `match` as that of a match; the others share the rest as before."""
    classes = posteriors(model, evidence)
    others = classes[:, 1:]
    classes[:, 1:] = others * ((1 - match) / np.maximum(others.sum(axis=1), 1e-12))[:, None]
    classes[:, 0] = match
    return classes
