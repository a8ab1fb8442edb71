"""Code pages told by the alphabets of languages: which one makes the letters beyond ASCII those of one language.

Wrong code pages of one family give letters too, but a mixture that no language has (`š` and `ą` and `ř`), or capitals
within words. Letters: Unicode CLDR, exemplar characters.
"""

from __future__ import annotations

import re

from crm_cli.importers.plausible import plausibility

__all__ = ["code_page_by_alphabet"]

_LATIN = (
    "äöüß",  # German
    "àâæçèéêëîïôœùûüÿ",  # French
    "áéíñóúü",  # Spanish
    "àáâãçéêíóôõúü",  # Portuguese
    "àèéìîòóù",  # Italian
    "áâäèéêëíïóôöúûü",  # Dutch
    "åäæéöø",  # Danish, Norwegian, Swedish, Finnish
    "áæéíðóöúýþ",  # Icelandic
    "áčďéěíňóřšťúůýž",  # Czech
    "áäčďéíĺľňóôŕšťúýž",  # Slovak
    "ąćęłńóśźż",  # Polish
    "áéíóöőúüű",  # Hungarian
    "ćčđšž",  # Croatian, Slovene
    "âăîșțşţ",  # Romanian
    "âçğîıöşûü",  # Turkish
    "ąčėęįšūųž",  # Lithuanian
    "āčēģīķļņšūž",  # Latvian
    "äõöüšž",  # Estonian
)
_OTHER = (
    "абвгдежзийклмнопрстуфхцчшщъыьэюяё",  # Russian, Bulgarian
    "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",  # Ukrainian
    "абвгдежзиклмнопрстуфхцчшђјљњћџ",  # Serbian
    "αβγδεζηθικλμνξοπρστυφχψωςάέήίόύώϊϋΐΰ",  # Greek
)
# Code pages by script: which script it is, a detector tells by the frequency of letters.
_CODE_PAGES = (
    ("cp1252", "cp1250", "iso8859-2", "mac-roman", "cp850", "cp852", "cp1254", "cp1257"),
    ("cp1251", "koi8-r", "cp866", "iso8859-5", "mac-cyrillic"),
    ("cp1253", "iso8859-7"),
)
_WORD = re.compile(r"[^\W\d_]+")
# So many letters beyond ASCII must be there; so few of them may be strange to the language; and so many of every other
# text's must be.
_LEAST_LETTERS = 6
_FEW = 0.02
_MANY, _LEAST_STRANGE = 0.01, 3


def code_page_by_alphabet(evidence: bytes, guess: str) -> str | None:
    """Return the one code page, of the script of `guess`, that makes bytes the writing of one language, or None.

    That several code pages give the very same text is no doubt: the first of them is returned.
    """
    texts: dict[str, str] = {}
    for name in next((family for family in _CODE_PAGES if guess in family), _CODE_PAGES[0]):
        texts.setdefault(evidence.decode(name, errors="replace"), name)
    strange = sorted((_strange(text), name) for text, name in texts.items())
    letters = sum(byte > 127 for byte in evidence)
    (least, name), rivals = strange[0], strange[1:]
    fits = letters >= _LEAST_LETTERS and least <= _FEW * letters
    alone = all(count >= max(_LEAST_STRANGE, _MANY * letters) for count, _ in rivals)
    return name if fits and alone else None


def _strange(text: str) -> float:
    """Return how many letters beyond ASCII are strange to the alphabet that suits them best, or to any prose."""
    words = [word for word in _WORD.findall(text) if not word.isascii()]
    mixed = sum(any(letter.isascii() for letter in word) for word in words)
    letters = [letter for word in words for letter in word.lower() if ord(letter) > 127 and letter.isalpha()]
    alphabets = _LATIN if 2 * mixed > len(words) else _OTHER  # words without a plain letter are of another script
    known = max(sum(letter in alphabet for letter in letters) for alphabet in alphabets)
    beyond = sum(ord(char) > 127 for char in text)
    return len(letters) - known + (1 - plausibility(text)) * beyond
