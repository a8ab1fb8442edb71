"""Names for the files of an export that is split by a column's values."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from crm_cli.exporters.values import as_text

__all__ = ["names_for", "safe_name"]

PLACE = "{value}"
_LONGEST = 80
_NONE = "none"
_UNSAFE = re.compile(r"[^\w.+-]+")
# Windows opens a device instead of a file of these names.
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)


def names_for(target: Path, values: Sequence[Any]) -> dict[Any, Path]:
    """Return a file for each value: it replaces `{value}` in the target's name, or else stands before the suffix.

    What no file system minds is kept; names that are alike, or differ by case only, get a number.
    """
    found: dict[Any, Path] = {}
    taken: set[str] = set()
    for value in sorted(values, key=lambda one: (one is None, as_text(one) or "")):
        plain = name = safe_name(value)
        number = 1
        while name.casefold() in taken:
            number += 1
            name = f"{plain}-{number}"
        taken.add(name.casefold())
        found[value] = target.with_name(_filled(target.name, name))
    return found


def safe_name(value: Any) -> str:
    """Return a value as a part of a file's name: letters, digits, `.`, `+`, `-`; `none` for a blank."""
    text = unicodedata.normalize("NFKC", as_text(value) or "")
    text = _UNSAFE.sub("_", text).strip("._")[:_LONGEST].rstrip("._")
    return f"_{text}" if _RESERVED.fullmatch(text) else text or _NONE


def _filled(name: str, value: str) -> str:
    if PLACE in name:
        return name.replace(PLACE, value)
    stem, dot, suffixes = name.partition(".")
    return f"{stem}-{value}{dot}{suffixes}"
