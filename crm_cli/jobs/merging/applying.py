"""The merge itself: clusters are read, planned and written set by set, all in one operation; a unit a cluster."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from crm_cli.dictionary import Entity, EntityRole, shown
from crm_cli.errors import UsageError
from crm_cli.history import Author, Operation, operation
from crm_cli.jobs.merging.children import ChildPlan, Edit, plan_children
from crm_cli.jobs.merging.circles import break_circles
from crm_cli.jobs.merging.clusters import Cluster, check_share, read_clusters
from crm_cli.jobs.merging.consent import restrict_consents
from crm_cli.jobs.merging.evidence import read_commonness, read_evidence
from crm_cli.jobs.merging.filling import united_extra
from crm_cli.jobs.merging.model import (
    FieldChoice,
    MergedCluster,
    MergeGroup,
    MergeResult,
    MergeSettings,
    RefusedCluster,
)
from crm_cli.jobs.merging.rows import read_rows
from crm_cli.jobs.merging.survivorship import choose_values
from crm_cli.jobs.merging.verdicts import confirm_duplicates, find_opposed
from crm_cli.store import Store

__all__ = ["merge", "merge_in"]


def merge(
    store: Store, entity: str, groups: Sequence[MergeGroup], author: Author, settings: MergeSettings | None = None
) -> MergeResult:
    """Merge each group of records of `entity` into one, as one operation that `crm undo` takes back, also by cluster.

    Raises `MergeCapError` when more would be merged away than the caps allow, `UsageError` for an entity that has no
    merges or a survivor that is not of its group. What cannot be merged is listed in the result, not raised.
    """
    settings = settings or MergeSettings()
    with operation(store, "merge", author, dry_run=settings.dry_run, exclusive=True, wait=settings.wait) as op:
        return merge_in(op, entity, groups, settings)


def merge_in(op: Operation, entity: str, groups: Sequence[MergeGroup], settings: MergeSettings) -> MergeResult:
    """Do the same inside an operation that is open already."""
    declared = op.store.dictionary.entity(entity)
    if declared.role is not EntityRole.RECORD:
        raise UsageError(f"{declared.plural} are not merged by themselves", hint="merge the records they belong to")
    for name in settings.survivorship:
        declared.field(name)
    clusters, refused = read_clusters(op, declared, groups, settings)
    clusters, opposed = find_opposed(op, declared, clusters)
    check_share(op, declared, clusters, settings.caps)
    result = MergeResult(op.id, refused=refused + opposed)
    merged, choices, plan = _plan(op, declared, clusters, settings, result)
    restrict = "party" in (declared.subtype_of, declared.name)
    if restrict:
        restrict_consents(op, merged)
    _write_members(op, declared, merged, choices)
    _write_edits(op, plan.edits)
    confirm_duplicates(op, declared, merged)
    moved, united = _by_unit(plan.moved), _by_unit(plan.united)
    result.clusters = [
        MergedCluster(
            one.survivor, one.losers, one.group.probability, _shown(declared, choices[one.survivor]),
            moved.get(one.survivor, {}), united.get(one.survivor, {}),
        )
        for one in merged
    ]  # fmt: skip
    _write_merges(op, declared, result.clusters)
    if settings.with_rows:
        result.rows = read_rows(op)
    return result


def _shown(entity: Entity, choices: Sequence[FieldChoice]) -> list[FieldChoice]:
    """The choices as the result may show them."""
    return [replace(one, value=shown(entity.field(one.field), one.value)) for one in choices]


def _plan(
    op: Operation, entity: Entity, clusters: Sequence[Cluster], settings: MergeSettings, result: MergeResult
) -> tuple[list[Cluster], dict[int, list[FieldChoice]], ChildPlan]:
    """Choose the values and plan the children; a cluster that clashes is refused and the rest planned anew."""
    evidence = read_evidence(
        op.store, op.connection, entity, [n for one in clusters for n in one.members], settings.trusted_sources
    )
    read_commonness(op.store, op.connection, entity, [one.rows for one in clusters], evidence)
    choices = {
        one.survivor: choose_values(entity, one.rows, evidence, settings.survivorship, one.group.taken)
        for one in clusters
    }
    left = list(clusters)
    break_circles(op, entity, left, choices)
    while True:
        decided = {(one.survivor, choice.field) for one in left for choice in choices[one.survivor]}
        plan = plan_children(op, entity, left, decided)
        if not plan.clashes:
            return left, choices, plan
        for cluster in left:
            if cluster.survivor in plan.clashes:
                hint = "change or delete one of the two, then merge again; nothing was deleted"
                result.refused.append(RefusedCluster(cluster.members, plan.clashes[cluster.survivor], hint))
        left = [one for one in left if one.survivor not in plan.clashes]


def _write_members(
    op: Operation, entity: Entity, clusters: Sequence[Cluster], choices: dict[int, list[FieldChoice]]
) -> None:
    survivor_of = {loser: cluster.survivor for cluster in clusters for loser in cluster.losers}
    leaving: list[Edit] = []
    taking: list[Edit] = []
    for cluster in clusters:
        blanks = _moving_unique_values(entity, cluster, choices[cluster.survivor])
        for loser in cluster.losers:
            values = {"merged_into_id": cluster.survivor, **blanks.get(loser, {})}
            leaving.append(Edit(entity.name, loser, values, cluster.survivor))
        taken = {one.field: _resolved(entity, one, survivor_of) for one in choices[cluster.survivor]}
        extra = united_extra(cluster.rows, {one.field: one.source for one in choices[cluster.survivor]})
        if extra != cluster.rows[0]["extra"]:
            taken["extra"] = extra
        if taken:
            taking.append(Edit(entity.name, cluster.survivor, taken, cluster.survivor))
    _write_edits(op, leaving)  # first: a unique value must be free before the survivor takes it
    _write_edits(op, taking)


def _moving_unique_values(
    entity: Entity, cluster: Cluster, choices: Sequence[FieldChoice]
) -> dict[int, dict[str, None]]:
    blanks: dict[int, dict[str, None]] = defaultdict(dict)
    for choice in choices:
        if entity.field(choice.field).unique and choice.source != cluster.survivor:
            blanks[choice.source][choice.field] = None
    return blanks


def _resolved(entity: Entity, choice: FieldChoice, survivor_of: dict[int, int]) -> Any:
    """A value that names a record merged away in the same operation names its survivor."""
    reference = entity.field(choice.field).reference
    own = reference is not None and reference.entity == entity.name
    return survivor_of.get(choice.value, choice.value) if own else choice.value


def _write_edits(op: Operation, edits: Iterable[Edit]) -> None:
    """Write edits entity by entity; a row that several clusters change is changed once for each."""
    waves: dict[tuple[str, int], dict[int, Edit]] = defaultdict(dict)
    times: dict[tuple[str, int], int] = defaultdict(int)
    for edit in edits:
        row = (edit.entity, edit.row_id)
        waves[edit.entity, times[row]][edit.row_id] = edit
        times[row] += 1
    for (entity, _), wave in sorted(waves.items(), key=lambda one: one[0]):
        units = {number: edit.unit for number, edit in wave.items()}
        op.update(entity, {number: edit.values for number, edit in wave.items()}, units=units)


def _by_unit(counts: Mapping[tuple[int, str], int]) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for (unit, name), number in sorted(counts.items()):
        found[unit][name] = number
    return found


def _write_merges(op: Operation, entity: Entity, clusters: Sequence[MergedCluster]) -> None:
    rows = [
        {
            "operation_id": op.id, "entity": entity.name, "record_id": loser, "survivor_id": cluster.survivor,
            "probability": cluster.probability, "moved": cluster.moved,
        }
        for cluster in clusters
        for loser in cluster.merged
    ]  # fmt: skip
    op.insert("merge", rows, units=[one.survivor for one in clusters for _ in one.merged])
