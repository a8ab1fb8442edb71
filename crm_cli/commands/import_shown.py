"""What `crm import` shows: counts by table, samples, what was found at the door, and what to do next."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from crm_cli.commands.kit import Crm

if TYPE_CHECKING:
    from crm_cli.jobs.importing import Absent, BatchResult, ImportResult
    from crm_cli.jobs.matching_at_the_door import Matched

__all__ = ["show_import", "show_refused"]

_NAMED = 10  # records that are named in a line


def show_refused(crm: Crm, result: ImportResult, rejects: Path | None) -> None:
    """Show what would have become of a delivery that does not pass the gate."""
    crm.console.show([_batch_row(batch, result.operation_id) for batch in result.batches], columns=_COUNTS)
    if rejects and result.counts["rejected"]:
        crm.console.note(f"rejected rows: {rejects}")


def show_import(crm: Crm, results: list[ImportResult], matched: list[Matched], *, planned: bool = False) -> None:
    """Show the results of sources; `planned` where only a plan was made, `matched` what was found at the door."""
    rehearsed = crm.dry_run or planned
    _show_rows(crm, results, matched, rehearsed=rehearsed)
    for result in results:
        _say_of_source(crm, result, rehearsed=rehearsed)
    for one in matched:
        _say_matched(crm, one)
    if crm.dry_run:
        crm.console.note("dry run: nothing was written")
    elif not planned:
        crm.console.next_step(_next_command(results[-1], matched))


def _show_rows(crm: Crm, results: list[ImportResult], matched: list[Matched], *, rehearsed: bool) -> None:
    from crm_cli.jobs.importing import rows_of

    rows = [_batch_row(batch, result.operation_id) for result in results for batch in result.batches]
    samples = rows_of([sample for result in results for sample in result.samples])
    absent = [one for result in results for one in result.absent]
    if crm.console.json and (rehearsed or matched or absent):
        crm.console.show({"batches": rows, "samples": samples, "matched": matched, "missing": absent})
    elif rehearsed and samples:
        crm.console.show_parts({"what would be done": rows, "samples": samples})
    else:
        crm.console.show(rows)


def _say_of_source(crm: Crm, result: ImportResult, *, rehearsed: bool) -> None:
    for batch in result.batches:
        _notes(crm, batch)
    for absent in result.absent:
        _say_absent(crm, result, absent)
    for skipped in result.skipped:
        crm.console.warn(f"skipped {skipped}")
    if result.rejects:
        crm.console.note(f"rejected rows: {result.rejects} - mend them there and import that file")
    elif not rehearsed:
        for batch in result.batches:
            if batch.counts["rejected"]:
                crm.console.note(f"rejected rows: crm batch show {batch.id} --rejects FILE writes them out")


def _say_matched(crm: Crm, one: Matched) -> None:
    would = "would be " if crm.dry_run else ""
    merged = f", {one.merged} {would}merged away" if one.merged else ""
    by = f" (operation {one.operation_id})" if one.operation_id and not crm.dry_run else ""
    crm.console.note(f"{one.entity}: {one.new} new, {one.pairs} pairs worth a look{merged}{by}")
    if one.to_review:
        crm.console.note(f"{one.entity}: {len(one.to_review)} groups hang on a weak pair, and are left to a review")
    if one.note:
        crm.console.warn(f"{one.entity}: {one.note}")


def _next_command(result: ImportResult, matched: list[Matched]) -> str:
    undo = [f"crm undo {one.operation_id}" for one in reversed(matched) if one.operation_id]
    if matched:
        back = ", then ".join([*undo, f"crm undo {result.operation_id}"])
        open_ = next((one for one in matched if one.pairs > one.merged), None)
        return f"crm dedupe review {open_.entity}  ({back} takes all back)" if open_ else f"{back} takes all back"
    parties = (
        [one for one in result.batches[-1].mapping.into if one in ("contact", "account")] if result.batches else []
    )
    back = f"crm undo {result.operation_id} takes the import back"
    return f"crm dedupe find {parties[-1]}  ({back})" if parties else back


_COUNTS = ("source", "rows", "created", "updated", "unchanged", "conflicts", "suspected", "rejected")


def _batch_row(batch: BatchResult, operation_id: int) -> dict[str, Any]:
    names = ("rows", "created", "updated", "unchanged", "conflicts", "suspected", "rejected")
    shown = {"batch": batch.id, "source": batch.name, **{name: batch.counts[name] for name in names}}
    if "skipped" in batch.counts:
        shown["left_out"] = batch.counts["skipped"]
    if "account" in batch.mapping.into and "contact" in batch.mapping.into:
        shown["accounts"] = batch.counts["accounts"]
    return {**shown, "operation": operation_id}


def _say_absent(crm: Crm, result: ImportResult, absent: Absent) -> None:
    if not absent.records:
        crm.console.note(f"{result.source}: every {absent.entity} that it brought before is in it")
        return
    named = ", ".join(map(str, absent.records[:_NAMED]))
    more = " …" if len(absent.records) > _NAMED else ""
    gone = f"; {len(absent.deleted)} {'would be' if crm.dry_run else 'were'} deleted" if absent.deleted else ""
    what = f"{len(absent.records)} records of this source are not in it any more"
    crm.console.warn(f"{result.source}: {what}: {absent.entity} {named}{more}{gone}")


def _notes(crm: Crm, batch: BatchResult) -> None:
    for warning in batch.warnings:
        crm.console.warn(f"{batch.name}: {warning}")
    if batch.mapping.layout:
        crm.console.note(f"{batch.name}: read as {batch.mapping.layout} writes it")
    kept = [one.column for one in batch.mapping.columns if one.target == "extra" and one.column != batch.mapping.key]
    if kept:
        crm.console.note(f"{batch.name}: kept beside the records, not mapped: {', '.join(kept)}")
    for (target, code), count in batch.not_understood.most_common(8):
        values = "value" if count == 1 else "values"
        crm.console.note(f"{batch.name}: {count} {values} of {target} not understood ({code})")
