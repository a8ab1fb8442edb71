"""The user's own editor on a text, which is kept when it cannot be used."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crm_cli.commands.kit import Crm
from crm_cli.errors import CrmError, UsageError

__all__ = ["EditorError", "edited"]


class EditorError(CrmError):
    """The editor cannot be run, or ended with an error."""

    code = "editor"


@contextmanager
def edited(crm: Crm, text: str, name: str) -> Iterator[str]:
    """Yield `text` as the user's editor left it; when the block fails, the edited text stays in a file that is named.

    The file is readable by its owner alone. Raises `UsageError` when there is neither an editor nor a terminal.
    """
    command = _editor(crm)
    handle, path = tempfile.mkstemp(prefix=f"crm-{name}-", suffix=".toml")
    file = Path(path)
    with os.fdopen(handle, "w", encoding="utf-8") as target:
        target.write(text)
    try:
        _run([*command, path])
        yield file.read_text(encoding="utf-8")
    except CrmError:
        crm.console.note(f"your text is kept in {path}")
        raise
    except UnicodeDecodeError as fault:
        raise EditorError(f"{path} is not UTF-8 text", hint="save it as UTF-8") from fault
    else:
        file.unlink(missing_ok=True)


def _editor(crm: Crm) -> list[str]:
    """Return the editor's argument list: $VISUAL, $EDITOR, else the system's, which needs a terminal."""
    environ = crm.surroundings.environ
    named = environ.get("VISUAL") or environ.get("EDITOR")
    if named:
        return shlex.split(named)
    if not crm.console.can_ask:
        hint = "set the variable EDITOR, or use `set FIELD=VALUE` instead"
        raise UsageError("there is no editor: no terminal, and neither VISUAL nor EDITOR is set", hint=hint)
    return ["notepad"] if os.name == "nt" else ["vi"]


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(command, check=False)
    except OSError as fault:
        raise EditorError(f"cannot run the editor {command[0]}: {fault.strerror}", hint="set EDITOR") from fault
    if done.returncode:
        raise EditorError(f"{command[0]} ended with {done.returncode}", hint="nothing was changed")
