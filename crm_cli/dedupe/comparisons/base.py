"""What a comparison is: two records in, an agreement level out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from functools import cached_property
from threading import Lock
from typing import ClassVar, TypeAlias

import numpy as np
import polars as pl

from crm_cli.dedupe.arrays import Bools, Floats, Ints, Levels, distinct, pair_keys
from crm_cli.dedupe.encoding import Column, ranges

__all__ = ["Comparison", "Grader"]

Grader: TypeAlias = Callable[[Ints, Ints], Levels]

_CHUNK = 120_000  # value pairs that are compared at once
_WORTH_UNIQUE = 2_000
_FEW = 16  # times fewer pairs than values: sorting their codes is cheaper than a mark for every value
_TELLING_RECORDS = 200  # from so many on a table tells its own frequencies


class Comparison(ABC):
    """Compares two records on one column.

    A level is a small number: 0 nothing to compare, 1 no agreement, … `top` equal. `labels[k - 1]` says in words what
    level k means; a larger level means a closer agreement.
    """

    kind: ClassVar[str]
    labels: ClassVar[tuple[str, ...]]
    usual_chance: ClassVar[float] = 0.01  # how often unrelated records agree, where a table is too small to tell
    grades_dearly: ClassVar[bool] = False  # so that looking for pairs of values that repeat is worth it
    few_alone: ClassVar[bool] = True  # a few pairs of values can be graded without a look at all others
    weighs_values: ClassVar[bool] = True  # agreement on a rare value says more than on a frequent one
    one_record_only: ClassVar[bool] = False  # relatives and colleagues agree on it no more than strangers do

    def __init__(self, name: str, column: Column, uses: Sequence[str] = ()) -> None:
        self.name = name
        self.column = column
        self.uses = frozenset(uses or (name,))
        self._grade: Grader | None = None
        self._making = Lock()

    @property
    def top(self) -> int:
        """The highest level."""
        return len(self.labels)

    @cached_property
    def frequencies(self) -> Floats:
        """How frequent each value is; in a small table mostly what is usual for the kind."""
        known = min(1.0, self.column.total / _TELLING_RECORDS)
        return np.asarray(known * self.column.frequencies + (1 - known) * self.usual_chance)

    @cached_property
    def repeat_rate(self) -> float:
        """The sum of squared frequencies: how often two records that have a value have the same."""
        population = self.column.population
        return float((self.frequencies**2).sum()) if population is None else population.repeat_rate

    @cached_property
    def chance_agreement(self) -> float:
        """How often unrelated records have the same value; in a small table mostly what is usual for the kind."""
        known = min(1.0, self.column.total / _TELLING_RECORDS)
        return known * self.column.chance_agreement + (1 - known) * self.usual_chance

    @property
    def present(self) -> Bools:
        """Which records have something to compare."""
        return self.column.present

    def levels(self, i: Ints, j: Ints) -> Levels:
        """The level of each pair of records; with several values a record, that of the best value pair."""
        column = self.column
        if column.offsets is None:
            return self.code_levels(column.codes[i], column.codes[j])
        pair, a, b = _value_pairs(column, i, j)
        found = self.code_levels(a, b)
        best = np.zeros(len(i), np.uint8)
        np.maximum.at(best, pair, found)
        return best

    def agreed(self, i: Ints, j: Ints) -> Ints:
        """The code of the value that both records have (the rarest if several), -1 where they share none."""
        column = self.column
        if column.offsets is None:
            a, b = column.codes[i], column.codes[j]
            return np.where(a == b, a, -1)
        pair, a, b = _value_pairs(column, i, j)
        same = a == b
        pair, a = pair[same], a[same]
        order = np.argsort(-column.counts[a], kind="stable")
        shared = np.full(len(i), -1, np.int64)
        shared[pair[order]] = a[order]  # the last written, and so the rarest, stays
        return shared

    def code_levels(self, a: Ints, b: Ints) -> Levels:
        """The level of each pair of value codes (-1: missing)."""
        found = np.zeros(len(a), np.uint8)
        both = (a >= 0) & (b >= 0)
        equal = a == b
        found[both & equal] = self.top
        rest = np.flatnonzero(both & ~equal)
        if len(rest):
            found[rest] = self._unequal(a[rest], b[rest])
        return found

    def _unequal(self, a: Ints, b: Ints) -> Levels:
        """Levels of pairs of different values."""
        if not self.grades_dearly or len(a) < _WORTH_UNIQUE:
            return self._in_parts(a, b)
        width = len(self.column.values)
        pairs, inverse = distinct(pair_keys(a, b, width))
        return self._in_parts(pairs // width, pairs % width).take(inverse)

    def _in_parts(self, a: Ints, b: Ints) -> Levels:
        spans = [slice(start, start + _CHUNK) for start in range(0, max(len(a), 1), _CHUNK)]
        found = [self.value_levels(a[span], b[span]) for span in spans]
        return found[0] if len(found) == 1 else np.concatenate(found)

    def value_levels(self, a: Ints, b: Ints) -> Levels:
        """Levels of pairs of different values: of few pairs only the values that take part are looked at."""
        if self.few_alone and self._grade is None and len(a) * _FEW < len(self.column.values):
            codes, place = distinct(np.concatenate((a, b)))
            return self.grader(self.column.values.gather(pl.Series(codes)))(place[: len(a)], place[len(a) :])
        with self._making:
            if self._grade is None:
                self._grade = self.grader(self.column.values)
        return self._grade(a, b)

    @abstractmethod
    def grader(self, values: pl.Series) -> Grader:
        """A function that gives the level of each pair of different texts `values[a]`, `values[b]`.

        What is to be known of each text alone is worked out here, once; the function is called from several threads.
        """


def _value_pairs(column: Column, i: Ints, j: Ints) -> tuple[Ints, Ints, Ints]:
    """Every pair of values of two records: number of the record pair, code left, code right."""
    offsets = column.offsets
    assert offsets is not None
    left, right = np.diff(offsets)[i], np.diff(offsets)[j]
    size = left * right
    pair = np.repeat(np.arange(len(i)), size)
    within = ranges(np.zeros_like(size), size)
    a = column.codes[offsets[i][pair] + within // np.maximum(right[pair], 1)]
    b = column.codes[offsets[j][pair] + within % np.maximum(right[pair], 1)]
    return pair, a, b
