"""Which words of a name are given, middle and family name."""

from __future__ import annotations

from crm_cli.standardize.name_words import (
    FAMILY_FIRST_COUNTRIES,
    IBERIAN_COUNTRIES,
    PARTICLES,
    PINYIN_SURNAMES,
    SPANISH_GIVEN,
    VIETNAMESE_SURNAMES,
)

__all__ = ["divide"]

_PATRONYMIC_ENDINGS = ("ович", "евич", "ьич", "овна", "евна", "ична", "івна", "ївна", "йович")
_JOINING = frozenset({"y", "e", "i"})


def divide(words: list[str], family: int | None, country: str | None) -> tuple[str, str, str]:
    """Return (given, middle, family) of the words of a name in natural order, titles and suffixes taken off.

    `family` is how many of the last words are known to be the family name (from a comma or capitals). Otherwise: a
    Vietnamese family name with its marks, or a known one in a country that writes it first, leads; two family names in
    Spanish-speaking countries; particles belong to the family name; else the last word.
    """
    if family is not None:
        return _given_middle(words[: len(words) - family], words[len(words) - family :])
    if len(words) < 2:
        return "", "", " ".join(words)
    if _family_leads(words, country):
        return words[-1], " ".join(words[1:-1]), words[0]
    if _is_patronymic(words[-1]) and len(words) == 3:
        return words[1], words[2], words[0]
    if country == "HU" and len(words) == 2:
        return words[1], "", words[0]
    start = len(words) - 1
    if country in IBERIAN_COUNTRIES and len(words) >= 3:
        start = _before_particles(words, start)
        second_given = start == 2 and words[1].lower() in SPANISH_GIVEN
        if start > 1 and not second_given:
            start -= 2 if words[start - 1].lower() in _JOINING and start > 2 else 1
    start = max(_before_particles(words, start), 1)
    return _given_middle(words[:start], words[start:])


def _is_patronymic(word: str) -> bool:
    """Whether a word is an East Slavic father's name, after which a name in file order (family name first) ends."""
    return word.lower().endswith(_PATRONYMIC_ENDINGS)


def _before_particles(words: list[str], start: int) -> int:
    while start > 1 and words[start - 1].lower().rstrip("'’") in PARTICLES:
        start -= 1
    return start


def _family_leads(words: list[str], country: str | None) -> bool:
    first, last = words[0].lower(), words[-1].lower()
    vietnamese = first in VIETNAMESE_SURNAMES and (country == "VN" or (not first.isascii() and len(words) >= 3))
    if vietnamese:
        return True
    leads = country in FAMILY_FIRST_COUNTRIES - {"HU", "VN"} and first in PINYIN_SURNAMES
    return leads and not (len(words) == 2 and last in PINYIN_SURNAMES and first not in PINYIN_SURNAMES)


def _given_middle(given: list[str], family: list[str]) -> tuple[str, str, str]:
    return " ".join(given[:1]), " ".join(given[1:]), " ".join(family)
