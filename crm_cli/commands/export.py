"""`crm export`: write records to a file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from crm_cli.commands.export_options import (
    Destination,
    ExportFor,
    Mask,
    Order,
    PointsOption,
    Split,
    masking_key,
    note_down,
    points_of,
    purpose,
    say,
    target_of,
    words,
)
from crm_cli.commands.kit import App, Crm
from crm_cli.completion import entity_nouns
from crm_cli.errors import UsageError
from crm_cli.options import Columns, Format, Limit, Overwrite, Where

if TYPE_CHECKING:
    from crm_cli.jobs.exporting import Target

__all__ = ["app", "output_target"]

app = App()

Entities = Annotated[
    str,
    typer.Argument(
        metavar="ENTITY,…", help="What to export, such as contact; several into one .xlsx, .db or database.",
        autocompletion=entity_nouns,
    ),
]  # fmt: skip


@app.command()
def export(
    crm: Crm,
    entity: Entities,
    output: Destination = None,
    where: Where = None,
    columns: Columns = None,
    order: Order = None,
    limit: Limit = None,
    for_: ExportFor = None,
    points: PointsOption = None,
    mask: Mask = None,
    split: Split = None,
    format_: Format = None,
    overwrite: Overwrite = False,
) -> None:
    """Write records to a CSV, TSV, Excel, JSON Lines, Parquet, vCard or SQLite file; the name says which.

    A URL writes tables into that database. Text that a spreadsheet would run as a formula is guarded. The file appears
    whole or not at all. With --for edit it is a workbook to be edited and imported again: crm import FILE takes only
    the cells that were changed, and refuses those that somebody else changed meanwhile.

    Examples:
        crm export contact --for edit -o contacts.xlsx --where "country = 'DE'"
        crm export contact -o contacts.csv
        crm export contact -o texas.xlsx --where "region = 'TX'" --columns given_name,family_name,email,account.name
        crm export account,contact -o customers.xlsx
        crm export contact -o mailing.csv --for marketing:email --points rows --columns id,given_name,family_name,email
        crm export contact -o analysis.parquet --mask default
        crm export account -o 'out/{value}.csv' --split territory
        crm export account -o - --columns name,city
    """
    from crm_cli.jobs.exporting import Request, write_export

    if output is None:
        raise UsageError("export needs a file", hint="-o FILE.csv, or -o - for the standard output")
    if words(for_) == ["edit"]:
        if points or mask or split or "," in entity:
            raise UsageError("--for edit makes one plain workbook", hint="leave --points, --mask and --split out")
        _export_for_edit(crm, entity, Path(output), where, columns, order, limit, overwrite)
        return
    target = target_of(crm, output, format_=str(format_) if format_ else None, overwrite=overwrite, split=split)
    masked = words(mask)
    requests = [
        Request(
            entity=one, columns=words(columns), where=where, order=words(order), limit=limit, points=points_of(points),
            purpose=purpose(for_), mask=masked, key=masking_key(crm, masked),
        )
        for one in words(entity)
    ]  # fmt: skip
    with _seen(crm, target) as aside, crm.console.progress(f"exporting {entity}") as bar:
        done = write_export(crm.store, requests, aside, progress=bar.advance)
    note_down(crm, done.run(target, crm.actor, document={"filter": where} if where else None))
    say(crm, done, output)


@contextmanager
def _seen(crm: Crm, target: Target) -> Iterator[Target]:
    if target.is_database:
        yield target
    else:
        with output_target(crm, Path(target.where)) as where:
            yield replace(target, where=where)


def _export_for_edit(
    crm: Crm, entity: str, output: Path, where: str | None, columns: str | None, order: str | None, limit: int | None,
    overwrite: bool,
) -> None:  # fmt: skip
    from crm_cli.jobs.sheet_editing import export_for_edit, masked_of

    with crm.console.progress(f"exporting {entity}") as bar:
        done = export_for_edit(
            crm.store, entity, crm.path(output), where=where, columns=words(columns) or None, order=words(order),
            limit=limit, overwrite=overwrite, progress=bar.advance,
        )  # fmt: skip
    crm.console.note(f"{done.rows} records written to {output}, to be edited")
    if masked := masked_of(crm.store, entity, words(columns) or None):
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
