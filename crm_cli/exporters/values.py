"""Values as text that says them exactly: what goes in comes out again, or is refused."""

from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from crm_cli.exporters.base import RefusalError
from crm_cli.exporters.model import Value

__all__ = ["as_text", "check_text", "json_text", "number_text", "timestamp_text"]


def as_text(value: Value) -> str | None:
    """Return a value as text, None for none.

    Dates and times as ISO 8601 in UTC, `true` and `false`, numbers with a decimal point and all their digits, dicts and
    lists as JSON. Raises RefusalError for what has no such form: NaN, a time without zone, text with NUL or half
    characters.
    """
    if value is None or type(value) is str:
        return value if value is None else check_text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float, Decimal)):
        return number_text(value)
    if isinstance(value, datetime):
        return timestamp_text(value)
    if isinstance(value, date):
        return value.isoformat()
    return check_text(str(value)) if isinstance(value, str) else json_text(value)


def check_text(text: str) -> str:
    """Return `text`; raises RefusalError when it has characters that no file of text can hold."""
    if "\0" in text:
        raise RefusalError("text with a NUL character can't be written")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise RefusalError("text with half of a surrogate pair can't be written") from None
    return text


def number_text(value: float | Decimal) -> str:
    """Return a finite number with all its digits."""
    if isinstance(value, int):
        return str(value)
    if not math.isfinite(value):
        raise RefusalError("not a finite number")
    return format(value, "f") if isinstance(value, Decimal) else repr(value)


def timestamp_text(value: datetime) -> str:
    """Return a time as ISO 8601 in UTC, such as 2026-11-23T08:00:00Z."""
    return utc(value).isoformat().replace("+00:00", "Z")


def utc(value: datetime) -> datetime:
    """Return an aware time in UTC; raises RefusalError for a naive one."""
    if value.tzinfo is None:
        raise RefusalError("a time without time zone is ambiguous")
    return value.astimezone(UTC)


def json_text(value: Any) -> str:
    """Return a JSON value as compact text with sorted keys (so that equal values give equal bytes)."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    except (TypeError, ValueError) as error:
        raise RefusalError(f"not a JSON value ({error})") from error
    return check_text(text)
