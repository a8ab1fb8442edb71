"""Which values come a second time: caught when they do, so that nothing but hashes of the others is kept."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from crm_cli.audits.profiling.distinct import FLOOR, DistinctHashes
from crm_cli.audits.profiling.model import Counted

__all__ = ["Repeats", "counted_values", "within_room"]

_NAMED = 1_000  # repeated values whose counts are kept
_FEWEST = 1_024  # hashes a column of a very wide table: an error of 3 %


def within_room(counted: Sequence[Repeats], rows: DistinctHashes, room: int) -> None:
    """Make the largest sets of hashes small until all hold no more than `room`: those of keys and whole rows last."""
    small = max(_FEWEST, min(FLOOR, room // (2 * (len(counted) + 1))))
    held = rows.size + sum(one.distinct.size for one in counted)
    first = [one.distinct for one in counted if one.overflowed]
    last = [rows, *(one.distinct for one in counted if not one.overflowed)]
    for sets in (first, last):
        for one in sorted(sets, key=lambda each: -each.size):
            if held <= room:
                return
            before = one.size
            one.cut(small)
            held -= before - one.size


def counted_values(values: pl.Series) -> pl.DataFrame:
    """Return the different values, blanks left out: `hash`, `value`, `count`."""
    frame = pl.DataFrame({"value": values, "hash": values.hash(seed=0)}).drop_nulls("value")
    return frame.group_by("hash").agg(pl.col("value").first(), pl.len().alias("count"))


class Repeats:
    """Counts values, and names those that come more than once: the first of them, if there are many."""

    def __init__(self) -> None:
        self.distinct = DistinctHashes()
        self.filled = 0
        self.overflowed = False  # more repeat than are named
        self._found: dict[int, tuple[str, int]] = {}

    def add(self, counts: pl.DataFrame) -> None:
        """Take a frame of `hash`, `value` and `count`, each hash once."""
        self.filled += int(counts["count"].sum())
        hashes = counts["hash"].to_numpy()
        again = counts.select("hash", "value", "count")
        self.overflowed = self.overflowed or not self.distinct.exact
        if self.overflowed:
            self._count(again.filter(pl.col("hash").is_in(list(self._found))).with_columns(known=pl.lit(True)))  # noqa: FBT003
        else:
            again = again.with_columns(known=pl.Series(self.distinct.known(hashes)))
            self._count(again.filter(pl.col("known") | (pl.col("count") > 1)))
        self.distinct.add(hashes)

    def _count(self, again: pl.DataFrame) -> None:
        for mark, value, count, known in again.sort(["count", "value"], descending=[True, False]).iter_rows():
            if mark in self._found:
                self._found[mark] = (value, self._found[mark][1] + count)
            elif len(self._found) < _NAMED:
                self._found[mark] = (value, count + int(known))  # known: it came once before
            else:
                self.overflowed = True

    def named(self) -> list[Counted]:
        """Return values that repeat, the most frequent first; not all of them when `overflowed`."""
        ordered = sorted(self._found.values(), key=lambda item: (-item[1], item[0]))
        return [Counted(value, count) for value, count in ordered]
