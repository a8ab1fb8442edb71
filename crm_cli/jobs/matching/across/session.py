"""A review of pairs across entities: the same going on and going back as among records of one entity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from crm_cli.jobs.decisions import Choices, Pair, Verdict
from crm_cli.jobs.matching.across.cards import read_across_card
from crm_cli.jobs.matching.across.deciding import decide_across
from crm_cli.jobs.matching.across.queue import is_open, review_pairs
from crm_cli.jobs.matching.across.reasons import AcrossReasons
from crm_cli.jobs.matching.across.sides import Across
from crm_cli.jobs.matching.cards import CardLine
from crm_cli.jobs.matching.claims import Claims
from crm_cli.jobs.matching.model import Candidate
from crm_cli.jobs.matching.session import Review
from crm_cli.jobs.matching.waterfalls import Waterfall

__all__ = ["AcrossReview"]


@dataclass
class AcrossReview(Review):
    """The pairs of the last search across two entities that are to be decided, one at a time."""

    has_boards: ClassVar[bool] = False

    across: Across = field(kw_only=True)
    _why: AcrossReasons | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self._claims = Claims(self.store, self.entity)
        self._queue = list(review_pairs(self.store, self.across, self.options))

    def card(self, pair: Candidate) -> list[CardLine]:
        """Return both records side by side."""
        return read_across_card(self.store, self.across, pair.left, pair.right)

    def waterfall(self, pair: Candidate) -> Waterfall | None:
        """Return why the engine takes the two for the same; for a pair without kept reasons it runs once more."""
        if pair.waterfall is not None:
            return pair.waterfall
        self._why = self._why or AcrossReasons(self.store, self.across)
        return self._why.explain(pair.left, pair.right)

    def next_step(self) -> str | None:
        """Return the command that goes on from here, None where nothing is left: what is the same is linked already."""
        again = f"crm dedupe review {self.entity.noun} --against {self.across.other.noun}"
        return again if self.place < self.total else None

    def _record(self, pairs: Sequence[Pair], verdict: str, choices: Choices | None) -> int:  # noqa: ARG002 - no merge
        return decide_across(self.store, self.across, [Verdict(*pair, verdict) for pair in pairs], self.author)

    def _is_settled(self, one: Candidate) -> bool:
        """Whether the pair was decided meanwhile, or its record linked, here or by somebody else."""
        return not is_open(self.store, self.across, one)
