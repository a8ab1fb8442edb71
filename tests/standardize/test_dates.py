"""Dates in other calendars and notations are read where the text itself says which; else they are reported."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_cli.dictionary import SemanticType as T
from crm_cli.standardize import Context, standardize


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("令和6年1月5日", "2024-01-05"), ("令和元年5月1日", "2019-05-01"), ("R6.1.5", "2024-01-05"),
        ("平成31年4月30日", "2019-04-30"), ("H31/4/30", "2019-04-30"), ("昭和64年1月7日", "1989-01-07"),
        ("大正15年12月25日", "1926-12-25"), ("明治45年7月30日", "1912-07-30"), ("令6.1.5", "2024-01-05"),
        ("民國113年1月5日", "2024-01-05"), ("中華民國113年1月5日", "2024-01-05"),
        ("二〇二四年十二月二十五日", "2024-12-25"), ("2024年1月5日（金）", "2024-01-05"),
        ("2024年1月5日星期五", "2024-01-05"), ("5 มกราคม พ.ศ. 2567", "2024-01-05"),
        ("5 กุมภาพันธ์ พ.ศ. 2567", "2024-02-05"), ("5 January B.E. 2567", "2024-01-05"), ("5.I.2024", "2024-01-05"),
        ("12-XII-2024", "2024-12-12"), ("2024-W05-1", "2024-01-29"), ("2024W051", "2024-01-29"),
        ("5 января 2024 г.", "2024-01-05"), ("5 يناير 2024", "2024-01-05"), ("5 בינואר 2024", "2024-01-05"),
        ("5 जनवरी 2024", "2024-01-05"), ("ngày 5 tháng 1 năm 2024", "2024-01-05"), ("5. ledna 2024", "2024-01-05"),
        ("5 Ocak 2024", "2024-01-05"), ("5 Januarie 2024", "2024-01-05"),
    ],
)  # fmt: skip
def test_dates(written: str, day: str) -> None:
    assert standardize(T.DATE, written).value == day


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("昭和70年1月1日", "D300"), ("平成元年1月1日", "D300"), ("明治5年1月1日", "D300"), ("令和6年13月1日", "D300"),
        ("113年1月5日", "D300"), ("24年1月5日", "D300"), ("2024-W54-1", "D300"), ("2024-W05", "D302"),
        ("5 มกราคม 2567", "D305"), ("S5", "D300"), ("5.IIII.2024", "D300"),
    ],
)  # fmt: skip
def test_what_no_calendar_has_or_does_not_say_which_is_not_guessed(written: str, code: str) -> None:
    outcome = standardize(T.DATE, written)
    assert (outcome.value, [issue.code for issue in outcome.issues]) == (None, [code])


@pytest.mark.parametrize("year", [1403, 1445, 2567])
def test_a_year_of_another_calendar_is_told(year: int) -> None:
    outcome = standardize(T.DATE, f"{year}/10/16")
    assert outcome.value == f"{year}-10-16"
    assert outcome.issues[0].code == "D305"


def test_a_moment_in_an_era() -> None:
    assert standardize(T.TIMESTAMP, "令和6年1月5日 10:00", Context(timezone="UTC")).value == "2024-01-05T10:00:00+00:00"


ROMAN = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"]


@given(st.dates(min_value=date(2019, 5, 1), max_value=date(2117, 12, 31)))
def test_every_day_of_an_era_is_that_day(day: date) -> None:
    year, month, number = day.year, day.month, day.day
    forms = [
        f"令和{year - 2018}年{month}月{number}日", f"R{year - 2018:02}.{month:02}.{number:02}",
        f"民國{year - 1911}年{month}月{number}日", f"{number}.{ROMAN[month - 1]}.{year}",
        "{}-W{:02}-{}".format(*day.isocalendar()), f"{number}/{month}/พ.ศ. {year + 543}",
    ]  # fmt: skip
    assert {standardize(T.DATE, form).value for form in forms} == {day.isoformat()}


def test_the_eras_meet_without_a_gap() -> None:
    day, last = date(1873, 1, 1), date(2019, 5, 2)
    eras = {"明治": 1868, "大正": 1912, "昭和": 1926, "平成": 1989, "令和": 2019}
    while day <= last:
        known = {era: day.year - first + 1 for era, first in eras.items() if day.year >= first}
        read = [standardize(T.DATE, f"{era}{year}年{day.month}月{day.day}日").value for era, year in known.items()]
        assert {*read} - {None} == {day.isoformat()}
        day += timedelta(days=61)


PIECES = [
    *(
        "令和",
        "R",
        "H",
        "S.",
        "元",
        "年",
        "月",
        "日",
        "民國",
        "พ.ศ.",
        "มกราคม",
        "B.E.",
        "I",
        "XII",
        "W05",
        "-",
        ".",
        "/",
        " ",
    ),
    *(
        "1",
        "5",
        "12",
        "31",
        "113",
        "2024",
        "2567",
        "二〇二四",
        "十二",
        "Jan",
        "ינואר",
        "г.",
        "(金)",
        "tháng",
        "T10:00",
        "00:00",
    ),
]


@settings(max_examples=1500, deadline=None)
@given(
    st.sampled_from([T.DATE, T.TIMESTAMP]),
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=7),
    st.sampled_from([None, "dmy", "mdy"]),
)
def test_twice_is_once(kind: T, pieces: list[str], order: str | None) -> None:
    context = Context(date_order=order, timezone="UTC")
    once = standardize(kind, "".join(pieces), context)
    assert standardize(kind, once.value, context).value == once.value
