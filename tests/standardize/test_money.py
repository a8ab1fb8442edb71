"""Sums and numbers as people of many countries write them; what could mean two amounts is not guessed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_cli.dictionary import SemanticType as T
from crm_cli.standardize import Context, standardize


@pytest.mark.parametrize(
    ("country", "written", "standard"),
    [
        ("US", "$1.2M", "USD 1200000.00"), ("US", "$ 5 mn", "USD 5000000.00"),
        ("US", "$1.2 million", "USD 1200000.00"), ("US", "$1.234M", "USD 1234000.00"),
        ("US", "$5 mil", "USD 5000000.00"), ("BR", "R$ 5 mil", "BRL 5000.00"),
        ("BR", "R$ 1,2 mi", "BRL 1200000.00"), ("GB", "£12.5k", "GBP 12500.00"),
        ("GB", "£5 billion", "GBP 5000000000.00"), (None, "12 Lakh", "1200000.00"),
        ("IN", "₹1.5 Cr", "INR 15000000.00"), ("IN", "Rs. 12 Lakh", "INR 1200000.00"),
        ("IN", "Rs.500", "INR 500.00"), ("IN", "₹ 12,00,000/-", "INR 1200000.00"), ("CN", "3万元", "CNY 30000.00"),
        ("CN", "3.5亿元", "CNY 350000000.00"), ("CN", "人民币三万元整", "CNY 30000.00"),
        ("JP", "5億円", "JPY 500000000"), ("JP", "1万5千円", "JPY 15000"), ("KR", "3억 5천만원", "KRW 350000000"),
        ("TW", "NT$ 3萬", "TWD 30000.00"), ("TW", "100元", "TWD 100.00"), ("DE", "1,5 Mio. €", "EUR 1500000.00"),
        ("DE", "12 TEUR", "EUR 12000.00"), ("FR", "500 k€", "EUR 500000.00"), ("FR", "3 Md€", "EUR 3000000000.00"),
        ("SE", "5 Mkr", "SEK 5000000.00"), ("PL", "5 tys. zł", "PLN 5000.00"),
        ("RU", "2 млн руб.", "RUB 2000000.00"), ("DE", "€ 1.234,-", "EUR 1234.00"), ("DE", "5,-- €", "EUR 5.00"),
        ("NO", "kr. 100,-", "NOK 100.00"), ("CH", "Fr. 1'234.-", "CHF 1234.00"),
        ("SE", "1 234,50 kr", "SEK 1234.50"), ("US", "US$ 5", "USD 5.00"), ("BR", "R$ 10", "BRL 10.00"),
        ("US", "($1,234.50)", "USD -1234.50"), ("US", "$(1,234.50)", "USD -1234.50"),
        ("US", "1,234.50-", "-1234.50"), ("US", "$1,234.50-", "USD -1234.50"), ("DE", "1.234,50€-", "EUR -1234.50"),
        ("US", "(1.2M)", "-1200000.00"), ("US", "CAD $5", "CAD 5.00"), ("DE", "EUR €5", "EUR 5.00"),
        ("US", "$.5", "USD 0.50"),
    ],
)  # fmt: skip
def test_sums(country: str | None, written: str, standard: str) -> None:
    assert standardize(T.MONEY, written, Context(country)).value == standard


@pytest.mark.parametrize(
    ("country", "written"),
    [
        ("DE", "5 billion EUR"), ("SE", "5 mil kr"), ("US", "1,234.50 CR"), ("US", "$5-10"), ("US", "12.5%"),
        ("US", "M 5"), ("US", "5 apples"), (None, "5 B"), (None, "kr"), ("US", "CAD €5"),
    ],
)  # fmt: skip
def test_what_may_mean_two_amounts_is_not_understood(country: str | None, written: str) -> None:
    outcome = standardize(T.MONEY, written, Context(country))
    assert (outcome.value, outcome.understood) == (None, False)


def test_a_magnitude_is_a_rule_of_its_own() -> None:
    assert standardize(T.MONEY, "$1.2M").rules == ("M103",)
    assert not standardize(T.MONEY, "$1.2M", Context(ignore=frozenset({"M103"}))).understood


def test_crowns_of_nobody_are_a_sum_without_currency() -> None:
    outcome = standardize(T.MONEY, "1 234,50 kr")
    assert (outcome.value, [issue.code for issue in outcome.issues]) == ("1234.50", ["M305"])
    assert standardize(T.MONEY, "50 kr", Context(currency="DKK")).value == "DKK 50.00"
    assert not standardize(T.MONEY, "50 kr", Context(currency="DKK")).issues


def test_the_dollar_is_that_of_the_record_where_no_country_says() -> None:
    assert standardize(T.MONEY, "$5", Context(currency="AUD")).value == "AUD 5.00"
    assert standardize(T.MONEY, "$5", Context("US", currency="AUD")).value == "USD 5.00"


def test_yen_have_no_cents_so_that_a_comma_is_certain() -> None:
    assert not standardize(T.MONEY, "5,000円").issues
    assert [issue.code for issue in standardize(T.MONEY, "$5,000").issues] == ["M301"]


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("1.2M", "1200000"),
        ("5K", "5000"),
        ("3万", "30000"),
        ("1,5 Mio", "1500000"),
        ("5 m", None),
        ("12 k", None),
        ("5%", None),
    ],
)
def test_numbers(written: str, number: str | None) -> None:
    assert standardize(T.NUMBER, written).value == number


PIECES = [
    *(
        "1",
        "234",
        "12.5",
        "1,234",
        ".",
        ",",
        "-",
        "(",
        ")",
        " ",
        "k",
        "M",
        "Mio.",
        "bn",
        "mil",
        "Lakh",
        "Cr",
        "T",
        "万",
        "億",
        "千",
    ),
    *("三", "元", "円", "원", "整", "$", "US$", "€", "kr", "USD", "JPY", "KWD", "EUR", "Rs.", "/-", ",-", "'", "+"),
]


@pytest.mark.slow
@settings(max_examples=2000, deadline=None)
@given(
    st.sampled_from([T.MONEY, T.NUMBER, T.INTEGER]),
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=7),
    st.sampled_from([None, "US", "DE", "IN", "CN", "BR", "SE"]),
    st.sampled_from([None, ",", "."]),
    st.sampled_from([None, "EUR", "JPY", "KWD", "DKK"]),
)
def test_twice_is_once(
    kind: T, pieces: list[str], country: str | None, decimal: str | None, currency: str | None
) -> None:
    context = Context(country, decimal=decimal, currency=currency)
    once = standardize(kind, "".join(pieces), context)
    again = standardize(kind, once.value, context)
    assert again.value == once.value
    assert again.parts.get("minor") == once.parts.get("minor")
