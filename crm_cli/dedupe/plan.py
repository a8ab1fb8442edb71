"""Decide which columns take part in matching, and as what: from their role and from how their values are spread."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import polars as pl

from crm_cli.dedupe.encoding import count_distinct
from crm_cli.dedupe.kinds import Kind
from crm_cli.dedupe.table import MatchColumn, MatchTable
from crm_cli.dictionary.recognition import Recognition, Role, recognize_columns

__all__ = ["PlannedColumn", "kind_of_role", "plan_columns", "share"]

_KIND_OF: dict[Role, Kind] = {
    Role.GIVEN_NAME: Kind.GIVEN_NAME,
    Role.MIDDLE_NAME: Kind.MIDDLE_NAME,
    Role.FAMILY_NAME: Kind.FAMILY_NAME,
    Role.FULL_NAME: Kind.ORGANIZATION,  # as a bag of words, unless it is split
    Role.COMPANY: Kind.ORGANIZATION,
    Role.EMAIL: Kind.EMAIL,
    Role.PHONE: Kind.PHONE,
    Role.MOBILE: Kind.PHONE,
    Role.FAX: Kind.PHONE,
    Role.URL: Kind.WEB,
    Role.STREET: Kind.STREET,
    Role.STREET2: Kind.TEXT,
    Role.CITY: Kind.CITY,
    Role.POSTAL_CODE: Kind.POSTAL_CODE,
    Role.REGION: Kind.REGION,
    Role.COUNTRY: Kind.REGION,
    Role.BIRTH_DATE: Kind.BIRTH_DATE,
    Role.GENDER: Kind.CATEGORY,
    Role.IDENTIFIER: Kind.IDENTIFIER,
}
# What says nothing about who a record is: how it came here, who looks after it, what it is worth.
_LEFT_OUT: dict[Role, str] = {
    Role.SOURCE: "says where a row came from",
    Role.TIMESTAMP: "says when a row was made or changed",
    Role.RECORD_KEY: "numbers the rows of its source",
    Role.OWNER: "says who looks after the record",
}
IGNORED = "left out by a rule"
_FEWEST_FILLED = 0.02
_FEW_VALUES = 60  # up to so many different values a column is a category, whatever it is called
_FEW_SHARE = 0.02
_THREADS = 2
_TELLING = 10  # fewer equal values may be copies of one record rather than a constant column


@dataclass(frozen=True, slots=True)
class PlannedColumn:
    """What becomes of a column: compared as `kind`, or left out (`kind` None), and why."""

    name: str
    role: Role
    kind: str | None
    why: str
    filled: float
    distinct: int


def kind_of_role(role: Role) -> Kind | None:
    """As what a column of this role is compared; None: as its values suggest, or not at all."""
    return _KIND_OF.get(role)


def plan_columns(
    table: MatchTable, *, ignored: Collection[str] = (), kinds: Mapping[str, str] | None = None
) -> list[PlannedColumn]:
    """Plan every column of `table`, in its order; a caller's role or kind is taken at its word.

    Columns that are `ignored` are not compared, whatever they hold.
    """
    given = kinds or {}
    flat = {column.name: _flat(column) for column in table.columns}
    recognized = recognize_columns({name: _sample(values) for name, values in flat.items()})

    def plan(column: MatchColumn, seen: Recognition) -> PlannedColumn:
        found = Recognition(column.role, 1.0, "given by the caller") if column.role else seen
        if column.name in ignored:
            return replace(_measured(column, flat[column.name], found, table.rows)[0], why=IGNORED)
        kind = given.get(column.name)
        if kind is not None:
            found = replace(found, why="given by the caller")
        return _planned(column, flat[column.name], found, table.rows, _as_kind(kind))

    with ThreadPoolExecutor(_THREADS) as pool:
        return _settled(list(pool.map(plan, table.columns, recognized)))


def share(mask: pl.Series) -> float:
    """The share of a Boolean series that is true, nulls left out; 0 for none."""
    filled = mask.drop_nulls()
    return int(filled.sum()) / len(filled) if len(filled) else 0.0


def _flat(column: MatchColumn) -> pl.Series:
    values = column.values
    return values.explode(empty_as_null=True) if column.several else values


def _sample(values: pl.Series) -> list[str]:
    filled = values.drop_nulls()
    return filled.gather_every(max(1, len(filled) // 2000)).to_list()


def _as_kind(name: str | None) -> str | None:
    return Kind(name) if name in set(Kind) else name


def _measured(column: MatchColumn, values: pl.Series, found: Recognition, rows: int) -> tuple[PlannedColumn, pl.Series]:
    """The column as it is left out, and its values that are not empty."""
    filled = values.filter(values.str.strip_chars() != "").drop_nulls()
    share = len(filled) / max(rows, 1)
    return PlannedColumn(column.name, found.role, None, found.why, share, count_distinct(filled)), filled


def _planned(column: MatchColumn, values: pl.Series, found: Recognition, rows: int, given: str | None) -> PlannedColumn:
    plan, filled = _measured(column, values, found, rows)
    distinct = plan.distinct
    if len(filled) < max(2, _FEWEST_FILLED * rows):
        return replace(plan, why="empty or nearly so")
    if distinct == 1 and len(filled) > _TELLING:
        return replace(plan, why="the same value everywhere")
    if given is not None:
        return replace(plan, kind=given)
    if found.role in _LEFT_OUT and not (found.role is Role.RECORD_KEY and distinct < len(filled)):
        return replace(plan, why=_LEFT_OUT[found.role])
    if found.role is Role.IDENTIFIER and distinct == len(filled) and column.role is None:
        return replace(plan, why="different in every row")
    kind = kind_of_role(found.role) or _kind_by_shape(filled, distinct)
    if kind is None:
        return replace(plan, why="different in every row")
    return replace(plan, kind=_as_category_if_few(kind, distinct, len(filled)))


def _kind_by_shape(filled: pl.Series, distinct: int) -> Kind | None:
    """The kind of a column of unknown meaning; None for a key that is different in every row."""
    sample = pl.Series(_sample(filled))
    if distinct <= _FEW_VALUES or distinct < _FEW_SHARE * len(filled):
        return Kind.CATEGORY
    words = int(sample.str.count_matches(r"\S+").sum()) / max(len(sample), 1)
    digits = sample.str.contains(r"^[\d\s()+./-]+$") & (sample.str.count_matches(r"\d") >= 7)
    if share(digits) > 0.7:
        return None if distinct == len(filled) else Kind.IDENTIFIER
    if share(sample.str.contains(r"^[\d.,$€% ]+$")) > 0.9:
        return Kind.CATEGORY
    if distinct == len(filled) and words < 1.2 and share(sample.str.contains(r"\d")) > 0.9:
        return None
    return Kind.WORDS if words >= 2.2 else Kind.TEXT


def _as_category_if_few(kind: Kind, distinct: int, filled: int) -> Kind:
    """A date of birth of few different values is none."""
    few = distinct <= min(_FEW_VALUES, 0.3 * filled)
    return Kind.CATEGORY if kind is Kind.BIRTH_DATE and few else kind


def _settled(planned: list[PlannedColumn]) -> list[PlannedColumn]:
    """What depends on all columns: full names beside split ones, second given names, further address parts."""
    kinds = {each.kind for each in planned}
    split = {Kind.GIVEN_NAME, Kind.FAMILY_NAME} <= kinds
    settled = [
        replace(each, kind=None, why="given and family name say it already")
        if split and each.role is Role.FULL_NAME and each.kind
        else each
        for each in planned
    ]
    for kind in (Kind.GIVEN_NAME, Kind.FAMILY_NAME):
        settled = _demoted(settled, kind, Kind.TEXT)
    for kind in (Kind.POSTAL_CODE, Kind.CITY, Kind.REGION):
        settled = _demoted(settled, kind, Kind.CATEGORY)
    return settled


def _demoted(planned: Iterable[PlannedColumn], kind: Kind, further: Kind) -> list[PlannedColumn]:
    """Only the best filled column of `kind` keeps it; others are compared as `further`."""
    given = list(planned)
    first = max((each for each in given if each.kind == kind), key=lambda each: each.filled, default=None)
    return [replace(each, kind=further) if each.kind == kind and each is not first else each for each in given]
