"""The compare key of a text: equal keys mean "the same to a reader", on every database alike."""

from __future__ import annotations

import unicodedata

__all__ = ["fold"]


def fold(text: str | None) -> str | None:
    """Return `text` in the form in which texts are compared, or None for None.

    NFKC, case folded, blanks collapsed (Unicode Standard Annex 15 and section 3.13, D147: folding can break
    normalization, so it is normalized again). SQL `lower()` and collations differ on every server; this does not.
    """
    if text is None:
        return None
    if text.isascii():
        return " ".join(text.lower().split())
    return " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).split())
