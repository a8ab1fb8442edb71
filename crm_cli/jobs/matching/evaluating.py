"""Compare clusters, of a file or of the last search, with the truth that somebody has established."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from crm_cli.dedupe import ClusterScores, score_clusters
from crm_cli.dictionary import Entity
from crm_cli.errors import UsageError, did_you_mean
from crm_cli.importers import ReadError, read_tables
from crm_cli.jobs.matching.runs import last_run
from crm_cli.store import Store

__all__ = ["evaluate_file", "evaluate_last_run"]

ID, CLUSTER = "id", "cluster_id"


def evaluate_file(clusters: Path | str, truth: Path | str) -> ClusterScores:
    """Score a file of clusters, as `crm dedupe file` writes it, against a file of the truth.

    Both have the columns `id` and `cluster_id`. Raises `ReadError`, and `UsageError` for a missing column or an id
    that the truth names twice.
    """
    return score_clusters(_read(clusters), _read(truth))


def evaluate_last_run(store: Store, entity: Entity, truth: Path | str) -> ClusterScores:
    """Score the clusters of the last search of `entity` against a file of the truth, whose ids are those of records.

    Raises `NoRunError` besides what `evaluate_file` raises.
    """
    known = _read(truth)
    pair = store.table("match_pair")
    query = sa.select(pair.c.left_id, pair.c.right_id, pair.c.cluster)
    found: dict[str, str] = {}
    run = last_run(store, entity)
    with store.read() as connection:
        for left, right, cluster in connection.execute(
            query.where(pair.c.run_id == run.id, pair.c.cluster.is_not(None))
        ):
            found[str(left)] = found[str(right)] = str(cluster)
    return score_clusters(found, known)


def _read(source: Path | str) -> dict[str, str]:
    tables = read_tables(source)
    if not tables:
        raise ReadError(f"{source} holds no table", hint="name another file", source=str(source))
    header = [name.strip().casefold() for name in tables[0].header]
    for name in (ID, CLUSTER):
        if name not in header:
            hint = did_you_mean(name, tables[0].header) or f"its columns: {', '.join(tables[0].header)}"
            raise UsageError(f"{source} has no column {name!r}", hint=hint, column=name)
    places = [header.index(name) for name in (ID, CLUSTER)]
    found: dict[str, str] = {}
    for row in tables[0].rows():
        record, cluster = (str(row.values[place] or "") if place < len(row.values) else "" for place in places)
        if found.setdefault(record, cluster) != cluster:
            raise UsageError(
                f"{source}: {row.place} names the id {record!r} again, in another cluster", hint="give each id once"
            )
    return found
