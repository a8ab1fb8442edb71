"""`crm trust`: allow the hooks that a project file names."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crm_cli.commands.kit import App, Crm
from crm_cli.config import PROJECT_FILE
from crm_cli.errors import NotFoundError
from crm_cli.trust import distrust, trust, trusted_files

__all__ = ["app"]

app = App()

ProjectFile = Annotated[Path | None, typer.Argument(metavar="FILE", help="The project file; else the one that holds.")]
Remove = Annotated[bool, typer.Option("--remove", help="Take trust back.")]
List = Annotated[bool, typer.Option("--list", help="Show the trusted files and the SHA-256 they are trusted with.")]


@app.command("trust", database=False)
def trust_(crm: Crm, file: ProjectFile = None, remove: Remove = False, list_: List = False) -> None:
    """Allow the hooks that a project file names to run, as long as the file stays as it is now.

    Examples:
        crm trust
        crm trust --list
        crm trust ./crm.toml --remove
    """
    folder = crm.config.user_folder
    if list_:
        crm.console.show([{"file": name, "sha256": digest} for name, digest in trusted_files(folder).items()])
        return
    chosen = _chosen(crm, file)
    if remove:
        crm.console.note(f"{chosen} {'is not trusted any more' if distrust(chosen, folder) else 'was not trusted'}")
    else:
        trust(chosen, folder)
        crm.console.note(f"{chosen} is trusted as it is now")


def _chosen(crm: Crm, given: Path | None) -> Path:
    """Return the file to trust: the one given, a folder's `crm.toml`, or the one that holds here."""
    found = crm.path(given) if given else crm.config.project
    if found is not None and found.is_dir():
        found = found / PROJECT_FILE
    if found is None or not found.is_file():
        raise NotFoundError(f"there is no project file {found or PROJECT_FILE}", hint="`crm init` writes one")
    return found
