"""Numbers in Chinese characters, as addresses, dates and sums of China, Japan and Taiwan write them."""

from __future__ import annotations

__all__ = ["HAN_DIGITS", "han_number"]

HAN_DIGITS = "〇零一二三四五六七八九十百千"
_VALUES = {"〇": 0, "零": 0, "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "元": 1}
_PLACES = {"十": 10, "百": 100, "千": 1_000}


def han_number(text: str) -> int | None:
    """Return the number below ten thousand that characters ("二十三", "二〇二四", "元") or digits write; else None."""
    if text.isascii() and text.isdigit():
        return int(text)
    if not text or any(sign not in _VALUES and sign not in _PLACES for sign in text):
        return None
    if not any(sign in _PLACES for sign in text):
        return int("".join(str(_VALUES[sign]) for sign in text))
    total, digit = 0, None
    for sign in text:
        if sign in _PLACES:
            total += (1 if digit is None else digit) * _PLACES[sign]
            digit = None
        else:
            digit = _VALUES[sign]
    return total + (digit or 0)
