"""`crm profile`: what is in a file or an entity, column by column."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from crm_cli.commands.kit import App, Crm
from crm_cli.commands.reading import (
    CountryOption,
    Delimiter,
    Encoding,
    Header,
    Layout,
    Quote,
    SourceFormat,
    read_options,
)
from crm_cli.commands.times import day
from crm_cli.dictionary import Entity
from crm_cli.options import Output, Overwrite, Sheet, SourceArgument, Today, Where

if TYPE_CHECKING:
    from crm_cli.importers import ReadOptions
    from crm_cli.jobs.profiling import Profile

__all__ = ["app"]

app = App()


@app.command()
def profile(
    crm: Crm,
    source: SourceArgument,
    where: Where = None,
    output: Output = None,
    overwrite: Overwrite = False,
    today: Today = None,
    country: CountryOption = None,
    sheet: Sheet = None,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    header: Header = None,
    source_format: SourceFormat = None,
    quote: Quote = None,
    layout: Layout = None,
) -> None:
    """Show what is in a file or an entity: types, fill, values, patterns, keys, duplicates, what is worth a look.

    -o writes a page (.html) that needs nothing but itself, or .json, the document that --json writes to the standard
    output. Nothing is changed. Masked fields stay masked.

    Examples:
        crm profile customers.xlsx
        crm profile customers.csv -o profile.html
        crm profile contact --where "country = 'DE'"
        crm profile customers.csv --json
    """
    from crm_cli.jobs.profiling import check_profile_target, write_profile

    if output is not None:
        check_profile_target(crm.path(output), overwrite=overwrite)
    reading = read_options(
        encoding=encoding, delimiter=delimiter, header=header, sheet=sheet, source_format=source_format,
        quote=quote, layout=crm.path(layout) if layout else None,
    )  # fmt: skip
    made = _measured(crm, source, reading, where=where, country=country, today=today)
    if output is None:
        _show(crm, made)
    else:
        written = write_profile(made, crm.path(output), overwrite=overwrite)
        crm.console.note(f"wrote {written.path}")


def _measured(
    crm: Crm, source: str, reading: ReadOptions, *, where: str | None, country: str | None, today: str | None
) -> Profile:
    from crm_cli.jobs.profiling import Profile, profile_entity, profile_source
    from crm_cli.standardize import Context

    context = Context(country=country or crm.config.text("default_country") or None)
    as_of = day(crm, today) if today else datetime.now(crm.zone).date()  # a file needs no database
    what = crm.source_or_entity(source)
    with crm.console.progress(f"profiling {source}") as bar:
        if isinstance(what, Entity):
            tables = profile_entity(
                crm.store, what.name, context, today=as_of, where=where, progress=bar.advance
            )  # fmt: skip
        else:
            tables = profile_source(what, reading, context, today=as_of, named=source, progress=bar.advance)
    return Profile(source, as_of, tables)


def _show(crm: Crm, made: Profile) -> None:
    from crm_cli.jobs.profiling import column_rows, document, duplicate_rows, finding_rows, headline

    if crm.console.json:
        crm.console.show(document(made))
        return
    parts: dict[str, Any] = {}
    for table in made.tables:
        parts[headline(table)] = column_rows(table)
        if found := finding_rows(table):
            parts[f"{table.name}: worth a look"] = found
        if repeated := duplicate_rows(table):
            parts[f"{table.name}: rows that repeat others"] = repeated
    crm.console.show_parts(parts)
    crm.console.next_step("-o FILE.html writes a page with charts and all of it")
