"""`crm demo`: the whole job on example data, in a temporary folder."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crm_cli.commands.kit import App, Crm

if TYPE_CHECKING:
    from crm_cli.jobs.demo import Stop

__all__ = ["app"]

app = App()

Folder = Annotated[
    Path | None, typer.Option("--folder", metavar="DIR", help="Work in this empty folder and leave everything there.")
]


@app.command(database=False)
def demo(crm: Crm, folder: Folder = None) -> None:
    """Make a database, import messy files, find and merge duplicates, audit, re-assign, report, export, undo.

    Every command is shown before it runs, so that you can repeat it.

    Examples:
        crm demo
        crm demo --folder tour
    """
    started = time.monotonic()
    if folder is not None:
        count = _tour(crm, crm.path(folder))
    else:
        with tempfile.TemporaryDirectory(prefix="crm-demo-") as temporary:
            count = _tour(crm, Path(temporary))
    crm.console.note(f"\n{count} commands in {time.monotonic() - started:.0f} s")
    crm.console.next_step("crm init, then crm import YOUR-FILE --into contact --dry-run")


def _tour(crm: Crm, folder: Path) -> int:
    from crm_cli.jobs.demo import last_merge, take_tour

    def run(arguments: Sequence[str]) -> int:
        command = [sys.executable, "-m", "crm_cli", *arguments]
        return subprocess.run(command, cwd=folder, check=False, stdin=subprocess.DEVNULL).returncode

    def announce(stop: Stop) -> None:
        crm.console.line(f"\n# {stop.why}\n$ {stop.shown}")
        crm.console.streams.stdout.flush()

    folder.mkdir(parents=True, exist_ok=True)
    return take_tour(folder, run, announce, lambda: last_merge(folder / "crm.db"))
