"""Chinese, Japanese and Korean names in their own script: the family name first, compound family names known."""

from __future__ import annotations

import re

from crm_cli.standardize.cjk_words import (
    CHINESE_COMPOUND,
    CHINESE_SURNAMES,
    EAST_ASIAN_TITLES,
    JAPANESE_SURNAMES,
    KOREAN_COMPOUND,
    OLD_FORMS,
)

__all__ = ["is_cjk", "is_family_name", "joined_cjk", "split_cjk", "without_title"]

_CJK = re.compile(
    r"[\u3005\u3007\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0002fa1f·・•‧∙⋅\s]+"
).fullmatch
_KANA = re.compile(r"[\u3040-\u30ff]")
_KATAKANA_ONLY = re.compile(r"[\u30a1-\u30fa\u30fc\s]+").fullmatch
_HANGUL = re.compile(r"[\uac00-\ud7af]")
_DOTS = re.compile(r"\s*[·•‧∙⋅]\s*")
_SHORT_TITLES = frozenset("総总總")  # "chief", behind a family name alone


def is_cjk(text: str) -> bool:
    """Whether a text is written in Chinese characters, kana or hangul throughout."""
    return bool(text) and not text.isascii() and _CJK(text) is not None and not text.isspace()


def is_family_name(text: str) -> bool:
    """Whether a text is nothing but a family name: one character, or one of the lists."""
    return len(text) == 1 or text in CHINESE_COMPOUND or text in KOREAN_COMPOUND or _is_japanese_family(text)


def without_title(text: str) -> tuple[str, str]:
    """Return a name without the word of respect behind it (様, 先生, 님), and that word."""
    for title in EAST_ASIAN_TITLES:
        if text.endswith(title):
            name = text[: -len(title)].rstrip()
            if name and (title not in _SHORT_TITLES or len(name) == 1):
                return name, title
    return text, ""


def joined_cjk(text: str, country: str | None) -> str:
    """Return a name without blanks, but with the one between family and given name where only that tells them apart.

    The middle dot of foreign and minority names is U+00B7, as the Chinese standard for them has it, or that of kana.
    """
    text = " ".join(_DOTS.sub("·", text).split())
    if " " not in text:
        return text
    close = text.replace(" ", "")
    if _KATAKANA_ONLY(text):
        return text
    divided = split_cjk(text, country)
    return text if len(text.split()) == 2 and divided and split_cjk(close, country) != divided else close


def split_cjk(text: str, country: str | None) -> tuple[str, str] | None:
    """Return (family, given) of a name, or None where it cannot be told.

    A blank divides. A middle dot marks a foreign name in its own order (given·family). Else the family name is a known
    compound, then for Japan a known one of one to four characters, then the first character.
    """
    text = _DOTS.sub("·", text)
    if "·" in text or "・" in text:
        given, _, family = re.sub(r"\s*[·・]\s*", "·", text).rpartition("·")
        return (family, given) if given and family else None
    pieces = text.split()
    if len(pieces) == 2:
        return pieces[0], pieces[1]
    name = "".join(pieces)
    if len(name) < 2:
        return None
    if _HANGUL.search(name):
        return _cut(name, 2 if name[:2] in KOREAN_COMPOUND and len(name) > 2 else 1) if len(name) <= 5 else None
    if country == "KR" and name[:2] in KOREAN_COMPOUND and len(name) > 2:
        return _cut(name, 2)
    if _KANA.search(name) or country == "JP":
        return _japanese(name)
    return _chinese(name, country)


def _cut(name: str, place: int) -> tuple[str, str]:
    return name[:place], name[place:]


def _is_japanese_family(name: str) -> bool:
    return name in JAPANESE_SURNAMES or name.translate(OLD_FORMS) in JAPANESE_SURNAMES


def _chinese(name: str, country: str | None) -> tuple[str, str] | None:
    if len(name) >= 3 and name[:2] in CHINESE_COMPOUND:
        return _cut(name, 2)
    if len(name) == 4:  # two family names, as of married women in Hong Kong and Taiwan, or a Japanese name
        if name[0] in CHINESE_SURNAMES and name[1] in CHINESE_SURNAMES and not _is_japanese_family(name[:2]):
            return _cut(name, 2)
        return _japanese(name)
    if len(name) > 4:
        return _japanese(name)
    if len(name) == 2 and country is None and name in JAPANESE_SURNAMES:
        return None  # a Japanese family name alone, or a Chinese name of two characters
    if name[0] not in CHINESE_SURNAMES and _is_japanese_family(name[:2]):
        return _cut(name, 2) if len(name) > 2 else None
    return _cut(name, 1)


def _japanese(name: str) -> tuple[str, str] | None:
    for length in (4, 3, 2, 1):
        if len(name) > length and _is_japanese_family(name[:length]):
            return _cut(name, length)
    kana = _KANA.search(name)
    if kana and 1 <= kana.start() <= 3 and not _KANA.match(name):
        return _cut(name, kana.start())
    return _cut(name, 2) if len(name) == 4 and not kana else None
