"""`crm reconcile`: compare records with another system's list, and fill what is blank here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli.commands.export import output_target
from crm_cli.commands.kit import App, Crm
from crm_cli.commands.reading import (
    CountryOption,
    DateOrder,
    Delimiter,
    Encoding,
    Header,
    known_order,
    read_options,
)
from crm_cli.errors import ExitCode, UsageError, did_you_mean
from crm_cli.jobs.caps import refuse_too_many
from crm_cli.options import EntityArgument, Limit, MaxChanges, Output, Overwrite, Sheet, SourceArgument, Where

if TYPE_CHECKING:
    from crm_cli.jobs.reconciling import Filled, Part, ReconcileOptions, Reconciliation

__all__ = ["app"]

app = App()

KeyOption = Annotated[
    str | None,
    typer.Option(
        "--key",
        metavar="FIELD,…",
        help="What identifies a record: fields, id, public_id, or SYSTEM:COLUMN for the ids of a source system.",
    ),
]
MappingOption = Annotated[
    Path | None, typer.Option("--mapping", metavar="FILE", help="The mapping to use, as crm mapping make writes it.")
]
FieldsOption = Annotated[
    str | None, typer.Option("--fields", metavar="FIELD,…", help="Compare (and fill) only these; else all it says.")
]
ShowOption = Annotated[
    str | None,
    typer.Option(
        "--show",
        metavar="PART,…",
        help="Only these: missing-here, missing-there, differing, ambiguous, blank-key, faulty, same.",
    ),
]
FillBlank = Annotated[bool, typer.Option("--fill-blank", help="Take the source's value where a record has none.")]
_SAMPLES, _CHANGES, _PREVIEW = 5, 1_000, 3


@app.command(writes=True)
def reconcile(
    crm: Crm,
    entity: EntityArgument,
    source: SourceArgument,
    key: KeyOption = None,
    mapping: MappingOption = None,
    where: Where = None,
    fields: FieldsOption = None,
    sheet: Sheet = None,
    country: CountryOption = None,
    date_order: DateOrder = None,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    header: Header = None,
    show: ShowOption = None,
    limit: Limit = None,
    output: Output = None,
    overwrite: Overwrite = False,
    fill_blank: FillBlank = False,
    max_changes: MaxChanges = _CHANGES,
) -> ExitCode:
    """Compare records with another system's list: missing here, missing there, differing field by field.

    Columns are recognized and values standardized as an import does it, and standard forms are compared: +49 30 1234
    and 030/1234 are one number. A key that occurs several times on a side is ambiguous, and never taken for a record.
    Ends with 3 when there are differences. The screen shows five of each part, or --limit; -o writes all of them: .csv,
    .jsonl, .json, or .xlsx with a sheet a part.

    Examples:
        crm reconcile contact erp.csv --key email
        crm reconcile account erp.xlsx --sheet Customers --key customer_number -o differences.xlsx
        crm reconcile contact erp.csv --key "erp:Customer No" --fields phone,city --show differing
        crm reconcile contact erp.csv --key email --show missing-here -o new.csv
        crm reconcile contact bought.csv --key email --fields phone,job_title --fill-blank --dry-run
    """
    from crm_cli.jobs.reconciling import check_result_target, reconcile, write_result

    parts = _parts(show)
    where_from = source if source == "-" or "://" in source else crm.path(source)
    reading = read_options(encoding=encoding, delimiter=delimiter, header=header, sheet=sheet)
    options = _options(crm, key, mapping, where, fields, country, known_order(date_order), reading)
    if output is not None and str(output) != "-":
        check_result_target(crm.path(output), where_from, overwrite=overwrite)
    elif output is not None and crm.console.json:
        raise UsageError("-o - and --json both write to the standard output", hint="-o FILE, or one of them")
    with (
        crm.console.progress(f"reconciling {source}") as bar,
        reconcile(crm.store, entity, where_from, options, bar.advance) as found,
    ):
        filled = _fill(crm, found, max_changes) if fill_blank else None
        if output is not None:
            with output_target(crm, output) as target:
                written = write_result(found, target, parts=parts, overwrite=overwrite, format_name=_format(output))
            crm.console.note(f"{written.rows} rows written to {output}")
        if str(output) != "-":
            _show(crm, found, parts, limit or _SAMPLES, filled)
        _tell(crm, found, filled)
        if output is None and filled is None and not found.agrees:
            crm.console.next_step("the same with -o differences.xlsx has them all")
        return found.exit_code_after(filled)


def _parts(text: str | None) -> list[Part]:
    from crm_cli.jobs.reconciling import Part

    names = _names(text)
    for name in names:
        if name not in set(Part):
            hint = did_you_mean(name, list(Part)) or f"one of: {', '.join(Part)}"
            raise UsageError(f"--show {name}: there is no such part", hint=hint)
    return [Part(name) for name in names]


def _options(
    crm: Crm, key: str | None, mapping: Path | None, where: str | None, fields: str | None, country: str | None,
    date_order: str | None, reading: Any,
) -> ReconcileOptions:  # fmt: skip
    from crm_cli.importers.mapping import read_mapping
    from crm_cli.jobs.importing import ImportOptions
    from crm_cli.jobs.reconciling import ReconcileOptions

    as_import = ImportOptions(
        mapping=read_mapping(crm.path(mapping)) if mapping else None,
        country=country or crm.config.text("default_country") or None,
        currency=crm.config.text("base_currency") or None, timezone=crm.config.text("timezone") or None,
        date_order=date_order, read=reading,
    )  # fmt: skip
    return ReconcileOptions(key=tuple(_names(key)), fields=tuple(_names(fields)), where=where, reading=as_import)


def _names(text: str | None) -> list[str]:
    return [name.strip() for name in (text or "").split(",") if name.strip()]


def _format(output: Path) -> str | None:
    return "csv" if str(output) == "-" else None


def _fill(crm: Crm, found: Reconciliation, max_changes: int | None) -> Filled | None:
    """Fill blanks after a question; None when there are none, or the answer is no."""
    from crm_cli.jobs.reconciling import fill_blanks

    records, values = found.fillable
    refuse_too_many(found.entity.noun, records, max_changes)
    if not records:
        crm.console.note("no blank here that the source could fill")
        return None
    if not (crm.common.yes or crm.dry_run):
        sample = "".join(f"\n  {one.record} {one.field}: {one.there}" for one in found.fills(_PREVIEW))
        more = "\n  …" if values > _PREVIEW else ""
        crm.console.note(f"{values} blanks of {records} {found.entity.plural} would be filled:{sample}{more}")
    if not crm.confirm(f"fill {values} blanks?"):
        crm.console.note("nothing was filled")
        return None
    return fill_blanks(crm.store, found, crm.author, dry_run=crm.dry_run, wait=crm.wait)


def _show(crm: Crm, found: Reconciliation, parts: list[Part], limit: int, filled: Filled | None) -> None:
    from crm_cli.jobs.reconciling import document, samples, sum_rows

    if crm.console.json:
        done = None if filled is None else {
            "records": filled.records, "values": filled.values, "left": filled.left,
            "operation": None if crm.dry_run else filled.operation_id,
        }  # fmt: skip
        crm.console.show({**document(found, limit, parts), "filled": done})
        return
    said = [one for one in found.counts if one.compared]
    shown: dict[str, Any] = {"Summary": found.summary, "Fields": said}
    if found.sums:
        shown["Sums"] = sum_rows(found)
    if filled is not None:
        shown["Filled"] = [one._asdict() for one in found.fills(limit)] if crm.dry_run else []
    crm.console.show_parts({name: rows for name, rows in {**shown, **samples(found, parts, limit)}.items() if rows})


def _tell(crm: Crm, found: Reconciliation, filled: Filled | None) -> None:
    chosen = " (chosen: it fits best; --key names another)" if found.key_was_chosen else ""
    crm.console.note(f"key: {found.key}{chosen}")
    if found.left_out:
        crm.console.note(f"columns that are no field of {found.entity.noun}: {', '.join(found.left_out)}")
    for skipped in found.other.skipped:
        crm.console.warn(f"skipped {skipped}")
    for warning in found.other.table.understood.warnings:
        crm.console.warn(f"{found.other.name}: {warning}")
    if filled is not None:
        verb = "would be filled" if crm.dry_run else "filled"
        crm.console.note(f"{filled.values} blanks of {filled.records} {found.entity.plural} {verb}")
        if filled.left:
            crm.console.note(f"{filled.left} left blank: a person cleared them, or another record has the value")
        if filled.records and not crm.dry_run:
            crm.console.next_step(f"crm undo {filled.operation_id} takes it back")
