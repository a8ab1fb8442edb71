"""Names of persons."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from crm_cli.dedupe.arrays import Bools, Ints, Levels
from crm_cli.dedupe.comparisons.base import Comparison, Grader
from crm_cli.dedupe.comparisons.spelling import Spelling
from crm_cli.dedupe.encoding import codes_of
from crm_cli.dedupe.kinds import Kind
from crm_cli.dedupe.words import GENERATIONS, NICKNAMES

__all__ = ["FamilyName", "GivenName", "MiddleName"]


class GivenName(Comparison):
    """Given names; whether a pair has them swapped with the family names is seen by the comparison set."""

    kind = Kind.GIVEN_NAME
    usual_chance = 0.005
    labels = (
        "different",
        "somewhat similar",
        "same initial",
        "very similar",
        "nickname",
        "swapped with the family name",
        "equal",
    )
    SWAPPED = 6

    def grader(self, values: pl.Series) -> Grader:
        """See the levels in `labels`."""
        spelling, nicknames = Spelling(values), _Nicknames(values)
        single = values.str.len_chars().to_numpy() == 1
        _, first = codes_of(values.str.head(1))

        def grade(a: Ints, b: Ints) -> Levels:
            similarity = spelling.jaro_winkler(a, b, 0.8)
            level = np.where(similarity >= 0.8, 2, 1).astype(np.uint8)
            initial = single[a] | single[b]
            level[initial] = np.where(first[a] == first[b], 3, 1)[initial]
            level[(similarity >= 0.92) & ~initial] = 4
            level[nicknames.shared(a, b)] = 5
            return level

        return grade


class MiddleName(GivenName):
    """Middle names and initials."""

    kind = Kind.MIDDLE_NAME
    usual_chance = 0.05


class FamilyName(Comparison):
    """Family names; Jr and Sr are two persons, and Jr beside none is less than equal, for it is often left out."""

    kind = Kind.FAMILY_NAME
    usual_chance = 0.002
    labels = ("different", "somewhat similar", "similar", "very similar", "equal")

    def grader(self, values: pl.Series) -> Grader:
        """See the levels in `labels`."""
        parts = values.str.extract_groups(rf"^(.*?)(?: ({'|'.join(GENERATIONS)}))?$")
        spelling = Spelling(parts.struct[0])
        _, generation = codes_of(parts.struct[1])

        def grade(a: Ints, b: Ints) -> Levels:
            similarity = spelling.jaro_winkler(a, b, 0.75)
            level = (1 + np.searchsorted([0.75, 0.85, 0.92], similarity, side="right")).astype(np.uint8)
            told_apart = (generation[a] >= 0) & (generation[b] >= 0) & (generation[a] != generation[b])
            level[told_apart] = 1
            return level

        return grade


@cache
def _nickname_groups() -> dict[str, int]:
    """For each name a bit for every line of the table that it stands in."""
    groups: dict[str, int] = {}
    for number, names in enumerate(NICKNAMES):
        for name in names:
            groups[name] = groups.get(name, 0) | 1 << number
    return groups


class _Nicknames:
    """Which names stand in a line of the nickname table together; the first of several given names counts."""

    def __init__(self, names: pl.Series) -> None:
        table = _nickname_groups()
        self._lines = [table.get(text) or table.get(text.split(" ", 1)[0], 0) for text in names.to_list()]
        self._known = np.array([bool(lines) for lines in self._lines], np.bool_)

    def shared(self, a: Ints, b: Ints) -> Bools:
        """Whether each pair of names stands in a line together."""
        found = self._known[a] & self._known[b]
        places = np.flatnonzero(found)
        lines = self._lines
        pairs = zip(a[places].tolist(), b[places].tolist(), strict=True)
        found[places] = [bool(lines[x] & lines[y]) for x, y in pairs]
        return np.asarray(found)
