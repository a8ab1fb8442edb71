"""`crm report`: list, show and run reports."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli.cells import cell
from crm_cli.commands.assignments import assignments
from crm_cli.commands.kit import App, Crm
from crm_cli.options import Format, Today

if TYPE_CHECKING:
    from crm_cli.reports import Definition, Report

__all__ = ["app"]

app = App("List, show and run reports.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="The report's name, as crm report list shows it.")]
Sql = Annotated[bool, typer.Option("--sql", help="Show the statement in the database's words instead of running it.")]
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
    crm: Crm, name: Name, values: Values = None, today: Today = None, sql: Sql = False, format_: Format = None
) -> None:
    """Run a report: read-only, the same result on every database.

    Examples:
        crm report run pipeline
        crm report run pipeline --set owner=maria --json
        crm report run pipeline --sql
    """
    from crm_cli.reports import find_report, report_sql, run_report

    found = find_report(name, _folder(crm))
    if sql:
        crm.console.text(report_sql(found, crm.store.backend))
        return
    day = date.fromisoformat(today) if today else crm.store.today()
    _show(crm, run_report(crm.store, found, assignments(values) if values else {}, day), format_)


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
