"""Write a profile in the form that the file's name says, whole or not at all, readable by its owner alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from crm_cli.errors import UsageError
from crm_cli.exporters import Exported, check_place, write_whole
from crm_cli.jobs.profiling.page import page_lines
from crm_cli.jobs.profiling.subject import Profile, document

__all__ = ["WRITERS", "check_profile_target", "write_profile"]


def _json_lines(profile: Profile) -> Iterable[str]:
    yield json.dumps(document(profile), ensure_ascii=False, indent=2, allow_nan=False)


WRITERS: Mapping[str, Callable[[Profile], Iterable[str]]] = {".html": page_lines, ".json": _json_lines}


def check_profile_target(path: Path, *, overwrite: bool) -> None:
    """Raise `UsageError` now for what could not be written after a long read."""
    if path.suffix.lower() not in WRITERS:
        raise UsageError(
            f"a profile is no {path.suffix or 'such file'}",
            hint="-o FILE.html or FILE.json; --json writes to the standard output",
        )
    check_place(path, overwrite=overwrite)


def write_profile(profile: Profile, path: Path, *, overwrite: bool = False) -> Exported:
    """Write the profile to `.html` or `.json`; return what was written.

    Raises `UsageError` for another name or a file that is there already, `ExportError` when it can't be written.
    """
    check_profile_target(path, overwrite=overwrite)
    text = "".join(f"{line}\n" for line in WRITERS[path.suffix.lower()](profile))
    content = text.encode("utf-8", "replace")
    return write_whole(path, lambda stream: min(1, stream.write(content)), overwrite=overwrite)
