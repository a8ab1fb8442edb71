"""`crm run`: the steps of a script, in order."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli.commands.assignments import assignments
from crm_cli.commands.kit import App, Crm
from crm_cli.commands.times import day
from crm_cli.errors import ExitCode, UsageError
from crm_cli.options import Today

if TYPE_CHECKING:
    from crm_cli.automation import Script, ScriptResult, StepReport
    from crm_cli.jobs.scripting import ScriptContext, ScriptEvent, Watch

__all__ = ["app"]

app = App()

ScriptFile = Annotated[Path | None, typer.Argument(metavar="SCRIPT", help="The script, a TOML file.")]
Values = Annotated[
    list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Set a parameter of the script; repeatable.")
]
Resume = Annotated[
    bool, typer.Option("--resume", help="Go on with the last run, behind its last finished step, if it broke off.")
]
Restart = Annotated[bool, typer.Option("--restart", help="Begin anew although the last run was interrupted.")]
First = Annotated[str | None, typer.Option("--from", metavar="STEP", help="Begin at this step: its name or number.")]
Only = Annotated[str | None, typer.Option("--only", metavar="STEP", help="Run this step alone.")]
LogFile = Annotated[
    Path | None, typer.Option("--log", metavar="FILE", help="Append what happens to this file, as JSON Lines.")
]
Schema = Annotated[bool, typer.Option("--schema", help="Show the JSON Schema of scripts, for editors.")]


@app.command(writes=True)
def run(
    crm: Crm, script: ScriptFile = None, values: Values = None, resume: Resume = False, restart: Restart = False,
    first: First = None, only: Only = None, log: LogFile = None, schema: Schema = False, today: Today = None,
) -> ExitCode | None:  # fmt: skip
    """Run the steps of a script in order; findings and rejected rows do not stop it, errors do.

    Each step is a transaction of its own; Ctrl-C and SIGTERM roll the one in progress back, and --resume goes on
    there, with the parameters of before. After an interruption it says which of --resume and --restart is meant.
    --dry-run runs everything in one transaction and rolls it back. Ends with the weightiest code of the steps, with 5
    where the script runs already. `crm undo --run` takes all of a run back.

    Examples:
        crm run examples/nightly.toml --dry-run
        crm run examples/nightly.toml --set file=new.csv --log nightly.jsonl
        crm run examples/nightly.toml --resume
        crm run examples/nightly.toml --only export
        crm run --schema > script.schema.json
    """
    if schema:
        _show_schema(crm)
        return None
    if script is None:
        raise UsageError("no script is named", hint="crm run nightly.toml, or crm run --schema")
    if resume and restart:
        raise UsageError("--resume goes on, --restart begins anew", hint="give one of them")
    from crm_cli.automation import read_script
    from crm_cli.jobs.scripting import RunRequest, execute_script

    made = read_script(crm.path(script))
    given = assignments(values) if values else {}
    request = RunRequest(given, crm.surroundings.cwd, crm.surroundings.environ, resume, restart, first, only)
    with _watched(crm, log) as watch:
        result = execute_script(made, _context(crm, made, today), request, watch)
    return _show(crm, script, result)


def _show_schema(crm: Crm) -> None:
    from crm_cli.automation import script_schema
    from crm_cli.jobs.scripting import STEPS

    schema = script_schema(STEPS)
    if crm.console.json:
        crm.console.show(schema)
    else:
        from crm_cli.cells import to_json

        crm.console.text(to_json(schema, indent=2))


def _context(crm: Crm, script: Script, today: str | None) -> ScriptContext:
    from crm_cli.jobs.scripting import ScriptContext

    settings = (("country", "default_country"), ("currency", "base_currency"), ("timezone", "timezone"))
    defaults = {name: crm.config.text(key) or None for name, key in settings}
    project = crm.config.project.parent if crm.config.project else crm.surroundings.cwd
    key = crm.surroundings.environ.get(crm.config.text("masking_key"), "")
    return ScriptContext(
        crm.store, crm.author, script.folder, day(crm, today), crm.dry_run, crm.wait, defaults, project, key
    )


@contextmanager
def _watched(crm: Crm, log: Path | None) -> Iterator[Watch]:
    """What is told of each event: the screen, and the log, which a dry run does not write."""
    from crm_cli.jobs.scripting import JsonLog

    if log is None or crm.dry_run:
        yield lambda event: _announce(crm, event)
        return
    with JsonLog(crm.path(log)) as written:

        def both(event: ScriptEvent) -> None:
            written(event)
            _announce(crm, event)

        yield both


def _announce(crm: Crm, event: ScriptEvent) -> None:
    if event.kind == "run-resumed":
        crm.console.note(f"run {event.run} goes on")
    if event.kind == "step-started":
        crm.console.note(f"step {event.step}: {event.name}")
    if event.kind == "step-retried" and event.error is not None:
        seconds = event.facts["wait_seconds"]
        crm.console.warn(f"step {event.step}: {event.error.message}; tried again in {seconds:g} seconds")


def _show(crm: Crm, script: Path, result: ScriptResult) -> ExitCode:
    rows = [_row(one) for one in result.steps]
    number = None if crm.dry_run else result.run
    if crm.console.json:
        facts = {"run": number, "status": result.status, "exit_code": int(result.exit_code)}
        crm.console.show({"script": result.name, **facts, "steps": rows, "not_run": result.not_run})
    else:
        crm.console.show(rows)
    for name in result.not_run:
        crm.console.warn(f"not run: {name}")
    if crm.dry_run:
        crm.console.note("dry run: nothing was written")
    elif result.stopped:
        crm.console.next_step(f"crm run {shlex.quote(str(script))} --resume goes on there, once the cause is mended")
    elif any(one.operation for one in result.steps):
        crm.console.next_step(f"crm undo --run {number} takes all of it back")
    return result.exit_code


def _row(one: StepReport) -> dict[str, Any]:
    return {
        "step": one.step, "name": one.name, "exit_code": one.exit_code, "summary": one.summary,
        "operation": one.operation, "status": one.status,
    }  # fmt: skip
