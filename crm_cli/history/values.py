"""Values between rows and the JSON of the change log, both ways without loss."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from crm_cli.store.columns import UtcDateTime

__all__ = ["plain", "plain_row", "typed", "typed_row"]


def plain(value: Any) -> Any:
    """Return `value` as JSON can hold it: moments and dates as ISO 8601."""
    return value.isoformat() if isinstance(value, date | datetime) else value


def plain_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return every value of `row` as JSON can hold it."""
    return {name: plain(value) for name, value in row.items()}


def typed(column: sa.Column[Any], value: Any) -> Any:
    """Return what `plain` made, as the column takes it."""
    if value is None:
        return None
    if isinstance(column.type, UtcDateTime):
        return datetime.fromisoformat(value)
    if isinstance(column.type, sa.Date):
        return date.fromisoformat(value)
    return value


def typed_row(table: sa.Table, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of the change log as the table takes it."""
    return {name: typed(table.c[name], value) for name, value in row.items()}
