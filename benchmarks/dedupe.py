"""The matching engine on generated people: the whole search with automatic configuration, and with rules given.

    python3 dev.py bench dedupe

Set CRM_BENCH_PEOPLE to a CSV of people (columns `id`, `cluster_id`, and what the file has) to time that file instead.
"""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl

from benchmarks._measure import Figure, measure, show
from crm_cli.dedupe import MatchSettings, MatchTable, find_duplicates
from tests.dedupe.people import people

_ROWS = (1_000, 10_000, 50_000)
_RULES = (
    "email",
    "phone",
    "last name + birth date",
    "first name + birth date",
    "street + city",
    "first name + last name + city",
)


def table(rows: int) -> MatchTable:
    given = os.environ.get("CRM_BENCH_PEOPLE")
    if given is None:
        return MatchTable.of(people(rows, seed=1)[0])
    return MatchTable.of(pl.read_csv(Path(given), infer_schema=False), leave_out=("id", "cluster_id"))


def automatic(rows: int) -> None:
    find_duplicates(table(rows), MatchSettings(related=False))


def with_rules(rows: int) -> None:
    find_duplicates(table(rows), MatchSettings(rules=_RULES, related=False))


def main() -> None:
    figures: list[Figure] = []
    if os.environ.get("CRM_BENCH_PEOPLE"):
        figures.append(measure("automatic", automatic, 0, rows=table(0).rows))
    else:
        for rows in _ROWS:
            figures.append(measure(f"automatic, {rows:,} people", automatic, rows, rows=rows))
            figures.append(measure(f"rules given, {rows:,} people", with_rules, rows, rows=rows))
    show(figures)


if __name__ == "__main__":
    main()
