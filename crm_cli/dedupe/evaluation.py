"""Score clusters against the truth: pairwise precision, recall and F1, and the B-cubed figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

__all__ = ["ClusterScores", "score_clusters"]


@dataclass(frozen=True, slots=True)
class ClusterScores:
    """How clusters agree with the truth.

    Pairwise figures count pairs of records in one cluster; one large cluster can dominate them. The B-cubed ones
    (Bagga and Baldwin 1998) average over records instead.
    """

    records: int
    precision: float
    recall: float
    f1: float
    b3_precision: float
    b3_recall: float
    found_pairs: int
    true_pairs: int
    right_pairs: int


def score_clusters(found: Mapping[str, str], truth: Mapping[str, str]) -> ClusterScores:
    """Score `found` (record → cluster) against `truth` (record → person); of records without truth nothing is said.

    A record that `found` does not have is alone.
    """
    cluster = {record: found.get(record, f"\0alone {record}") for record in truth}
    of_cluster, of_person = Counter(cluster.values()), Counter(truth.values())
    both = Counter((cluster[record], person) for record, person in truth.items())
    right, said, true = _pairs(both.values()), _pairs(of_cluster.values()), _pairs(of_person.values())
    precision, recall = right / said if said else 1.0, right / true if true else 1.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    records = max(len(truth), 1)
    return ClusterScores(
        records=len(truth),
        precision=precision,
        recall=recall,
        f1=f1,
        b3_precision=sum(n * n / of_cluster[name] for (name, _), n in both.items()) / records,
        b3_recall=sum(n * n / of_person[name] for (_, name), n in both.items()) / records,
        found_pairs=said,
        true_pairs=true,
        right_pairs=right,
    )


def _pairs(sizes: Iterable[int]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes)
