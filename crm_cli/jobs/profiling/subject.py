"""A profile as a whole, and as plain data: the shape of the JSON document, which `docs/profile.md` describes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from crm_cli.audits.profiling import TableProfile

__all__ = ["VERSION", "Profile", "document"]

VERSION = 1  # of the document: it grows when a key goes or changes its meaning, not when one is added


@dataclass(frozen=True)
class Profile:
    """The profiles of the tables of one source or entity, named as the user named it, as of a day."""

    of: str
    day: date
    tables: Sequence[TableProfile]


def document(profile: Profile) -> dict[str, Any]:
    """Return the profile as plain data: mappings, lists, texts, numbers."""
    return {
        "version": VERSION,
        "of": profile.of,
        "day": profile.day.isoformat(),
        "tables": [_table(one) for one in profile.tables],
    }


def _table(table: TableProfile) -> dict[str, Any]:
    plain = asdict(table)
    columns = plain.pop("columns")
    return {**plain, "keys": table.keys, "columns": columns}
