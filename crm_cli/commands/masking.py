"""The command line as the log keeps it: what was done, without the customer data that stood in it.

The log outlives an erasure, so values do not belong there; the names of files, entities and options do.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from shlex import quote

from crm_cli.urls import hide_passwords

__all__ = ["masked"]

_LITERAL = re.compile(r"'(?:[^']|'')*'")
_ASSIGNMENT = re.compile(r"^(-{0,2}[\w.-]+)=.*$", re.DOTALL)
_FREE_TEXT = frozenset(  # the value after these is words of a person, or how one is reached
    {"--reason", "--set", "--note", "--search", "--phone", "--email", "--address"}
)
_MASK = "?"


def masked(argv: Sequence[str]) -> str:
    """Return the command line with literals, assigned values, addresses and passwords masked."""
    words: list[str] = []
    for before, word in zip(("", *argv), argv, strict=False):
        words.append(_MASK if before in _FREE_TEXT else _masked_word(word))
    return " ".join(("crm", *words))


def _masked_word(word: str) -> str:
    word = hide_passwords(word, whole=True)
    if "://" in word:
        return quote(word)
    if _LITERAL.search(word):
        return quote(_LITERAL.sub(_MASK, word))
    if assignment := _ASSIGNMENT.match(word):
        return f"{assignment[1]}={_MASK}"
    return _MASK if "@" in word else quote(word)
