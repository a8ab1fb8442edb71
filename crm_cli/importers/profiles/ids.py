"""Ids that one system writes in several spellings."""

from __future__ import annotations

import re

__all__ = ["one_spelling"]

_SHORT, _PART = 15, 5
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_SALESFORCE = re.compile(r"[0-9A-Za-z]{15}")


def one_spelling(form: str, text: str) -> str:
    """Return an id in the one spelling that stands for all; what is no id of that form stays as it is.

    Salesforce writes an id as 15 characters, of which upper and lower case count, or as 18: for every five of them one
    more, which says by its bits which of the five are capitals. Trees of records refer to each other by `@Name`.
    """
    if form != "salesforce":
        return text
    text = text.removeprefix("@")
    if not _SALESFORCE.fullmatch(text):
        return text
    parts = (text[start : start + _PART] for start in range(0, _SHORT, _PART))
    ends = (sum(1 << place for place, letter in enumerate(part) if letter.isupper()) for part in parts)
    return text + "".join(_LETTERS[bits] for bits in ends)
