"""`crm batch`: list, show, retry and undo imports."""

from __future__ import annotations

from typing import Annotated

import typer

from crm_cli.commands.kit import App, Crm
from crm_cli.commands.reading import CountryOption, DateOrder, MappingFile, known_order
from crm_cli.commands.undo import show_undo
from crm_cli.errors import ExitCode
from crm_cli.options import Limit, Rejects

__all__ = ["app"]

app = App("List, show, retry and undo imports.")

BatchNumber = Annotated[int, typer.Argument(metavar="BATCH", help="The batch's number, as crm batch list shows it.")]
_LIST_COLUMNS = ("id", "source", "into", "status", "started_at", "rows", "created", "updated", "unchanged", "rejected")


@app.command("list")
def list_(crm: Crm, limit: Limit = 20) -> None:
    """List the imports, the newest first.

    Example:
        crm batch list
    """
    from crm_cli.jobs.importing import list_batches

    crm.console.show(list_batches(crm.store, limit=limit or 20), columns=_LIST_COLUMNS)


@app.command()
def show(crm: Crm, number: BatchNumber, rejects: Rejects = None) -> None:
    """Show one import: mapping, counts, what was understood; --rejects writes its rejected rows to a file.

    Examples:
        crm batch show 3
        crm batch show 3 --rejects rejects.csv
    """
    from crm_cli.jobs.importing import batch_rejects, read_batch, write_batch_rejects

    batch = read_batch(crm.store, number)
    if rejects:
        count = write_batch_rejects(crm.store, number, crm.path(rejects))
        crm.console.note(f"{count} rejected rows written to {rejects}")
    else:
        crm.console.show_parts({"batch": batch, "rejected rows (first 20)": batch_rejects(crm.store, number, limit=20)})


@app.command(writes=True)
def retry(
    crm: Crm, number: BatchNumber, mapping: MappingFile = None, date_order: DateOrder = None,
    country: CountryOption = None, rejects: Rejects = None,
) -> ExitCode:  # fmt: skip
    """Import the rejected rows of a batch again: by a better mapping, or after what they needed has come.

    They are rows of the same source, and of a new batch; what is still not taken is rejected with that one (exit 4).

    Examples:
        crm batch retry 3
        crm batch retry 3 --mapping corrected.toml --dry-run
    """
    from crm_cli.commands.import_shown import show_import
    from crm_cli.importers.mapping import read_mapping
    from crm_cli.jobs.importing import ImportOptions, ImportRun, retry_batch

    options = ImportOptions(
        mapping=read_mapping(crm.path(mapping)) if mapping else None, date_order=known_order(date_order),
        country=country or crm.config.text("default_country") or None,
        currency=crm.config.text("base_currency") or None, timezone=crm.config.text("timezone") or None,
    )  # fmt: skip
    run = ImportRun(rejects=crm.path(rejects) if rejects else None, dry_run=crm.dry_run, wait=crm.wait)
    result = retry_batch(crm.store, number, crm.author, options, run)
    show_import(crm, [result], [])
    return result.exit_code


@app.command(writes=True)
def undo(crm: Crm, number: BatchNumber) -> ExitCode:
    """Undo an import: what it created goes, what it changed is as before.

    Records that were edited or referred to since are refused and listed (exit 4).

    Example:
        crm batch undo 3 --yes
    """
    from crm_cli.jobs.importing import read_batch, undo_batch

    batch = read_batch(crm.store, number)
    if not crm.confirm(f"Undo the import of {batch.source} ({batch.created} created, {batch.updated} updated)?"):
        return ExitCode.DONE
    return show_undo(crm, undo_batch(crm.store, number, crm.author, dry_run=crm.dry_run, wait=crm.wait))
