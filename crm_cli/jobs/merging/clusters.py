"""From groups of ids to clusters that may be merged: read, checked, the survivor first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from crm_cli.dictionary import Entity
from crm_cli.errors import UsageError
from crm_cli.history import Operation
from crm_cli.jobs.merging.evidence import read_trusts
from crm_cli.jobs.merging.model import (
    Caps,
    MergeCapError,
    MergeGroup,
    MergeSettings,
    RefusedCluster,
    SurvivorRule,
)
from crm_cli.jobs.merging.survivorship import Row, choose_survivor
from crm_cli.store import in_chunks

__all__ = ["Cluster", "check_share", "read_clusters"]


@dataclass(frozen=True)
class Cluster:
    """Records that will become one: their rows, the survivor's first."""

    group: MergeGroup
    rows: tuple[Row, ...]

    @property
    def survivor(self) -> int:
        """The id of the surviving record; the unit under which all of the merge is logged."""
        return int(self.rows[0]["id"])

    @property
    def losers(self) -> tuple[int, ...]:
        """The ids of the records that are merged away."""
        return tuple(row["id"] for row in self.rows[1:])

    @property
    def members(self) -> tuple[int, ...]:
        """All ids, the survivor's first."""
        return (self.survivor, *self.losers)


def read_clusters(
    op: Operation, entity: Entity, groups: Sequence[MergeGroup], settings: MergeSettings
) -> tuple[list[Cluster], list[RefusedCluster]]:
    """Lock and read the members of each group; return (clusters, what cannot be merged and why).

    Until the merge is done nobody adds a row that refers to them: it would stay with the record merged away.
    Raises `UsageError` when a chosen survivor is not one of its group.
    """
    rows = _locked_rows(op, entity, sorted({number for group in groups for number in group.members}))
    trusts: dict[int, int] = {}
    if settings.survivor is SurvivorRule.TRUSTED:
        trusts = read_trusts(op.store, op.connection, entity, sorted(rows), settings.trusted_sources)
    clusters: list[Cluster] = []
    refused: list[RefusedCluster] = []
    taken: set[int] = set()
    for group in groups:
        members = tuple(dict.fromkeys(group.members))
        fault = _fault(entity, members, rows, taken, settings.caps)
        if fault:
            refused.append(RefusedCluster(members, *fault))
            continue
        taken.update(members)
        _check_taken(entity, group)
        chosen = [rows[number] for number in members]
        first = _named(entity, group, chosen) or choose_survivor(entity, chosen, settings.survivor, trusts)
        rest = sorted((row for row in chosen if row["id"] != first["id"]), key=lambda row: int(row["id"]))
        clusters.append(Cluster(group, (first, *rest)))
    return clusters, refused


def check_share(op: Operation, entity: Entity, clusters: Sequence[Cluster], caps: Caps) -> None:
    """Raise `MergeCapError` when the merge would take away more than `caps` allow."""
    losing = sum(len(cluster.losers) for cluster in clusters)
    table = op.store.table(entity.name)
    living = table.c.deleted_at.is_(None) & table.c.merged_into_id.is_(None)
    total = op.connection.scalar(sa.select(sa.func.count()).select_from(table).where(living)) or 0
    if losing < caps.share_from or losing <= caps.max_share * total:
        return
    share = losing / total
    message = f"{losing} of {total} {entity.plural} would be merged away ({share:.0%}), more than {caps.max_share:.0%}"
    hint = f"look at them with crm dedupe review {entity.noun}, or allow more with --max-merge-share"
    raise MergeCapError(message, hint=hint, merged=losing, records=total, share=share)


def _locked_rows(op: Operation, entity: Entity, ids: Sequence[int]) -> dict[int, Row]:
    table = op.store.table(entity.name)
    rows: dict[int, Row] = {}
    for chunk in in_chunks(ids):
        query = sa.select(table).where(table.c.id.in_(chunk)).order_by(table.c.id).with_for_update()
        rows.update({row["id"]: dict(row) for row in op.connection.execute(query).mappings()})
    if entity.subtype_of:
        _lock(op, entity.subtype_of, ids)  # foreign keys of contact points name the supertype
    return rows


def _lock(op: Operation, name: str, ids: Sequence[int]) -> None:
    table = op.store.table(name)
    for chunk in in_chunks(ids):
        op.connection.execute(sa.select(table.c.id).where(table.c.id.in_(chunk)).order_by(table.c.id).with_for_update())


def _fault(
    entity: Entity, members: tuple[int, ...], rows: dict[int, Row], taken: set[int], caps: Caps
) -> tuple[str, str] | None:
    noun = entity.noun
    if len(members) < 2:
        return f"{noun} {members[0] if members else ''} is alone", "name at least two records"
    if len(members) > caps.max_cluster:
        hint = "records that one weak pair holds together are best reviewed; --max-cluster allows more"
        return f"{len(members)} records in one cluster, more than {caps.max_cluster}", hint
    for number in members:
        row = rows.get(number)
        if row is None:
            return f"there is no {noun} {number}", f"crm {noun} list shows those that exist"
        if row["merged_into_id"] is not None:
            return f"{noun} {number} was merged into {row['merged_into_id']}", f"name {row['merged_into_id']} instead"
        if row["deleted_at"] is not None:
            return f"{noun} {number} is deleted", f"crm {noun} restore {number} brings it back"
        if number in taken:
            return f"{noun} {number} is in another cluster of this merge", "name each record once"
    return None


def _check_taken(entity: Entity, group: MergeGroup) -> None:
    """Raise `UsageError` for a value chosen of a field that there is not, or of a record that is no member."""
    for name, number in group.taken.items():
        entity.field(name)
        if number not in group.members:
            members = ", ".join(map(str, group.members))
            message = f"the {name} of {entity.noun} {number} cannot be taken: it is not one of {members}"
            raise UsageError(message, hint="choose one of the records that are merged", field=name)


def _named(entity: Entity, group: MergeGroup, rows: Sequence[Row]) -> Row | None:
    """The survivor that somebody chose."""
    if group.survivor is None:
        return None
    first = next((row for row in rows if row["id"] == group.survivor), None)
    if first is None:
        message = (
            f"{entity.noun} {group.survivor} cannot survive: it is not one of {', '.join(map(str, group.members))}"
        )
        raise UsageError(message, hint="choose one of the records that are merged", survivor=group.survivor)
    return first
