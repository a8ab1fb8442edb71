"""`crm init`: a database and a project file in this folder."""

from __future__ import annotations

from typing import Annotated

import typer

from crm_cli.commands.kit import App, Crm
from crm_cli.commands.setup import Project, make_project

__all__ = ["app"]

app = App()

Country = Annotated[
    str | None, typer.Option("--country", metavar="CODE", help="Country of numbers and addresses that name none: US.")
]
Currency = Annotated[str | None, typer.Option("--currency", metavar="CODE", help="Currency of sums, such as USD.")]
Timezone = Annotated[str | None, typer.Option("--timezone", metavar="NAME", help="Such as Europe/Berlin.")]


@app.command()
def init(crm: Crm, country: Country = None, currency: Currency = None, timezone: Timezone = None) -> None:
    """Make a database and a project file `crm.toml` in this folder; nothing that exists is overwritten.

    Examples:
        crm init
        crm init --country DE --currency EUR --timezone Europe/Berlin
        crm init --db postgresql://server/customers

    Without --db the database is the one that CRM_DB names, else `crm.db`. A URL with a password stays out of the
    project file.
    """
    chosen = {"default_country": country, "base_currency": currency, "timezone": timezone}
    settings = {name: value for name, value in chosen.items() if value}
    from_environment = None if crm.common.db else crm.surroundings.environ.get("CRM_DB")
    database = crm.common.db or from_environment or "crm.db"
    project = Project(crm.surroundings.cwd, database, settings, is_recorded=from_environment is None)
    made = make_project(project)
    if crm.console.json:
        crm.console.show(made)
    crm.console.note(f"made {made.file} and the database {made.database}")
    crm.console.next_step("crm import FILE --into contact --dry-run")
