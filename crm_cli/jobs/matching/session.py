"""A review, pair by pair: what comes next, what was decided, and going back. The screen only shows and asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from crm_cli.dictionary import Entity
from crm_cli.history import Author, resolve_all, undo
from crm_cli.jobs.decisions import DUPLICATE, Choices, Decision, Pair, Verdict
from crm_cli.jobs.match_rules import MatchRules
from crm_cli.jobs.matching.boards import Board, cluster_members, read_board
from crm_cli.jobs.matching.cards import CardLine, read_card
from crm_cli.jobs.matching.claims import Claims
from crm_cli.jobs.matching.deciding import decide, decision_about
from crm_cli.jobs.matching.index import NoIndexError, explain_by_index
from crm_cli.jobs.matching.loading import living_among
from crm_cli.jobs.matching.model import Candidate
from crm_cli.jobs.matching.queue import Groups, OpenPair, ReviewOptions, in_full, review_order
from crm_cli.jobs.matching.reasons import Reasons
from crm_cli.jobs.matching.runs import last_run
from crm_cli.jobs.matching.waterfalls import Waterfall
from crm_cli.jobs.merging import MergeSettings
from crm_cli.store import Store

__all__ = ["Review"]


@dataclass(frozen=True, slots=True)
class _Step:
    place: int
    operation: int
    verdict: str
    pairs: tuple[Pair, ...]


@dataclass
class Review:
    """The pairs of the last search that are to be decided, one at a time.

    Each decision is stored at once, as an operation of its own: who stops half-way goes on later where they were.
    """

    has_boards: ClassVar[bool] = True  # the records of a pair are of one entity, and merged in the end

    store: Store
    entity: Entity
    author: Author
    options: ReviewOptions = field(default_factory=ReviewOptions)
    link: bool = False
    rules: MatchRules | None = None
    settings: MergeSettings = field(default_factory=MergeSettings)
    counts: Counter[str] = field(default_factory=Counter)
    place: int = 0
    _queue: list[Candidate | OpenPair] = field(init=False)
    _steps: list[_Step] = field(default_factory=list)
    _reasons: Reasons | None = None
    _claims: Claims = field(init=False)
    _put_off: set[int] = field(default_factory=set)  # pairs that somebody else was looking at when their turn came

    def __post_init__(self) -> None:
        self._claims = Claims(self.store, self.entity)
        self._queue = list(review_order(self.store, self.entity, self.options))

    @property
    def is_outdated(self) -> bool:
        """Whether the rules have changed since the search."""
        return self.rules is not None and not last_run(self.store, self.entity).is_of(self.rules)

    @property
    def total(self) -> int:
        """How many pairs the review has."""
        return len(self._queue)

    def current(self) -> Candidate | None:
        """Return the pair to decide now, None at the end; what somebody else decided meanwhile is passed over.

        Its cluster is ours until the next one: two people never look at the same. What somebody else is looking at
        comes once more at the end.
        """
        while self.place < len(self._queue):
            one = self._at(self.place)
            if self._is_settled(one):
                self.counts["decided elsewhere"] += 1
            elif self._claims.take(one):
                return one
            elif one.id in self._put_off:
                self.counts["with somebody else"] += 1
            else:
                self._put_off.add(one.id)
                self._queue.append(self._queue[self.place])
                del self._queue[self.place]
                continue
            self.place += 1
        self.close()
        return None

    def close(self) -> None:
        """Let others look at what was on the screen."""
        self._claims.release()

    def board(self, pair: Candidate, choices: Choices | None = None) -> Board:
        """Return the pair and the rest of its cluster side by side, under what was chosen so far."""
        with self.store.read() as connection:
            run = last_run(self.store, self.entity)
            members = cluster_members(self.store, connection, pair, run.id)
            today = resolve_all(self.store, connection, self.entity.name, members)
            living = living_among(self.store, connection, self.entity, set(today.values()))
        others = [number for number in dict.fromkeys(today[one] for one in members) if number in living]
        return read_board(self.store, self.entity, pair, others, self.settings, choices)

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
        """Return why the engine takes the two for the same.

        Where it was not kept the match index tells; without an index the engine runs once more.
        """
        if pair.waterfall is not None:
            return pair.waterfall
        try:
            with self.store.read() as connection:
                return explain_by_index(self.store, connection, self.entity, pair.pair, self.rules)
        except NoIndexError:
            return self._waterfall_of_engine(pair)

    def _waterfall_of_engine(self, pair: Candidate) -> Waterfall | None:
        if self._reasons is None:
            self._reasons = Reasons(self.store, self.entity.name, rules=self.rules)
        return self._reasons.explain(pair.left, pair.right)

    def decide(self, pair: Candidate, verdict: str, choices: Choices | None = None) -> int:
        """Store the verdict on the pair and go on; return the number of the operation.

        `choices`: what survives when the two are merged, where the verdict is that they are the same.
        """
        return self._stored(self._record([pair.pair], verdict, choices), verdict, [pair.pair])

    def decide_all(self, members: Sequence[int], choices: Choices | None = None) -> int:
        """Store that all of these records are the same, as one operation, and go on; return its number."""
        pairs = [(members[0], other) for other in members[1:]]
        return self._stored(self._record(pairs, DUPLICATE, choices), DUPLICATE, pairs)

    def _stored(self, number: int, verdict: str, pairs: Sequence[Pair]) -> int:
        self._steps.append(_Step(self.place, number, verdict, tuple(pairs)))
        self.counts[verdict] += 1
        self.place += 1
        self.close()
        return number

    def skip(self) -> None:
        """Leave the pair for another time."""
        self.counts["skipped"] += 1
        self.place += 1
        self.close()

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

    def _record(self, pairs: Sequence[Pair], verdict: str, choices: Choices | None) -> int:
        chosen = choices if verdict == DUPLICATE else None
        wanted = [Verdict(*pair, verdict, choices=chosen) for pair in pairs]
        return decide(self.store, self.entity.name, wanted, self.author, link=self.link)

    def _is_settled(self, one: Candidate) -> bool:
        """Whether the pair was decided meanwhile: by somebody else, or by what follows from decisions made here."""
        known: Decision | None = decision_about(self.store, self.entity, one.left, one.right)
        return known is not None or self._follows(one)

    def _follows(self, one: Candidate) -> bool:
        together = Groups()
        for step in self._steps:
            if step.verdict == DUPLICATE:
                for pair in step.pairs:
                    together.join(*pair)
        return together.root(one.left) == together.root(one.right)
