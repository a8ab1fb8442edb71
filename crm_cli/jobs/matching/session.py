"""A review, pair by pair: what comes next, what was decided, and going back. The screen only shows and asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from crm_cli.dictionary import Entity
from crm_cli.history import Author, undo
from crm_cli.jobs.decisions import DUPLICATE, Decision, Verdict
from crm_cli.jobs.match_rules import MatchRules
from crm_cli.jobs.matching.cards import CardLine, read_card
from crm_cli.jobs.matching.deciding import decide, decision_about
from crm_cli.jobs.matching.model import Candidate
from crm_cli.jobs.matching.queue import Groups, OpenPair, ReviewOptions, in_full, review_order
from crm_cli.jobs.matching.reasons import Reasons
from crm_cli.jobs.matching.runs import last_run
from crm_cli.jobs.matching.waterfalls import Waterfall
from crm_cli.store import Store

__all__ = ["Review"]


@dataclass(frozen=True, slots=True)
class _Step:
    place: int
    operation: int
    verdict: str


@dataclass
class Review:
    """The pairs of the last search that are to be decided, one at a time.

    Each decision is stored at once, as an operation of its own: who stops half-way goes on later where they were.
    """

    store: Store
    entity: Entity
    author: Author
    options: ReviewOptions = field(default_factory=ReviewOptions)
    link: bool = False
    rules: MatchRules | None = None
    counts: Counter[str] = field(default_factory=Counter)
    place: int = 0
    _queue: Sequence[Candidate | OpenPair] = field(init=False)
    _steps: list[_Step] = field(default_factory=list)
    _reasons: Reasons | None = None

    def __post_init__(self) -> None:
        self._queue = review_order(self.store, self.entity, self.options)

    @property
    def is_outdated(self) -> bool:
        """Whether the rules have changed since the search."""
        return self.rules is not None and not last_run(self.store, self.entity).is_of(self.rules)

    @property
    def total(self) -> int:
        """How many pairs the review has."""
        return len(self._queue)

    def current(self) -> Candidate | None:
        """Return the pair to decide now, None at the end; what somebody else decided meanwhile is passed over."""
        while self.place < len(self._queue):
            one = self._at(self.place)
            if not self._is_settled(one):
                return one
            self.counts["decided elsewhere"] += 1
            self.place += 1
        return None

    def _at(self, place: int) -> Candidate:
        """The pair at a place of the queue, with all that is known of it: read when it is looked at."""
        one = self._queue[place]
        if isinstance(one, Candidate):
            return one
        with self.store.read() as connection:
            return in_full(self.store, connection, [one])[0]

    def card(self, pair: Candidate) -> list[CardLine]:
        """Return both records side by side."""
        return read_card(self.store, self.entity, pair.left, pair.right)

    def waterfall(self, pair: Candidate) -> Waterfall | None:
        """Return why the engine takes the two for the same; for a pair without kept reasons it runs once more."""
        if pair.waterfall is not None:
            return pair.waterfall
        if self._reasons is None:
            self._reasons = Reasons(self.store, self.entity.name, rules=self.rules)
        return self._reasons.explain(pair.left, pair.right)

    def decide(self, pair: Candidate, verdict: str) -> int:
        """Store the verdict on the pair and go on; return the number of the operation."""
        number = self._record(pair, verdict)
        self._steps.append(_Step(self.place, number, verdict))
        self.counts[verdict] += 1
        self.place += 1
        return number

    def skip(self) -> None:
        """Leave the pair for another time."""
        self.counts["skipped"] += 1
        self.place += 1

    def back(self) -> bool:
        """Take the last decision of this review back and return to its pair; False when there is none."""
        if not self._steps:
            return False
        step = self._steps.pop()
        undo(self.store, step.operation, self.author)
        self.counts[step.verdict] -= 1
        self.place = step.place
        return True

    def next_step(self) -> str | None:
        """Return the command that goes on from here, None where nothing is left."""
        if self.counts["duplicate"] > 0:
            return f"crm dedupe merge {self.entity.noun} --dry-run"
        return f"crm dedupe review {self.entity.noun}" if self.place < self.total else None

    def _record(self, pair: Candidate, verdict: str) -> int:
        wanted = [Verdict(pair.left, pair.right, verdict)]
        return decide(self.store, self.entity.name, wanted, self.author, link=self.link)

    def _is_settled(self, one: Candidate) -> bool:
        """Whether the pair was decided meanwhile: by somebody else, or by what follows from decisions made here."""
        known: Decision | None = decision_about(self.store, self.entity, one.left, one.right)
        return known is not None or self._follows(one)

    def _follows(self, one: Candidate) -> bool:
        together = Groups()
        for step in self._steps:
            if step.verdict == DUPLICATE:
                together.join(*self._queue[step.place].pair)
        return together.root(one.left) == together.root(one.right)
