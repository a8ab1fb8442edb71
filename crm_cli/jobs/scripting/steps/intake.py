"""Steps that bring data in: import, and import what a batch had to reject again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crm_cli.automation import Option, StepKind, StepOutcome
from crm_cli.automation.values import DAY, TEXT, TEXTS, TRUTH, one_of, whole
from crm_cli.errors import ExitCode, UsageError, worst
from crm_cli.jobs.scripting.context import ScriptContext
from crm_cli.store import Store

if TYPE_CHECKING:
    from crm_cli.jobs.importing import ImportOptions, ImportResult, ImportRun
    from crm_cli.jobs.matching_at_the_door import Matched

__all__ = ["KINDS"]

_COUNTS = {
    "rows": "rows read", "created": "records created", "updated": "records changed",
    "unchanged": "records that were so already", "rejected": "rows rejected", "conflicts": "rows in conflict",
}  # fmt: skip
Where = str | Path


def _import(context: ScriptContext, given: Mapping[str, Any]) -> StepOutcome:
    from crm_cli.jobs.importing import files_of, own_files

    sources = [one if "://" in one else context.path(one) for one in given["source"]]
    own = own_files(context.store, context.project / "crm.toml" if context.project else None)
    deliveries = [sources] if "profile" in given else [[one] for one in files_of(sources, own)]
    if "rejects" in given and len(deliveries) > 1:
        raise UsageError("rejects names one file, and there are several sources", hint="a step for each source")
    done = [_taken(context, given, one) for one in deliveries]
    results, matched = [one for one, _ in done], [found for _, more in done for found in more]
    counts: Counter[str] = sum((one.counts for one in results), Counter())
    shown = ", ".join(f"{counts[name]} {name}" for name in ("rows", "created", "updated", "unchanged", "rejected"))
    told = {name: counts[name] for name in _COUNTS} | {"merged": sum(one.merged for one in matched)}
    return StepOutcome(shown, worst(*(one.exit_code for one in results)), results[-1].operation_id, told)


def _taken(
    context: ScriptContext, given: Mapping[str, Any], where: Sequence[Where]
) -> tuple[ImportResult, list[Matched]]:
    from crm_cli.jobs.importing import ImportRun
    from crm_cli.jobs.matching import rules_of
    from crm_cli.jobs.matching_at_the_door import AtTheDoor, import_and_match

    work = partial(_worked, context, given, where, _options(context, given))
    run = ImportRun(rejects=context.path(given["rejects"]) if "rejects" in given else None, wait=context.wait)
    door = AtTheDoor(given.get("match", "off"))
    if door is AtTheDoor.OFF:
        return work(context.store, run), []
    rules = partial(rules_of, context.beside("rules"), dictionary=context.store.dictionary)
    return import_and_match(context.store, work, context.author, run, door, rules)


def _worked(
    context: ScriptContext, given: Mapping[str, Any], where: Sequence[Where], options: ImportOptions, store: Store,
    run: ImportRun,
) -> ImportResult:  # fmt: skip
    from crm_cli.importers.profiles import find_profile
    from crm_cli.jobs.importing import import_delivery, import_source

    if "profile" not in given:
        return import_source(store, where[0], context.author, options, run)
    profile = find_profile(given["profile"], context.folder)
    return import_delivery(store, where, profile, context.author, options, run)


def _options(context: ScriptContext, given: Mapping[str, Any]) -> ImportOptions:
    from crm_cli.importers import ReadOptions
    from crm_cli.importers.mapping import read_mapping
    from crm_cli.jobs.importing import Collision, ImportOptions, Missing, read_source_settings

    mapping = read_mapping(context.path(given["mapping"])) if "mapping" in given else None
    read = ReadOptions(
        encoding=given.get("encoding"), delimiter=given.get("delimiter"), sheet=given.get("sheet"),
        format=given.get("source_format"),
    )  # fmt: skip
    return ImportOptions(
        into=mapping.into if mapping else tuple(given.get("into", "contact").split("+")), mapping=mapping,
        source_name=given.get("source_name"), key=given.get("key"), as_of=given.get("as_of"),
        date_order=given.get("date_order"),
        collision=Collision(given["collision"]) if "collision" in given else None,
        accept_columns=given.get("accept_columns", False), ignore_gate=given.get("ignore_gate", False),
        missing=Missing(given.get("missing", "ignore")), read=read,
        settings=lambda name: read_source_settings(context.beside("sources"), name),
        country=given.get("country", context.defaults.get("country")),
        currency=context.defaults.get("currency"), timezone=context.defaults.get("timezone"),
    )  # fmt: skip


def _retry(context: ScriptContext, given: Mapping[str, Any]) -> StepOutcome:
    from crm_cli.jobs.importing import ImportRun, list_batches, retry_batch

    number = given.get("batch")
    if number is None:
        waiting = [one.id for one in list_batches(context.store, limit=1_000) if one.rejected]
        if not waiting:
            return StepOutcome("no batch has rejected rows", ExitCode.DONE, None, dict.fromkeys(_COUNTS, 0))
        number = waiting[0]
    run = ImportRun(rejects=context.path(given["rejects"]) if "rejects" in given else None, wait=context.wait)
    options = _options(context, {**given, "into": "contact"})
    done = retry_batch(context.store, number, context.author, options, run)
    counts = done.counts
    told = {name: counts[name] for name in _COUNTS}
    summary = f"batch {number}: {counts['rows']} rows tried again, {counts['rejected']} rejected again"
    return StepOutcome(summary, done.exit_code, done.operation_id, told)


_MAPPING = Option("mapping", TEXT, "The mapping to use, as crm mapping make writes it")
_COUNTRY = Option("country", TEXT, "Country of records that name none (ISO 3166-1 alpha-2)")
_ORDER = Option("date_order", one_of("dmy", "mdy", "ymd"), "How to read dates such as 03/04/2024")
_REJECTS = Option("rejects", TEXT, "Write refused rows here, to correct and import again")

KINDS: tuple[StepKind[ScriptContext], ...] = (
    StepKind(
        "import", "Bring files or a legacy system's data into the database", _import,
        (
            Option("source", TEXTS, "Files, folders, patterns, or a database URL", required=True),
            Option("into", TEXT, "What the rows are: contact (else so), account, account+contact, lead, …"),
            _MAPPING,
            Option("profile", TEXT, "The system that the sources come from: they are one delivery"),
            Option("source_name", TEXT, "The system the data come from; else the file's name"),
            Option("key", TEXT, "The column that identifies a record in its source"),
            Option("sheet", TEXT, "The sheet of a workbook"),
            Option("as_of", DAY, "How old the data are"),
            _REJECTS, _COUNTRY, _ORDER,
            Option("encoding", TEXT, "The source's encoding, else found out"),
            Option("delimiter", TEXT, "The source's delimiter, else found out"),
            Option("source_format", TEXT, "The source's format, such as csv, else found out"),
            Option("collision", one_of("newest", "source", "blank", "never"), "Who wins a disagreement"),
            Option("match", one_of("off", "review", "auto"), "Search new records for duplicates: keep pairs, or merge"),
            Option("missing", one_of("ignore", "report", "delete"), "Records that a whole source lacks"),
            Option("accept_columns", TRUTH, "Take a source whose columns have changed since the last time"),
            Option("ignore_gate", TRUTH, "Take a delivery that does not pass the gate of its source"),
        ),
        {**_COUNTS, "merged": "records merged away at the door"},
    ),
    StepKind(
        "batch retry", "Import the rejected rows of a batch again", _retry,
        (
            Option("batch", whole(1), "The batch's number; else the newest that has rejected rows"),
            _MAPPING, _REJECTS, _COUNTRY, _ORDER,
        ),
        _COUNTS,
    ),
)  # fmt: skip
