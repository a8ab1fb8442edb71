"""Counting different values by their hashes: exact while there is room, an estimate with a known error beyond.

Sixty-four bits a value: among a million values two share a hash with a probability below 10⁻⁷. Beyond the room the k
smallest hashes are kept ("k minimum values"; Bar-Yossef et al., Counting distinct elements in a data stream, RANDOM
2002). The estimate (k − 1) / U, U the k-th smallest as a part of all hashes, is unbiased, and its relative standard
error is about 1 / √(k − 2) (Beyer et al., On synopses for distinct-value estimation, SIGMOD 2007).
"""

from __future__ import annotations

from math import sqrt
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = ["FLOOR", "DistinctHashes", "Hashes"]

Hashes: TypeAlias = npt.NDArray[np.uint64]

FLOOR = 1 << 16  # hashes kept where the room is short: an error of 0.4 %
_SPAN = float(1 << 64)


class DistinctHashes:
    """The different hashes that were added; `add` takes any number, repeats allowed."""

    def __init__(self) -> None:
        self._sorted: Hashes = np.empty(0, dtype=np.uint64)
        self._recent: list[Hashes] = []
        self._below: np.uint64 | None = None  # hashes from here on are no longer kept
        self._smallest = FLOOR  # hashes kept when not all are

    @property
    def size(self) -> int:
        """How many hashes are held."""
        return len(self._sorted) + sum(map(len, self._recent))

    @property
    def exact(self) -> bool:
        """Whether all hashes are held."""
        return self._below is None

    def add(self, hashes: Hashes) -> None:
        """Take hashes, each as often as it comes."""
        if self._below is not None:
            hashes = hashes[hashes < self._below]
        if not len(hashes):
            return
        self._recent.append(_different(hashes))
        if sum(map(len, self._recent)) > max(FLOOR, len(self._sorted) // 4):
            self._merge()
            if not self.exact:
                self.cut(self._smallest)

    def known(self, hashes: Hashes) -> npt.NDArray[np.bool_]:
        """Tell for each hash whether it was added before; only sensible while exact."""
        found = np.zeros(len(hashes), dtype=np.bool_)
        for held in (self._sorted, *self._recent):
            if len(held):
                places = np.minimum(np.searchsorted(held, hashes), len(held) - 1)
                found |= held[places] == hashes
        return found

    def cut(self, size: int) -> None:
        """Keep only the `size` smallest hashes from now on."""
        self._merge()
        self._smallest = size
        if len(self._sorted) > size:
            self._sorted = self._sorted[:size].copy()
            self._below = self._sorted[-1]

    def count(self) -> tuple[int, float]:
        """Return how many different ones there were, and the relative standard error: 0 when they were counted."""
        self._merge()
        held = len(self._sorted)
        if self._below is None:
            return held, 0.0
        held = int(np.searchsorted(self._sorted, self._below, side="right"))
        return round((held - 1) / (float(self._below) / _SPAN)), 1 / sqrt(held - 2)

    def _merge(self) -> None:
        if self._recent:
            self._sorted = _different(np.concatenate([self._sorted, *self._recent]))
            self._recent = []


def _different(hashes: Hashes) -> Hashes:
    """Sorted, each once. Several times as fast as numpy's `unique`, which puts integers into a table of its own."""
    ordered = np.sort(hashes)
    return ordered[np.concatenate(([True], ordered[1:] != ordered[:-1]))]
