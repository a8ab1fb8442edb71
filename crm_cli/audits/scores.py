"""Scores: how good a policy, and a dimension of quality, stands – 0 to 100, and A to F."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crm_cli.audits.findings import Counts
from crm_cli.audits.policy import Level, Policy

__all__ = ["DimensionScore", "PolicyResult", "dimension_scores", "grade", "level_of", "score_of"]

_GRADES = ((90, "A"), (80, "B"), (70, "C"), (60, "D"))


@dataclass(frozen=True)
class PolicyResult:
    """How one policy came out."""

    policy: Policy
    counts: Counts
    level: Level
    score: float | None
    before: float | None = None  # the score of the run before

    @property
    def share(self) -> float:
        """The share of records that fail, 0 to 1."""
        return self.counts.failing / self.counts.records if self.counts.records else 0.0


@dataclass(frozen=True)
class DimensionScore:
    """The score of a dimension: the plain mean of its policies that looked at anything."""

    dimension: str
    policies: int
    failing: int
    score: float | None
    grade: str
    before: float | None = None


def score_of(counts: Counts) -> float | None:
    """Return 100 for no failing record, 0 when all fail; None where there was nothing to look at.

    Accepted findings do not lower it: somebody took responsibility for them.
    """
    if not counts.records:
        return None
    return 100.0 * (1 - counts.failing / counts.records)


def level_of(policy: Policy, counts: Counts, *, new_only: bool = False) -> Level:
    """Return how a policy stands by its thresholds; with `new_only`, by the records that did not fail before."""
    errors = counts.new_errors if new_only else counts.errors
    failing = counts.new if new_only else counts.failing
    as_errors = errors if policy.stale else failing  # other policies say by share how bad they are
    if _over(as_errors, counts.records, policy.error_share):
        return Level.ERROR
    return Level.WARN if _over(failing, counts.records, policy.warn_share) else Level.OK


def _over(failing: int, records: int, share: float | None) -> bool:
    return share is not None and failing > share * records


def grade(score: float | None) -> str:
    """Return A (90 and more), B, C, D, F (below 60), or - for none."""
    if score is None:
        return "-"
    return next((letter for floor, letter in _GRADES if score >= floor), "F")


def dimension_scores(results: Sequence[PolicyResult], before: dict[str, float] | None = None) -> list[DimensionScore]:
    """Return the score of each dimension that has policies among `results`, in the order of its first."""
    scores = []
    for kind in dict.fromkeys(one.policy.kind for one in results):
        members = [one for one in results if one.policy.kind is kind]
        known = [one.score for one in members if one.score is not None]
        mean = sum(known) / len(known) if known else None
        failing = sum(one.counts.failing for one in members)
        earlier = (before or {}).get(f"dimension:{kind}")
        scores.append(DimensionScore(kind.value, len(members), failing, mean, grade(mean), earlier))
    return scores
