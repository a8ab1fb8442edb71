"""Projects that several tests start from: made once by real commands, copied for each."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from tests.commands.conftest import CrmRunner

__all__ = ["copied", "made"]


def made(folder: Path, empty: Path, fill: Callable[[CrmRunner], None]) -> Path:
    """Return `folder` with a project as `fill` leaves it, begun from an empty one."""
    project = folder / "project"
    shutil.copytree(empty, project)
    environ = {"CRM_CONFIG_DIR": str(folder / "user-configuration"), "CRM_USER": "tester", "TERM": "xterm"}
    fill(CrmRunner(project, environ))
    return project


def copied(once: Path, crm: CrmRunner) -> CrmRunner:
    """Return the runner with a copy of that project in its folder."""
    shutil.copytree(once, crm.folder, dirs_exist_ok=True)
    return crm
