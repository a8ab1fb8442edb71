"""`crm due`: what should have run and did not."""

from __future__ import annotations

import shlex
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli.commands.kit import App, Crm
from crm_cli.commands.times import local
from crm_cli.errors import ExitCode, UsageError
from crm_cli.options import AllRecords

if TYPE_CHECKING:
    from crm_cli.jobs.scripting import Lateness

__all__ = ["app"]

app = App()

Scripts = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="SCRIPT…", help="Scripts, or folders of them; else those in scripts/ and all that ever ran."
    ),
]
Now = Annotated[
    str | None,
    typer.Option("--now", metavar="DATE", help="Reckon as if it were 2026-11-30 08:00, or the end of 2026-11-30."),
]


@app.command()
def due(crm: Crm, scripts: Scripts = None, now: Now = None, all_: AllRecords = False) -> ExitCode:
    """List what should have run and did not, and end with 3 if there is anything.

    Scripts and extracts say when they should run: every = "1 day", or due = "06:30 mon-fri". A run counts when it came
    to its end, whatever it found; one that failed or was interrupted does not. --all shows those in time too.

    Examples:
        crm due
        crm due scripts/nightly.toml --json
        crm due --now "2026-11-30 08:00" --all
    """
    from crm_cli.jobs.scripting import find_scheduled, lateness

    project = crm.config.project.parent if crm.config.project else crm.surroundings.cwd
    places = [crm.path(one) for one in scripts or []]
    found = find_scheduled(crm.store, places, project)
    standing = lateness(crm.store, found, _moment(crm, now))
    late = [one for one in standing if one.late]
    rows = [_row(crm, one) for one in (standing if all_ else late)]
    if rows or crm.console.json:
        crm.console.show(rows)
    for error in found.broken:
        crm.console.warn(f"{error.message}: {error.hint}")
    if not late and not found.broken:
        crm.console.note(f"nothing is late ({len(standing)} scripts and extracts say when they should run)")
    return ExitCode.FINDINGS if late or found.broken else ExitCode.DONE


def _moment(crm: Crm, text: str | None) -> datetime:
    if text is None:
        return crm.store.now()
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        pass
    else:
        return datetime.combine(day, time(23, 59, 59), tzinfo=crm.zone)
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(f"{text!r} is no moment", hint='write 2026-11-30, or "2026-11-30 08:00"') from None
    return moment if moment.tzinfo else moment.replace(tzinfo=crm.zone)


def _row(crm: Crm, one: Lateness) -> dict[str, Any]:
    ended = one.ended if one.exit_code is None else f"{one.ended} ({one.exit_code})"
    return {
        "name": one.name, "due": one.schedule, "late": one.late, "since": local(crm, one.due_at),
        "last_run": local(crm, one.last_run), "ended": ended, "command": _command(crm, one),
    }  # fmt: skip


def _command(crm: Crm, one: Lateness) -> str:
    if one.path is None:
        return f"crm extract run {shlex.quote(one.name)}"
    here = crm.surroundings.cwd.resolve()
    shown = one.path.relative_to(here) if one.path.is_relative_to(here) else one.path
    return f"crm run {shlex.quote(str(shown))}{' --resume' if one.ended in ('interrupted', 'failed') else ''}"
