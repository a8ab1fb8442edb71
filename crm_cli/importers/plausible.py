"""How plausible a text is that a single-byte encoding gave: letters within words, signs where people write them."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["plausibility"]

_SIGNS = frozenset("€£¥§©®°«»„“”‘’‚–—…·•¿¡ºª²³½¼¾×±¢µ´`™‰\u00a0")
_SHOUT_WITHIN = re.compile(r"[a-zß-öø-ÿ][^\W\da-zß-öø-ÿ](?=[a-zß-öø-ÿ])")


def plausibility(text: str) -> float:
    """Return the share (0 to 1) of characters beyond ASCII that stand where such characters stand in names and prose.

    A wrong code page turns letters into box lines, superscripts or capitals in the midst of words: those count as
    implausible, as control characters do.
    """
    beyond = [letter for letter in text if ord(letter) > 127]
    if not beyond:
        return 1.0
    good = sum(letter in _SIGNS or _is_letter(letter) for letter in beyond)
    shouted = sum(any(ord(letter) > 127 for letter in found[0]) for found in _SHOUT_WITHIN.finditer(text))
    return max(0.0, (good - shouted) / len(beyond))


def _is_letter(letter: str) -> bool:
    return unicodedata.category(letter) in ("Ll", "Lu", "Lo", "Mn")
