"""What every step works with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from crm_cli.errors import UsageError
from crm_cli.history import Author
from crm_cli.store import Store

__all__ = ["ScriptContext"]


@dataclass(frozen=True)
class ScriptContext:
    """What every step works with. Paths in a script are seen from the script's folder.

    `project` is the folder of the project file: its `policies/`, `rules/`, `sources/`, `reports/` and `extracts/` hold
    where the script's folder has none. `masking_key` is the secret by which exports are masked.
    """

    store: Store
    author: Author
    folder: Path
    today: date
    dry_run: bool = False
    wait: float = 0.0
    defaults: Mapping[str, Any] = field(default_factory=dict)  # country, currency, timezone of the configuration
    project: Path | None = None
    masking_key: str = field(default="", repr=False)

    def path(self, given: str) -> Path:
        """Return a path of the script."""
        return self.folder / Path(given).expanduser()

    def beside(self, name: str) -> Path:
        """Return a folder of settings: the one beside the script, else the one of the project."""
        own = self.folder / name
        return own if self.project is None or own.is_dir() else self.project / name

    def key_for(self, mask: Sequence[str]) -> str:
        """Return the secret that masks, empty where nothing is masked; `UsageError` where it is missing."""
        if mask and not self.masking_key:
            hint = "set the variable that masking_key of the configuration names"
            raise UsageError("masking needs a key, and there is none", hint=hint)
        return self.masking_key if mask else ""
