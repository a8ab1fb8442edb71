"""Dates that say another way of counting: Japanese eras, the Republic of China, the Buddhist era, Roman months, weeks.

Only what the text itself says is taken so; a bare year is one of the Gregorian calendar. Eras: proclamations of the
Cabinet of Japan; before 1873 Japan had another calendar, whose dates are not read. Weeks: ISO 8601.
"""

from __future__ import annotations

import re
from datetime import date

from crm_cli.standardize.han_numerals import HAN_DIGITS, han_number
from crm_cli.standardize.places import place_key, table

__all__ = ["read_other_calendar"]

_N = rf"[\d{HAN_DIGITS}]{{1,4}}"
_FULL_YEAR = r"\d{4}|[〇零一二三四五六七八九]{4}"
_SEPARATED = rf"(?P<year>{_N}|元)(?:\s*年\s*|[./-])(?P<month>{_N})(?:\s*月\s*|[./-])(?P<day>{_N})(?:日|號|号)?"
_DAY_OF_WEEK = r"(?:\s*\(?(?:星期|週|周|礼拜)?[一二三四五六日天月火水木金土](?:曜日?)?\)?)?"
_ERA = re.compile(
    rf"(?P<era>明治|大正|昭和|平成|令和|[明大昭平令]|[MTSHRmtshr])\.?\s*{_SEPARATED}{_DAY_OF_WEEK}"
).fullmatch
# first day, last day, first year; the day of a change belongs to both
_ERAS = {
    "明": (date(1873, 1, 1), date(1912, 7, 30), 1868),
    "大": (date(1912, 7, 30), date(1926, 12, 25), 1912),
    "昭": (date(1926, 12, 25), date(1989, 1, 7), 1926),
    "平": (date(1989, 1, 8), date(2019, 4, 30), 1989),
    "令": (date(2019, 5, 1), date.max, 2019),
}
_LETTERS = dict(zip("MTSHR", _ERAS, strict=True))
_REPUBLIC = re.compile(rf"(?:中[华華])?民[国國]\s*{_SEPARATED}{_DAY_OF_WEEK}").fullmatch
_COMMON = re.compile(rf"{_SEPARATED.replace(f'{_N}|元', _FULL_YEAR, 1)}{_DAY_OF_WEEK}").fullmatch
_ROMAN = re.compile(r"(\d{1,2})[. /-]\s?(I{1,3}|I?V|VI{1,3}|I?X|XI{1,2})[. /-]\s?(\d{4})").fullmatch
_ROMAN_MONTHS = {
    "I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6, "VII": 7, "VIII": 8, "IX": 9, "X": 10, "XI": 11, "XII": 12,
}  # fmt: skip
_WEEK = re.compile(r"(\d{4})-?W(\d\d)-?([1-7])").fullmatch
_VIETNAMESE = re.compile(r"(?:ngay )?(\d{1,2}) thang (\d{1,2})(?: nam)? (\d{4})").fullmatch
_BUDDHIST = re.compile(r"(?:วันที่ ?)?(\d{1,2}) (\S+|\d{1,2}) (?:พ ?ศ|b ?e) ?(\d{4})").fullmatch


def read_other_calendar(text: str) -> date | None:
    """Return the day that `text` says in one of these ways, or None."""
    if found := _WEEK(text):
        return _week(found)
    if found := _ROMAN(text):
        return _day(int(found[3]), _ROMAN_MONTHS[found[2]], int(found[1]))
    if text.isascii() and text[:1].upper() not in _LETTERS:
        return _buddhist(text)
    if found := _ERA(text):
        return _of_era(found)
    if found := _REPUBLIC(text):
        return _counted(found, 1911)
    if found := _COMMON(text):
        return _counted(found, 0)
    if found := _VIETNAMESE(place_key(text)):
        return _day(int(found[3]), int(found[2]), int(found[1]))
    return _buddhist(text)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except (ValueError, OverflowError):
        return None


def _week(found: re.Match[str]) -> date | None:
    try:
        return date.fromisocalendar(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:  # a week or a year that there is not
        return None


def _counted(found: re.Match[str], before: int) -> date | None:
    """Return the day whose year is counted from the one after `before`."""
    numbers = [han_number(found[name]) for name in ("year", "month", "day")]
    year, month, day = numbers
    return None if year is None or month is None or day is None else _day(before + year, month, day)


def _of_era(found: re.Match[str]) -> date | None:
    first, last, year_one = _ERAS[_LETTERS.get(found["era"].upper()) or found["era"][0]]
    day = _counted(found, year_one - 1)
    return day if day and first <= day <= last else None


def _buddhist(text: str) -> date | None:
    found = _BUDDHIST(place_key(text))
    if found is None:
        return None
    month = found[2] if found[2].isdecimal() else next((n for name, n in table("months.tsv") if name == found[2]), None)
    return _day(int(found[3]) - 543, int(month), int(found[1])) if month else None
