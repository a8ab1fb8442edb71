"""`crm mapping`: make and check mapping files for imports, and show the profiles of known systems."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crm_cli.commands.kit import App, Crm
from crm_cli.commands.reading import Delimiter, Encoding, Header, Layout, Quote, SourceFormat, read_options
from crm_cli.errors import UsageError
from crm_cli.options import Output, Overwrite, Sheet, SourceArgument

__all__ = ["app"]

app = App("Make and check mapping files, show the layouts of known systems.")

Into = Annotated[
    str,
    typer.Option(
        "--into",
        metavar="ENTITY",
        help="What the rows are: contact, account, account+contact, lead, opportunity, activity, user.",
    ),
]
ProfileArgument = Annotated[
    str | None, typer.Argument(metavar="NAME", help="A system, or the path of a profile file (.toml).")
]
MappingArgument = Annotated[Path, typer.Argument(metavar="MAPPING", help="The mapping file.")]


@app.command()
def make(
    crm: Crm,
    source: SourceArgument,
    into: Into = "contact",
    output: Output = None,
    overwrite: Overwrite = False,
    sheet: Sheet = None,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    header: Header = None,
    source_format: SourceFormat = None,
    quote: Quote = None,
    layout: Layout = None,
) -> None:
    """Suggest a mapping for a source, to look through and complete.

    Examples:
        crm mapping make customers.csv --into contact
        crm mapping make customers.csv --into account+contact -o customers.map.toml
    """
    from crm_cli.jobs.importing import suggest_for_source

    reading = read_options(
        encoding=encoding, delimiter=delimiter, header=header, sheet=sheet, source_format=source_format, quote=quote,
        layout=crm.path(layout) if layout else None,
    )  # fmt: skip
    where = source if source == "-" or "://" in source else crm.path(source)
    text = suggest_for_source(crm.dictionary, where, tuple(into.split("+")), reading).to_toml()
    if output is None or str(output) == "-":
        crm.console.text(text.rstrip("\n"))
        return
    _write(crm, output, text, overwrite=overwrite)
    crm.console.next_step(f"crm import {source} --mapping {output} --dry-run")


@app.command(database=False)
def check(crm: Crm, mapping: MappingArgument, source: SourceArgument) -> None:
    """Check a mapping file against the dictionary and a source: every column and every field must exist.

    Example:
        crm mapping check customers.map.toml customers.csv
    """
    from crm_cli.importers.mapping import read_mapping
    from crm_cli.jobs.importing import check_mapping

    where = source if source == "-" or "://" in source else crm.path(source)
    crm.console.show(check_mapping(crm.dictionary, read_mapping(crm.path(mapping)), where))


@app.command(database=False)
def profiles(crm: Crm, name: ProfileArgument = None, output: Output = None, overwrite: Overwrite = False) -> None:
    """List the systems whose layouts are known, or show one: its tables, and what their columns fill.

    With --output the file of a profile is written, to change it: one in the folder `profiles` of the project goes
    before a shipped one of the same name.

    Examples:
        crm mapping profiles
        crm mapping profiles salesforce
        crm mapping profiles profiles/old-crm.toml
        crm mapping profiles salesforce -o profiles/salesforce.toml
    """
    from crm_cli.importers.profiles import find_profile, list_profiles, profile_text
    from crm_cli.jobs.importing import profile_rows, table_rows

    project = crm.path(Path())
    if name is None:
        crm.console.show(profile_rows(list_profiles(project)))
        crm.console.next_step("crm import FILES --profile NAME --dry-run")
        return
    if output is not None:
        _write(crm, output, profile_text(name, project), overwrite=overwrite)
        return
    crm.console.show_parts(table_rows(crm.dictionary, find_profile(name, project)))


def _write(crm: Crm, output: Path, text: str, *, overwrite: bool) -> None:
    target = crm.path(output)
    if target.exists() and not overwrite:
        raise UsageError(f"{output} exists already", hint="--overwrite replaces it")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
