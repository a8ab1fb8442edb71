"""Look for records of one entity among those of another: leads that are contacts, or of an account, already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from crm_cli.dedupe import AcrossResult
from crm_cli.dedupe import find_across as match_across
from crm_cli.history import Author
from crm_cli.jobs.matching.across.decisions import read_across_decisions
from crm_cli.jobs.matching.across.loading import Sides, load_sides
from crm_cli.jobs.matching.across.runs import store_pairs
from crm_cli.jobs.matching.across.sides import Across, across_of
from crm_cli.jobs.matching.finding import Progress
from crm_cli.jobs.matching.model import SURE, WORTH_A_LOOK, FindOptions
from crm_cli.jobs.matching.report import certainty_of, column_row
from crm_cli.store import Store

__all__ = ["AcrossReport", "find_across"]


@dataclass(frozen=True)
class AcrossReport:
    """A search across entities summed up; `found` counts the records with a pair worth a look, `sure` with a sure one.

    What is decided already is in none of the figures.
    """

    run: int
    entity: str
    against: str
    records: int
    other_records: int
    found: int
    sure: int
    certainty: list[dict[str, Any]]
    columns: list[dict[str, str]]
    rules: list[str]
    warnings: list[str]


def find_across(
    store: Store,
    entity: str,
    against: str,
    author: Author,
    options: FindOptions | None = None,
    progress: Progress | None = None,
) -> AcrossReport:
    """Search the records of `entity` among those of `against`, and keep the pairs in place of those of the last search.

    Records that are linked already take no part. In a dry run nothing is kept and the report's `run` is 0. Raises
    `UsageError` for entities that are not matched with each other, `ConditionError` for a wrong condition.
    """
    options = options or FindOptions()
    across, started = across_of(store, entity, against), store.now()
    if progress:
        progress("load", 0.0)
    with store.read() as connection:
        sides = load_sides(store, connection, across, options.where)
    found = match_across(sides.left.table, sides.right.table, None, progress)
    number = 0
    if not options.dry_run:
        number = store_pairs(store, across, sides, found, options, (author.actor, started))
    return _report(store, across, sides, found, number)


def _report(store: Store, across: Across, sides: Sides, found: AcrossResult, number: int) -> AcrossReport:
    summary, probability = found.result.summary, found.result.pairs.probability
    with store.read() as connection:
        decided = read_across_decisions(store, connection, across)
    pairs = [(place, *found.pair(place)) for place in found.places.tolist()]
    left = [(place, i) for place, i, j in pairs if (sides.left.ids[i], sides.right.ids[j]) not in decided]
    return AcrossReport(
        run=number,
        entity=across.entity.noun,
        against=across.other.noun,
        records=len(sides.left.ids),
        other_records=len(sides.right.ids),
        found=len({i for place, i in left if probability[place] >= WORTH_A_LOOK}),
        sure=len({i for place, i in left if probability[place] >= SURE}),
        certainty=certainty_of(probability[[place for place, _ in left]]),
        columns=[column_row(one) for one in summary.columns],
        rules=list(summary.rules),
        warnings=list(summary.warnings),
    )
