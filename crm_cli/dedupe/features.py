"""From a planned table to what the engine works with: encoded columns, comparisons and key parts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from crm_cli.dedupe.arrays import Bools, Ints, Levels
from crm_cli.dedupe.blocking.keys import KeyPart, key_parts
from crm_cli.dedupe.cleaning import clean_by, without_role_addresses
from crm_cli.dedupe.comparisons import Comparison, GivenName, Place
from crm_cli.dedupe.dates import joined_date
from crm_cli.dedupe.encoding import Column, encode, encode_several
from crm_cli.dedupe.field_types import FieldType, FieldTypes, field_types
from crm_cli.dedupe.kinds import Kind
from crm_cli.dedupe.plan import PlannedColumn, share
from crm_cli.dedupe.table import MatchColumn, MatchTable
from crm_cli.dictionary.recognition import Role

__all__ = ["Features", "Settled", "build_features"]

_THREADS = 2
_WORTH_THREADS = 20_000  # with fewer pairs threads wait for each other longer than they work
_LEAST_FILLED = 0.01
_MOST_CATEGORIES = 8
_TELLING = 10
_PLACE = (Kind.POSTAL_CODE, Kind.CITY, Kind.REGION)
_PERSONAL = frozenset({Kind.GIVEN_NAME, Kind.FAMILY_NAME, Kind.BIRTH_DATE})
_SHORT_NUMBERS = 0.2  # where more numbers than this have no area code, all are compared without


@dataclass(eq=False)
class Features:
    """Everything known about the records of one table: what to compare, what to block on."""

    rows: int
    comparisons: list[Comparison]
    parts: list[KeyPart]
    swap: _Swap | None = None
    left_out: dict[str, str] = field(default_factory=dict)

    def levels(self, i: Ints, j: Ints) -> Levels:
        """Agreement levels of pairs of records: one row a pair, one column a comparison."""
        found = np.empty((len(i), len(self.comparisons)), np.uint8)

        def compare(number: int) -> None:
            found[:, number] = self.comparisons[number].levels(i, j)

        numbers = range(len(self.comparisons))
        if len(i) < _WORTH_THREADS:
            list(map(compare, numbers))
        else:
            with ThreadPoolExecutor(_THREADS) as pool:
                list(pool.map(compare, numbers))
        if self.swap is not None:
            self.swap.mark(found, i, j)
        return found

    @property
    def kinds(self) -> set[str]:
        """Kinds of the comparisons."""
        return {comparison.kind for comparison in self.comparisons}

    @property
    def of_persons(self) -> bool:
        """Whether the records are persons, rather than organizations."""
        return bool(self.kinds & _PERSONAL)


@dataclass(frozen=True, eq=False)
class _Swap:
    """Pairs of which one has given and family name swapped."""

    given_at: int
    family_at: int
    given: Ints
    family_as_given: Ints  # for each record the given-name code of its family name, below -1 where there is none

    def mark(self, levels: Levels, i: Ints, j: Ints) -> None:
        swapped = self.found(i, j)
        levels[swapped, self.given_at] = GivenName.SWAPPED
        levels[swapped, self.family_at] = 0  # the swap says it all

    def found(self, i: Ints, j: Ints) -> Bools:
        given, family = self.given, self.family_as_given
        return np.asarray((given[i] == family[j]) & (given[j] == family[i]) & (given[i] != given[j]) & (given[i] >= 0))


@dataclass(frozen=True, slots=True)
class Settled:
    """What an earlier search settled about the columns, so that a few records are compared as its many were.

    `compared`: columns that are compared however few values they have here; `shortened`: columns of telephone numbers
    without area code.
    """

    compared: frozenset[str]
    shortened: frozenset[str]


def build_features(
    table: MatchTable,
    plan: Sequence[PlannedColumn],
    types: FieldTypes | None = None,
    settled: Settled | None = None,
) -> Features:
    """Clean and encode the planned columns of `table`, and make their comparisons and key parts by their types."""
    types = types or field_types()
    builder = _Builder(table, plan, types, settled)
    with ThreadPoolExecutor(_THREADS) as pool:
        encoded = dict(pool.map(builder.encoded, builder.jobs))
    comparisons, left_out = builder.comparisons(encoded)
    used = frozenset().union(*(comparison.uses for comparison in comparisons)) if comparisons else frozenset()
    wanted = [job for job in builder.jobs if job.uses & used]
    parts = [key_parts(job.name, job.kind, encoded[job.name], job.uses, types[job.kind].keys) for job in wanted]
    features = Features(table.rows, comparisons, [part for some in parts for part in some], left_out=left_out)
    features.swap = _swap(comparisons)
    return features


@dataclass(frozen=True)
class _Job:
    """A column to encode: its name, kind, values, and the source columns that it was made of."""

    name: str
    kind: str
    column: MatchColumn
    uses: frozenset[str]
    cleaned: bool = False


class _Builder:
    def __init__(
        self, table: MatchTable, plan: Sequence[PlannedColumn], types: FieldTypes, settled: Settled | None = None
    ) -> None:
        self.types = types
        self.rows = table.rows
        self.settled = settled
        self.by_name = {column.name: column for column in table.columns}
        self.jobs = self._with_joined(plan)
        self.of_persons = bool(_PERSONAL & {job.kind for job in self.jobs})

    def _with_joined(self, plan: Sequence[PlannedColumn]) -> list[_Job]:
        """The planned columns, with birth dates and streets joined from their parts."""
        jobs = [
            _Job(each.name, each.kind, self.by_name[each.name], frozenset({each.name}))
            for each in sorted(plan, key=lambda each: -each.filled)
            if each.kind is not None
        ]
        roles: dict[Role, str] = {}
        for each in plan:
            roles.setdefault(each.role, each.name)
        jobs = self._birth_date(jobs, roles)
        return self._street(jobs, roles, plan)

    def _birth_date(self, jobs: list[_Job], roles: dict[Role, str]) -> list[_Job]:
        names = [roles.get(role, "") for role in (Role.BIRTH_YEAR, Role.BIRTH_MONTH, Role.BIRTH_DAY)]
        if not all(names):
            return jobs
        values = joined_date(*(self.by_name[name].values for name in names))
        made = _Job("birth date", Kind.BIRTH_DATE, MatchColumn("birth date", values), frozenset(names), cleaned=True)
        return [made, *(job for job in jobs if job.name not in names)]

    def _street(self, jobs: list[_Job], roles: dict[Role, str], plan: Sequence[PlannedColumn]) -> list[_Job]:
        number = roles.get(Role.HOUSE_NUMBER, "")
        street = next((each.name for each in plan if each.kind is Kind.STREET), "")
        if not number or not street or any(self.by_name[name].several for name in (number, street)):
            return jobs
        parts = [self.by_name[name].values.fill_null("").str.strip_chars() for name in (number, street)]
        values = pl.select(pl.lit(parts[0]) + " " + pl.lit(parts[1])).to_series().str.strip_chars()
        made = _Job(street, Kind.STREET, MatchColumn(street, values), frozenset({number, street}))
        return [made if job.name == street else job for job in jobs if job.name != number]

    def encoded(self, job: _Job) -> tuple[str, Column]:
        """Name and encoded column of a job."""
        values = job.column.values
        if job.column.several:
            flat = self._encoded(values.explode(empty_as_null=True), job)
            codes = pl.Series(flat.codes)
            cleaned = flat.values.gather(codes.set(codes < 0, None))
            lengths = np.maximum(values.list.len().fill_null(1).to_numpy(), 1)
            frame = pl.DataFrame({"row": np.repeat(np.arange(len(values)), lengths), "value": cleaned})
            return job.name, encode_several(frame.group_by("row", maintain_order=True).agg("value")["value"])
        if job.cleaned:
            return job.name, encode(values)
        return job.name, self._encoded(values, job)

    def _encoded(self, values: pl.Series, job: _Job) -> Column:
        short = None if self.settled is None else job.name in self.settled.shortened
        return _encoded(values, self.types[job.kind], of_persons=self.of_persons, short=short)

    def _is_compared(self, job: _Job, column: Column) -> bool:
        if self.settled is not None:
            return job.name in self.settled.compared
        return column.filled >= _LEAST_FILLED and _informative(column)

    def comparisons(self, encoded: dict[str, Column]) -> tuple[list[Comparison], dict[str, str]]:
        """The comparisons, ordered by kind and then by how well the columns are filled, and what was left out."""
        made: list[Comparison] = []
        left_out: dict[str, str] = {}
        compared = {name: each.comparison for name, each in self.types.items() if each.comparison is not None}
        order = list(compared)
        for job in sorted((job for job in self.jobs if job.kind in compared), key=lambda job: order.index(job.kind)):
            column = encoded[job.name]
            if not self._is_compared(job, column):
                left_out[job.name] = "nothing left to compare after cleaning"
            elif job.kind is Kind.CATEGORY and sum(each.kind is Kind.CATEGORY for each in made) >= _MOST_CATEGORIES:
                left_out[job.name] = f"more than {_MOST_CATEGORIES} columns of few values"
            else:
                made.append(compared[job.kind](job.name, column, sorted(job.uses)))
        return [*made, *self._place(encoded, left_out)], left_out

    def _place(self, encoded: dict[str, Column], left_out: dict[str, str]) -> Iterable[Comparison]:
        found = {job.kind: job for job in self.jobs if job.kind in _PLACE and self._is_part(job, encoded[job.name])}
        parts = {kind: encoded[found[kind].name] for kind in _PLACE if kind in found}
        for job in self.jobs:
            if job.kind in _PLACE and job.kind not in parts:
                left_out[job.name] = "nothing left to compare after cleaning"
        return [Place(parts, sorted(frozenset().union(*(found[kind].uses for kind in parts))))] if parts else []

    def _is_part(self, job: _Job, column: Column) -> bool:
        return _informative(column) if self.settled is None else job.name in self.settled.compared


def _informative(column: Column) -> bool:
    """Whether a column has two values, or too few records to call one value a constant."""
    return len(column.values) >= 2 or 2 <= column.total <= _TELLING


def _encoded(values: pl.Series, of_type: FieldType, *, of_persons: bool, short: bool | None = None) -> Column:
    """Clean and encode a column: each distinct value is cleaned once, and those that become one get one code."""
    raw = encode(values)
    known = _shortened(clean_by(of_type.clean, raw.values), of_type.name, short=short)
    if of_type.name == Kind.EMAIL and of_persons:
        known = without_role_addresses(known)
    cleaned = encode(known)
    return Column(cleaned.values, np.append(cleaned.codes, np.int32(-1))[raw.codes])


def _shortened(values: pl.Series, kind: str, *, short: bool | None) -> pl.Series:
    """Telephone numbers without area code, where many have none (or `short` says so)."""
    if kind != Kind.PHONE or len(values) == 0:
        return values
    if short is None:
        short = share(values.str.len_chars() == 7) > _SHORT_NUMBERS
    return values.str.tail(7) if short else values


def _swap(comparisons: Sequence[Comparison]) -> _Swap | None:
    kinds = [comparison.kind for comparison in comparisons]
    if Kind.GIVEN_NAME not in kinds or Kind.FAMILY_NAME not in kinds:
        return None
    given_at, family_at = kinds.index(Kind.GIVEN_NAME), kinds.index(Kind.FAMILY_NAME)
    given, family = comparisons[given_at].column, comparisons[family_at].column
    if given.offsets is not None or family.offsets is not None:
        return None
    place = pl.DataFrame({"text": given.values}).with_row_index("code")
    found = pl.DataFrame({"text": family.values}).join(place, on="text", how="left", maintain_order="left")["code"]
    codes = np.append(found.cast(pl.Int64).fill_null(-2).to_numpy(), -3)
    return _Swap(given_at, family_at, given.codes, codes[family.codes].astype(np.int64))
