"""How plausible a text is that a single-byte encoding gave: letters within words, signs where people write them."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["plausibility"]

_SIGNS = frozenset("€£¥§©®°«»„“”‘’‚–—…·•¿¡ºª²³½¼¾×±¢µ´`™‰\u00a0")
_WORD = re.compile(r"[^\W\d_]{2,}")


def plausibility(text: str) -> float:
    """Return the share (0 to 1) of characters beyond ASCII that stand where such characters stand in names and prose.

    A wrong code page turns letters into box lines, superscripts or capitals in the midst of words: those count as
    implausible, as control characters do.
    """
    beyond = [letter for letter in text if ord(letter) > 127]
    if not beyond:
        return 1.0
    good = sum(letter in _SIGNS or _is_letter(letter) for letter in beyond)
    shouted = sum(_shouts(word) for word in _WORD.findall(text) if not word.isascii())
    return max(0.0, (good - shouted) / len(beyond))


def _shouts(word: str) -> int:
    """Count the capitals within a word: between small letters in the Latin script (McDonald), after one in others."""
    latin = ord(min(word)) < 0x250
    return sum(
        before.islower() and letter.isupper() and (not latin or (after.islower() and not (before + letter).isascii()))
        for before, letter, after in zip(word, word[1:], [*word[2:], ""], strict=False)
    )


def _is_letter(letter: str) -> bool:
    return unicodedata.category(letter) in ("Ll", "Lu", "Lo", "Mn")
