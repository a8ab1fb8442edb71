"""Decisions and merges: what was decided to be different is not merged, what is merged is decided to be the same."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from crm_cli.dictionary import Entity
from crm_cli.history import Operation
from crm_cli.jobs.decisions import DUPLICATE, Verdict, pair_of, read_decisions, record_decisions
from crm_cli.jobs.merging.clusters import Cluster
from crm_cli.jobs.merging.model import RefusedCluster

__all__ = ["confirm_duplicates", "find_opposed"]


def find_opposed(
    op: Operation, entity: Entity, clusters: Sequence[Cluster]
) -> tuple[list[Cluster], list[RefusedCluster]]:
    """Return (clusters that nobody's decision opposes, those refused because two members were decided to differ)."""
    members = {number for cluster in clusters for number in cluster.members}
    decided = read_decisions(op.store, op.connection, entity.name, members)
    negative = {pair: one for pair, one in decided.items() if one.is_negative and not one.implied}
    if not negative:
        return list(clusters), []
    left: list[Cluster] = []
    refused: list[RefusedCluster] = []
    for cluster in clusters:
        pairs = (pair_of(one, other) for one, other in combinations(cluster.members, 2))
        opposed = next((pair for pair in pairs if pair in negative), None)
        if opposed is None:
            left.append(cluster)
            continue
        decision = negative[opposed]
        word = decision.verdict.replace("_", " ")
        why = f"{entity.noun} {opposed[0]} and {opposed[1]} were decided to be {word} by {decision.actor}"
        hint = f"crm dedupe decide {entity.noun} {opposed[0]} {opposed[1]} duplicate changes the decision"
        refused.append(RefusedCluster(cluster.members, why, hint))
    return left, refused


def confirm_duplicates(op: Operation, entity: Entity, clusters: Sequence[Cluster]) -> None:
    """Record, as a part of each merge, that survivor and merged record are the same."""
    verdicts = [
        Verdict(cluster.survivor, loser, DUPLICATE, unit=cluster.survivor)
        for cluster in clusters
        for loser in cluster.losers
    ]
    record_decisions(op, entity.name, verdicts)
