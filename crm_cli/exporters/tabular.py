"""Columns and values as databases hold them: what SQLite files and servers have in common."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from crm_cli.errors import UsageError
from crm_cli.exporters.model import ExportColumn

__all__ = ["column_names", "renamed"]

_UNQUOTED = re.compile(r"\W+")


def renamed(columns: Sequence[ExportColumn]) -> list[ExportColumn]:
    """Return the columns under names that need no quotes: `account.name` becomes `account_name`."""
    return [replace(one, name=name) for one, name in zip(columns, column_names(columns), strict=True)]


def column_names(columns: Iterable[ExportColumn]) -> list[str]:
    """Return the names; raises `UsageError` where two become the same."""
    names = list(_names(columns))
    folded = [name.casefold() for name in names]
    if twice := sorted({name for name in names if folded.count(name.casefold()) > 1}):
        hint = "leave one of them out by --columns"
        raise UsageError(f"two columns would be called {twice[0]} in the database", hint=hint, columns=twice)
    return names


def _names(columns: Iterable[ExportColumn]) -> Iterator[str]:
    for one in columns:
        yield _UNQUOTED.sub("_", one.name).strip("_") or one.name
