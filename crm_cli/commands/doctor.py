"""`crm doctor`: this installation, the configuration and the database, checked."""

from __future__ import annotations

from crm_cli.commands.checkup import Check, checkup
from crm_cli.commands.kit import App, Crm
from crm_cli.errors import ExitCode
from crm_cli.options import Format

__all__ = ["app"]

app = App()


@app.command()
def doctor(crm: Crm, format_: Format = None) -> ExitCode:
    """Check this installation, the configuration and the database; end with 3 when something is to be mended.

    Examples:
        crm doctor
        crm doctor --db prod --json
    """
    found = checkup(crm)
    crm.console.show(found, format_)
    for one in found:
        if one.problem:
            crm.console.note(f"{one.check}: {one.cure}")
    return _exit_code(found)


def _exit_code(found: list[Check]) -> ExitCode:
    return ExitCode.FINDINGS if any(one.problem for one in found) else ExitCode.DONE
