"""Streets and places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from crm_cli.dedupe.arrays import Bools, Ints, Levels
from crm_cli.dedupe.comparisons.base import Comparison, Grader
from crm_cli.dedupe.comparisons.spelling import Spelling
from crm_cli.dedupe.encoding import Column, codes_of
from crm_cli.dedupe.kinds import Kind
from crm_cli.dedupe.words import STREET_DIRECTIONS, STREET_TYPES

__all__ = ["Place", "Street", "house_numbers", "street_names"]


class Street(Comparison):
    """Streets: house number, and name without type and direction."""

    kind = Kind.STREET
    usual_chance = 0.0001
    labels = (
        "different",
        "same street, other number",
        "same number, other street",
        "same street, number missing or one digit off",
        "same number, similar street",
        "equal",
    )

    def grader(self, values: pl.Series) -> Grader:
        """See the levels in `labels`."""
        whole = values is self.column.values
        number_texts = self.column.derived(house_numbers) if whole else house_numbers(values)
        name_texts = self.column.derived(street_names) if whole else street_names(values)
        names, digits = Spelling(name_texts), Spelling(number_texts.fill_null(""))
        _, firsts = codes_of(name_texts.str.extract(r"^(\S{4,})"))
        _, numbers = codes_of(number_texts)

        def grade(a: Ints, b: Ints) -> Levels:
            alike = names.jaro_winkler(a, b, 0.85) >= 0.88
            same_name = alike | ((firsts[a] == firsts[b]) & (firsts[a] >= 0))
            same_number = (numbers[a] == numbers[b]) & (numbers[a] >= 0)
            near = (numbers[a] < 0) | (numbers[b] < 0)  # a number is missing, or
            asked = np.flatnonzero(alike & ~near)
            near[asked] = digits.edits(a[asked], b[asked], 1) <= 1  # one digit off
            level = np.ones(len(a), np.uint8)
            level[same_name] = 2
            level[same_number & ~same_name] = 3
            level[same_name & near] = 4
            level[same_name & same_number] = 5
            return level

        return grade


def house_numbers(streets: pl.Series) -> pl.Series:
    """The number that a cleaned street begins with, else the one that it ends with (continental Europe), or null."""
    return pl.select(
        pl.coalesce(streets.str.extract(r"^0*(\d+)"), streets.str.extract(r" 0*(\d+) ?[a-z]?$"))
    ).to_series()


_NOISE = "|".join(sorted(STREET_TYPES))
_SIDES = "|".join(sorted(STREET_DIRECTIONS))


def street_names(streets: pl.Series) -> pl.Series:
    """A cleaned street without its number, its type ("st") and what follows the type, and the direction at its ends."""
    bare = streets.str.replace(r"^\d+[a-z]? ", "").str.replace(r" \d+ ?[a-z]?$", "")
    inner = bare.str.replace(rf"^({_SIDES}) ", "").str.replace(rf" ({_SIDES})$", "")
    name = inner.str.replace(rf"^(({_NOISE}) )+", "").str.replace(rf" ({_NOISE})( .*)?$", "")
    return name.zip_with((name != "").fill_null(value=True), bare)


class Place(Comparison):
    """Postal code, city and region as one comparison, because they depend on each other.

    Which parts exist differs from file to file; the best known part decides the top level.
    """

    kind = Kind.PLACE
    labels = (
        "different",
        "same region",
        "similar city or postal code",
        "same city",
        "postal code one digit off, same city",
        "equal",
    )

    def __init__(self, parts: Mapping[Kind, Column], uses: Sequence[str]) -> None:
        finest = next(parts[kind] for kind in (Kind.POSTAL_CODE, Kind.CITY, Kind.REGION) if kind in parts)
        super().__init__("place", finest, uses)
        self.parts = {kind: _Part(kind.value, column) for kind, column in parts.items()}

    @property
    def present(self) -> Bools:
        """Which records have any part."""
        return np.asarray(np.logical_or.reduce([part.present for part in self.parts.values()]))

    def levels(self, i: Ints, j: Ints) -> Levels:
        """Levels of pairs of records, over all parts."""
        found = np.zeros(len(i), np.uint8)
        if region := self.parts.get(Kind.REGION):
            found = np.choose(region.levels(i, j), [0, 1, 1, 2]).astype(np.uint8)
        if city := self.parts.get(Kind.CITY):
            found = np.maximum(found, np.choose(city.levels(i, j), [0, 1, 3, 4])).astype(np.uint8)
        if postal := self.parts.get(Kind.POSTAL_CODE):
            return _with_postal_code(found, postal.levels(i, j), has_city=city is not None)
        return _stretched(found, has_city=city is not None)

    def grader(self, values: pl.Series) -> Grader:
        """See the levels in `labels`."""
        return self.parts[next(iter(self.parts))].grader(values)


def _with_postal_code(found: Levels, postal: Levels, *, has_city: bool) -> Levels:
    near = np.where(found >= 3, 5, 3) if has_city else 5
    found = np.maximum(found, np.where(postal == 2, near, 0)).astype(np.uint8)
    found[(found == 0) & (postal > 0)] = 1
    found[postal == 3] = 6
    return found


def _stretched(found: Levels, *, has_city: bool) -> Levels:
    """Without postal codes equality of the city (without that, of the region) is the best there can be."""
    table = [0, 1, 4, 5, 6] if has_city else [0, 1, 6]
    return np.asarray(np.choose(found, table), np.uint8)


class _Part(Comparison):
    """One part of a place: different, similar, equal."""

    kind = Kind.PLACE
    labels = ("different", "similar", "equal")

    def grader(self, values: pl.Series) -> Grader:
        """See the levels in `labels`."""
        if self.name == Kind.REGION:
            return lambda a, b: np.ones(len(a), np.uint8)  # noqa: ARG005
        spelling = Spelling(values)
        if self.name == Kind.POSTAL_CODE:
            return lambda a, b: (1 + (spelling.edits(a, b, 1) <= 1)).astype(np.uint8)
        return lambda a, b: (1 + (spelling.jaro_winkler(a, b, 0.85) >= 0.85)).astype(np.uint8)
