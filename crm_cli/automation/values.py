"""Readers of the options of steps: each takes what TOML gave and returns it as the step wants it, or `ValueError`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

__all__ = ["Reader", "day", "number", "one_of", "text", "truth", "whole", "words"]

Reader = Callable[[Any], Any]  # raises ValueError, whose text says what is wanted instead


def text(given: Any) -> str:
    """Return a text."""
    if not isinstance(given, str):
        raise ValueError("a text in quotes is wanted")
    return given


def words(given: Any) -> list[str]:
    """Return a list of texts; a single text is a list of one."""
    found = [given] if isinstance(given, str) else given
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise ValueError("a list of texts is wanted")
    return found


def truth(given: Any) -> bool:
    """Return true or false."""
    if not isinstance(given, bool):
        raise ValueError("true or false is wanted")
    return given


def number(given: Any) -> float:
    """Return a number."""
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise ValueError("a number is wanted")
    return given


def whole(given: Any) -> int:
    """Return a whole number."""
    if isinstance(given, bool) or not isinstance(given, int):
        raise ValueError("a whole number is wanted")
    return given


def day(given: Any) -> datetime:
    """Return the first moment (UTC) of a day, given as a TOML date or as text such as 2026-06-30."""
    try:
        found = given if isinstance(given, date) else date.fromisoformat(text(given))
    except ValueError:
        raise ValueError("a date such as 2026-06-30 is wanted") from None
    return datetime(found.year, found.month, found.day, tzinfo=UTC)


def one_of(*choices: str) -> Reader:
    """Return a reader of one of these words."""

    def read(given: Any) -> str:
        if given not in choices:
            raise ValueError(f"one of {', '.join(choices)} is wanted")
        return str(given)

    return read
