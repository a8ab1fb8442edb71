"""Places, dates, numbers, words, text; and columns by unique value."""

from __future__ import annotations

import pytest

from crm_cli.dictionary import SemanticType as T
from crm_cli.standardize import (
    Context,
    detect_date_order,
    standardize,
    standardize_column,
    standardize_unique,
    stored_value,
)


@pytest.mark.parametrize(
    ("kind", "given", "context", "standard"),
    [
        (T.COUNTRY, "Allemagne", Context(), "DE"),
        (T.COUNTRY, "U.S.A", Context(), "US"),
        (T.COUNTRY, "대한민국", Context(), "KR"),
        (T.COUNTRY, "The Netherlands", Context(), "NL"),
        (T.COUNTRY, "Česká republika", Context(), "CZ"),
        (T.COUNTRY, "NA", Context(), "NA"),
        (T.COUNTRY, "n/a", Context(), "n/a"),
        (T.REGION, "N.Y.", Context("US"), "NY"),
        (T.REGION, "québec", Context("CA"), "QC"),
        (T.REGION, "广东", Context("CN"), "GD"),
        (T.REGION, "Vienna", Context("AT"), "Wien"),
        (T.REGION, "東京都", Context("JP"), "Tokyo"),
        (T.REGION, "Texas", Context(), "TX"),
        (T.REGION, "tx", Context(), "tx"),
        (T.REGION, "Madrid", Context("ES"), "M"),
        (T.POSTAL_CODE, "021394307", Context("US"), "02139-4307"),
        (T.POSTAL_CODE, "sw1a1aa", Context("GB"), "SW1A 1AA"),
        (T.POSTAL_CODE, "NL-1234AB", Context("NL"), "1234 AB"),
        (T.POSTAL_CODE, "〒1000001", Context("JP"), "100-0001"),
        (T.CITY, "RIO DE JANEIRO", Context(), "Rio de Janeiro"),
        (T.CITY, "s-hertogenbosch", Context(), "S-Hertogenbosch"),
        (T.URL, "//ACME.com", Context(), "https://acme.com"),
        (T.URL, "https://acme.com:443/A?b#c", Context(), "https://acme.com/A?b#c"),
        (T.DATE, "31 de diciembre de 1999", Context(), "1999-12-31"),
        (T.DATE, "3/3/2020", Context(), "2020-03-03"),
        (T.DATE, "2020-02-30", Context(), None),
        (T.DATE, "5/6/20", Context(date_order="mdy"), "2020-05-06"),
        (T.MONEY, "1'234.50 CHF", Context(), "CHF 1234.50"),
        (T.MONEY, "₹1,23,456.00", Context(), "INR 123456.00"),
        (T.MONEY, "-$5", Context(), "USD -5.00"),
        (T.MONEY, "1,234", Context(currency="JPY"), "JPY 1234"),
        (T.NUMBER, "1.234.567,8", Context(), "1234567.8"),
        (T.INTEGER, "12.0", Context(), "12"),
        (T.BOOLEAN, "да", Context(), "true"),
        (T.CURRENCY, "kr", Context("SE"), "SEK"),
        (T.TEXT, "5 m² （大）", Context(), "5 m² （大）"),
        (T.NOTE, "a \r\n\r\n\r\n\r\n b", Context(), "a\n\nb"),
        (T.IDENTIFIER, " 00123 ", Context(), "00123"),
        (T.TEXT, "می\u200cخواهم", Context(), "می\u200cخواهم"),
        (T.TEXT, "a\u200cb", Context(), "ab"),
    ],
)
def test_standard_forms(kind: T, given: str, context: Context, standard: str | None) -> None:
    assert standardize(kind, given, context).value == standard


@pytest.mark.parametrize(
    ("values", "order", "ambiguous"),
    [
        (["04/03/2020", "31/12/1999", None, ""], "dmy", False),
        (["04/03/2020", "12/31/1999"], "mdy", False),
        (["04/03/2020", "05/06/2021"], None, True),
        (["2020-03-04", "2021-01-02"], "ymd", False),
        (["03/03/2020", "04/04/2020"], None, False),
        (["31/12/1999", "12/31/1999", "04/03/2020"], None, True),
        (["n/a"], None, False),
    ],
)
def test_the_date_order_of_a_column_is_found_by_vote(
    values: list[str | None], order: str | None, ambiguous: bool
) -> None:
    found = detect_date_order(values)
    assert (found.order, found.ambiguous) == (order, ambiguous)


def test_mixed_orders_are_named() -> None:
    assert detect_date_order(["31/12/1999", "12/31/1999"]).mixed


def test_a_column_equals_its_values_one_by_one_and_works_once_a_value() -> None:
    values = ["212-736-5000", None, "020 7946 0018", "212-736-5000", ""]
    contexts = [Context("US"), Context("US"), Context("GB"), Context("GB"), Context("US")]
    by_value = [standardize(T.PHONE, value, context) for value, context in zip(values, contexts, strict=True)]
    assert standardize_column(T.PHONE, values, contexts) == by_value
    unique = standardize_unique(T.PHONE, values, Context("US"))
    assert list(unique) == ["212-736-5000", None, "020 7946 0018", ""]
    column = standardize_column(T.PHONE, values, Context("US"))
    assert column[0] is column[3]


def test_what_was_not_understood_says_so_in_plain_words() -> None:
    outcome = standardize(T.DATE, "04/03/2020")
    assert not outcome.understood
    assert outcome.issues[0].message == '"04/03/2020": is the day or the month first? Set the order'


@pytest.mark.parametrize(
    ("kind", "given", "context", "stored"),
    [
        (T.MONEY, "$1,234.50", Context(), 123450),
        (T.MONEY, "12 JPY", Context(), 12),
        (T.BOOLEAN, "no", Context(), False),
        (T.INTEGER, "1,000", Context(), 1000),
        (T.NUMBER, "2,5", Context(), 2.5),
    ],
)
def test_stored_values(kind: T, given: str, context: Context, stored: object) -> None:
    assert stored_value(kind, standardize(kind, given, context)) == stored


@pytest.mark.parametrize("text", ["1 January 2346270145", "January 1, 99999999999999999999", "1.1.2346270145"])
@pytest.mark.parametrize("kind", [T.DATE, T.TIMESTAMP])
def test_a_year_beyond_all_calendars_is_not_understood(kind: T, text: str) -> None:
    assert not standardize(kind, text, Context()).understood
