"""The accuracy that the engine owes on files with known truth, with one default configuration and without labels."""

from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from crm_cli.dedupe import MatchTable, find_duplicates

pytestmark = [pytest.mark.shared, pytest.mark.slow]

MUSTS = {
    "people10k": 0.96,
    "people10k_hard": 0.91,
    "historical_50k": 0.90,
    "chicago_earlychildhood": 0.92,
    "fake_1000": 0.93,
    "orgs_hard": 0.97,
    "febrl3": 0.998,
    "rldata10000": 0.94,
}


@pytest.mark.parametrize(("name", "least"), MUSTS.items())
def test_pairwise_f1_of_the_clusters(shared: Path, name: str, least: float) -> None:
    frame = pl.read_csv(gzip.decompress((shared / "data" / "er" / f"{name}.csv.gz").read_bytes()), infer_schema=False)

    result = find_duplicates(MatchTable.of(frame, leave_out=["id", "cluster_id"]))

    precision, recall = scores(frame["cluster_id"].to_list(), result.clusters.tolist())
    assert 2 * precision * recall / (precision + recall) >= least
    if name == "people10k":
        assert precision >= 0.98


def scores(truth: list[str], found: list[int]) -> tuple[float, float]:
    """Pairwise precision and recall."""
    right = pairs(Counter(zip(truth, found, strict=True)))
    return right / pairs(Counter(found)), right / pairs(Counter(truth))


def pairs(sizes: Counter) -> int:
    return sum(size * (size - 1) // 2 for size in sizes.values())
