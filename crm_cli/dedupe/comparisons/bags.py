"""Sets of weighted terms, such as the words or trigrams of a name, and how alike two of them are.

Of each set a mark of 256 bits is kept. Two marks tell at most how many terms two sets share, and so a bound of their
cosine, from numbers alone; the terms of unrelated sets are hardly ever looked at. The bounds are exact: the result is
that of comparing every pair.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from crm_cli.dedupe.arrays import Floats, Ints
from crm_cli.dedupe.encoding import ranges, shared_terms

__all__ = ["Bags", "bags_of"]

_BITS = 256
_CHUNK = 4_000  # sets that are marked at once
_SLACK = 1e-9  # of the rounding of sums


@dataclass(frozen=True)
class Bags:
    """For each value the set of its terms, `terms[offsets[v]:offsets[v + 1]]`; `mass[t]`: a term's squared weight."""

    offsets: Ints
    terms: Ints
    mass: Floats

    @cached_property
    def norms(self) -> Floats:
        """Sum of the masses of each value's terms."""
        sums = np.concatenate(([0.0], np.cumsum(self.mass[self.terms])))
        return np.asarray(sums[self.offsets[1:]] - sums[self.offsets[:-1]])

    @cached_property
    def _heaviest(self) -> Floats:
        """The largest mass of each value's terms."""
        found = np.zeros(len(self.offsets) - 1)
        filled = np.flatnonzero(np.diff(self.offsets))
        if len(filled):
            found[filled] = np.maximum.reduceat(self.mass[self.terms], self.offsets[filled])
        return found

    @cached_property
    def _marks(self) -> npt.NDArray[np.uint64]:
        """For each value 256 bits: bit b is set when one of its terms is b modulo 256."""
        parts = [self._marked(start, min(start + _CHUNK, self._size)) for start in range(0, self._size, _CHUNK)]
        return np.concatenate([np.zeros((0, _BITS // 64), np.uint64), *parts])

    def _marked(self, start: int, stop: int) -> npt.NDArray[np.uint64]:
        lengths = np.diff(self.offsets[start : stop + 1])
        place = np.repeat(np.arange(stop - start), lengths) * _BITS
        place += self.terms[self.offsets[start] : self.offsets[stop]] % _BITS
        bits = np.bincount(place, minlength=(stop - start) * _BITS).reshape(-1, _BITS) > 0
        return np.packbits(bits, axis=1).view(np.uint64)

    @cached_property
    def _further(self) -> Ints:
        """How many terms of each value have no bit of their own."""
        return np.asarray(np.diff(self.offsets) - np.bitwise_count(self._marks).sum(axis=1, dtype=np.int64))

    @property
    def _size(self) -> int:
        return len(self.offsets) - 1

    def entries(self, values: Ints) -> tuple[Ints, Ints]:
        """(place in `values`, term) of all terms of all `values`."""
        lengths = np.diff(self.offsets)[values]
        return np.repeat(np.arange(len(values)), lengths), self.terms[ranges(self.offsets[values], lengths)]

    def most_shared(self, a: Ints, b: Ints) -> Ints:
        """At most so many terms `a[k]` and `b[k]` share: common bits, and what has none of its own."""
        common = np.minimum(self._further[a], self._further[b])
        for word in self._marks.T:
            common += np.bitwise_count(word[a] & word[b])
        return common

    def shared(self, a: Ints, b: Ints) -> tuple[Floats, Ints]:
        """Mass of the terms that `a[k]` and `b[k]` share, and those terms as ascending keys `k * width + term`."""
        width, near = len(self.mass), np.flatnonzero(self.most_shared(a, b) > 0)
        both = shared_terms(self.offsets, self.terms, width, a[near], b[near])
        place, term = near[both // width], both % width
        mass = np.bincount(place, weights=self.mass[term], minlength=len(a)).astype(float)
        return mass, place * width + term

    def cosines(self, a: Ints, b: Ints, cutoff: float) -> Floats:
        """The cosine of `a[k]` and `b[k]`; 0 where a bound of it is below `cutoff`."""
        lengths = np.sqrt(np.maximum(self.norms[a] * self.norms[b], 1e-9))
        most = self.most_shared(a, b) * np.minimum(self._heaviest[a], self._heaviest[b])
        near = np.flatnonzero(most >= (cutoff - _SLACK) * lengths)
        found = np.zeros(len(a))
        found[near] = self.shared(a[near], b[near])[0] / lengths[near]
        return found


def bags_of(value: Ints, terms: Ints, size: int, mass: Floats) -> Bags:
    """The sets of `size` values, given as (value, term) with each pair once."""
    order = np.lexsort((terms, value))
    offsets = np.concatenate(([0], np.cumsum(np.bincount(value, minlength=size))))
    return Bags(offsets, terms[order], np.asarray(mass, float))
