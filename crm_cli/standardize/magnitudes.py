"""Thousands, millions and the like in words and letters: 1.2M, 12 Tsd., 1.5 crore, 3万, 5億; and accountants' signs.

Abbreviations mean what is usual in business in English, German, French, Spanish, Portuguese, Italian, Dutch, Nordic,
Polish, Russian and Indian texts; a word that means two numbers is taken by the country, without one not at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from crm_cli.standardize.han_numerals import HAN_DIGITS, han_number
from crm_cli.standardize.wordlists import words

__all__ = ["Unfolded", "unfolded"]

_POWERS = {
    word: power
    for power, names in {
        3: "k thousand thousands tsd tausend mille duizend tusen tys тыс тысяч",
        5: "lakh lakhs lac lacs",
        6: "m mn mm mln mio mill million millions millionen millones milhão milhões milioni milione miljoen miljoner "
        "millioner млн миллион миллиона миллионов",
        7: "crore crores",
        9: "bn bln mrd md mds mld milliard milliards milliarde milliarden miliardi miljard miljarder mia млрд",
        12: "trn",
    }.items()
    for word in names.split()
}
_ENGLISH = words("US GB CA AU NZ IE IN SG ZA PK HK MY PH")
_INDIAN = words("IN PK BD NP LK")
_LATIN = words("BR PT ES MX AR CL CO PE UY EC VE")
_BY_COUNTRY = {
    "mil": (dict.fromkeys(_LATIN, 3) | dict.fromkeys(_ENGLISH, 6)),
    "mi": {"BR": 6},
    "b": dict.fromkeys(_ENGLISH, 9),
    "billion": dict.fromkeys(_ENGLISH, 9),
    "billions": dict.fromkeys(_ENGLISH, 9),
    "cr": dict.fromkeys(_INDIAN, 7),  # elsewhere an entry on the side of credit
    "l": dict.fromkeys(_INDIAN, 5),
    "t": dict.fromkeys(("DE", "AT", "CH", "SE", "NO", "DK"), 3),
}
_GLUED = (("t", 3), ("k", 3), ("md", 9), ("mrd", 9), ("mn", 6), ("m", 6), ("bn", 9))  # TEUR, k€, Mkr, bnUSD
_SMALL_UNITS = {"十": 1, "百": 2, "千": 3, "천": 3}
_LARGE_UNITS = {"万": 4, "萬": 4, "만": 4, "亿": 8, "億": 8, "억": 8}
_HAN_LETTERS = re.compile(rf"[{HAN_DIGITS}{''.join(_LARGE_UNITS)}천]").search
_HAN_SUM = re.compile(rf"[\d{HAN_DIGITS}](?:[ ,.]?[\d{HAN_DIGITS}{''.join(_LARGE_UNITS)}천])*")
_HAN_PIECE = re.compile(r"\d[\d,]*(?:\.\d+)?|[〇零一二三四五六七八九]+|[^\s,.]")
_AROUND = re.compile(r"([^\d+\-−]*?)\s*([+\-−]?\s*(?:\d|[.,]\d).*?)([^\W\d_][^\d]*|[^\d.,\s]*)").fullmatch
_NO_CENTS = re.compile(r"(?<=\d)\s?(?:[.,:]\s?[-–—]{1,2}|/[-=])(?=\D|$)")
_WHOLE = re.compile(r"(?<=[元圆圓])[整正]$")
_POINT_OF_WORD = re.compile(r"(?<=[^\W\d_])\.")
_WORD = re.compile(r"([^\W\d_]+)\s*(.*)").fullmatch


class Unfolded(NamedTuple):
    """A number without its magnitude: the text that is left, and the power of ten that it is to be multiplied with."""

    text: str
    power: int
    spelled: bool  # whether a word, letter or character for thousands and more was in it


def unfolded(text: str, country: str | None, is_currency: Callable[[str], bool] | None) -> Unfolded | None:
    """Return what a number or sum says in plain digits, or None where there is nothing to unfold.

    `is_currency` says whether a word names a currency; without it the text is a number alone, and a single letter for
    a magnitude must stand close to the digits: "5 m" are metres.
    """
    plain, negative = _accountants(text)
    counted = _in_digits(plain) if _HAN_LETTERS(plain) else plain
    found = _AROUND(_POINT_OF_WORD.sub(" ", counted))
    if found is None:
        return None
    before, number, after = found[1].strip(), found[2].strip(), found[3].strip()
    power = 0
    if is_currency is None:
        close = counted[-1:] in {"k", "K", "M"} and counted[-2:-1].isdigit()
        power = _power_of(after, country) if close or len(after) > 1 else 0
        after = "" if power else after
    else:
        after, power = _divided(after, country, is_currency)
        if not power:
            before, power = _divided(before, country, is_currency, alone=False)
    if negative and number[:1] not in "+-−":
        number = f"-{number}"
    result = " ".join(filter(None, (before, number, after)))
    spelled = bool(power) or counted != plain
    return Unfolded(result, power, spelled) if spelled or result != text else None


def _accountants(text: str) -> tuple[str, bool]:
    """Take off brackets and minus signs around a sum with its currency, and what stands for no cents: "5,-"."""
    text = _WHOLE.sub("", _NO_CENTS.sub("", text)).strip()
    if text.startswith("(") and text.endswith(")"):
        return text[1:-1].strip(), True
    if text[-1:] in "-−" and not text[-2:-1].isdigit():
        return text[:-1].strip(), True
    return text, False


def _power_of(word: str, country: str | None) -> int:
    word = word.casefold()
    return _POWERS.get(word) or _BY_COUNTRY.get(word, {}).get(country or "", 0)


def _divided(
    words: str, country: str | None, is_currency: Callable[[str], bool], *, alone: bool = True
) -> tuple[str, int]:
    """Return `words` without the magnitude at their beginning, and the magnitude (0 for none).

    `alone` says whether it may stand without a currency: "5 M" does, "M 5" does not.
    """
    found = _WORD(words)
    if found is None or is_currency(words):
        return words, 0
    if (power := _power_of(found[1], country)) and (alone or found[2]):
        return found[2], power
    for letters, power in _GLUED:
        if words.casefold().startswith(letters) and is_currency(words[len(letters) :].strip()):
            return words[len(letters) :].strip(), power
    return words, 0


def _in_digits(text: str) -> str:
    """Return `text` with its numbers in Chinese, Japanese or Korean in digits: 1万5千 is 15000."""
    return _HAN_SUM.sub(lambda found: _sum(found.group()), text)


def _sum(text: str) -> str:
    """Return the number that digits and characters write; units below 万 count within it, as in 1千万."""
    if not _HAN_LETTERS(text):
        return text
    total = section = Decimal(0)
    number: Decimal | None = None
    for piece in _HAN_PIECE.findall(text):
        if piece in _SMALL_UNITS:
            section += (Decimal(1) if number is None else number).scaleb(_SMALL_UNITS[piece])
            number = None
        elif piece in _LARGE_UNITS:
            total += (section + (number or 0)).scaleb(_LARGE_UNITS[piece])
            section, number = Decimal(0), None
        elif number is not None:
            return text  # two numbers side by side
        else:
            number = _number(piece)
    return format((total + section + (number or 0)).normalize() + 0, "f")


def _number(text: str) -> Decimal:
    return Decimal(text.replace(",", "")) if text[0].isdigit() else Decimal(han_number(text) or 0)
