"""Steps that write files: exports, reports, backups."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from crm_cli.automation import Option, StepKind, StepOutcome
from crm_cli.automation.values import TEXT, TEXTS, TRUTH, WORDS, one_of, whole
from crm_cli.errors import CrmError, ExitCode
from crm_cli.jobs.scripting.context import ScriptContext
from crm_cli.jobs.scripting.steps.quality import WHERE
from crm_cli.urls import hide_passwords

__all__ = ["KINDS"]


def _export(context: ScriptContext, given: Mapping[str, Any]) -> StepOutcome:
    from crm_cli.jobs.exporting import Points, Request, Target, note_run, purpose_of, write_export

    output, mask = given["output"], given.get("mask", [])
    if context.dry_run:
        return StepOutcome(f"would write {output}")
    purpose = [*given.get("for", []), *(["excel"] if given.get("for_excel", False) else [])]
    requests = [
        Request(
            entity=one.strip(), columns=given.get("columns", ()), where=given.get("where"),
            order=given.get("order", ()), limit=given.get("limit"), points=Points(given.get("points", "first")),
            purpose=purpose_of(purpose), mask=mask, key=context.key_for(mask),
        )
        for one in given["entity"].split(",")
    ]  # fmt: skip
    target = Target(where=_place(context, output), overwrite=given.get("overwrite", False), split=given.get("split"))
    done = write_export(context.store, requests, target)
    filtered = {"filter": given["where"]} if "where" in given else None
    unnoted = note_run(context.store, done.run(target, context.author.actor, document=filtered))
    told = {"rows": done.rows, "files": len(done.files)}
    where = f"{len(done.files)} files" if len(done.files) != 1 else hide_passwords(output, whole=True)
    return StepOutcome(f"{done.rows} records written to {where}{_unnoted(unnoted)}", ExitCode.DONE, None, told)


def _extract(context: ScriptContext, given: Mapping[str, Any]) -> StepOutcome:
    from crm_cli.jobs.extracts import find_extract, run_extract

    folder = context.beside("extracts")
    extract = find_extract(folder, given["extract"])
    if context.dry_run:
        return StepOutcome(f"would write {extract.destination(context.today)}")
    done = run_extract(
        context.store, extract, folder.parent, today=context.today, actor=context.author.actor,
        key=context.key_for(extract.mask), changes_only="since" in given,
        where=_place(context, given["output"]) if "output" in given else None, overwrite=given.get("overwrite", False),
    )  # fmt: skip
    told = {"rows": done.done.rows, "files": len(done.done.files), "gone": done.done.gone.total()}
    summary = f"{done.done.rows} records written by {extract.name}{_unnoted(done.unnoted)}"
    return StepOutcome(summary, ExitCode.DONE, None, told)


def _place(context: ScriptContext, output: str) -> Path | str:
    return output if "://" in output else context.path(output)


def _unnoted(why: str) -> str:
    return f", which could not be noted: {why}" if why else ""


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
    if given.get("overwrite", False) and target.exists():
        part = target.with_name(f".{target.name}.part")  # the old backup stays until the new one is whole
        part.unlink(missing_ok=True)
        saved = backup.save(context.store, part).replace(target)
    else:
        saved = backup.save(context.store, target)
    told = {"bytes": saved.stat().st_size}
    return StepOutcome(f"{told['bytes']} bytes written to {given['output']}", ExitCode.DONE, None, told)


_OUTPUT = Option("output", TEXT, "The file to write; its name says the format", required=True)
_OVERWRITE = Option("overwrite", TRUTH, "Replace the file if it exists")

KINDS: tuple[StepKind[ScriptContext], ...] = (
    StepKind(
        "export", "Write records to a file", _export,
        (
            Option("entity", TEXT, "What to write, such as contact; several as account,contact", required=True),
            _OUTPUT, WHERE,
            Option("columns", WORDS, "The fields to write, in this order"),
            Option("order", WORDS, "Order by these fields; else by id"),
            Option("limit", whole(1), "At most so many"),
            _OVERWRITE,
            Option("for", WORDS, "For what: excel, marketing, marketing:email, salesforce, hubspot"),
            Option("for_excel", TRUTH, "The same as for = ['excel']"),
            Option("points", one_of("first", "joined", "rows"), "Of several addresses or numbers: first (else so), …"),
            Option("mask", WORDS, "What to mask: default, a class such as contact, or COLUMN=METHOD"),
            Option("split", TEXT, "A file for each value of this field; {value} in the output stands for it"),
        ),
        {"rows": "records written", "files": "files written"},
        writes=False,
    ),
    StepKind(
        "extract run", "Write the file of a saved extract", _extract,
        (
            Option("extract", TEXT, "The extract's name, as crm extract list shows it", required=True),
            Option("since", one_of("last"), "Only what changed since the last run, and what is gone since"),
            Option("output", TEXT, "Another file than the extract says"),
            _OVERWRITE,
        ),
        {"rows": "records written", "files": "files written", "gone": "records that are gone (with since)"},
        writes=False,
    ),
    StepKind(
        "report run", "Run a report and write it to a file", _report,
        (
            Option("report", TEXT, "The report's name, as crm report list shows it", required=True),
            Option("output", TEXT, "The file to write: .html, .xlsx, .csv, .json, …", required=True),
            Option("set", TEXTS, 'Parameters of the report, such as ["owner=maria"]'),
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
