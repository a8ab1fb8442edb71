"""Dates and times. One column has one order of day and month: `detect_date_order` finds it by vote over the column.

A date whose order is not certain is not guessed: it is reported, and the column's order (or the user) decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache

from crm_cli.dictionary import SemanticType
from crm_cli.standardize.calendars import read_other_calendar
from crm_cli.standardize.drafts import Draft
from crm_cli.standardize.places import place_key, table
from crm_cli.standardize.rules import Example, Rule
from crm_cli.standardize.text import tidy
from crm_cli.standardize.values import Context, Standard
from crm_cli.standardize.wordlists import words

__all__ = ["RULES", "DateOrder", "detect_date_order", "read_date", "standardize_date"]

_KINDS = (SemanticType.DATE,)
RULES = (
    Rule("D101", "ISO 8601: year, month, day", _KINDS,
         (Example("31.12.1999", "1999-12-31"), Example("12/31/1999", "1999-12-31"),
          Example("1999年12月31日", "1999-12-31"), Example("令和6年1月5日", "2024-01-05"),
          Example("民國113年1月5日", "2024-01-05"), Example("5.I.2024", "2024-01-05"),
          Example("2024-W05-1", "2024-01-29"),
          Example("3 mars 2020", "2020-03-03"), Example("04/03/2020", "2020-03-04", Context(date_order="dmy")))),
    Rule("D102", "A time of midnight beside a date is dropped", _KINDS,
         (Example("2020-03-04 00:00:00", "2020-03-04"),)),
    Rule("D201", "The serial number of a day in a spreadsheet is turned into its date", _KINDS,
         (Example("43831", "2020-01-01", Context(unsafe=True)),)),
    Rule("D300", "Not a date", _KINDS, (Example("soon", None), Example("31.02.2020", None))),
    Rule("D301", "Day or month first? Not certain", _KINDS, (Example("04/03/2020", None),)),
    Rule("D302", "Only a part of a date: no day", _KINDS, (Example("2020-05", None), Example("May 2020", None))),
    Rule("D303", "The date stands for none", _KINDS, (Example("1900-01-01", "1900-01-01"),)),
    Rule("D304", "A year of two digits", _KINDS, (Example("31.12.99", "1999-12-31"),)),
    Rule("D305", "The year looks like one of another calendar", _KINDS,
         (Example("1403/10/16", "1403-10-16"), Example("5 มกราคม 2567", None))),
)  # fmt: skip

_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)").fullmatch
_PLAIN = re.compile(r"(\d{1,4})([./\-_ ]|, ?)(\d{1,2})(?:\2)(\d{1,4})\.?").fullmatch
_COMPACT = re.compile(r"((?:1[6-9]|20)\d\d)(\d\d)(\d\d)").fullmatch
_CJK = re.compile(r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일号號]?").fullmatch
_TIME = re.compile(
    r"(.*\d)[T ,]+(\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?(?: ?[AaPp]\.?[Mm]\.?)?)(?: ?(?:Z|UTC|[+\-]\d\d:?\d\d))?"
).fullmatch
_MIDNIGHT = re.compile(r"(?:0?0|12):00(?::00(?:\.0+)?)?(?: ?[Aa]\.?[Mm]\.?)?").fullmatch
_SERIAL = re.compile(r"\d{5}(?:\.0+)?").fullmatch
_PARTIAL = re.compile(r"\d{4}(?:[-/.]\d{1,2}|-?W\d\d)?|\d{1,2}[-/.]\d{4}").fullmatch
_TOKENS = re.compile(r"\d+|[^\W\d_][^\s\d_]*")  # some letters of India and Thailand are signs on others
_NOISE = words(
    """
    de del of the st nd rd th er den le el di mon tue tues wed thu thur thurs fri sat sun monday tuesday
    wednesday thursday friday saturday sunday montag dienstag mittwoch donnerstag freitag samstag sonntag lundi
    mardi mercredi jeudi vendredi samedi dimanche lunes martes miercoles jueves viernes sabado domingo mo di mi
    do fr sa so г года год р року r roku god le il
    """
)
_STAND_INS = {
    (1900, 1, 1),
    (1970, 1, 1),
    (1899, 12, 30),
    (1899, 12, 31),
    (1901, 1, 1),
    (9999, 12, 31),
    (2099, 12, 31),
    (1753, 1, 1),
    (1, 1, 1),
}
_THAI = re.compile("[\u0e00-\u0e7f]").search
_BUDDHIST = 2400
_BUDDHIST_YEAR = re.compile(r"(?<!\d)2[4-6]\d\d(?!\d)").search
_PIVOT = 30  # two digits: 00–29 are 20xx, 30–99 are 19xx, as spreadsheets do


@dataclass(frozen=True, slots=True)
class DateOrder:
    """What a column says about the order of day and month.

    `order` is "dmy", "mdy", "ymd" or None; `ambiguous` that numeric dates are there and none of them decides;
    `votes` how many values can only be read in an order; `mixed` that both orders have votes.
    """

    order: str | None
    ambiguous: bool
    votes: dict[str, int]
    mixed: bool = False


@dataclass(frozen=True, slots=True)
class _Reading:
    """How one text can be read: the date by each possible order, and what else is notable."""

    by_order: dict[str, date]
    two_digits: bool = False


@cache
def _months() -> dict[str, int]:
    months = {name: int(number) for name, number in table("months.tsv")} | {"sept": 9}
    in_hebrew = {f"ב{name}": number for name, number in months.items() if "א" <= name <= "ת"}  # "in January"
    return months | in_hebrew


def detect_date_order(values: Iterable[str | None]) -> DateOrder:
    """Return the order of day and month of a column: the one that the values which can be read in one way only have."""
    votes = {"dmy": 0, "mdy": 0, "ymd": 0}
    open_question = False
    for value in values:
        found = _PLAIN(_date_part(value.strip())) if value else None
        if not found:
            continue
        orders = set(_by_order(found).by_order)
        if len(orders) == 1:
            votes[orders.pop()] += 1
        elif len(orders) > 1:
            open_question = open_question or len(set(_by_order(found).by_order.values())) > 1
    winner = max(votes, key=lambda order: votes[order])
    mixed = votes["dmy"] > 0 and votes["mdy"] > 0
    order = winner if votes[winner] and not (mixed and votes["dmy"] == votes["mdy"]) else None
    return DateOrder(order, open_question and order in {None, "ymd"}, votes, mixed)


def _date_part(text: str) -> str:
    timed = _TIME(text)
    return timed[1] if timed else text


def _by_order(found: re.Match[str]) -> _Reading:
    """Read three numbers. A year of four digits or first place decides; points mean day first."""
    first, separator, second, third = found.groups()
    if len(first) > 2:
        return _Reading(_valid({"ymd": (first, second, third)}) if len(first) == 4 and len(third) <= 2 else {})
    if len(third) == 3:
        return _Reading({})
    orders = {"dmy": (third, second, first), "mdy": (third, first, second)}
    if len(third) <= 2:
        orders["ymd"] = (first, second, third)
    if separator == ".":
        orders = {"dmy": orders["dmy"]}
    return _Reading(_valid(orders), two_digits=len(third) <= 2)


def _valid(orders: dict[str, tuple[str, str, str]]) -> dict[str, date]:
    dates = {}
    for order, (year, month, day) in orders.items():
        try:
            dates[order] = date(_full_year(year), int(month), int(day))
        except (ValueError, OverflowError):  # a month that there is not, a year of ten digits
            continue
    return dates


def _full_year(text: str) -> int:
    year = int(text)
    return year if len(text) > 2 else year + (2000 if year < _PIVOT else 1900)


def read_date(text: str) -> _Reading:
    """Return the ways in which `text` can be read as a date; none when it is not one."""
    if found := _ISO(text) or _COMPACT(text) or _CJK(text):
        return _Reading(_valid({"ymd": (found[1], found[2], found[3])}))
    if found := _PLAIN(text):
        return _by_order(found)
    reading = _with_month_name(text)
    if not reading.by_order and (day := read_other_calendar(text)):
        return _Reading({"ymd": day})
    return reading


def _with_month_name(text: str) -> _Reading:
    tokens = [token for token in _TOKENS.findall(place_key(text)) if token not in _NOISE]
    months = [_months()[token] for token in tokens if token in _months()]
    numbers = [token for token in tokens if token.isdigit()]
    if len(months) != 1 or len(numbers) != 2 or len(tokens) != 3:
        return _Reading({})
    first, second = numbers
    if len(first) == 4:
        first, second = second, first
    two_digits = len(second) <= 2
    if int(second) > _BUDDHIST and _THAI(text):
        return _Reading({})  # a year of the Buddhist era, which is taken where it is said: พ.ศ.
    return _Reading(_valid({"dmy": (second, str(months[0]), first)}), two_digits=two_digits)


def standardize_date(value: str, context: Context) -> Standard:
    """Return the date as YYYY-MM-DD; None when it is not one, not a whole one, or its order is not certain."""
    draft = tidy(value, context)
    if not draft.value:
        return draft.done()
    timed = _TIME(draft.value)
    if timed and _MIDNIGHT(timed[2]):
        draft.change("D102", timed[1])
    text = timed[1] if timed else draft.value
    if _SERIAL(text) and context.allows("D201"):
        draft.change("D201", date.fromordinal(date(1899, 12, 30).toordinal() + int(float(text))).isoformat())
        return draft.done()
    reading = read_date(text)
    dates = set(reading.by_order.values())
    if not dates:
        return _not_a_date(draft, text)
    if len(dates) > 1 and context.date_order not in reading.by_order:
        return draft.unknown("D301", f'"{draft.value}": is the day or the month first? Set the order', keep=False)
    chosen = reading.by_order[context.date_order] if len(dates) > 1 and context.date_order else dates.pop()
    if reading.two_digits:
        draft.flag("D304", f'The year of "{draft.value}" has two digits; taken as {chosen.year}')
    draft.change("D101", chosen.isoformat())
    if (chosen.year, chosen.month, chosen.day) in _STAND_INS:
        draft.flag("D303", f'{chosen.isoformat()} usually stands for "no date"')
    elif not 1500 <= chosen.year < _BUDDHIST and 1300 <= chosen.year < 2700:  # now in Persian, Islamic, Buddhist years
        draft.flag("D305", f"{chosen.year} looks like a year of another calendar; which one is meant?")
    return draft.done()


def _not_a_date(draft: Draft, text: str) -> Standard:
    if _THAI(text) and _BUDDHIST_YEAR(text):
        return draft.unknown("D305", f'"{draft.value}": a year of the Buddhist era is one after พ.ศ. only', keep=False)
    if _PARTIAL(text) or any(token in _months() for token in _TOKENS.findall(place_key(text))):
        return draft.unknown("D302", f'"{draft.value}" is no complete date', keep=False)
    return draft.unknown("D300", f'"{draft.value}" is not a date', keep=False)
