"""Steps that write files: exports, reports, backups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm_cli.automation import Option, StepKind, StepOutcome
from crm_cli.automation.values import TEXT, TRUTH, WORDS, whole
from crm_cli.errors import CrmError, ExitCode
from crm_cli.jobs.scripting.context import ScriptContext
from crm_cli.jobs.scripting.steps.quality import ENTITY, WHERE

__all__ = ["KINDS"]


def _export(context: ScriptContext, given: Mapping[str, Any]) -> StepOutcome:
    from crm_cli.exporters import ExportOptions
    from crm_cli.jobs.exporting import export_records

    output = given["output"]
    if context.dry_run:
        return StepOutcome(f"would write {output}")
    options = ExportOptions(overwrite=given.get("overwrite", False), for_excel=given.get("for_excel", False))
    done = export_records(
        context.store, given["entity"], context.path(output), columns=given.get("columns"), where=given.get("where"),
        order=given.get("order"), limit=given.get("limit"), options=options,
    )  # fmt: skip
    return StepOutcome(f"{done.rows} records written to {output}", ExitCode.DONE, None, {"rows": done.rows})


def _report(context: ScriptContext, given: Mapping[str, Any]) -> StepOutcome:
    from crm_cli.jobs.reporting import write_report_file
    from crm_cli.reports import find_report, run_report

    definition = find_report(given["report"], context.beside("reports"))
    report = run_report(context.store, definition, _assigned(given.get("set", [])), context.today, given.get("where"))
    told = {"rows": len(report.rows)}
    if context.dry_run:
        return StepOutcome(f"{len(report.rows)} rows; would write {given['output']}", ExitCode.DONE, None, told)
    write_report_file(report, context.path(given["output"]), overwrite=given.get("overwrite", False))
    return StepOutcome(f"{len(report.rows)} rows written to {given['output']}", ExitCode.DONE, None, told)


def _assigned(words: list[str]) -> dict[str, str]:
    found = dict(word.partition("=")[::2] for word in words if "=" in word)
    if len(found) != len(words):
        raise CrmError(f"set = {words!r} are no parameters of a report", hint='write set = ["owner=maria"], each once')
    return found


def _backup(context: ScriptContext, given: Mapping[str, Any]) -> StepOutcome:
    from crm_cli.store import backup

    if context.dry_run:
        return StepOutcome(f"would write {given['output']}")
    target = context.path(given["output"])
    if given.get("overwrite", False):
        target.unlink(missing_ok=True)
    saved = backup.save(context.store, target)
    told = {"bytes": saved.stat().st_size}
    return StepOutcome(f"{told['bytes']} bytes written to {given['output']}", ExitCode.DONE, None, told)


_OUTPUT = Option("output", TEXT, "The file to write; its name says the format", required=True)
_OVERWRITE = Option("overwrite", TRUTH, "Replace the file if it exists")

KINDS: tuple[StepKind[ScriptContext], ...] = (
    StepKind(
        "export", "Write records to a file", _export,
        (
            ENTITY, _OUTPUT, WHERE,
            Option("columns", WORDS, "The fields to write, in this order"),
            Option("order", WORDS, "Order by these fields; else by id"),
            Option("limit", whole(1), "At most so many"),
            _OVERWRITE,
            Option("for_excel", TRUTH, "Mark CSV so that Excel shows every script"),
        ),
        {"rows": "records written"},
        writes=False,
    ),
    StepKind(
        "report run", "Run a report and write it to a file", _report,
        (
            Option("report", TEXT, "The report's name, as crm report list shows it", required=True),
            Option("output", TEXT, "The file to write: .html, .xlsx, .csv, .json, …", required=True),
            Option("set", WORDS, 'Parameters of the report, such as ["owner=maria"]'),
            WHERE, _OVERWRITE,
        ),
        {"rows": "rows of the report"},
        writes=False,
    ),
    StepKind(
        "db backup", "Write a backup of the database", _backup,
        (Option("output", TEXT, "The backup to make, such as before-${run}.db", required=True), _OVERWRITE),
        {"bytes": "size of the backup"},
        writes=False,
    ),
)  # fmt: skip
