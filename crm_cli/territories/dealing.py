"""Dealing: who gets which record. Pure and deterministic: the same records and takers, the same result."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum

__all__ = ["Split", "deal", "least_loaded", "round_robin", "weighted"]


class Split(StrEnum):
    """How a giver's records are split among several takers."""

    EVEN = "even"  # everybody gets as many records, those that follow an account counted
    ROUND_ROBIN = "round_robin"  # one each in turn


def deal(weights: Sequence[int], takers: Sequence[int], split: Split) -> list[int]:
    """Return the taker of each root, given how many records hang on it (itself counted)."""
    if split is Split.ROUND_ROBIN:
        turns = round_robin(takers)
        return [next(turns) for _ in weights]
    loads = [(0, place) for place in range(len(takers))]
    dealt = []
    for weight in weights:
        load, place = loads[0]
        heapq.heapreplace(loads, (load + weight, place))
        dealt.append(takers[place])
    return dealt


def round_robin(takers: Sequence[int], after: int | None = None) -> Iterator[int]:
    """Yield the takers in turn for ever, beginning with the one that follows `after`."""
    place = takers.index(after) + 1 if after in takers else 0
    while True:
        yield takers[place % len(takers)]
        place += 1


def weighted(shares: Mapping[int, float], held: Mapping[int, int]) -> Iterator[int]:
    """Yield takers so that what each holds comes to stand in proportion to the shares (Webster's divisors).

    Who has no share gets nothing; `held` is what each has already. With no share at all everybody counts the same.
    """
    given = {taker: share for taker, share in shares.items() if share > 0} or dict.fromkeys(shares, 1.0)
    queue = [((held.get(taker, 0) + 0.5) / share, taker) for taker, share in given.items()]
    heapq.heapify(queue)
    while True:
        quotient, taker = queue[0]
        yield taker
        heapq.heapreplace(queue, (quotient + 1 / given[taker], taker))


def least_loaded(loads: Mapping[int, int]) -> Iterator[int]:
    """Yield whoever has the least, counting what is dealt; of equals the smallest number."""
    queue = [(load, taker) for taker, load in loads.items()]
    heapq.heapify(queue)
    while True:
        load, taker = queue[0]
        yield taker
        heapq.heapreplace(queue, (load + 1, taker))
