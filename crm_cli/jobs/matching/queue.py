"""What is still to be decided: the pairs of the last search without those that decisions and merges have settled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

import sqlalchemy as sa

from crm_cli.dictionary import Entity
from crm_cli.history import resolve_all
from crm_cli.jobs.decisions import DUPLICATE, Pair, pair_of, read_decisions
from crm_cli.jobs.matching.loading import living_among
from crm_cli.jobs.matching.model import QUESTIONS, SURE, WORTH_A_LOOK, Candidate, MatchRun
from crm_cli.jobs.matching.runs import last_run, read_chosen, read_missing, read_pairs, read_teaching
from crm_cli.query import Selection, record_ids
from crm_cli.store import Store

__all__ = [
    "Groups",
    "OpenPair",
    "ReviewOptions",
    "ReviewOrder",
    "in_full",
    "open_candidates",
    "review_order",
    "review_queue",
]


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


class OpenPair(NamedTuple):
    """An undecided pair of today's records: as little of it as puts very many in order."""

    id: int
    left: int
    right: int
    probability: float
    cluster: int | None

    @property
    def pair(self) -> Pair:
        """Both ids, the smaller first."""
        return (self.left, self.right)


def review_queue(store: Store, entity: Entity, options: ReviewOptions | None = None) -> list[Candidate]:
    """Return the pairs to decide as `review_order` puts them, with all that is known of each."""
    ordered = review_order(store, entity, options)
    with store.read() as connection:
        return in_full(store, connection, ordered)


def review_order(store: Store, entity: Entity, options: ReviewOptions | None = None) -> list[OpenPair]:
    """Return the pairs to decide: those that teach most, the other unsure ones, then those that are sure anyway.

    Of the last two, or of all when the options say so, the most probable come first. Raises `NoRunError` when nobody
    has searched yet.
    """
    options = options or ReviewOptions()
    run = last_run(store, entity)
    with store.read() as connection:
        found = _open(store, connection, entity, _Wanted(run, options.where, options.above, options.below))
        teaching = {} if options.order is ReviewOrder.PROBABILITY else read_teaching(store, connection, run)
    return sorted(
        found, key=lambda one: (teaching.get(one.id, QUESTIONS), one.probability >= SURE, -one.probability, one.id)
    )


def open_candidates(store: Store, entity: Entity, where: str | None = None) -> list[Candidate]:
    """Return the undecided pairs of the last search, naming today's records; merged and deleted ones are gone."""
    run = last_run(store, entity)
    with store.read() as connection:
        return in_full(store, connection, _open(store, connection, entity, _Wanted(run, where)))


def in_full(store: Store, connection: sa.Connection, pairs: Sequence[OpenPair]) -> list[Candidate]:
    """Return all that is known of the pairs, in their order."""
    known = read_chosen(store, connection, [one.id for one in pairs])
    return [replace(known[one.id], left=one.left, right=one.right) for one in pairs]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which pairs of a run: with a record that fulfils the condition, between two probabilities."""

    run: MatchRun
    where: str | None = None
    above: float = 0.0
    below: float | None = None


def _open(store: Store, connection: sa.Connection, entity: Entity, wanted: _Wanted) -> list[OpenPair]:
    """The undecided pairs by falling probability."""
    today, gone = _moved_since(store, connection, entity, wanted.run)
    decided = read_decisions(store, connection, entity.name)
    among = (
        set(record_ids(store, connection, Selection(entity=entity.name, where=wanted.where))) if wanted.where else None
    )
    together = Groups()
    for pair, decision in decided.items():
        if decision.verdict == DUPLICATE:
            together.join(*pair)
    left: dict[Pair, OpenPair] = {}
    for row in read_pairs(store, connection, wanted.run, at_least=wanted.above, below=wanted.below):
        number, one, other, probability, cluster = row
        if today or gone:
            one, other = pair_of(today.get(one, one), today.get(other, other))
            if one in gone or other in gone:
                continue
        pair = (one, other)
        if one == other or pair in left or pair in decided:
            continue
        if (decided and together.root(one) == together.root(other)) or (among is not None and among.isdisjoint(pair)):
            continue
        left[pair] = OpenPair(number, one, other, probability, cluster)
    return list(left.values())


def _moved_since(
    store: Store, connection: sa.Connection, entity: Entity, run: MatchRun
) -> tuple[dict[int, int], set[int]]:
    """Of the records of the run: those that others stand for today, and those that are gone."""
    missing = read_missing(store, connection, entity, run)
    if not missing:
        return {}, set()
    today = resolve_all(store, connection, entity.name, missing)
    living = living_among(store, connection, entity, set(today.values()))
    return today, set(today.values()) - living
