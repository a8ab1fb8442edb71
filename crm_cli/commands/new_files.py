"""Files that a command writes beside its result: refused before the work begins, not after it."""

from __future__ import annotations

from pathlib import Path

from crm_cli.commands.kit import Crm
from crm_cli.errors import UsageError

__all__ = ["new_file"]


def new_file(crm: Crm, given: Path, *, overwrite: bool) -> Path:
    """Return the path of a file to be written; `UsageError` where one is there already, or no folder for it."""
    path = crm.path(given)
    if path.exists() and not overwrite:
        raise UsageError(f"{given} is there already", hint="choose another name, or add --overwrite")
    if not path.parent.is_dir():
        raise UsageError(f"folder not found: {given.parent}", hint="make it first")
    return path
