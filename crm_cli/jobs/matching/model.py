"""What the matching jobs say: runs, pairs, clusters of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from crm_cli.errors import CrmError, NotFoundError
from crm_cli.jobs.match_rules import MatchRules
from crm_cli.jobs.matching.waterfalls import Waterfall

__all__ = [
    "PAIRS_FLOOR",
    "QUESTIONS",
    "SURE",
    "WORTH_A_LOOK",
    "Candidate",
    "FindOptions",
    "MatchRun",
    "NoRunError",
    "UnsupportedMergeError",
]

SURE = 0.98  # from here on a merge may go without a person's look; a review shows the less sure pairs first
WORTH_A_LOOK = 0.1  # less probable pairs are not reviewed unless asked for
QUESTIONS = 60  # pairs that are asked about first because their answers teach most
PAIRS_FLOOR = 0.05  # pairs less probable than this are not worth a person's look, and are not stored


class NoRunError(NotFoundError):
    """Nobody has searched for duplicates of this entity yet."""

    code = "no-run"


class UnsupportedMergeError(CrmError):
    """The data do not support merging without a person's look; nothing was merged."""

    code = "unsupported-merge"


@dataclass(frozen=True, slots=True)
class FindOptions:
    """Settings of a search: a condition, the least probability of a stored pair, whether to store at all, rules."""

    where: str | None = None
    floor: float = PAIRS_FLOOR
    dry_run: bool = False
    rules: MatchRules | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """Two records that may be the same, as the last search scored them; ids, the smaller first."""

    id: int
    left: int
    right: int
    probability: float
    verdict: str
    cluster: int | None = None
    classes: Mapping[str, float] = field(default_factory=dict)
    waterfall: Waterfall | None = None  # kept for the pairs that are reviewed first
    rule: str = ""  # the rule that makes them the same, such as "same tax_id"
    teaches: int | None = None  # the place among the pairs whose answers teach most, from 0

    @property
    def pair(self) -> tuple[int, int]:
        """Both ids."""
        return (self.left, self.right)


@dataclass(frozen=True, slots=True)
class MatchRun:
    """One search for duplicates, as it was stored; `summary` is the engine's."""

    id: int
    entity: str
    started_at: datetime
    finished_at: datetime
    actor: str
    records: int
    pairs: int
    clusters: int
    condition: str | None
    summary: Mapping[str, Any]

    def is_of(self, rules: MatchRules) -> bool:
        """Whether the search obeyed these rules, as far as they say what is found."""
        return bool(self.summary.get("rules_digest", "") == rules.digest)
