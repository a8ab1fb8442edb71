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
_NAMING = frozenset({"edit", "set", "delete", "restore", "verify"})  # after these a record may be named by its name
_VALUED = frozenset({"--where", "--max-changes", "--as", "--db", "--as-of", "--method", "--wait"})
_MASK = "?"


def masked(argv: Sequence[str]) -> str:
    """Return the command line with literals, assigned values, addresses, names of records and passwords masked."""
    words: list[str] = []
    names_from = _names_from(argv)
    for place, (before, word) in enumerate(zip(("", *argv), argv, strict=False)):
        is_name = place >= names_from and before not in _VALUED and word[:1].isalpha() and "=" not in word
        words.append(_MASK if is_name or before in _FREE_TEXT else _masked_word(word))
    return " ".join(("crm", *words))


def _names_from(argv: Sequence[str]) -> int:
    """The place from which on words name records."""
    verb = next((place for place, word in enumerate(argv) if word in _NAMING), len(argv))
    is_followed_by_entity = verb < len(argv) and argv[verb] == "verify"
    return verb + (2 if is_followed_by_entity else 1)


def _masked_word(word: str) -> str:
    word = hide_passwords(word, whole=True)
    if "://" in word:
        return quote(word)
    if _LITERAL.search(word):
        return quote(_LITERAL.sub(_MASK, word))
    if assignment := _ASSIGNMENT.match(word):
        return f"{assignment[1]}={_MASK}"
    return _MASK if "@" in word else quote(word)
