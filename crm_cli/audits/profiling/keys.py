"""Which columns tell rows apart: alone, all but a few, or two together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from crm_cli.audits.profiling.distinct import Hashes
from crm_cli.audits.profiling.repeats import Repeats
from crm_cli.dictionary.recognition import Role

__all__ = ["NO_KEY_PART", "PairSample", "is_key", "is_near_key"]

NO_KEY_PART = frozenset({Role.FREE_TEXT, Role.AMOUNT})  # what they hold may differ in every row, and names none
_CELLS = 1_000_000
_ROWS = 50_000
_FEWEST = 20  # rows below which two columns are unique by chance
_COLUMNS = 20
_PAIRS = 5
_NEAR_SHARE = 0.01  # so many of the values may repeat
_NEAR_FILL = 0.95
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


def is_key(seen: Repeats, rows: int) -> bool:
    """Whether the column has another value in every row."""
    distinct, error = seen.distinct.count()
    return not error and distinct == seen.filled == rows > 1


def is_near_key(seen: Repeats, rows: int) -> bool:
    """Whether almost every row has a value, and almost all of these are different."""
    if rows < _FEWEST or seen.overflowed or seen.filled < _NEAR_FILL * rows:
        return False
    distinct, error = seen.distinct.count()
    repeated = len(seen.named())
    return not error and distinct < seen.filled and repeated <= max(1, _NEAR_SHARE * distinct)


@dataclass
class PairSample:
    """Hashes of the first rows, and which cells of them are filled, to ask which two columns are a key together."""

    width: int
    rows: int = 0
    _hashes: list[list[Hashes]] = field(default_factory=list)
    _blank: set[int] = field(default_factory=set)

    def add(self, hashes: Sequence[Hashes], blank: Sequence[bool]) -> None:
        """Take the hashes of some rows by column, and whether a column has blanks there."""
        wanted = min(_ROWS, _CELLS // max(self.width, 1)) - self.rows
        if wanted <= 0:
            return
        self._hashes.append([one[:wanted] for one in hashes])
        self._blank.update(place for place, one in enumerate(blank) if one)
        self.rows += len(self._hashes[-1][0]) if hashes else 0

    def keys(self, left_out: set[int]) -> list[tuple[int, int]]:
        """Return pairs of columns without blanks that are unique together, though neither is alone: shortest first.

        `left_out` are columns that are no part of a key, such as notes.
        """
        if self.rows < _FEWEST:
            return []
        columns = self._candidates(left_out)
        by_size = sorted(combinations(columns, 2), key=lambda pair: (columns[pair[0]][1] * columns[pair[1]][1], pair))
        found: list[tuple[int, int]] = []
        for one, other in by_size:
            (first, distinct), (second, others) = columns[one], columns[other]
            if distinct * others >= self.rows and _unique(first * _MULTIPLIER ^ second):
                found.append((one, other))
                if len(found) == _PAIRS:
                    break
        return found

    def _candidates(self, left_out: set[int]) -> dict[int, tuple[Hashes, int]]:
        """Hashes and numbers of different values of the columns that may be part of a key, the most telling ones."""
        found = {}
        for place in range(self.width):
            if place in self._blank or place in left_out:
                continue
            hashes = np.concatenate([batch[place] for batch in self._hashes])
            distinct = len(np.unique(hashes))
            if 1 < distinct < self.rows:
                found[place] = (hashes, distinct)
        most = sorted(found, key=lambda place: (-found[place][1], place))[:_COLUMNS]
        return {place: found[place] for place in sorted(most)}


def _unique(hashes: Hashes) -> bool:
    return len(np.unique(hashes)) == len(hashes)
