"""East Asian names in Latin letters: whether the family name leads, by the words themselves."""

from __future__ import annotations

from typing import Literal

from crm_cli.standardize.roman_words import (
    JAPANESE_FAMILY,
    PINYIN_SYLLABLES,
    SINITIC_FAMILY,
    SINITIC_STRONG,
    SINITIC_SYLLABLES,
    VIETNAMESE_FAMILY,
    VIETNAMESE_LETTERS,
    VIETNAMESE_MIDDLE,
    VIETNAMESE_ONLY,
    WESTERN_FAMILY,
    WESTERN_GIVEN,
    fold,
    is_japanese_word,
    is_vietnamese_syllable,
)

__all__ = ["FAMILY_FIRST_COUNTRIES", "family_inside", "leading_family"]

FAMILY_FIRST_COUNTRIES = frozenset({"CN", "TW", "HK", "MO", "KR", "KP", "SG", "MY"})
_LEADING = VIETNAMESE_FAMILY | SINITIC_FAMILY | JAPANESE_FAMILY


def leading_family(words: list[str], country: str | None) -> Literal["vietnamese", "sinitic", "japanese"] | None:
    """Return which kind of name it is whose first word is the family name; None when it may be read otherwise.

    Evidence is a frequent family name in front, and syllables of that language behind it which are no frequent family
    name. In a country that writes the family name first, a frequent family name in front suffices.
    """
    first = fold(words[0])
    if first not in _LEADING or len(words) < 2:
        return None
    keys = [first, *map(fold, words[1:])]
    if _vietnamese(keys, words, country):
        return "vietnamese"
    if _sinitic(keys, country):
        return "sinitic"
    return "japanese" if _japanese(keys) else None


def _vietnamese(keys: list[str], words: list[str], country: str | None) -> bool:
    first, last = keys[0], keys[-1]
    if first not in VIETNAMESE_FAMILY or not all(map(is_vietnamese_syllable, keys[1:])):
        return False
    if first not in VIETNAMESE_ONLY and last in VIETNAMESE_ONLY:
        return False
    if country == "VN":
        return True
    if len(keys) == 2:
        return first in VIETNAMESE_ONLY and last not in VIETNAMESE_FAMILY
    if first in VIETNAMESE_ONLY or (keys[1] in VIETNAMESE_MIDDLE and last not in SINITIC_STRONG):
        return True
    return any(not VIETNAMESE_LETTERS.isdisjoint(word.lower()) for word in words)


def _sinitic(keys: list[str], country: str | None) -> bool:
    first, rest = keys[0], keys[1:]
    if first not in SINITIC_FAMILY:
        return False
    if country in FAMILY_FIRST_COUNTRIES:
        return True
    if rest[-1] in SINITIC_STRONG or len(rest) > 2:
        return False
    if len(rest) == 2:
        return rest[0] in SINITIC_SYLLABLES and rest[1] in SINITIC_SYLLABLES
    given = rest[0]
    if "-" in given:
        return _hyphened(given)
    if first in WESTERN_GIVEN:
        return False
    if given in PINYIN_SYLLABLES:
        return first in SINITIC_STRONG and given not in WESTERN_FAMILY
    return given not in WESTERN_FAMILY and _two_syllables(given)


def _hyphened(word: str) -> bool:
    syllables = word.split("-")
    return len(syllables) == 2 and all(syllable in SINITIC_SYLLABLES for syllable in syllables)


def _two_syllables(word: str) -> bool:
    return any(word[:cut] in PINYIN_SYLLABLES and word[cut:] in PINYIN_SYLLABLES for cut in range(1, min(len(word), 7)))


def _japanese(keys: list[str]) -> bool:
    if len(keys) != 2 or keys[0] not in JAPANESE_FAMILY:
        return False
    return keys[1] not in JAPANESE_FAMILY and len(keys[1]) > 2 and is_japanese_word(keys[1])


def family_inside(words: list[str]) -> tuple[int, int] | None:
    """Return from where to where the family name stands in "Peter Chan Tai Man"; None when it is no such name.

    As written in Hong Kong: a Western given name, the family name (of a wife: her husband's and her own), and the
    Chinese given name in two syllables, apart or with a hyphen.
    """
    hyphen = "-" in words[-1]
    behind = 1 if hyphen else 2
    families = len(words) - 1 - behind
    if families not in {1, 2} or fold(words[1]) not in SINITIC_FAMILY:
        return None
    keys = [fold(word) for word in words]
    if keys[0] in SINITIC_SYLLABLES or keys[-1] in SINITIC_STRONG or keys[families] not in SINITIC_FAMILY:
        return None
    given = _hyphened(keys[-1]) if hyphen else keys[-1] in SINITIC_SYLLABLES and keys[-2] in SINITIC_SYLLABLES
    return (1, 1 + families) if given else None
