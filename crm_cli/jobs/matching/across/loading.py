"""Both sides of a search across entities as tables with the same names for what belongs together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
import sqlalchemy as sa

from crm_cli.dedupe import MatchColumn, MatchTable, Role
from crm_cli.jobs.matching.across.sides import Across, unlinked
from crm_cli.jobs.matching.loading import LoadedRecords, load_records
from crm_cli.store import Store

__all__ = ["Sides", "load_sides"]


@dataclass(frozen=True, eq=False)
class Sides:
    """The records that are looked for, and those among which."""

    left: LoadedRecords
    right: LoadedRecords


def load_sides(
    store: Store, connection: sa.Connection, across: Across, where: str | None = None, *, linked: Sequence[int] = ()
) -> Sides:
    """Read the records of both entities; of the first those that fulfil the condition and are not linked yet.

    `linked` names records of the first entity that are read even so. Raises `ConditionError` for a condition that
    cannot be understood.
    """
    given = load_records(store, connection, across.entity, where, ids=linked)
    open_ = unlinked(store, connection, across, given.ids) | set(linked)
    places = [place for place, number in enumerate(given.ids) if number in open_]
    left = LoadedRecords([given.ids[place] for place in places], _table(given.table, places))
    other = load_records(store, connection, across.other)
    return Sides(left, LoadedRecords(other.ids, _table(other.table, range(len(other.ids)))))


def _table(table: MatchTable, places: Sequence[int]) -> MatchTable:
    """The rows at `places`, with all telephone numbers in one column, and names of companies under one name."""
    at = pl.Series(places, dtype=pl.Int64)
    columns = [MatchColumn(each.name, each.values.gather(at), each.role) for each in table.columns]
    by_name = {each.name: each for each in columns}
    phones = [by_name[name] for name in ("phone", "mobile") if name in by_name]
    kept = [each for each in columns if each not in phones]
    if phones:
        kept.append(MatchColumn("phone", _sets(phones), Role.PHONE))
    named = [
        MatchColumn("company", each.values, Role.COMPANY) if each.name == "name" and each.role is Role.COMPANY else each
        for each in kept
    ]
    return MatchTable.checked(len(places), named)


def _sets(columns: Sequence[MatchColumn]) -> pl.Series:
    """All values of each record, as a list."""
    rows = zip(*(each.values.to_list() for each in columns), strict=True)
    return pl.Series("phone", [_flat(row) for row in rows], pl.List(pl.String))


def _flat(row: Sequence[str | list[str | None] | None]) -> list[str]:
    values = [one for cell in row for one in (cell if isinstance(cell, list) else [cell])]
    return list(dict.fromkeys(one for one in values if one))
