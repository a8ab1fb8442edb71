"""What happens in a run, event by event; and the log of it in JSON Lines, for machines.

The log holds names of scripts and steps, codes, counts and numbers – no value of a parameter, no text of an error:
these may be a customer's, or secret.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from crm_cli.errors import CrmError

__all__ = ["JsonLog", "ScriptEvent", "Watch", "no_watch"]


@dataclass(frozen=True)
class ScriptEvent:
    """One event: `kind` is run-started, run-resumed, step-started, step-retried, step-ended or run-ended."""

    kind: str
    script: str
    run: int
    at: datetime
    step: int | None = None
    name: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    error: CrmError | None = None


Watch = Callable[[ScriptEvent], None]


def no_watch(_: ScriptEvent) -> None:
    """Look away."""


class JsonLog:
    """Appends events to a file that its owner alone can read, a line each."""

    def __init__(self, path: Path) -> None:
        """Open the file; `CrmError` when that cannot be done, before anything runs."""
        try:
            self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        except OSError as fault:
            raise CrmError(f"cannot write the log {path}: {fault.strerror}", hint="check --log") from fault

    def __call__(self, event: ScriptEvent) -> None:
        """Write one event, as one write: two runs may share a log."""
        row = {"at": event.at.isoformat(), "event": event.kind, "script": event.script, "run": event.run}
        if event.step is not None:
            row |= {"step": event.step, "name": event.name}
        row |= event.facts
        if event.error is not None:
            row["error"] = event.error.code
        os.write(self._file, (json.dumps(row, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace"))

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def __enter__(self) -> JsonLog:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
