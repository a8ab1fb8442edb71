"""`crm run`: the steps of a script, in order."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crm_cli.commands.assignments import assignments
from crm_cli.commands.kit import App, Crm
from crm_cli.commands.policies import sources_folder
from crm_cli.errors import ExitCode
from crm_cli.options import Today

if TYPE_CHECKING:
    from crm_cli.automation import Step

__all__ = ["app"]

app = App()

ScriptFile = Annotated[Path, typer.Argument(metavar="SCRIPT", help="The script, a TOML file.")]
Values = Annotated[
    list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Set a parameter of the script; repeatable.")
]


@app.command(writes=True)
def run(crm: Crm, script: ScriptFile, values: Values = None, today: Today = None) -> ExitCode:
    """Run the steps of a script in order; findings and rejected rows do not stop it, errors do.

    --dry-run runs everything in one transaction and rolls it back. Ends with the weightiest code of the steps.

    Examples:
        crm run examples/nightly.toml --dry-run
        crm run examples/nightly.toml --set file=new.csv
    """
    from crm_cli.automation import read_script
    from crm_cli.jobs.scripting import ScriptContext, execute_script

    made = read_script(crm.path(script)).with_values(assignments(values) if values else {})
    defaults = {
        name: crm.config.text(key) or None
        for name, key in (("country", "default_country"), ("currency", "base_currency"), ("timezone", "timezone"))
    }
    day = date.fromisoformat(today) if today else crm.store.today()
    context = ScriptContext(
        crm.store, crm.author, made.folder, day, crm.dry_run, crm.wait, defaults, sources_folder(crm)
    )
    result = execute_script(made, context, lambda step: _announce(crm, step))
    crm.console.show(result.steps)
    for name in result.skipped:
        crm.console.warn(f"not run: {name}")
    if crm.dry_run:
        crm.console.note("dry run: nothing was written")
    return result.exit_code


def _announce(crm: Crm, step: Step) -> None:
    crm.console.note(f"step {step.number}: {step.name}")
