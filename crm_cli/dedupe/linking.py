"""Link two tables: one-to-one, or every pair across that may be the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from crm_cli.dedupe.arrays import Floats, Ints
from crm_cli.dedupe.engine import Progress, find_duplicates
from crm_cli.dedupe.result import MatchResult, MatchSummary, PairTable
from crm_cli.dedupe.settings import MatchSettings
from crm_cli.dedupe.table import MatchColumn, MatchTable, MatchTableError
from crm_cli.dictionary.recognition import Role, recognize

__all__ = ["AcrossResult", "LinkResult", "find_across", "link"]

_LEAST = 0.5


@dataclass(frozen=True, eq=False)
class LinkResult:
    """Linked records: `left[k]` is `right[k]` with `probability[k]`; each record at most once."""

    left: Ints
    right: Ints
    probability: Floats
    summary: MatchSummary


@dataclass(frozen=True, eq=False)
class AcrossResult:
    """Pairs across two tables, the most probable first: `places` in the pairs of `result`, which is that of both.

    In `result` the records of the right table follow the `left_rows` of the left one.
    """

    places: Ints
    left_rows: int
    result: MatchResult

    def pair(self, place: int) -> tuple[int, int]:
        """The record numbers of a pair, each in its own table."""
        pairs = self.result.pairs
        return int(pairs.left[place]), int(pairs.right[place]) - self.left_rows


def find_across(
    left: MatchTable, right: MatchTable, settings: MatchSettings | None = None, progress: Progress | None = None
) -> AcrossResult:
    """Find the pairs of a record of `left` and one of `right` that may be the same; a record may be in many of them.

    Columns belong together as with `link`. Raises MatchTableError when the tables have no column in common.
    """
    result = find_duplicates(_stacked(left, right), settings, progress)
    across = (result.pairs.left < left.rows) & (result.pairs.right >= left.rows)
    return AcrossResult(np.flatnonzero(across), left.rows, result)


def link(
    left: MatchTable, right: MatchTable, settings: MatchSettings | None = None, progress: Progress | None = None
) -> LinkResult:
    """Find for each record of `left` the record of `right` that is the same, if there is one.

    Columns belong together by name, else by the role that both are recognized as. Raises MatchTableError when the
    tables have no column in common.
    """
    both = _stacked(left, right)
    result = find_duplicates(both, settings, progress)
    pairs = result.pairs
    across = np.flatnonzero((pairs.left < left.rows) & (pairs.right >= left.rows) & (pairs.probability >= _LEAST))
    chosen = _one_to_one(pairs, across)
    return LinkResult(pairs.left[chosen], pairs.right[chosen] - left.rows, pairs.probability[chosen], result.summary)


def _one_to_one(pairs: PairTable, places: Ints) -> Ints:
    """The most probable pairs first, each record once; `places` are in order of probability."""
    taken: set[int] = set()
    chosen = []
    for place, i, j in zip(places.tolist(), pairs.left[places].tolist(), pairs.right[places].tolist(), strict=True):
        if i not in taken and j not in taken:
            taken.update((i, j))
            chosen.append(place)
    return np.array(chosen, np.int64)


def _stacked(left: MatchTable, right: MatchTable) -> MatchTable:
    """One table of both, of the columns that they have in common."""
    partners = _partners(left.columns, right.columns)
    if not partners:
        hint = "give columns of both the same names"
        raise MatchTableError("the two tables have no column in common", hint=hint, left=left.names, right=right.names)
    columns = []
    for mine, yours in partners:
        if mine.several != yours.several:
            mine, yours = _as_lists(mine), _as_lists(yours)  # noqa: PLW2901
        values = pl.concat([mine.values, yours.values])
        columns.append(MatchColumn(mine.name, values, mine.role or yours.role))
    return MatchTable.checked(left.rows + right.rows, columns)


def _as_lists(column: MatchColumn) -> MatchColumn:
    if column.several:
        return column
    values = pl.select(pl.concat_list(pl.lit(column.values))).to_series() if len(column.values) else column.values
    return MatchColumn(column.name, values.cast(pl.List(pl.String)), column.role)


def _partners(left: Sequence[MatchColumn], right: Sequence[MatchColumn]) -> list[tuple[MatchColumn, MatchColumn]]:
    by_name = {column.name.casefold(): column for column in right}
    by_role = _only_of_role(right)
    own_roles = _only_of_role(left)
    found = []
    for column in left:
        partner = by_name.get(column.name.casefold())
        if partner is None:
            role = next((role for role, each in own_roles.items() if each is column), None)
            partner = by_role.get(role) if role else None
        if partner is not None:
            found.append((column, partner))
    return found


def _only_of_role(columns: Sequence[MatchColumn]) -> dict[Role, MatchColumn]:
    """Columns that alone have their role."""
    roles: dict[Role, list[MatchColumn]] = {}
    for column in columns:
        values = column.values.explode() if column.several else column.values
        role = column.role or recognize(column.name, values.head(500).to_list()).role
        roles.setdefault(role, []).append(column)
    return {role: each[0] for role, each in roles.items() if len(each) == 1 and role is not Role.UNKNOWN}
