"""Lists of words in the code: written as running text, read as sets."""

from __future__ import annotations

__all__ = ["words"]


def words(text: str) -> frozenset[str]:
    """Return the set of the words of `text`."""
    return frozenset(text.split())
