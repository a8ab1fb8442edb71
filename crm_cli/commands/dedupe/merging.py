"""`crm dedupe merge`: records that are the same become one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli.commands.kit import Crm
from crm_cli.commands.match_rules import entity_rules
from crm_cli.errors import ExitCode, UsageError
from crm_cli.options import AllRecords, EntityArgument

if TYPE_CHECKING:
    from collections.abc import Callable

    from crm_cli.dictionary import Entity
    from crm_cli.jobs.merging import MergedCluster, MergeResult, MergeSettings, RowChange

__all__ = ["merge"]

Members = Annotated[
    list[int] | None, typer.Argument(metavar="[ID…]", help="Merge these records; else those that were decided.")
]
Survivor = Annotated[int | None, typer.Option("--survivor", metavar="ID", help="Which of them survives.")]
Auto = Annotated[bool, typer.Option("--auto", help="Merge what the last search was sure of, without a review.")]
Above = Annotated[
    float | None,
    typer.Option(
        "--above", metavar="P", min=0.5, max=1.0, help="How sure --auto must be; else as the rules say, or 0.98."
    ),
]
MaxCluster = Annotated[
    int | None,
    typer.Option(
        "--max-cluster", metavar="N", min=2, help="Refuse clusters of more records; else as the rules, or 20."
    ),
]
MaxShare = Annotated[
    float | None,
    typer.Option(
        "--max-merge-share", metavar="S", min=0.0, max=1.0,
        help="Refuse to merge away more than this share; else as the rules, or 0.3.",
    ),
]  # fmt: skip
Taken = Annotated[
    list[str] | None,
    typer.Option("--take", metavar="FIELD=ID", help="Take this record's value of the field; repeatable."),
]
Diff = Annotated[bool, typer.Option("--diff", help="Show every row that changes: what moves, what is united.")]
Rules = Annotated[
    list[str] | None,
    typer.Option("--rule", metavar="FIELD=RULE", help="Which value of a field survives: newest, longest, survivor, …"),
]
_SHOWN = 20


def merge(
    crm: Crm, entity: EntityArgument, members: Members = None, survivor: Survivor = None, auto: Auto = False,
    above: Above = None, max_cluster: MaxCluster = None, max_merge_share: MaxShare = None, rule: Rules = None,
    take: Taken = None, diff: Diff = False, all_: AllRecords = False,
) -> ExitCode:  # fmt: skip
    """Merge records that are the same: those named, those decided, or with --auto those the search is sure of.

    Values survive as chosen by hand, by --rule, by [merge] in rules/ENTITY.toml, or by the dictionary. Contact points
    are united, everything that refers to a merged record goes along, old ids lead to the survivor. `crm undo` takes all
    of it back, or one cluster with --unit SURVIVOR. What cannot be merged is listed, and the command ends with 4.

    Examples:
        crm dedupe merge contact --dry-run
        crm dedupe merge contact --dry-run --diff
        crm dedupe merge contact 17 42 --survivor 17 --take job_title=42 --yes
        crm dedupe merge contact --auto --above 0.99 --yes
        crm dedupe merge account --rule name=longest --max-cluster 5
    """
    from crm_cli.jobs.merging import MergeSettings

    declared = crm.store.dictionary.entity(entity)
    settings = MergeSettings(
        survivorship=_rules(rule or []), dry_run=crm.dry_run, wait=crm.wait, with_rows=diff
    ).under(entity_rules(crm, declared.name).merge).capped(max_cluster, max_merge_share)  # fmt: skip
    work = _work(crm, declared, members or [], (survivor, _taken(take or [])), above, auto=auto)
    if not _agrees(crm, declared, work, settings):
        crm.console.note("nothing was merged")
        return ExitCode.DONE
    with crm.console.progress(f"merging {declared.plural}"):
        result = work(settings)
    _show(crm, declared, result, None if all_ else _SHOWN)
    return result.exit_code


def _rules(given: list[str]) -> dict[str, Any]:
    from crm_cli.dictionary import Survivorship

    rules = {}
    for one in given:
        field, _, rule = one.partition("=")
        if rule not in set(Survivorship):
            raise UsageError(f"--rule {one}: there is no such rule", hint=f"one of: {', '.join(Survivorship)}")
        rules[field] = Survivorship(rule)
    return rules


def _taken(given: list[str]) -> dict[str, int]:
    taken = {}
    for one in given:
        field, _, number = one.partition("=")
        if not number.strip().isdecimal():
            raise UsageError(f"--take {one}: it names no record", hint="--take FIELD=ID, such as --take job_title=42")
        taken[field.strip()] = int(number)
    return taken


def _work(
    crm: Crm,
    entity: Entity,
    members: list[int],
    chosen: tuple[int | None, dict[str, int]],
    above: float | None,
    *,
    auto: bool,
) -> Callable[[MergeSettings], MergeResult]:
    """Return what merges, as the command line says."""
    from crm_cli.jobs import matching
    from crm_cli.jobs.merging import MergeGroup, merge

    survivor, taken = chosen
    if above is not None and not auto:
        raise UsageError("--above says how sure an automatic merge must be", hint="give --auto too")
    if auto and members:
        raise UsageError("--auto takes no ids", hint="name the records, or let --auto choose")
    for flag, given in (("--survivor", survivor), ("--take", taken)):
        if given and not members:
            raise UsageError(f"{flag} needs the records that are merged", hint="crm dedupe merge ENTITY ID ID …")
    if members:
        group = MergeGroup(tuple(members), survivor, taken=taken)
        return lambda settings: merge(crm.store, entity.name, [group], crm.author, settings)
    if auto:
        options = matching.AutomaticOptions.under(entity_rules(crm, entity.name), above)
        return lambda settings: matching.merge_automatically(crm.store, entity.name, crm.author, options, settings)
    return lambda settings: matching.merge_decided(crm.store, entity.name, crm.author, settings)


def _agrees(crm: Crm, entity: Entity, work: Callable[[MergeSettings], MergeResult], settings: MergeSettings) -> bool:
    """Ask before a merge, showing what it would do; without a terminal --yes must be given."""
    from dataclasses import replace

    if crm.common.yes or crm.dry_run:
        return True
    question = f"merge {entity.plural}?"
    if crm.console.can_ask:
        preview = work(replace(settings, dry_run=True))
        for cluster in preview.clusters[:3]:
            crm.console.note(f"  {_told(cluster)}")
        question = f"merge {preview.merged} {entity.plural} into {len(preview.clusters)}?"
    return crm.confirm(question)


def _told(cluster: MergedCluster) -> str:
    values = ", ".join(f"{one.field} of {one.source}" for one in cluster.choices if one.source != cluster.survivor)
    merged = ", ".join(map(str, cluster.merged))
    return f"{merged} into {cluster.survivor}{f', taking {values}' if values else ''}"


def _show(crm: Crm, entity: Entity, result: MergeResult, limit: int | None) -> None:
    done = None if crm.dry_run else result.operation_id
    if crm.console.json:
        crm.console.show(
            {
                "operation": done, "merged": result.merged, "clusters": result.clusters, "refused": result.refused,
                "to_review": result.to_review, "dry_run": crm.dry_run, **({"rows": result.rows} if result.rows else {}),
            }
        )  # fmt: skip
    elif result.rows:
        place = {one.survivor: number for number, one in enumerate(result.clusters[:limit])}
        rows = sorted((one for one in result.rows if one.survivor in place), key=lambda one: place[one.survivor])
        crm.console.show([line for one in rows for line in _row_lines(crm, one)])
    elif result.clusters:
        crm.console.show([_row(one) for one in result.clusters[:limit]])
    if limit is not None and len(result.clusters) > limit:
        crm.console.note(f"these are the first {limit} clusters; --all shows the rest")
    for refused in result.refused[:_SHOWN]:
        crm.console.warn(f"not merged {', '.join(map(str, refused.members))}: {refused.why} ({refused.hint})")
    if len(result.refused) > _SHOWN:
        crm.console.warn(f"{len(result.refused) - _SHOWN} more clusters were refused; --json lists all")
    for members in result.to_review[:_SHOWN]:
        shown = ", ".join(map(str, members))
        crm.console.note(f"left to review: {shown}, for two of them are probably not the same")
    if len(result.to_review) > _SHOWN:
        crm.console.note(f"{len(result.to_review) - _SHOWN} more clusters were left to review; --json lists all")
    verb = "would be" if crm.dry_run else "were"
    crm.console.note(f"{result.merged} {entity.plural} {verb} merged away, into {len(result.clusters)}")
    if result.clusters and done is not None:
        first = result.clusters[0].survivor
        crm.console.next_step(f"crm undo {done} takes it back, crm undo {done} --unit {first} one cluster of it")


def _row_lines(crm: Crm, row: RowChange) -> list[dict[str, Any]]:
    """A line a field of a changed row."""
    noun = crm.store.dictionary.entity(row.entity).noun
    about = {"survivor": row.survivor, "row": f"{noun} {row.record_id}", "title": row.title}
    if row.action != "update":
        return [{**about, "field": "", "before": None, "after": "added" if row.action == "insert" else "removed"}]
    return [{**about, "field": name, "before": old, "after": new} for name, (old, new) in row.fields.items()]


def _row(cluster: MergedCluster) -> dict[str, Any]:
    taken = [f"{one.field}={one.value} (of {one.source})" for one in cluster.choices if one.source != cluster.survivor]
    moved = [f"{count} {name}" for name, count in cluster.moved.items()]
    return {
        "survivor": cluster.survivor, "merged": ", ".join(map(str, cluster.merged)),
        "probability": None if cluster.probability is None else round(cluster.probability, 4),
        "taken": "; ".join(taken), "moved": ", ".join(moved),
    }  # fmt: skip
