"""One row of each cluster: per column the value that most rows have, then the longest, then the first."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

from crm_cli.dictionary import fold
from crm_cli.jobs.cleaning.sheet import Sheet

__all__ = ["Merged", "merge_labels", "merged_rows", "surviving_value"]

Pairs: TypeAlias = Iterable[tuple[int, int]]


class Merged(NamedTuple):
    """Per row the first row that it becomes one with, and the pairs decided to be the same that had to stay apart."""

    labels: list[int]
    contradicted: list[tuple[int, int]]


def surviving_value(values: Sequence[str | None]) -> str | None:
    """Return the value that survives; texts that compare equal count together."""
    filled = [value for value in values if value]
    if not filled:
        return None
    counts = Counter(fold(value) for value in filled)
    return max(filled, key=lambda value: (counts[fold(value)], len(value), -filled.index(value)))


def merge_labels(
    clusters: Sequence[int], membership: Sequence[float], above: float, same: Pairs, different: Pairs = ()
) -> Merged:
    """Say which rows become one: itself where a row stays alone.

    Rows of a cluster are merged that belong there with at least the probability `above`, and the pairs that a person
    has decided to be the `same`; whoever only shares their cluster stays apart. Two rows that were decided to be
    `different` never become one, whatever else was decided: what would bring them together is left out.
    """
    rows = _Rows(len(clusters), different)
    contradicted = [pair for pair in same if not rows.unite(*pair)]
    sure: dict[int, int] = {}
    for place, (label, share) in enumerate(zip(clusters, membership, strict=True)):
        if share >= above:
            rows.unite(sure.setdefault(label, place), place)
    return Merged([rows.root(place) for place in range(len(clusters))], contradicted)


class _Rows:
    """Rows that become one (union-find), and those that were decided to stay apart."""

    def __init__(self, number: int, different: Pairs) -> None:
        self.first = list(range(number))
        self.apart: dict[int, set[int]] = defaultdict(set)  # of a root, rows that none of its rows may join
        for left, right in different:
            self.apart[left].add(right)
            self.apart[right].add(left)

    def root(self, place: int) -> int:
        """Return the first row of those that are one with this."""
        while self.first[place] != place:
            self.first[place] = self.first[self.first[place]]
            place = self.first[place]
        return place

    def unite(self, left: int, right: int) -> bool:
        """Make two rows one, unless rows that were decided to be different would become one by it."""
        low, high = sorted((self.root(left), self.root(right)))
        if low == high:
            return True
        if any(self.root(other) == low for other in self.apart.get(high, ())):
            return False
        self.first[high] = low
        if high in self.apart:
            self.apart[low] |= self.apart.pop(high)
        return True


def merged_rows(sheet: Sheet, labels: Sequence[int]) -> Iterator[list[str | None]]:
    """Yield a row a cluster, in the order of their first rows, with the source's row numbers at the end."""
    members: dict[int, list[int]] = {}
    for place, label in enumerate(labels):
        members.setdefault(label, []).append(place)
    for places in members.values():
        numbers = " ".join(dict.fromkeys(sheet.origins[place] for place in places))
        if len(places) == 1:
            yield [*sheet.row(places[0]), numbers]
        else:
            yield [*(_survivor(sheet, column, places) for column in range(len(sheet.columns))), numbers]


def _survivor(sheet: Sheet, column: int, places: Sequence[int]) -> str | None:
    """The value that survives of one column; what a rule could read comes before what none could."""
    cells, unread = sheet.columns[column], sheet.unread.get(column, set())
    return surviving_value([cells[one] for one in places if one not in unread]) or surviving_value(
        [cells[one] for one in places]
    )
