"""Addresses that differ in numbers alone are read once: what a template gives is what a reading gives."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_cli.dictionary import SemanticType
from crm_cli.standardize import Context, Standard, standardize
from crm_cli.standardize.address_templates import AddressTemplates
from crm_cli.standardize.drafts import Draft
from crm_cli.standardize.us_addresses import read_us
from crm_cli.standardize.usps import STREET_TYPES, UNITS

US = Context("US")
# A rule named twice changes nothing, but such a context has no templates: each address is read by itself.
ONE_BY_ONE = Context("US", select=frozenset({"A", "T"}))
PLACES = ["Main", "MAIN", "Oak", "5th", "42", "Martin Luther King", "St Charles", "Highway 12", "County Road 7", "I 95"]
ENDS = [
    "",
    " # 4",
    " #12",
    ", Apt 3B",
    " Unit 100",
    " FL 3",
    " Box 9",
    " PO Box 77",
    " & Elm St",
    ", Reno NV 89501",
    " 5.",
]


def address(chance: random.Random) -> str:
    number = chance.choice(
        [str(chance.randint(0, 99999)), f"{chance.randint(1, 99)}-{chance.randint(1, 99)}", "00", ""]
    )
    middle = f"{chance.choice(['', 'N ', 'sw '])}{chance.choice(PLACES)} {chance.choice(sorted(STREET_TYPES))}"
    unit = f" {chance.choice(sorted(UNITS))} {chance.randint(0, 300)}" if chance.random() < 0.4 else chance.choice(ENDS)
    return f"{number} {middle}{unit}".strip()


def check(texts: list[str]) -> None:
    for text in texts:
        assert standardize(SemanticType.STREET, text, US) == standardize(SemanticType.STREET, text, ONE_BY_ONE), text


def test_what_a_template_gives_is_what_a_reading_gives() -> None:
    chance = random.Random(8)
    check([address(chance) for _ in range(6_000)])


@pytest.mark.slow
def test_what_a_template_gives_is_what_a_reading_gives_for_many_addresses() -> None:
    chance = random.Random(9)
    check([address(chance) for _ in range(60_000)])


@given(st.lists(st.text("059 #,;.&()-/%sA", min_size=1, max_size=12), min_size=1, max_size=4))
def test_numbers_in_odd_places(texts: list[str]) -> None:
    check([f"12 {text} Main St {text}" for text in texts] + [f"13 {text} Main St {text}" for text in texts])


def test_a_template_saves_readings() -> None:
    read: list[str] = []

    def reading(text: str) -> Standard:
        read.append(text)
        return read_us(Draft(text, ONE_BY_ONE))

    templates = AddressTemplates(reading)
    outcomes = [templates.read(f"{number} North Main Street Apt {number % 7 + 1}") for number in range(111, 120)]
    assert read == ["111 North Main Street Apt 7"]
    assert outcomes[-1].value == "119 N Main St Apt 1"
    assert dict(outcomes[-1].parts)["unit"] == "1"
    assert templates.read("120 North Main Street Apt 4").value == "120 N Main St Apt 4"  # ends in a zero: another shape
    assert len(read) == 2
