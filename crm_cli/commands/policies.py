"""Where a project keeps what it demands of its data: audit policies, and settings of sources."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from crm_cli.audits import Policy
    from crm_cli.commands.kit import Crm
    from crm_cli.jobs.importing import SourceSettings

__all__ = ["chosen_policies", "policy_folder", "source_settings", "sources_folder"]


def chosen_policies(crm: Crm, words: list[str] | None) -> list[Policy]:
    """Return the policies that the words name, all without any; raises what `load_policies` and `choose` raise."""
    from crm_cli.audits import choose, load_policies

    return choose(load_policies(policy_folder(crm)), words or [], crm.dictionary)


def policy_folder(crm: Crm) -> Path:
    """Return the folder `policies/` beside the project file, or in the current folder; it need not exist."""
    return _beside_project(crm, "policies")


def sources_folder(crm: Crm) -> Path:
    """Return the folder `sources/` beside the project file, or in the current folder; it need not exist."""
    return _beside_project(crm, "sources")


def source_settings(crm: Crm) -> Callable[[str], SourceSettings]:
    """Return what tells, by its name, what the project demands of a source."""
    from crm_cli.jobs.importing import read_source_settings

    return lambda name: read_source_settings(sources_folder(crm), name)


def _beside_project(crm: Crm, name: str) -> Path:
    project = crm.config.project
    return (project.parent if project else crm.surroundings.cwd) / name
