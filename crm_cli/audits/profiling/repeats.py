"""Which values come a second time: caught when they do, so that nothing but hashes of the others is kept."""

from __future__ import annotations

import numpy as np
import polars as pl

from crm_cli.audits.profiling.distinct import DistinctHashes
from crm_cli.audits.profiling.model import Counted

__all__ = ["Repeats", "counted_values"]

_NAMED = 1_000  # repeated values whose counts are kept


def counted_values(values: pl.Series) -> pl.DataFrame:
    """Return the different values, blanks left out: `hash`, `value`, `count`."""
    frame = pl.DataFrame({"value": values, "hash": values.hash(seed=0)}).drop_nulls("value")
    return frame.group_by("hash").agg(pl.col("value").first(), pl.len().alias("count"))


class Repeats:
    """Counts values, and names those that come more than once, as long as there are few of them."""

    def __init__(self) -> None:
        self.distinct = DistinctHashes()
        self.filled = 0
        self.overflowed = False  # more repeat than are named
        self._found: dict[str, int] = {}

    def add(self, counts: pl.DataFrame) -> None:
        """Take a frame of `hash`, `value` and `count`, each hash once."""
        self.filled += int(counts["count"].sum())
        hashes = counts["hash"].to_numpy()
        if not self.overflowed:
            self._watch(counts, hashes)
        self.distinct.add(hashes)

    def _watch(self, counts: pl.DataFrame, hashes: np.ndarray[tuple[int], np.dtype[np.uint64]]) -> None:
        if not self.distinct.exact:
            self.overflowed = True
            return
        known = self.distinct.known(hashes)
        again = counts.select("value", "count").with_columns(known=pl.Series(known))
        again = again.filter(pl.col("known") | (pl.col("count") > 1)).sort(["count", "value"], descending=[True, False])
        for value, count, before in again.iter_rows():
            if value not in self._found and len(self._found) >= _NAMED:
                self.overflowed = True
                return
            self._found[value] = self._found.get(value, int(before)) + count

    def named(self) -> list[Counted]:
        """Return the values that were found to repeat, the most frequent first; not all when `overflowed`."""
        ordered = sorted(self._found.items(), key=lambda item: (-item[1], item[0]))
        return [Counted(value, count) for value, count in ordered]
