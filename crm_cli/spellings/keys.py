"""Keys that spellings of one value have in common, after OpenRefine's clustering by key collision.

The digits of the value stand in every key as well, in their order: "12 Main St" is no spelling of "21 Main St".
"""

from __future__ import annotations

import re
import unicodedata

from crm_cli.dictionary import fold

__all__ = ["digits_of", "fingerprint", "ngram_fingerprint", "plain_form"]

_NGRAM = 2
# Letters that no decomposition takes apart; fold has made ß two letters already.
_LETTERS = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ı": "i", "ħ": "h"})
# Accents of Latin, Greek and Cyrillic letters. Other marks are letters to their readers: か is not が.
_ACCENTS = re.compile(r"[\u0300-\u036f]")
_ASCII_MARKS = re.compile(r"[!\"#%&'()*,\-./:;?@\[\\\]_{}\x00-\x1f\x7f]")
_DIGITS = re.compile(r"\d+")


def plain_form(text: str, *, marks: bool = False) -> str:
    """Return `text` folded, without accents and without punctuation (kept with `marks`), blanks collapsed."""
    folded = fold(text) or ""
    if not folded.isascii():
        apart = unicodedata.normalize("NFD", folded.translate(_LETTERS))
        folded = unicodedata.normalize("NFC", _ACCENTS.sub("", apart))
    if not marks:
        folded = _ASCII_MARKS.sub("", folded) if folded.isascii() else _without_marks(folded)
    return " ".join(folded.split())


def _without_marks(text: str) -> str:
    return "".join(one for one in text if one.isspace() or unicodedata.category(one)[0] not in "PC")


def digits_of(form: str) -> str:
    """Return the digits of a plain form, in their order."""
    return "".join(_DIGITS.findall(form))


def fingerprint(form: str) -> str:
    """Return the key of a plain form: its words, each once, in alphabetical order."""
    return f"{' '.join(sorted(set(form.split(' '))))}|{digits_of(form)}"


def ngram_fingerprint(form: str) -> str:
    """Return the key of a plain form: its pairs of letters without blanks, each once, in alphabetical order."""
    joined = form.replace(" ", "")
    pairs = {joined[place : place + _NGRAM] for place in range(max(1, len(joined) - _NGRAM + 1))}
    return f"{''.join(sorted(pairs))}|{digits_of(form)}"
