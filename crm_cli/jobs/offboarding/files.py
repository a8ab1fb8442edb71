"""Files of a project that name a user: policies, extracts, alerts, scripts, reports. A person changes them: they are
under version control, and who is to stand in for whom they can't say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Mention", "files_naming"]

_SUFFIXES = {".toml", ".sql"}
_FOLDERS = ("policies", "sources", "extracts", "reports", "scripts", "mappings", "plans")
_LARGEST = 1_000_000  # bytes; what is larger is data


@dataclass(frozen=True)
class Mention:
    """A line of a file that names the user."""

    file: str
    line: int
    text: str


def files_naming(folder: Path, username: str) -> list[Mention]:
    """Return the lines that name the user as a word of its own, in files of the project's folder, by file and line."""
    word = re.compile(rf"(?<![\w.@-]){re.escape(username)}(?![\w@-])", re.IGNORECASE)
    found: list[Mention] = []
    for path in _files(folder):
        try:
            lines = path.read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError):
            continue  # a file that cannot be read says nothing of anybody
        name = path.relative_to(folder).as_posix()
        found += [
            Mention(name, number, line.strip())
            for number, line in enumerate(lines, start=1)
            if word.search(line) and not line.lstrip().startswith("#")
        ]
    return found


def _files(folder: Path) -> Iterator[Path]:
    places = [folder, *(folder / name for name in _FOLDERS)]
    for place in places:
        if place.is_dir():
            for path in sorted(place.iterdir()):
                if path.suffix in _SUFFIXES and path.is_file() and path.stat().st_size <= _LARGEST:
                    yield path
