"""One column while it passes: counts of values, patterns, types, numbers and dates, each in bounded memory."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import polars as pl

from crm_cli.audits.profiling import kinds
from crm_cli.audits.profiling.checks import CharacterChecks
from crm_cli.audits.profiling.model import Lengths
from crm_cli.audits.profiling.numbers import NumberStream
from crm_cli.audits.profiling.repeats import Repeats, counted_values
from crm_cli.audits.profiling.values import ValueCounts

__all__ = ["ColumnStream", "Room"]

_SAMPLE = 1_000
_MASK = (1 << 64) - 1
_FACTOR = 0x9E3779B97F4A7C15  # 2⁶⁴ by the golden ratio, odd: Knuth's multiplicative hashing


@dataclass(frozen=True, slots=True)
class Room:
    """How much is kept of a column: different values with their counts, dates, patterns, and a sample of numbers."""

    values: int
    dates: int
    patterns: int
    numbers: int

    @classmethod
    def of_one(cls, width: int) -> Room:
        """Return the room of one of `width` columns: what a table may take, shared, between a least and a most."""

        def share(whole: int, least: int, most: int) -> int:
            return min(most, max(least, whole // max(width, 1)))

        return cls(
            values=share(400_000, 500, 50_000),
            dates=share(600_000, 500, 60_000),  # the days of 160 years, each in one notation
            patterns=share(50_000, 100, 5_000),  # free text has as many as it has values
            numbers=share(1_000_000, 1_000, 100_000),
        )


class ColumnStream:
    """Takes the cells of a column batch by batch, and keeps no more than there is room for."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self.sample: list[str | None] = []
        self.values = ValueCounts(room.values)
        self.repeats = Repeats()
        self.numbers = NumberStream(room.numbers)
        self.dates = ValueCounts(room.dates)
        self.checks = CharacterChecks()
        self.kinds: Counter[str] = Counter()
        self.patterns: dict[str, tuple[int, str]] = {}
        self.digit_lengths: Counter[int] = Counter()
        self.fingerprint = 0  # equal for columns of equal cells
        self._length = 0
        self._shortest, self._longest = 0, 0

    @property
    def filled(self) -> int:
        """How many cells are not blank."""
        return self.repeats.filled

    @property
    def lengths(self) -> Lengths | None:
        """How long the values are, None without any."""
        return Lengths(self._shortest, self._length / self.filled, self._longest) if self.filled else None

    def add(self, cells: pl.Series, hashes: np.ndarray[tuple[int], np.dtype[np.uint64]]) -> None:
        """Take the cells of some rows and their hashes."""
        if len(self.sample) < _SAMPLE:
            self.sample += cells.head(_SAMPLE - len(self.sample)).to_list()
        weights = _weights(len(hashes))
        self.fingerprint = (self.fingerprint * _FACTOR + int((hashes * weights).sum())) & _MASK
        whole = counted_values(cells)
        if not len(whole):
            return
        self._measure(whole)
        counts = whole.with_columns(_short("value"))
        self.repeats.add(counts)
        counts = kinds.with_kinds(counts)
        self.values.add(counts)
        self.checks.add(counts)
        self._count_kinds(counts)
        self._count_patterns(counts)

    def _measure(self, counts: pl.DataFrame) -> None:
        lengths = counts["value"].str.len_chars()
        least, most = int(lengths.min() or 0), int(lengths.max() or 0)  # type: ignore[arg-type]
        self._shortest = min(self._shortest, least) if self._length else least
        self._longest = max(self._longest, most)
        self._length += int((lengths.cast(pl.Int64) * counts["count"].cast(pl.Int64)).sum())

    def _count_kinds(self, counts: pl.DataFrame) -> None:
        by_kind = counts.group_by("kind").agg(pl.col("count").sum())
        self.kinds.update({name: int(count) for name, count in by_kind.iter_rows()})
        figures = counts.filter(pl.col("kind").is_in([kinds.INTEGER, kinds.NUMBER]))
        if len(figures):
            read = figures.select(kinds.number(pl.col("value")).alias("number"), "count").drop_nulls()
            read = (
                read.filter(pl.col("number").is_finite()).group_by("number").agg(pl.col("count").sum()).sort("number")
            )
            self.numbers.add(read["number"].to_numpy(), read["count"].cast(pl.Int64).to_numpy())
        digits = counts.filter(pl.col("pattern") == "9")
        if len(digits):
            lengths = digits.group_by(pl.col("value").str.len_chars().alias("length")).agg(pl.col("count").sum())
            self.digit_lengths.update({int(length): int(count) for length, count in lengths.iter_rows()})
        days = counts.filter(pl.col("kind") == kinds.DATE)
        if len(days):
            parts = days.select(kinds.date_part(pl.col("value")).alias("value"), "count")
            parts = parts.group_by("value").agg(pl.col("count").sum())
            self.dates.add(parts.with_columns(hash=pl.col("value").hash(seed=0)))

    def _count_patterns(self, counts: pl.DataFrame) -> None:
        found = counts.group_by("pattern").agg(pl.col("count").sum(), pl.col("value").min())
        for pattern, count, example in found.sort(["count", "pattern"], descending=[True, False]).iter_rows():
            known = self.patterns.get(pattern)
            if known is not None:
                self.patterns[pattern] = (known[0] + count, min(known[1], example))
            elif len(self.patterns) < self._room.patterns:
                self.patterns[pattern] = (count, example)


def _short(name: str) -> pl.Expr:
    """A long value as its beginning: notes of thousands of characters would take all the room."""
    whole = pl.col(name)
    cut = whole.str.head(kinds.LONGEST) + pl.lit("…")
    return pl.when(whole.str.len_bytes() > kinds.LONGEST).then(_cut_if_longer(whole, cut)).otherwise(whole).alias(name)


def _cut_if_longer(whole: pl.Expr, cut: pl.Expr) -> pl.Expr:
    return pl.when(whole.str.len_chars() > kinds.LONGEST).then(cut).otherwise(whole)


def _weights(number: int) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """Odd factors, one a row: what stands in which row counts."""
    with np.errstate(over="ignore"):
        return (np.arange(1, number + 1, dtype=np.uint64) * np.uint64(_FACTOR)) | np.uint64(1)
