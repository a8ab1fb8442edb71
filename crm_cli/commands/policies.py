"""Where a project keeps audit policies of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from crm_cli.commands.kit import Crm

__all__ = ["policy_folder"]


def policy_folder(crm: Crm) -> Path:
    """Return the folder `policies/` beside the project file, or in the current folder; it need not exist."""
    project = crm.config.project
    return (project.parent if project else crm.surroundings.cwd) / "policies"
