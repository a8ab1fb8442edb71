"""What `crm import` shows of a workbook that was exported for editing."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from crm_cli.commands.kit import Crm
from crm_cli.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from crm_cli.jobs.sheet_editing import EditResult

__all__ = ["edit_workbooks", "take_edits"]

_SUFFIXES = (".xlsx", ".xlsm", ".ods")


def edit_workbooks(crm: Crm, sources: list[str]) -> list[Path]:
    """Return those of the sources that are workbooks made for editing."""
    paths = [crm.path(one) for one in sources if one.lower().endswith(_SUFFIXES) and "://" not in one]
    if not paths:
        return []
    from crm_cli.jobs.sheet_editing import is_edit_workbook

    return [one for one in paths if is_edit_workbook(one)]


def take_edits(crm: Crm, sources: list[str], edited: list[Path], rejects: Path | None, country: str | None) -> ExitCode:
    """Take one edited workbook in, and show what became of it."""
    from crm_cli.jobs.sheet_editing import EditOptions, import_edits
    from crm_cli.standardize import Context

    if len(sources) > 1:
        raise UsageError(f"{edited[0].name} was exported for editing", hint="import it alone")
    context = Context(
        country=country or crm.config.text("default_country") or None,
        currency=crm.config.text("base_currency") or None, timezone=crm.config.text("timezone") or None,
    )  # fmt: skip
    options = EditOptions(
        context=context, rejects=crm.path(rejects) if rejects else None, dry_run=crm.dry_run, wait=crm.wait
    )
    done = import_edits(crm.store, edited[0], crm.author, options)
    _show(crm, done, sources[0])
    return done.exit_code


def _show(crm: Crm, done: EditResult, source: str) -> None:
    operation = None if crm.dry_run else done.operation_id
    changes = [asdict(one) for one in done.changes]
    order = ("row", "cell", "id", "field", "exported", "now", "yours", "reason")
    refused = [{name: getattr(one, name) for name in order} for one in done.refused]
    if crm.console.json:
        crm.console.show({"rows": done.rows, "changed": len(done.changed), "added": len(done.added),
                          "refused_rows": done.refused_rows, "missing": done.missing, "operation": operation,
                          "changes": changes, "refused": refused})  # fmt: skip
    elif changes and refused:
        crm.console.show_parts({"changes": changes, "refused": refused})
    elif changes or refused:
        crm.console.show(changes or refused)
    for remark in [*done.notes, *done.remarks]:
        crm.console.note(remark)
    if done.missing:
        crm.console.note(f"{done.missing} exported records are not in {source} any more: nothing was done to them")
    would = "would be " if crm.dry_run else ""
    what = f"{len(done.changed)} {would}changed, {len(done.added)} {would}added, {done.refused_rows} refused"
    crm.console.note(f"{source}: of {done.rows} rows {what}")
    if done.rejects:
        crm.console.note(f"refused cells: {done.rejects.name}")
    if operation and (done.changed or done.added):
        crm.console.next_step(f"crm undo {operation} takes it back")
