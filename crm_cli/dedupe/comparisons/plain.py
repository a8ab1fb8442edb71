"""Dates of birth, short texts, categories."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from crm_cli.dedupe.arrays import Ints, Levels
from crm_cli.dedupe.comparisons.base import Comparison, Grader
from crm_cli.dedupe.comparisons.spelling import Spelling
from crm_cli.dedupe.kinds import Kind

__all__ = ["BirthDate", "Category", "ShortText"]


class BirthDate(Comparison):
    """Dates of birth as eight digits: slips of a digit, day and month swapped."""

    kind = Kind.BIRTH_DATE
    usual_chance = 0.0001
    labels = ("different", "same year", "two digits differ", "one digit differs, or day and month swapped", "equal")

    def grader(self, values: pl.Series) -> Grader:
        """See the levels in `labels`."""
        padded = "".join(text.ljust(8, "?")[:8] for text in values.to_list())
        dates = np.frombuffer(padded.encode("ascii", "replace"), "<u8")  # a digit a byte, the year in the lower half
        days = dates >> np.uint64(32)
        swapped_days = ((days & np.uint64(0xFFFF)) << np.uint64(16)) | (days >> np.uint64(16))

        def grade(a: Ints, b: Ints) -> Levels:
            differing = dates[a] ^ dates[b]
            same_year = differing & np.uint64(0xFFFFFFFF) == 0
            swapped = same_year & (days[a] == swapped_days[b])
            count = _bytes_set(differing)
            level = np.where(same_year, 2, 1).astype(np.uint8)
            level[count <= 2] = 3
            level[(count <= 1) | swapped] = 4
            return level

        return grade


def _bytes_set(numbers: npt.NDArray[np.uint64]) -> Levels:
    """How many of the eight bytes of each number are not 0."""
    folded = numbers | numbers >> np.uint64(4)
    folded |= folded >> np.uint64(2)
    folded |= folded >> np.uint64(1)
    return np.asarray(np.bitwise_count(folded & np.uint64(0x0101010101010101)))


class ShortText(Comparison):
    """Short texts of unknown meaning."""

    kind = Kind.TEXT
    labels = ("different", "similar", "very similar", "equal")

    def grader(self, values: pl.Series) -> Grader:
        """See the levels in `labels`."""
        spelling = Spelling(values)

        def grade(a: Ints, b: Ints) -> Levels:
            similarity = spelling.jaro_winkler(a, b, 0.8)
            return (1 + np.searchsorted([0.8, 0.92], similarity, side="right")).astype(np.uint8)

        return grade


class Category(Comparison):
    """One of few values: equal or not. How frequent a value is depends on what it means, so it is not weighed."""

    kind = Kind.CATEGORY
    usual_chance = 0.3
    labels = ("different", "equal")
    weighs_values = False

    def grader(self, values: pl.Series) -> Grader:  # noqa: ARG002
        """See the levels in `labels`."""
        return lambda a, b: np.ones(len(a), np.uint8)  # noqa: ARG005
