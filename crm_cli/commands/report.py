"""`crm report`: list, show and run reports."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli.cells import cell
from crm_cli.commands.assignments import assignments
from crm_cli.commands.kit import App, Crm
from crm_cli.commands.times import day
from crm_cli.errors import UsageError
from crm_cli.options import EntityArgument, Format, Output, Overwrite, Today, Where

if TYPE_CHECKING:
    from crm_cli.reports import Definition, Report

__all__ = ["app"]

app = App("List, show and run reports, make cross tables.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="The report's name, as crm report list shows it.")]
Sql = Annotated[bool, typer.Option("--sql", help="Show the statement in the database's words instead of running it.")]
Rows = Annotated[str, typer.Option("--rows", metavar="FIELD,…", help="What is grouped down.")]
Across = Annotated[str | None, typer.Option("--across", metavar="FIELD", help="What is grouped across.")]
Figure = Annotated[
    str, typer.Option("--figure", metavar="count|sum:FIELD|…", help="What stands in the cells: also avg, min, max.")
]
Values = Annotated[
    list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Set a parameter of the report; repeatable.")
]


@app.command("list")
def list_(crm: Crm, format_: Format = None) -> None:
    """List the reports: the shipped ones, and your own in the folder reports/ beside crm.toml.

    Example:
        crm report list
    """
    from crm_cli.reports import load_reports

    rows = [{"name": one.name, "title": one.title, "takes": _takes(one)} for one in load_reports(_folder(crm)).values()]
    crm.console.show(rows, format_)


@app.command()
def show(crm: Crm, name: Name) -> None:
    """Show what a report says, what it takes, and its SQL as it is written.

    Example:
        crm report show pipeline
    """
    from crm_cli.reports import find_report

    found = find_report(name, _folder(crm))
    facts = {"title": found.title, "description": found.description, "file": found.path}
    parameters = [
        {"name": p.name, "type": p.type, "default": p.default, "meaning": p.meaning} for p in found.parameters
    ]
    crm.console.show_parts({"report": facts, "parameters": parameters, "sql": {"statement": found.sql}})


@app.command()
def run(
    crm: Crm,
    name: Name,
    values: Values = None,
    where: Where = None,
    today: Today = None,
    sql: Sql = False,
    output: Output = None,
    overwrite: Overwrite = False,
    format_: Format = None,
) -> None:
    """Run a report: read-only, the same result on every database.

    With -o it is a file: .html is a page with its chart, .json a document, .xlsx and .csv tables.

    Examples:
        crm report run pipeline
        crm report run pipeline --set owner=maria --where "territory.name = 'South'"
        crm report run abc -o abc.html
        crm report run pipeline --sql
    """
    from crm_cli.reports import find_report, report_sql, run_report

    found = find_report(name, _folder(crm))
    if sql:
        crm.console.text(report_sql(found, crm.store.backend))
        return
    path = _file(crm, output, overwrite=overwrite)
    report = run_report(crm.store, found, assignments(values) if values else {}, day(crm, today), where)
    _give(crm, report, path, format_, overwrite=overwrite, description=found.description)


@app.command()
def pivot(
    crm: Crm,
    entity: EntityArgument,
    rows: Rows,
    across: Across = None,
    figure: Figure = "count",
    where: Where = None,
    output: Output = None,
    overwrite: Overwrite = False,
    format_: Format = None,
) -> None:
    """Make a cross table of records: groups down and across, a figure in each cell.

    Fields of related records can be named, such as owner.username. A date can have a period: expected_close_on:month.
    Amounts are added by currency.

    Examples:
        crm report pivot opportunity --rows owner.username --across stage
        crm report pivot opportunity --rows territory.name,owner.username --across closed_at:quarter --figure sum:amount
        crm report pivot account --rows industry --across country -o accounts.xlsx
    """
    from crm_cli.reports import Measure, Pivot, pivot_records

    path = _file(crm, output, overwrite=overwrite)
    down = tuple(name.strip() for name in rows.split(",") if name.strip())
    if not down:
        raise UsageError("--rows names no field", hint="such as --rows stage,owner.username")
    report = pivot_records(crm.store, Pivot(entity, down, across, Measure.read(figure), where))
    _give(crm, report, path, format_, overwrite=overwrite)


def _file(crm: Crm, output: Path | None, *, overwrite: bool) -> Path | None:
    """Return where a report is to be written, having refused now what could not be written later."""
    from crm_cli.jobs.reporting import check_report_file

    if output is None or str(output) == "-":
        return None
    path = crm.path(output)
    check_report_file(path, overwrite=overwrite)
    return path


def _give(crm: Crm, report: Report, path: Path | None, format_: Any, *, overwrite: bool, description: str = "") -> None:
    from crm_cli.jobs.reporting import write_report_file

    if path is None:
        _show(crm, report, format_)
        return
    written = write_report_file(report, path, description=description, overwrite=overwrite)
    crm.console.note(f"wrote {written.rows} rows to {written.path}")


def _show(crm: Crm, report: Report, format_: Any) -> None:
    from crm_cli.reports import bar_lines

    crm.console.show(report.rows, format_, report.columns)
    if crm.console.json or format_ is not None:
        return
    bars = bar_lines(report)
    width = max((len(label) for label, _ in bars), default=0)
    if bars:
        crm.console.line("")
    for label, bar in bars:
        crm.console.line(f"{cell(label):<{width}}  {bar}")


def _folder(crm: Crm) -> Path:
    return crm.path("reports")


def _takes(one: Definition) -> str:
    return ", ".join(f"{p.name} ({p.type})" for p in one.parameters)
