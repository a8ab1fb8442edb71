"""Typed values (of Parquet files and databases) as the text of cells."""

from __future__ import annotations

import datetime
import json
from typing import Any

__all__ = ["value_text"]


def value_text(value: Any) -> str | None:
    """Return a value as the text of a cell: None for nothing, ISO dates, TRUE and FALSE, JSON for nested values."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return None if value.isspace() else value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime.datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, (bytes, bytearray, memoryview)):
        return _bytes_text(bytes(value))
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, (list, dict)) else str(value)


def _bytes_text(value: bytes) -> str | None:
    """Return bytes that are text as text; pictures and the like are no cells."""
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return text if text.isprintable() and text else None
