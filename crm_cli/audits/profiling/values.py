"""The most frequent values of a column in bounded memory.

All values are counted while they fit. Then the rarest are dropped and counting goes on ("lossy counting": Manku and
Motwani, Approximate frequency counts over data streams, VLDB 2002; here the room is fixed and the error follows). A
value that was dropped with a count of c may come again: its count is too low by at most the sum of such c.
"""

from __future__ import annotations

import polars as pl

__all__ = ["ValueCounts"]

_SCHEMA = {"hash": pl.UInt64, "value": pl.String, "count": pl.UInt64}


class ValueCounts:
    """Different values with their counts, no more than about `room` and a half of them at any time."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._whole = pl.DataFrame(schema=_SCHEMA)
        self._recent: list[pl.DataFrame] = []
        self.error = 0  # how much too low a count may be

    def add(self, counts: pl.DataFrame) -> None:
        """Take a frame of `hash`, `value` and `count`, each hash once."""
        self._recent.append(counts.select(pl.col(name).cast(kind) for name, kind in _SCHEMA.items()))
        if sum(map(len, self._recent)) > self._room // 2:
            self._merge()

    def frame(self) -> pl.DataFrame:
        """Return `value` and `count`, the most frequent first."""
        self._merge()
        return self._whole.select("value", "count").sort(["count", "value"], descending=[True, False])

    def _merge(self) -> None:
        frames = pl.concat([self._whole, *self._recent])
        self._recent = []
        self._whole = frames.group_by("hash").agg(pl.col("value").first(), pl.col("count").sum())
        if len(self._whole) > self._room:
            # Of equally rare ones the hash decides, which is as good as chance and the same every time.
            ordered = self._whole.sort(["count", "hash"], descending=[True, False])
            self._whole, dropped = ordered[: self._room // 2], ordered[self._room // 2 :]
            self.error += int(dropped["count"][0])
