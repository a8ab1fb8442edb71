"""Files of records with known truth: the shared ones, one of your own, and generated people."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from crm_cli.dedupe import ClusterScores, MatchResult, MatchTable, score_clusters
from crm_cli.dedupe.arrays import Bools, Ints
from tests.dedupe.people import people

__all__ = ["Known", "files_with_truth"]

_GENERATED, _SEED = 5_000, 31


@dataclass(frozen=True, eq=False)
class Known:
    """A file, and who each record is."""

    name: str
    table: MatchTable
    truth: Ints

    def same(self, left: Ints, right: Ints) -> Bools:
        """Which pairs are the same."""
        return np.asarray(self.truth[left] == self.truth[right])

    def scores(self, result: MatchResult) -> ClusterScores:
        """How the clusters agree with the truth."""
        found, true = ({str(n): str(each) for n, each in enumerate(x.tolist())} for x in (result.clusters, self.truth))
        return score_clusters(found, true)


def files_with_truth() -> Iterator[Known]:
    """The files in data/er of the folder CRM_SHARED, those in CRM_BENCH_PEOPLE, and generated people.

    CRM_BENCH_PEOPLE: CSV files, separated as in PATH, with the columns `id` and `cluster_id`.
    """
    shared = os.environ.get("CRM_SHARED")
    paths = sorted((Path(shared) / "data" / "er").glob("*.csv.gz")) if shared else []
    paths += [Path(each) for each in os.environ.get("CRM_BENCH_PEOPLE", "").split(os.pathsep) if each]
    for path in paths:
        data = path.read_bytes()
        frame = pl.read_csv(gzip.decompress(data) if path.suffix == ".gz" else data, infer_schema=False)
        yield _known(path.name.split(".")[0], frame)
    frame, truth = people(_GENERATED, seed=_SEED, households=0.3)
    yield Known(f"generated, {_GENERATED:,} people", MatchTable.of(frame), truth)


def _known(name: str, frame: pl.DataFrame) -> Known:
    truth = np.unique(frame["cluster_id"].to_numpy().astype(str), return_inverse=True)[1]
    return Known(name, MatchTable.of(frame, leave_out=("id", "cluster_id")), truth)
