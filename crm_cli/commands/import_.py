"""`crm import`: bring a file or a legacy system's data into the database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli.commands.edited_sheets import edit_workbooks, take_edits
from crm_cli.commands.import_profile import ProfileName, import_profile
from crm_cli.commands.kit import App, Crm
from crm_cli.commands.reading import CountryOption, Delimiter, Encoding, Header, as_of_moment, read_options
from crm_cli.errors import ExitCode, UsageError
from crm_cli.options import AsOf, Rejects, Sheet

if TYPE_CHECKING:
    from crm_cli.jobs.importing import BatchResult, ImportOptions, ImportResult

__all__ = ["app"]

app = App("Bring a file or a legacy system's data into the database.")

Sources = Annotated[
    list[str],
    typer.Argument(
        metavar="SOURCE…",
        help="Files, `-` for the standard input, or a database URL; with --profile also folders and patterns.",
    ),
]
Into = Annotated[
    str,
    typer.Option(
        "--into",
        metavar="ENTITY",
        help="What the rows are: contact, account, account+contact, lead, opportunity, activity, user.",
    ),
]
MappingFile = Annotated[
    Path | None, typer.Option("--mapping", metavar="FILE", help="The mapping to use, as crm mapping make writes it.")
]
SourceName = Annotated[
    str | None, typer.Option("--source", metavar="NAME", help="The system the data come from; else the file's name.")
]
Key = Annotated[
    str | None, typer.Option("--key", metavar="COLUMN", help="The column that identifies a record in its source.")
]
DateOrder = Annotated[
    str | None, typer.Option("--date-order", metavar="dmy|mdy|ymd", help="How to read dates such as 03/04/2024.")
]
Collide = Annotated[
    str, typer.Option("--collision", metavar="RULE", help="Who wins a disagreement: newest, source, blank, never.")
]
ParseOnly = Annotated[bool, typer.Option("--parse-only", help="Only convert to plain CSV what was understood.")]
OutDir = Annotated[Path, typer.Option("--out-dir", metavar="DIR", help="Where --parse-only writes.")]
Explain = Annotated[bool, typer.Option("--explain", help="Only show what was understood of the source.")]


@app.command("import", writes=True)
def import_(
    crm: Crm,
    sources: Sources,
    into: Into = "contact",
    mapping: MappingFile = None,
    profile: ProfileName = None,
    source: SourceName = None,
    key: Key = None,
    sheet: Sheet = None,
    as_of: AsOf = None,
    rejects: Rejects = None,
    country: CountryOption = None,
    date_order: DateOrder = None,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    header: Header = None,
    collision: Collide = "newest",
    parse_only: ParseOnly = False,
    explain: Explain = False,
    out_dir: OutDir = Path(),
) -> ExitCode:
    """Import customers: columns are recognized, values standardized, rows that cannot be taken are kept aside.

    A workbook of crm export --for edit is recognized: only the cells that were changed in it are taken. A row is
    refused where somebody else changed the same field, the record is gone, or a value does not fit. Rows taken out
    change nothing, cleared cells clear. A row without id is added as crm contact add does: where there is a record
    like it, it is refused and that one named.

    Examples:
        crm import contacts.xlsx --dry-run --rejects refused.csv
        crm import customers.xlsx --into account+contact --dry-run
        crm import export.csv --into contact --source erp --key "Customer No" --rejects rejects.csv
        crm import old.csv --into lead --as-of 2023-06-30
        crm import salesforce/ --profile salesforce --dry-run
        crm import *.csv --parse-only --out-dir converted
    """
    reading = read_options(encoding=encoding, delimiter=delimiter, header=header, sheet=sheet)
    if profile and mapping:
        raise UsageError("--profile and --mapping both say what the columns mean", hint="give one of them")
    if parse_only:
        return _parse_only(crm, sources, out_dir, reading)
    if explain:
        return _explain(crm, sources, reading)
    if edited := edit_workbooks(crm, sources):
        return take_edits(crm, sources, edited, rejects, country)
    options = _options(crm, reading, into, mapping, source, key, as_of, country, date_order, collision)
    if profile:
        results = import_profile(crm, sources, profile, options, rejects)
        _show(crm, results)
        return results[0].exit_code
    return _import_all(crm, sources, options, rejects)


def _options(
    crm: Crm, reading: Any, into: str, mapping: Path | None, source: str | None, key: str | None, as_of: str | None,
    country: str | None, date_order: str | None, collision: str,
) -> ImportOptions:  # fmt: skip
    from crm_cli.importers.mapping import read_mapping
    from crm_cli.jobs.importing import Collision, ImportOptions

    if collision not in set(Collision):
        raise UsageError(f"--collision {collision}: there is no such rule", hint=f"one of: {', '.join(Collision)}")
    if date_order not in (None, "dmy", "mdy", "ymd"):
        raise UsageError(f"--date-order {date_order}: there is no such order", hint="one of: dmy, mdy, ymd")
    known = read_mapping(crm.path(mapping)) if mapping else None
    return ImportOptions(
        into=known.into if known else tuple(into.split("+")), mapping=known, source_name=source, key=key,
        as_of=as_of_moment(as_of), country=country or crm.config.text("default_country") or None,
        currency=crm.config.text("base_currency") or None, timezone=crm.config.text("timezone") or None,
        date_order=date_order, collision=Collision(collision), read=reading,
    )  # fmt: skip


def _import_all(crm: Crm, sources: list[str], options: ImportOptions, rejects: Path | None) -> ExitCode:
    from crm_cli.errors import worst

    if rejects and len(sources) > 1:
        raise UsageError("--rejects names one file, and several sources were given", hint="import them one by one")
    results: list[ImportResult] = []
    try:
        for one in sources:
            results += [_import_one(crm, one, options, crm.path(rejects) if rejects else None)]
    finally:  # what an earlier source did is shown even when a later one fails
        if results:
            _show(crm, results)
    return worst(*(result.exit_code for result in results))


def _import_one(crm: Crm, source: str, options: ImportOptions, rejects: Path | None) -> ImportResult:
    """Import one source; what is ambiguous is asked where somebody can answer, else refused naming the flag."""
    from crm_cli.jobs.importing import UnsettledError, import_source

    where = source if source == "-" or "://" in source else crm.path(source)
    while True:
        try:
            with crm.console.progress(f"importing {source}") as bar:
                return import_source(
                    crm.store, where, crm.author, options,
                    rejects=rejects, dry_run=crm.dry_run, wait=crm.wait, progress=bar.advance,
                )  # fmt: skip
        except UnsettledError as question:
            if not crm.console.can_ask:
                raise
            for value, sample in question.facts["choices"]:
                crm.console.note(f"  {value}: {sample}")
            answer = crm.console.ask(question.message, flag=question.facts["flag"])
            options = options.settled(question.facts["flag"], answer)


def _show(crm: Crm, results: list[ImportResult]) -> None:
    crm.console.show([_batch_row(batch, result.operation_id) for result in results for batch in result.batches])
    for result in results:
        for batch in result.batches:
            _notes(crm, batch)
        for skipped in result.skipped:
            crm.console.warn(f"skipped {skipped}")
        if result.rejects:
            crm.console.note(f"rejected rows: {result.rejects} - mend them there and import that file")
        elif result.counts["rejected"] and not crm.dry_run:
            crm.console.note(f"rejected rows: crm batch show {result.batches[0].id} --rejects FILE writes them out")
    if crm.dry_run:
        crm.console.note("dry run: nothing was written")
    else:
        crm.console.next_step(_next_command(results[-1]))


def _next_command(result: ImportResult) -> str:
    parties = (
        [one for one in result.batches[-1].mapping.into if one in ("contact", "account")] if result.batches else []
    )
    back = f"crm undo {result.operation_id} takes the import back"
    return f"crm dedupe find {parties[-1]}  ({back})" if parties else back


def _batch_row(batch: BatchResult, operation_id: int) -> dict[str, Any]:
    names = ("rows", "created", "updated", "unchanged", "conflicts", "suspected", "rejected")
    shown = {"batch": batch.id, "source": batch.name, **{name: batch.counts[name] for name in names}}
    if "skipped" in batch.counts:
        shown["left_out"] = batch.counts["skipped"]
    if "account" in batch.mapping.into and "contact" in batch.mapping.into:
        shown["accounts"] = batch.counts["accounts"]
    return {**shown, "operation": operation_id}


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


def _parse_only(crm: Crm, sources: list[str], out_dir: Path, reading: Any) -> ExitCode:
    from crm_cli.importers import parse_only

    done = parse_only([crm.path(one) for one in sources], crm.path(out_dir), reading)
    crm.console.show(
        [
            {
                "source": one.source,
                "target": one.target,
                "rows": one.rows,
                "error": one.error.message if one.error else None,
            }
            for one in done
        ]
    )
    return ExitCode.PARTIAL if any(one.error for one in done) else ExitCode.DONE


def _explain(crm: Crm, sources: list[str], reading: Any) -> ExitCode:
    from crm_cli.importers import read_tables

    tables = [table for one in sources for table in read_tables(one if one == "-" else crm.path(one), reading)]
    crm.console.show_parts(
        {
            table.name: {**table.understood.facts(), "columns": table.header, "first row": table.first_data_row}
            for table in tables
        }
    )
    return ExitCode.DONE
