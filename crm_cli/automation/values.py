"""What an option of a step takes: each type reads what TOML gave, or says what is wanted, and describes itself.

A reader returns the value as the step wants it, or raises `ValueError` whose text says what is wanted instead. The
description is the part of a JSON Schema (draft 2020-12) that editors check by.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

__all__ = [
    "DAY",
    "TEXT",
    "TEXTS",
    "TRUTH",
    "WORDS",
    "Reader",
    "ValueType",
    "number",
    "one_of",
    "whole",
]

Reader = Callable[[Any], Any]


@dataclass(frozen=True)
class ValueType:
    """What may be written: how it is read, how it is said in words, and its JSON Schema."""

    words: str
    read: Reader
    schema: Mapping[str, Any] = field(default_factory=dict)


def _text(given: Any) -> str:
    if not isinstance(given, str):
        raise ValueError("a text in quotes is wanted")
    return given


def _words(given: Any) -> list[str]:
    found = [one.strip() for one in given.split(",") if one.strip()] if isinstance(given, str) else given
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise ValueError("a list of texts, or a text with commas, is wanted")
    return found


def _texts(given: Any) -> list[str]:
    found = [given] if isinstance(given, str) else given
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise ValueError("a list of texts is wanted")
    return found


def _truth(given: Any) -> bool:
    if not isinstance(given, bool):
        raise ValueError("true or false is wanted")
    return given


def _day(given: Any) -> datetime:
    try:
        found = given if isinstance(given, date) else date.fromisoformat(_text(given))
    except ValueError:
        raise ValueError("a date such as 2026-06-30 is wanted") from None
    return datetime(found.year, found.month, found.day, tzinfo=UTC)


def _numeric(kinds: tuple[type, ...], words: str, least: float | None, most: float | None) -> Reader:
    def read(given: Any) -> Any:
        low, high = least is not None and given < least, most is not None and given > most
        if low or high:
            raise ValueError(f"{words} {_bounds(least, most)} is wanted")
        return given

    def checked(given: Any) -> Any:
        if isinstance(given, bool) or not isinstance(given, kinds):
            raise ValueError(f"{words} is wanted")
        return read(given)

    return checked


def _bounds(least: float | None, most: float | None) -> str:
    if most is None:
        return f"from {least} on"
    return f"up to {most}" if least is None else f"from {least} to {most}"


def _limits(least: float | None, most: float | None) -> dict[str, float]:
    found = {"minimum": least, "maximum": most}
    return {name: value for name, value in found.items() if value is not None}


def number(least: float | None = None, most: float | None = None) -> ValueType:
    """Return the type of a number within bounds."""
    schema = {"type": "number", **_limits(least, most)}
    return ValueType("number", _numeric((int, float), "a number", least, most), schema)


def whole(least: int | None = None, most: int | None = None) -> ValueType:
    """Return the type of a whole number within bounds."""
    schema = {"type": "integer", **_limits(least, most)}
    return ValueType("integer", _numeric((int,), "a whole number", least, most), schema)


def one_of(*choices: str) -> ValueType:
    """Return the type of one of these words."""

    def read(given: Any) -> str:
        if given not in choices:
            raise ValueError(f"one of {', '.join(choices)} is wanted")
        return str(given)

    return ValueType(" or ".join(choices), read, {"type": "string", "enum": list(choices)})


TEXT = ValueType("text", _text, {"type": "string"})
_LIST = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
WORDS = ValueType("words", _words, _LIST)  # a single text may hold several, with commas
TEXTS = ValueType("texts", _texts, _LIST)  # a single text is one, whatever it holds
TRUTH = ValueType("true or false", _truth, {"type": "boolean"})
DAY = ValueType("date", _day, {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"})
