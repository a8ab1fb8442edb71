"""Balancing: which records change hands so that everybody has about as much. Pure and deterministic.

Local search on the sum of squared loads: single moves from the fullest, the best first (greedy), and where none
helps, swaps of two records. Each step lessens the sum, so it ends. What is best possible is number partitioning, which
is NP-hard (R. M. Karp, "Reducibility among combinatorial problems", 1972): the answer is good, not the best.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

__all__ = ["Item", "Step", "balance", "is_balanced"]


@dataclass(frozen=True, slots=True, order=True)
class Item:
    """A record that may move: its weight, its number, who has it."""

    weight: float
    id: int
    holder: int


@dataclass(frozen=True, slots=True)
class Step:
    """One record that changes hands."""

    id: int
    giver: int
    taker: int


def is_balanced(loads: Mapping[int, float], tolerance: float) -> bool:
    """Whether no load is further from the mean than `tolerance` of it."""
    mean = sum(loads.values()) / len(loads) if loads else 0.0
    return all(abs(load - mean) <= tolerance * mean + 1e-9 for load in loads.values())


def balance(
    items: Sequence[Item], fixed: Mapping[int, float], *, tolerance: float = 0.1, max_moves: int | None = None
) -> list[Step]:
    """Return who gets what, until all are within the tolerance, nothing helps any more or `max_moves` are made.

    Args:
        items: the records that may move, each with one of the holders.
        fixed: for every holder the load that cannot move, 0 for none.
        tolerance: how far a load may be from the mean, as a part of it.
        max_moves: at most so many records change hands; a swap is two.
    """
    return _Balancing(items, fixed, tolerance, max_moves).run()


class _Balancing:
    def __init__(
        self, items: Sequence[Item], fixed: Mapping[int, float], tolerance: float, max_moves: int | None
    ) -> None:
        self.loads = dict(sorted(fixed.items()))
        self.start = {item.id: item.holder for item in items}
        self.now = dict(self.start)
        self.held: dict[int, list[Item]] = {holder: [] for holder in self.loads}
        for item in sorted(items):
            self.held[item.holder].append(item)
            self.loads[item.holder] += item.weight
        self.tolerance = tolerance
        self.left = max_moves

    def run(self) -> list[Step]:
        while self._may(1) and not is_balanced(self.loads, self.tolerance):
            if not self._move() and not (self._may(2) and self._swap()):
                break
        moved = ((number, self.start[number], holder) for number, holder in self.now.items())
        return [Step(number, giver, taker) for number, giver, taker in sorted(moved) if giver != taker]

    def _may(self, count: int) -> bool:
        return self.left is None or self.left >= count

    def _pairs(self) -> list[tuple[int, int]]:
        """Everybody with more beside everybody with less, the furthest apart first."""
        order = sorted(self.loads, key=lambda holder: (self.loads[holder], holder))
        pairs = [(more, less) for place, less in enumerate(order) for more in order[place + 1 :]]
        return sorted(pairs, key=lambda pair: (self.loads[pair[1]] - self.loads[pair[0]], pair))

    def _move(self) -> bool:
        """Make the move that lessens the squares most: of weight w over a gap g it is by 2·w·(g − w)."""
        best: tuple[float, int, Item, int] | None = None
        for more, less in self._pairs():
            gap = self.loads[more] - self.loads[less]
            if best is not None and gap * gap / 2 <= best[0]:
                break  # no pair from here on can do better
            for item in self._near(self.held[more], gap / 2):
                gain = 2 * item.weight * (gap - item.weight)
                if gain > 1e-9 and (best is None or (gain, -item.id) > (best[0], best[1])):
                    best = (gain, -item.id, item, less)
        if best is None:
            return False
        self._give(best[2], best[3])
        return True

    def _near(self, items: Sequence[Item], weight: float) -> Sequence[Item]:
        """The items around a weight: the nearest below it and the nearest that is not."""
        place = bisect_left(items, weight, key=lambda item: item.weight)
        return items[max(place - 1, 0) : place + 1]

    def _swap(self) -> bool:
        """Exchange the two records that lessen the squares most between the first pair where any do."""
        for more, less in self._pairs():
            gap = self.loads[more] - self.loads[less]
            best: tuple[float, int, int, Item, Item] | None = None
            for item in self.held[more]:
                for other in self._near(self.held[less], item.weight - gap / 2):
                    weight = item.weight - other.weight
                    gain = 2 * weight * (gap - weight)
                    if gain > 1e-9 and (best is None or (gain, -item.id, -other.id) > best[:3]):
                        best = (gain, -item.id, -other.id, item, other)
            if best is not None:
                self._give(best[3], less)
                self._give(best[4], more)
                return True
        return False

    def _give(self, item: Item, taker: int) -> None:
        giver, first = self.now[item.id], self.start[item.id]
        del self.held[giver][bisect_left(self.held[giver], item)]
        insort(self.held[taker], Item(item.weight, item.id, taker))
        self.loads[giver] -= item.weight
        self.loads[taker] += item.weight
        self.now[item.id] = taker
        if self.left is not None:  # a record that is moved on costs nothing, one that goes back frees a move
            self.left += (taker == first) - (giver == first)
