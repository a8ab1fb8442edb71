"""Which words of a name are given, middle and family name."""

from __future__ import annotations

from typing import NamedTuple

from crm_cli.standardize.iberian_names import IBERIAN_COUNTRIES, iberian_family, is_iberian_given
from crm_cli.standardize.name_words import HUNGARIAN_GIVEN, PARTICLES, SHORT_PARTICLES
from crm_cli.standardize.roman_order import family_inside, leading_family
from crm_cli.standardize.roman_words import fold

__all__ = ["Division", "divide", "given_and_family"]

_PATRONYMICS = ("ович", "евич", "ьич", "овна", "евна", "ична", "инична", "івна", "ївна", "йович")
_PATRONYMICS_LATIN = ("ovich", "evich", "ovna", "evna", "ichna")
_SLAVIC_FAMILY = ("ов", "ова", "ев", "ева", "ёв", "ёва", "ский", "ская", "цкий", "цкая", "ський", "ська", "енко")
_SLAVIC_FAMILY_LATIN = ("ov", "ova", "ev", "eva", "in", "ina", "sky", "skiy", "skaya", "enko")
_TURKIC_SON = frozenset({"оглы", "кызы", "оглу", "ogly", "oglu", "kyzy", "qizi", "oğlu", "qızı"})
_INITIALS = frozenset("OYE")  # a particle in small letters, an initial in capitals
# Words that make one given name with the next: "servant of", and Mohammed in short.
_SERVANT = frozenset({"abdul", "abd", "abdel", "abdal", "abdu", "abu", "mohd", "mohd.", "muhd", "muhd.", "md."})


class Division(NamedTuple):
    """A name divided; the words from `start` up to `end` are the family name."""

    given: str
    middle: str
    family: str
    start: int
    end: int


def divide(words: list[str], country: str | None) -> Division:
    """Return the parts of the words of a name, titles and suffixes taken off.

    An East Asian family name that is known by the words, or by the country, leads; so does a Slavic one before given
    name and patronymic, and a Hungarian one in Hungary. Spanish and Portuguese names end in two family names. Particles
    belong to the family name. Otherwise the family name is the last word.
    """
    count = len(words)
    if count < 2:
        return Division("", "", " ".join(words), 0, count)
    if leads := leading_family(words, country):
        # the middle name of a Vietnamese stands before the given name; two syllables of others are one given name
        cut = count - 1 if leads == "vietnamese" else 1
        return Division(" ".join(words[cut:]), " ".join(words[1:cut]), words[0], 0, 1)
    if _is_family_alone(words):
        return Division("", "", " ".join(words), 0, count)
    if count == 2 and country != "HU" and words[0].isascii():
        return Division(words[0], "", words[1], 1, 2)
    if count > 2 and (inside := family_inside(words)):
        start, end = inside
        return Division(words[0], " ".join(words[end:]), " ".join(words[start:end]), start, end)
    if _initials_follow(words) or _slavic_family_leads(words) or (country == "HU" and _hungarian(words)):
        return Division(words[1], " ".join(words[2:]), words[0], 0, 1)
    iberian = iberian_family(words, country)
    start = count - 1 if iberian is None else iberian
    start = max(_before_particles(words, start), 1)
    return given_and_family(words[:start], words[start:], country, iberian=iberian is not None)


def _is_family_alone(words: list[str]) -> bool:
    """Whether a name is a family name with its particles only: "von Trapp", "de la Cruz"."""
    if words[0].islower():
        return all(map(_is_particle, words[:-1]))
    return len(words) > 2 and words[0].lower() in PARTICLES and all(map(_is_particle, words[:-1]))


def given_and_family(
    given: list[str], family: list[str], country: str | None = None, *, iberian: bool = False
) -> Division:
    """Return the division of a name whose given and family names are known; `iberian` names have no middle name."""
    first = 2 if given and given[0].lower() in _SERVANT and len(given) > 1 else 1
    if iberian or _two_given(given, country):
        first = len(given)
    return Division(
        " ".join(given[:first]), " ".join(given[first:]), " ".join(family), len(given), len(given) + len(family)
    )


def _two_given(given: list[str], country: str | None) -> bool:
    return country in IBERIAN_COUNTRIES and len(given) == 2 and all(map(is_iberian_given, given))


def _before_particles(words: list[str], start: int) -> int:
    """Return where the particles before a family name begin; what stands at `start` is the family name already."""
    while start > 1 and _is_particle(words[start - 1]):
        start -= 1
    if start == 1 or words[start] != "und":
        return start
    return start + 1  # "und" belongs to "von und zu" only


def _is_particle(word: str) -> bool:
    if word in SHORT_PARTICLES:
        return True
    bare = word.rstrip("'’.")
    return bare not in _INITIALS and bare.lower() in PARTICLES


def _initials_follow(words: list[str]) -> bool:
    """Whether a name is a family name and two initials, as in lists of authors: "Smith J. R."."""
    if len(words) != 3 or len(words[0]) < 3 or words[0].endswith("."):
        return False
    return all(word.isupper() and len(word.rstrip(".")) == 1 for word in words[1:])


def _slavic_family_leads(words: list[str]) -> bool:
    """Whether the name stands in the order of files: family name, given name, patronymic ("Петров Иван Иванович").

    The patronymic alone shows that in Cyrillic; in Latin letters, where family names of the Balkans look like one, the
    ending of the family name must be Slavic too. Without a patronymic, the endings of both words must tell.
    """
    keys = [word.lower() for word in words]
    cyrillic = "а" <= keys[0][0] <= "ӿ"
    if len(keys) == 4 and keys[3] in _TURKIC_SON:
        return True
    if len(keys) == 3:
        if cyrillic:
            return keys[2].endswith(_PATRONYMICS) and not keys[1].endswith(_PATRONYMICS)
        return keys[2].endswith(_PATRONYMICS_LATIN) and len(keys[0]) > 4 and keys[0].endswith(_SLAVIC_FAMILY_LATIN)
    if len(keys) != 2 or not cyrillic:
        return False
    return (
        len(keys[0]) > 4 and keys[0].endswith(_SLAVIC_FAMILY) and not keys[1].endswith((*_SLAVIC_FAMILY, *_PATRONYMICS))
    )


def _hungarian(words: list[str]) -> bool:
    """Whether a name in Hungary begins with the family name, as it does unless a given name stands there alone."""
    return len(words) <= 3 and not (fold(words[0]) in HUNGARIAN_GIVEN and fold(words[-1]) not in HUNGARIAN_GIVEN)
