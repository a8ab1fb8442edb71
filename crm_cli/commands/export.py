"""`crm export`: write records to a file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from crm_cli.commands.kit import App, Crm
from crm_cli.errors import UsageError
from crm_cli.options import Columns, EntityArgument, Format, Limit, Output, Overwrite, Where

__all__ = ["app", "output_target"]

app = App()

For = Annotated[
    str | None,
    typer.Option(
        "--for",
        metavar="excel|edit",
        help="For what: excel marks CSV so that Excel shows every script, edit makes a workbook to be imported again.",
    ),
]
Order = Annotated[str | None, typer.Option("--order", metavar="FIELD,…", help="Order by these fields; else by id.")]


@app.command()
def export(
    crm: Crm,
    entity: EntityArgument,
    output: Output = None,
    where: Where = None,
    columns: Columns = None,
    order: Order = None,
    limit: Limit = None,
    for_: For = None,
    format_: Format = None,
    overwrite: Overwrite = False,
) -> None:
    """Write records to a CSV, TSV, Excel, JSON Lines, Parquet or vCard file; the name says which.

    Text that a spreadsheet would run as a formula is guarded. The file appears whole or not at all. With --for edit it
    is a workbook to be edited and imported again: crm import FILE takes only the cells that were changed, and refuses
    those that somebody else changed meanwhile.

    Examples:
        crm export contact --for edit -o contacts.xlsx --where "country = 'DE'"
        crm export contact -o contacts.csv
        crm export contact -o texas.xlsx --where "region = 'TX'" --columns given_name,family_name,email,account.name
        crm export account -o - --columns name,city
    """
    from crm_cli.exporters import ExportOptions
    from crm_cli.jobs.exporting import export_records, masked_of

    if output is None:
        raise UsageError("export needs a file", hint="-o FILE.csv, or -o - for the standard output")
    if for_ not in (None, "excel", "edit"):
        raise UsageError(f"--for {for_}: unknown", hint="--for excel, or --for edit")
    if for_ == "edit":
        _export_for_edit(crm, entity, output, where, columns, order, limit, overwrite)
        return
    name = str(format_) if format_ else ("csv" if str(output) == "-" else None)
    with output_target(crm, output) as target, crm.console.progress(f"exporting {entity}") as bar:
        options = ExportOptions(overwrite=overwrite, for_excel=for_ == "excel")
        done = export_records(
            crm.store, entity, target, columns=_names(columns), where=where, order=_names(order), limit=limit,
            options=options, format_name=name, progress=bar.advance,
        )  # fmt: skip
    crm.console.note(f"{done.rows} records written to {output} (SHA-256 {done.sha256[:12]}…)")
    if masked := masked_of(crm.store, entity, _names(columns)):
        crm.console.note(f"masked, and left blank: {', '.join(masked)}")


def _export_for_edit(
    crm: Crm, entity: str, output: Path, where: str | None, columns: str | None, order: str | None, limit: int | None,
    overwrite: bool,
) -> None:  # fmt: skip
    from crm_cli.jobs.sheet_editing import export_for_edit, masked_of

    with crm.console.progress(f"exporting {entity}") as bar:
        done = export_for_edit(
            crm.store, entity, crm.path(output), where=where, columns=_names(columns), order=_names(order) or (),
            limit=limit, overwrite=overwrite, progress=bar.advance,
        )  # fmt: skip
    crm.console.note(f"{done.rows} records written to {output}, to be edited")
    if masked := masked_of(crm.store, entity, _names(columns)):
        crm.console.note(f"masked, and left out: {', '.join(masked)}")
    crm.console.next_step(f"crm import {output} --dry-run, once it is edited and saved")


@contextmanager
def output_target(crm: Crm, output: Path) -> Iterator[Path | str]:
    """Where to write: the file, the pipe, or for a terminal a file aside, shown with nothing in it to be obeyed."""
    if str(output) != "-":
        yield crm.path(output)
    elif not crm.console.is_terminal:
        yield "-"
    else:
        with TemporaryDirectory() as folder:
            yield Path(folder, "shown")
            crm.console.text(_shown(Path(folder, "shown")).rstrip("\n"))


def _shown(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as fault:
        raise UsageError("a terminal cannot show this format", hint="-o FILE, or --format csv") from fault


def _names(text: str | None) -> list[str] | None:
    return [name.strip() for name in text.split(",") if name.strip()] if text else None
