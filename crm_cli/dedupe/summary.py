"""Sum up a search: figures, estimates, and warnings where the data do not support a decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from crm_cli.dedupe.clustering import Clustering
from crm_cli.dedupe.plan import PlannedColumn
from crm_cli.dedupe.result import MatchSummary, PairTable
from crm_cli.dedupe.searching.search import Search
from crm_cli.dedupe.verdicts import Verdict

__all__ = ["summarize"]

_FEW_RECORDS = 200
_LOW_PRECISION = 0.8
_LARGE_CLUSTER = 50


def summarize(
    found: Search, plan: Sequence[PlannedColumn], clustering: Clustering, pairs: PairTable, expected_matches: float
) -> MatchSummary:
    """The summary of a search and its clustering; `expected_matches` among all pairs of records."""
    rows = found.features.rows
    sizes = np.bincount(clustering.label, minlength=rows)
    largest = np.argsort(-sizes, kind="stable")[:10]
    right, said = clustering.coherent_right, clustering.said
    precision = right / said if said else 1.0
    true = max(expected_matches + right - clustering.expected_right, right, 1e-9)  # what transitivity adds is a match
    warnings = _warnings(found, precision, int(sizes.max(initial=0)))
    return MatchSummary(
        records=rows,
        columns=tuple(_as_used(each, found.features.left_out) for each in plan),
        rules=tuple(rule.name for rule in found.rules),
        candidates=len(found.candidates),
        oversize=tuple(found.candidates.oversize),
        clusters=int((sizes > 1).sum()),
        duplicates=int((sizes[sizes > 1] - 1).sum()),
        largest_clusters=tuple((int(each), int(sizes[each])) for each in largest if sizes[each] > 1),
        estimated_precision=round(min(precision, 1.0), 4),
        estimated_recall=round(min(right / true, 1.0), 4) if said else 1.0,
        verdicts={verdict.value: pairs.count(verdict) for verdict in Verdict},
        warnings=warnings,
        supports_automatic_merge=not _unsupported(found, precision),
    )  # fmt: skip


def _as_used(column: PlannedColumn, left_out: dict[str, str]) -> PlannedColumn:
    return replace(column, kind=None, why=left_out[column.name]) if column.name in left_out else column


def _unsupported(found: Search, precision: float) -> bool:
    """Whether the data do not support a decision without a person."""
    features = found.features
    return features.rows < _FEW_RECORDS or len(features.comparisons) == 1 or precision < _LOW_PRECISION


def _warnings(found: Search, precision: float, largest: int) -> tuple[str, ...]:
    said = []
    if len(found.features.comparisons) == 1:
        said.append("similarity only: one informative column cannot tell namesakes from duplicates")
    if found.features.rows < _FEW_RECORDS:
        said.append(f"few records: from {found.features.rows} little can be learned, so the estimates are rough")
    if precision < _LOW_PRECISION:
        said.append(f"the data hardly support a decision: the estimated precision is {precision:.2f}")
    if largest > _LARGE_CLUSTER:
        said.append(f"the largest cluster has {largest} records: look at it before merging")
    return tuple(said)
