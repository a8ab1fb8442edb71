"""When a cell as read is the cell as stated: the same text, number, date, or display of it."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import datetime, timedelta
from fractions import Fraction

__all__ = ["as_date", "as_number", "displays", "same"]

_DATES = (
    *("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%d-%b-%y", "%d-%b-%Y", "%d-%b"),
    *("%m/%d/%Y", "%m/%d/%y", "%d/%m/%Y", "%d/%m/%y", "%m/%d/%y %H:%M", "%m/%d/%Y %H:%M", "%b-%y", "%d.%m.%Y"),
    *("%H:%M:%S", "%H:%M", "%I:%M %p", "%I:%M:%S %p", "%M:%S.%f", "%Y.%m.%d", "%y.%m.%d", "%m-%d-%y", "%d-%m-%Y"),
    *("%A, %B %d, %Y", "%B %d, %Y", "%d-%B-%Y"),
)

_PARTS = ("%Y", "%y", "%m", "%d", "%b", "%B", "%a", "%A", "%H", "%I", "%M", "%S", "%p", "0")


def as_number(text: str, *, decimal_comma: bool = False) -> float | None:
    """Return the number that a text shows: signs of money and grouping are nothing, a percentage is divided."""
    plain = text.strip().replace("\u00a0", "").replace("\u202f", "")
    negative = plain.startswith("(") and plain.endswith(")")
    plain = re.sub(r"[$€£¥,\s()]", "", plain)
    if re.fullmatch(r"-?\d+ \d+/[1-9]\d*|-?\d+/[1-9]\d*", text.strip()):
        whole, _, part = text.strip().rpartition(" ")
        return float(whole or 0) + float(Fraction(part))
    if decimal_comma:
        plain = re.sub(r"[\s.]", "", text).replace(",", ".")
    percent = plain.endswith("%")
    try:
        number = float(plain.removesuffix("%")) / (100 if percent else 1)
    except ValueError:
        return None
    return -number if negative else number


def as_date(text: str) -> set[datetime]:
    """Return the moments that a text may mean."""
    found = set()
    for pattern in _DATES:
        with suppress(ValueError):
            moment = datetime.strptime(text.strip(), pattern)
            found.add(moment)
            if "%y" in pattern:
                found.add(moment.replace(year=moment.year - 100))
    return found


def same(stated: str, read: str | None) -> bool:
    """Whether a value is the stated one: as text, as a number, or as a date in another form."""
    left, right = " ".join(stated.split()), " ".join((read or "").split())
    if left == right or left.casefold() == right.casefold():
        return True
    first, second = as_number(left), as_number(right)
    if first is not None and second is not None:
        return abs(first - second) <= 1e-9 * max(abs(first), abs(second), 1e-300)
    return bool(as_date(left) & as_date(right))


def displays(shown: str, value: str | None) -> bool:
    """Whether `shown` is how a spreadsheet displays `value`: rounded, grouped, as a percentage, as a date."""
    if same(shown, value):
        return True
    text = (value or "").strip()
    if re.fullmatch("[_?]+", shown) and len(shown) == len(text) and not text.isascii():
        return True  # the program that saved the CSV had no letters for it
    if re.fullmatch(r"#{3,}", shown):
        return True  # the column was too narrow to show anything
    number = as_number(text)
    for displayed in (as_number(shown), as_number(shown, decimal_comma=True)):
        if number is not None and displayed is not None and abs(number - displayed) <= _last_place(shown):
            return True
    return _displayed_date(shown, text)


def _last_place(shown: str) -> float:
    """Return one unit of the last digit that is displayed."""
    if "/" in shown:
        return 0.05  # a fraction of one digit
    mantissa, _, exponent = re.sub(r"[^\d.eE+-]", "", shown).lower().partition("e")
    digits = len(mantissa.partition(".")[2]) + (2 if shown.strip().endswith("%") else 0)
    return float(10 ** (int(exponent or 0) - digits))


def _displayed_date(shown: str, text: str) -> bool:
    """Whether a display is made of the parts of a moment in ISO form, in whatever order and completeness."""
    if lasted := re.fullmatch(r"(-?)(\d+):(\d\d):(\d\d)", text):
        hours, minutes, seconds = (int(part) for part in lasted.groups()[1:])
        if shown in {f"{lasted[1]}{hours}", f"{lasted[1]}{hours * 3600 + minutes * 60 + seconds}"}:
            return True
    found = re.fullmatch(r"(?:(\d{4}-\d\d-\d\d)[ T]?)?((?:[01]\d|2[0-3]):\d\d:\d\d(?:\.\d+)?)?", text)
    if not found or not text:
        return False
    moment = datetime.fromisoformat(f"{found[1] or '1900-01-01'} {found[2] or '00:00:00'}")
    moment = (moment + timedelta(microseconds=500_000)).replace(microsecond=0)
    parts = {moment.strftime(pattern).lstrip("0").casefold() for pattern in _PARTS}
    words = [word.lstrip("0").casefold() for word in re.findall(r"[^\W\d_]+|\d\d(?=\d\d\b)|\d+", shown)]
    return bool(words) and all(word in parts for word in words)
