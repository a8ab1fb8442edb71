"""`crm profile`: what is in a file or an entity, column by column."""

from __future__ import annotations

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
from crm_cli.dictionary import Entity
from crm_cli.options import Sheet, SourceArgument, Where

__all__ = ["app"]

app = App()


@app.command()
def profile(
    crm: Crm,
    source: SourceArgument,
    where: Where = None,
    country: CountryOption = None,
    sheet: Sheet = None,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    header: Header = None,
    source_format: SourceFormat = None,
    quote: Quote = None,
    layout: Layout = None,
) -> None:
    """Show what is in a file or an entity: types, fill, values, patterns, odd ones, what no rule understands.

    Examples:
        crm profile customers.xlsx
        crm profile contact --where "country = 'DE'"
        crm profile customers.csv --json
    """
    from crm_cli.jobs.profiling import as_rows, profile_entity, profile_source
    from crm_cli.standardize import Context

    context = Context(country=country or crm.config.text("default_country") or None)
    what = crm.source_or_entity(source)
    with crm.console.progress(f"profiling {source}") as bar:
        if isinstance(what, Entity):
            tables = profile_entity(crm.store, what.name, context, where=where, progress=bar.advance)
        else:
            reading = read_options(
                encoding=encoding, delimiter=delimiter, header=header, sheet=sheet, source_format=source_format,
                quote=quote, layout=crm.path(layout) if layout else None,
            )  # fmt: skip
            tables = profile_source(what, reading, context, bar.advance)
    if crm.console.json:
        crm.console.show([_plain(table) for table in tables])
    else:
        crm.console.show_parts(
            {f"{one.name}: {one.rows} rows, {one.repeated_rows} repeated": as_rows(one) for one in tables}
        )


def _plain(table: object) -> dict[str, object]:
    from dataclasses import asdict

    return asdict(table)  # type: ignore[call-overload, no-any-return]
