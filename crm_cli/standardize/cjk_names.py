"""Chinese, Japanese and Korean names in their own script: the family name first, compound family names known."""

from __future__ import annotations

import re

from crm_cli.standardize.name_words import CHINESE_COMPOUND, CHINESE_SURNAMES, JAPANESE_SURNAMES, KOREAN_COMPOUND

__all__ = ["is_cjk", "split_cjk"]

_CJK = re.compile(
    r"[\u3005\u3007\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0002fa1f·・\s]+"
).fullmatch
_KANA = re.compile(r"[\u3040-\u30ff]")
_HANGUL = re.compile(r"[\uac00-\ud7af]")


def is_cjk(text: str) -> bool:
    """Whether a text is written in Chinese characters, kana or hangul throughout."""
    return bool(text) and not text.isascii() and _CJK(text) is not None


def split_cjk(text: str, country: str | None) -> tuple[str, str] | None:
    """Return (family, given) of a name, or None where it cannot be told.

    A blank divides. A middle dot marks a foreign name in its own order (given·family). Else the family name is a known
    compound, then for Japan a known one of one to three characters, then the first character.
    """
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
    if _KANA.search(name) or country == "JP":
        return _japanese(name)
    return _chinese(name)


def _cut(name: str, place: int) -> tuple[str, str]:
    return name[:place], name[place:]


def _chinese(name: str) -> tuple[str, str] | None:
    if len(name) >= 3 and name[:2] in CHINESE_COMPOUND:
        return _cut(name, 2)
    if len(name) == 4:  # two family names, as of married women in Hong Kong and Taiwan, or a Japanese name
        if name[0] in CHINESE_SURNAMES and name[1] in CHINESE_SURNAMES and name[:2] not in JAPANESE_SURNAMES:
            return _cut(name, 2)
        return _japanese(name)
    if len(name) > 4:
        return _japanese(name)
    if name[0] not in CHINESE_SURNAMES and name[:2] in JAPANESE_SURNAMES:
        return _cut(name, 2) if len(name) > 2 else None
    return _cut(name, 1)


def _japanese(name: str) -> tuple[str, str] | None:
    for length in (3, 2, 1):
        if name[:length] in JAPANESE_SURNAMES and len(name) > length:
            return _cut(name, length)
    kana = _KANA.search(name)
    if kana and 1 <= kana.start() <= 3 and not _KANA.match(name):
        return _cut(name, kana.start())
    return _cut(name, 2) if len(name) == 4 and not kana else None
