"""The case of person names that were typed all in capitals or all in small letters: McDonald, O'Brien, van der Berg."""

from __future__ import annotations

import re
import unicodedata

from crm_cli.standardize.name_words import GIVEN_MAC, INNER_CAPITALS, LOWER_PARTICLES, MAC_NAMES
from crm_cli.standardize.wordlists import words

__all__ = ["has_one_case", "name_case", "word_case"]

_PIECES = re.compile(r"([-‐–/.\s]+)")
_APOSTROPHE = re.compile(r"^(o|d|l|dell|dall|m|n)(['’`])(\w.*)$")
_SHORT = re.compile(r"(?i)(?<=\s)(?:[sdw]/o|a/[lp]|v/[dh]|v\.\s?d\.)(?=\s)")  # particles in short
_LUSOPHONE = words("PT BR AO MZ CV GW ST TL")
_VOWELS = frozenset("aeiouyáàâäãåéèêëíìîïóòôöõøúùûüýæœ")
_CODE_SIGNS = frozenset("<>{}[]%=\\|$_")
_KEEP_UPPER = words("ii iii iv vi vii viii")
# Countries that write the particle of a family name with a capital even where others do not.
_CAPITAL_VAN = frozenset({"BE", "US", "CA", "GB", "AU", "NZ", "IE", "ZA"})


def has_one_case(text: str) -> bool:
    """Whether `text` was typed all in capitals or all in small letters (and has letters of two cases at all).

    Text with the signs of a program's language is none that a clerk typed in one case: it is left as it is.
    """
    return (text.isupper() or text.islower()) and _CODE_SIGNS.isdisjoint(text) and not text.startswith("--")


def name_case(text: str, country: str | None = None, *, given: bool = False) -> str:
    """Return a name in mixed case. Particles within a name, or before a family name, are small as the country does.

    `given` says that the first word is a given name: no particle, and no Mac with a capital after it.
    """
    pieces = _PIECES.split(text)
    words = [piece for piece in pieces if piece and not _PIECES.fullmatch(piece)]
    last = len(words) - 1
    seen = 0
    for place, piece in enumerate(pieces):
        if not piece or _PIECES.fullmatch(piece):
            continue
        if given and seen == 0:
            pieces[place] = piece.capitalize() if piece.lower() in GIVEN_MAC else word_case(piece)
        elif (
            seen != last
            and _small(piece)
            and not (
                len(piece) == 1 and (pieces[place + 1].startswith(".") or (given and _is_initial(words, seen, country)))
            )
        ):
            pieces[place] = _particle(piece, words[seen + 1].lower(), country)
        else:
            pieces[place] = word_case(piece)
        seen += 1
    done = "".join(pieces)
    if "/" in text or country in {"NL", "BE"}:
        done = _SHORT.sub(lambda match: match.group().lower(), done)
    return unicodedata.normalize("NFC", done)


def _small(word: str) -> bool:
    small = word.lower()
    return small in LOWER_PARTICLES or small == "van"


def _is_initial(words: list[str], place: int, country: str | None) -> bool:
    """Whether E or Y within a full name is an initial: "and" joins two family names, in Portuguese after a particle."""
    if place < 2:
        return True
    if words[place].lower() == "y" or country in _LUSOPHONE:
        return False
    return not any(word.lower() in {"da", "de", "do", "das", "dos"} for word in words)


def _particle(word: str, following: str, country: str | None) -> str:
    """A single "van" is Dutch where it stands before an article or in the Netherlands; elsewhere it has a capital."""
    small = word.lower()
    if small == "van" and following not in {"der", "den", "de", "het", "'t"} and country != "NL":
        return "Van"
    if small in {"la", "las", "los", "e", "y", "op", "do", "te"} and len(small) == 1:
        return small
    return small.capitalize() if country in _CAPITAL_VAN and country == "BE" else small


def word_case(word: str) -> str:
    """Return one word of a name in mixed case."""
    small = word.lower()
    if len(small) != len(word) or small.capitalize().lower() != small:
        return word  # letters whose case changes their number; leave them alone
    if small in _KEEP_UPPER:
        return small.upper()
    if found := _APOSTROPHE.match(small):
        return found[1].capitalize() + found[2] + word_case(found[3])
    if small.startswith("mc") and len(small) > 3 and small[2] not in _VOWELS - {"a", "e", "i", "o", "u", "y"}:
        return "Mc" + small[2:].capitalize()
    if small in MAC_NAMES:
        return "Mac" + small[3:].capitalize()
    if small in INNER_CAPITALS:
        return INNER_CAPITALS[small]
    return unicodedata.normalize("NFC", small.capitalize())
