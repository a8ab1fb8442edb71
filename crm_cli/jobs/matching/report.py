"""What a search found, in the figures and words that a person needs to go on."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from crm_cli.dedupe import Learning, MatchResult
from crm_cli.dictionary import Entity
from crm_cli.jobs.matching.loading import LoadedRecords
from crm_cli.jobs.matching.model import SURE, WORTH_A_LOOK
from crm_cli.store import Store

__all__ = ["FindReport", "certainty_of", "column_row", "report_of"]

_BINS = (
    (0.999, "0.999 and above"),
    (SURE, f"{SURE} to 0.999"),
    (0.9, f"0.9 to {SURE}"),
    (0.5, "0.5 to 0.9"),
    (WORTH_A_LOOK, f"{WORTH_A_LOOK} to 0.5"),
)
_CLUSTERS_SHOWN = 5


@dataclass(frozen=True)
class FindReport:
    """A search summed up; `precision` and `recall` are the engine's own estimates, not measurements.

    `learning`: what the decisions taught, None where there were none.
    """

    run: int
    records: int
    clusters: int
    duplicates: int
    precision: float
    recall: float
    automatic: bool
    certainty: list[dict[str, Any]]
    largest: list[dict[str, Any]]
    columns: list[dict[str, str]]
    rules: list[str]
    oversize: list[dict[str, Any]]
    warnings: list[str]
    ruled: int = 0  # pairs that rules make the same
    learning: Learning | None = None

    @property
    def candidates(self) -> int:
        """Pairs that are worth a look."""
        return sum(int(one["pairs"]) for one in self.certainty)


def report_of(store: Store, entity: Entity, run: int, loaded: LoadedRecords, result: MatchResult) -> FindReport:
    """Sum up a search for people."""
    summary = result.summary
    return FindReport(
        run=run,
        records=summary.records,
        clusters=summary.clusters,
        duplicates=summary.duplicates,
        precision=summary.estimated_precision,
        recall=summary.estimated_recall,
        automatic=summary.supports_automatic_merge,
        certainty=certainty_of(result.pairs.probability),
        largest=_largest(store, entity, loaded, result),
        columns=[column_row(one) for one in summary.columns],
        rules=list(summary.rules),
        oversize=[asdict(one) for one in summary.oversize],
        warnings=list(summary.warnings),
        ruled=len(set(result.ruled)),
        learning=summary.learning,
    )


def column_row(one: Any) -> dict[str, str]:
    """Return what became of a column, for a person."""
    return {"column": one.name, "compared as": one.kind or "not compared", "why": one.why}


def certainty_of(probability: Any) -> list[dict[str, Any]]:
    """Return how many of the pairs with these probabilities (an array) are how certain."""
    rows, below = [], 2.0
    for least, words in _BINS:
        rows.append({"probability": words, "pairs": int(((probability >= least) & (probability < below)).sum())})
        below = least
    return rows


def _largest(store: Store, entity: Entity, loaded: LoadedRecords, result: MatchResult) -> list[dict[str, Any]]:
    from crm_cli.records import titles_of

    found = [(loaded.ids[first], size) for first, size in result.summary.largest_clusters[:_CLUSTERS_SHOWN]]
    with store.read() as connection:
        titles = titles_of(store, connection, entity.name, [number for number, _ in found])
    return [{"records": size, "first": number, "title": titles.get(number, "")} for number, size in found]
