"""What is still to be decided: the pairs of the last search without those that decisions and merges have settled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from enum import StrEnum

from crm_cli.dictionary import Entity
from crm_cli.history import resolve_all
from crm_cli.jobs.decisions import DUPLICATE, Decision, Pair, pair_of, read_decisions
from crm_cli.jobs.matching.loading import living_among
from crm_cli.jobs.matching.model import QUESTIONS, SURE, WORTH_A_LOOK, Candidate
from crm_cli.jobs.matching.runs import last_run, read_candidates
from crm_cli.query import Selection, record_ids
from crm_cli.store import Store

__all__ = ["Groups", "ReviewOptions", "ReviewOrder", "open_candidates", "review_queue"]


class ReviewOrder(StrEnum):
    """What a review begins with."""

    TEACH = "teach"  # the pairs whose answers teach the next search most
    PROBABILITY = "probability"  # the unsure pairs by falling probability


@dataclass(frozen=True, slots=True)
class ReviewOptions:
    """Which pairs to review: between two probabilities, and with a record that fulfils a condition; in which order."""

    where: str | None = None
    above: float = WORTH_A_LOOK
    below: float | None = None
    order: ReviewOrder = ReviewOrder.TEACH


class Groups:
    """Which records are together (union-find)."""

    def __init__(self) -> None:
        self._above: dict[int, int] = {}

    def root(self, number: int) -> int:
        """Return the record that stands for the group of `number`."""
        while (above := self._above.get(number, number)) != number:
            self._above[number] = number = self._above.get(above, above)
        return number

    def join(self, one: int, other: int) -> None:
        """Put two records, and all that is with them, together."""
        low, high = pair_of(self.root(one), self.root(other))
        self._above[high] = low

    def members(self) -> list[tuple[int, ...]]:
        """Return the groups of two or more, each ascending, in the order of their smallest record."""
        found: dict[int, list[int]] = {}
        for number in sorted(set(self._above) | set(self._above.values())):
            found.setdefault(self.root(number), []).append(number)
        return [tuple(group) for group in found.values() if len(group) > 1]


def review_queue(store: Store, entity: Entity, options: ReviewOptions | None = None) -> list[Candidate]:
    """Return the pairs to decide: those that teach most, the other unsure ones, then those that are sure anyway.

    Of the last two, or of all when the options say so, the most probable come first. Raises `NoRunError` when nobody
    has searched yet.
    """
    options = options or ReviewOptions()
    found = [
        one
        for one in open_candidates(store, entity, options.where)
        if one.probability >= options.above and (options.below is None or one.probability < options.below)
    ]
    by_probability = sorted(found, key=lambda one: (one.probability >= SURE, -one.probability, one.id))
    if options.order is ReviewOrder.PROBABILITY:
        return by_probability
    return sorted(by_probability, key=lambda one: QUESTIONS if one.teaches is None else one.teaches)


def open_candidates(store: Store, entity: Entity, where: str | None = None) -> list[Candidate]:
    """Return the undecided pairs of the last search, naming today's records; merged and deleted ones are gone."""
    run = last_run(store, entity)
    with store.read() as connection:
        found = read_candidates(store, connection, run)
        ids = {number for one in found for number in one.pair}
        today = resolve_all(store, connection, entity.name, ids)
        living = living_among(store, connection, entity, set(today.values()))
        decided = read_decisions(store, connection, entity.name)
        wanted = set(record_ids(store, connection, Selection(entity=entity.name, where=where))) if where else None
    return _open(found, today, living, decided, wanted)


def _open(
    found: Sequence[Candidate],
    today: Mapping[int, int],
    living: Set[int],
    decided: Mapping[Pair, Decision],
    wanted: Set[int] | None,
) -> list[Candidate]:
    together = Groups()
    for pair, decision in decided.items():
        if decision.verdict == DUPLICATE:
            together.join(*pair)
    left: dict[Pair, Candidate] = {}
    for one in found:
        pair = pair_of(today[one.left], today[one.right])
        settled = pair[0] == pair[1] or pair in decided or together.root(pair[0]) == together.root(pair[1])
        if settled or not living >= set(pair) or (wanted is not None and wanted.isdisjoint(pair)):
            continue
        left.setdefault(pair, replace(one, left=pair[0], right=pair[1]))
    return list(left.values())
