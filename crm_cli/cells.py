"""How a value looks on a screen: safe to print, whatever a customer put into it.

Nothing here (or in the console) interprets markup, so `[red]` in a name is just a name. What a terminal itself would
obey or hide is shown as an escape such as `\\x1b` or `\\u202e`: control characters, bidirectional overrides and marks
(Unicode Standard Annex 9), line separators, and lone surrogates, which no encoding can write.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from math import isfinite
from typing import Any

__all__ = ["cell", "jsonable", "to_json", "visible"]

_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_OBEYED_OR_HIDDEN = re.compile(rf"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff{_BIDI}\ud800-\udfff\U000e0000-\U000e007f]")
_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def visible(text: str, *, keep: str = "") -> str:
    """Return `text` with everything a terminal would obey or hide written as an escape, except characters in `keep`."""

    def escape(match: re.Match[str]) -> str:
        character = match.group()
        return character if character in keep else _escape(character)

    return _OBEYED_OR_HIDDEN.sub(escape, text)


def _escape(character: str) -> str:
    number = ord(character)
    if named := _NAMED.get(character):
        return named
    if number <= 0xFF:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"


def cell(value: object) -> str:
    """Return one value as it stands in a table: one line, nothing hidden; None is empty, timestamps are ISO 8601."""
    plain = jsonable(value)
    if plain is None:
        return ""
    if isinstance(plain, bool):
        return "yes" if plain else "no"
    if isinstance(plain, (list, dict)):
        return visible(json.dumps(plain, ensure_ascii=False))
    return visible(str(plain))


def jsonable(value: object) -> Any:
    """Return `value` as JSON can hold it; decimals become strings, so that no digit of a sum is lost; NaN is None."""
    if isinstance(value, float):
        return value if isfinite(value) else None
    if value is None or (isinstance(value, int) and not isinstance(value, Enum)):
        return value
    if isinstance(value, Enum):
        return jsonable(value.value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return _structure(value)


def _structure(value: object) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return jsonable(asdict(value))
    if isinstance(value, Mapping):
        return {str(jsonable(key)): jsonable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [jsonable(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted((jsonable(item) for item in value), key=str)
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def to_json(value: object, *, indent: int | None = None) -> str:
    """Return `value` as JSON text that decodes to the same value; what `visible` would show is escaped in it."""
    text = json.dumps(jsonable(value), ensure_ascii=False, allow_nan=False, indent=indent)
    return _OBEYED_OR_HIDDEN.sub(_json_escape, text)


def _json_escape(match: re.Match[str]) -> str:
    character = match.group()
    if character == "\n":  # only between elements when indented: inside strings json.dumps has escaped it already
        return character
    return json.dumps(character)[1:-1] if character != "\x7f" else "\\u007f"
