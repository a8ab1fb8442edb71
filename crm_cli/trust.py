"""Which project files the user trusts: a hook in a folder that was merely unpacked must not run by itself.

Trust is kept in the user's own folder, by path and SHA-256 of the content: a changed file asks again (the idea of
git's `safe.directory`).
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

from crm_cli.errors import UsageError

__all__ = ["UntrustedError", "distrust", "is_trusted", "require_trusted", "trust", "trusted_files"]


class UntrustedError(UsageError):
    """A project file names a command to run, and nobody has said that it may."""

    code = "untrusted"


def trusted_files(folder: Path) -> dict[str, str]:
    """Return the trusted files and the SHA-256 they had; `folder` is the user's own."""
    try:
        content = json.loads((folder / "trusted.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):  # never written, or damaged: then nothing is trusted
        return {}
    return {str(file): str(digest) for file, digest in content.items()} if isinstance(content, dict) else {}


def is_trusted(file: Path, folder: Path) -> bool:
    """Tell whether `file` is trusted with the content that it has now."""
    return trusted_files(folder).get(str(file.resolve())) == _digest(file)


def require_trusted(file: Path, folder: Path) -> None:
    """Raise `UntrustedError` unless `file` is trusted as it is now."""
    if not is_trusted(file, folder):
        why = "has changed since" if str(file.resolve()) in trusted_files(folder) else "was never trusted"
        raise UntrustedError(
            f"{file} names commands to run, and it {why}",
            hint=f"read it, then: crm trust {file}",
            file=str(file),
        )


def trust(file: Path, folder: Path) -> None:
    """Remember that `file` may run the commands it names, as long as it stays as it is now."""
    _write({**trusted_files(folder), str(file.resolve()): _digest(file)}, folder)


def distrust(file: Path, folder: Path) -> bool:
    """Take trust back; return whether there was any."""
    files = trusted_files(folder)
    had = files.pop(str(file.resolve()), None) is not None
    if had:
        _write(files, folder)
    return had


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _write(files: dict[str, str], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = folder / f"trusted.json.{os.getpid()}"
    beside.write_text(json.dumps(files, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    beside.replace(folder / "trusted.json")
