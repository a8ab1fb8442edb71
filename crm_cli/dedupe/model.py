"""The trained model: how often each level of agreement occurs in each class of pairs, and how frequent these are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from crm_cli.dedupe.arrays import Floats, Levels
from crm_cli.errors import CrmError

__all__ = ["MODEL_VERSION", "Calibration", "ComparisonModel", "Correction", "Model", "ModelVersionError"]

MODEL_VERSION = 1
_DOUBT, _NO_DOUBT = 6.6, 10.0  # bits; 99 %, and 999 in 1 000


class ModelVersionError(CrmError):
    """A stored model was written by another version of the engine."""

    code = "model-version"


@dataclass(frozen=True, slots=True, eq=False)
class ComparisonModel:
    """One comparison: the probability of each level (index 0, nothing to compare, is 1) in each class.

    `match` is the m-probability and `unrelated` the u-probability of Fellegi and Sunter (1969).
    """

    name: str
    kind: str
    match: Floats
    unrelated: Floats
    related: tuple[Floats, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """A map from log2 odds to log2 odds as a line through points, and how sure it is."""

    at: Floats
    becomes: Floats

    def apply(self, log_odds: Floats) -> Floats:
        """Calibrated log2 odds; beyond the points the map returns to the identity."""
        low, high = self.at[0], self.at[-1]
        inside = np.interp(log_odds, self.at, self.becomes)
        fade_low = np.clip((log_odds + 20.0) / (low + 20.0), 0.0, 1.0)
        fade_high = np.clip((30.0 - log_odds) / (30.0 - high), 0.0, 1.0)
        below = np.minimum(log_odds + (self.becomes[0] - low) * fade_low, self.becomes[0])
        above = np.maximum(log_odds + (self.becomes[-1] - high) * fade_high, self.becomes[-1])
        return np.asarray(np.where(log_odds < low, below, np.where(log_odds > high, above, inside)))


@dataclass(frozen=True, slots=True, eq=False)
class Correction:
    """What answers of people add to calibrated log2 odds: `base`, and a number for each level of each comparison.

    It holds in full up to 99 % either way, and not at all beyond the log-odds at which pairs are dropped unseen.
    """

    base: float
    levels: tuple[Floats, ...]

    @staticmethod
    def share(log_odds: Floats) -> Floats:
        """How much of the correction counts: all within 6.6 bits of even odds, nothing beyond 10."""
        return np.asarray(np.clip((_NO_DOUBT - np.abs(log_odds)) / (_NO_DOUBT - _DOUBT), 0.0, 1.0))

    def apply(self, log_odds: Floats, levels: Levels) -> Floats:
        """Corrected log2 odds of pairs with these calibrated ones and these levels."""
        added = np.full(len(log_odds), self.base)
        for place, bits in enumerate(self.levels):
            added += bits[levels[:, place]]
        return np.asarray(log_odds + self.share(log_odds) * added)


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A trained model. `prior` is the probability that two records drawn at random match, `related_priors` likewise."""

    comparisons: tuple[ComparisonModel, ...]
    prior: float
    related_priors: tuple[float, ...]
    calibration: Calibration | None = None
    correction: Correction | None = None

    def calibrated(self, log_odds: Floats, levels: Levels) -> Floats:
        """Log2 odds of pairs with these levels, calibrated and corrected as far as the model is."""
        if self.calibration is not None:
            log_odds = self.calibration.apply(log_odds)
        return log_odds if self.correction is None else self.correction.apply(log_odds, levels)

    def with_priors(self, prior: float, related: Sequence[float]) -> Model:
        """The same model with other priors."""
        return replace(self, prior=prior, related_priors=tuple(related))

    def to_json(self) -> dict[str, Any]:
        """A JSON-serializable form that `from_json` reads."""
        stored: dict[str, Any] = {
            "version": MODEL_VERSION,
            "prior": self.prior,
            "related_priors": list(self.related_priors),
            "comparisons": [
                {
                    "name": each.name,
                    "kind": each.kind,
                    "match": each.match.tolist(),
                    "unrelated": each.unrelated.tolist(),
                    "related": [part.tolist() for part in each.related],
                }
                for each in self.comparisons
            ],
            "calibration": None
            if self.calibration is None
            else {"at": self.calibration.at.tolist(), "becomes": self.calibration.becomes.tolist()},
        }
        if self.correction is not None:
            levels = [each.tolist() for each in self.correction.levels]
            stored["correction"] = {"base": self.correction.base, "levels": levels}
        return stored

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Model:
        """Read what `to_json` wrote; raises ModelVersionError for a model of another version."""
        if stored.get("version") != MODEL_VERSION:
            message = f"the model is of version {stored.get('version')}, this engine reads version {MODEL_VERSION}"
            raise ModelVersionError(message, hint="run the search for duplicates again", version=stored.get("version"))
        curve, learned = stored["calibration"], stored.get("correction")
        return cls(
            comparisons=tuple(_comparison(each) for each in stored["comparisons"]),
            prior=float(stored["prior"]),
            related_priors=tuple(float(each) for each in stored["related_priors"]),
            calibration=None if curve is None else Calibration(np.array(curve["at"]), np.array(curve["becomes"])),
            correction=None
            if learned is None
            else Correction(learned["base"], tuple(np.array(each) for each in learned["levels"])),
        )


def _comparison(stored: Mapping[str, Any]) -> ComparisonModel:
    return ComparisonModel(
        stored["name"],
        stored["kind"],
        np.array(stored["match"]),
        np.array(stored["unrelated"]),
        tuple(np.array(part) for part in stored["related"]),
    )
