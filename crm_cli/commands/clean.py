"""`crm clean`: a messy file in, a standardized and merged file out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli.commands.kit import App, Crm
from crm_cli.commands.match_rules import RulesFile, given_rules
from crm_cli.commands.reading import CountryOption, DateOrder, Delimiter, Encoding, Header, known_order, read_options
from crm_cli.errors import ExitCode, UsageError
from crm_cli.options import Output, Overwrite, Rejects, Sheet, SourceArgument

if TYPE_CHECKING:
    from crm_cli.jobs.cleaning import CleanResult

__all__ = ["app"]

app = App()

StandardizeOnly = Annotated[bool, typer.Option("--standardize-only", help="Only standardize; merge nothing.")]
Review = Annotated[
    Path | None, typer.Option("--review", metavar="FILE", help="Write the pairs it was not sure of here, to decide.")
]
DecisionsFile = Annotated[
    Path | None, typer.Option("--decisions", metavar="FILE", help="The review sheet, decided: y or n in each row.")
]
Above = Annotated[
    float | None,
    typer.Option(
        "--above", metavar="P", min=0.5, max=1.0, help="Merge from this probability on; else as --rules, or 0.95."
    ),
]
IdColumn = Annotated[str | None, typer.Option("--id-column", metavar="NAME", help="A column that numbers the rows.")]


@app.command(database=False)
def clean(
    crm: Crm,
    source: SourceArgument,
    output: Output = None,
    rejects: Rejects = None,
    review: Review = None,
    decisions: DecisionsFile = None,
    standardize_only: StandardizeOnly = False,
    above: Above = None,
    rules: RulesFile = None,
    id_column: IdColumn = None,
    country: CountryOption = None,
    date_order: DateOrder = None,
    sheet: Sheet = None,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    header: Header = None,
    overwrite: Overwrite = False,
) -> ExitCode:
    """Standardize a file and merge its duplicates, without a database.

    Rows that are surely the same become one; pairs it is not sure of go to --review, to be decided in a spreadsheet
    and taken back with --decisions.

    Examples:
        crm clean customers.csv -o clean.csv
        crm clean customers.xlsx -o clean.xlsx --review review.xlsx
        crm clean customers.xlsx -o clean.xlsx --decisions review.xlsx --overwrite
        crm clean customers.csv -o clean.csv --rules customers.toml
    """
    from crm_cli.jobs.cleaning import CleanOptions, CleanOutputs, clean_source
    from crm_cli.standardize import Context

    if output is None:
        raise UsageError("clean needs a file to write", hint="-o FILE.csv or -o FILE.xlsx")
    home = country or crm.config.text("default_country") or None
    options = CleanOptions(
        read=read_options(encoding=encoding, delimiter=delimiter, header=header, sheet=sheet),
        context=Context(country=home, date_order=known_order(date_order)),
        standardize_only=standardize_only, above=above, id_column=id_column, rules=given_rules(crm, rules),
    )  # fmt: skip
    outputs = CleanOutputs(
        "-" if str(output) == "-" else crm.path(output),
        _path(crm, rejects),
        _path(crm, review),
        _path(crm, decisions),
        overwrite,
    )
    with crm.console.progress(f"cleaning {source}"):
        result = clean_source(source if source == "-" else crm.path(source), outputs, options)
    _show(crm, result, review)
    return result.exit_code


def _path(crm: Crm, given: Path | None) -> Path | None:
    return crm.path(given) if given else None


def _show(crm: Crm, result: CleanResult, review: Path | None) -> None:
    shown: dict[str, Any] = {
        "rows": result.rows, "written": result.written, "merged_away": result.merged_away, "rejected": result.rejected,
        "unsure_pairs": result.unsure, "changed_cells": dict(result.changed_cells),
        "not_understood": dict(result.not_understood),
    }  # fmt: skip
    if result.estimated_precision is not None:
        shown["estimated_precision"] = round(result.estimated_precision, 4)
        shown["estimated_recall"] = round(result.estimated_recall or 0.0, 4)
    if crm.console.json:
        crm.console.show({**shown, "columns": result.roles, "warnings": result.warnings})
    else:
        for name, value in shown.items():
            if value == {}:
                continue
            text = ", ".join(f"{key} {count}" for key, count in value.items()) if isinstance(value, dict) else value
            crm.console.note(f"{name.replace('_', ' ')}: {text}")
    for warning in result.warnings:
        crm.console.warn(warning)
    if review and result.unsure:
        crm.console.next_step(f"decide in {review} (y or n), then run again with --decisions {review} --overwrite")
