"""Property: for every type, standardizing a standard form changes nothing, whatever the text and the context."""

from __future__ import annotations

import random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crm_cli.dictionary import SemanticType
from crm_cli.standardize import REGISTRY, Context, all_rules, standardize

KINDS = [kind for kind, place in REGISTRY.items() if place]
ODD_WORDS = (
    "von de la Mc O' Jr ( ) , . - / & c/o dba Inc GmbH 株式会社 王 欧阳 Nguyễn # Apt N St Ave 12 00 ß İ ǆ ﬁ ① 〒 ٣"
)
WORDS = [
    *sorted({word for rule in all_rules() for one in rule.examples for word in one.before.split()}),
    *ODD_WORDS.split(),
    "\u200d",
    "i\u0307",
]
CONTEXTS = [
    Context(),
    Context("US"),
    Context("DE"),
    Context("CN"),
    Context("MX"),
    Context("JP"),
    Context("GB"),
    Context("NL"),
    Context("US", unsafe=True),
    Context("US", date_order="dmy", timezone="UTC", currency="USD"),
    Context("LV"),
    Context("ES"),
    Context("VN"),
    Context(currency="KWD"),
    Context(currency="JPY", decimal=","),
]


def assert_settled(kind: SemanticType, text: str, context: Context) -> None:
    once = standardize(kind, text, context)
    twice = standardize(kind, once.value, context)
    assert twice.value == once.value
    assert once.value is None or once.value.strip() == once.value


@settings(max_examples=1500, deadline=None)
@given(
    st.sampled_from(KINDS),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=6),
    st.sampled_from([" ", "", ", ", "\n"]),
    st.sampled_from([str, str.upper, str.lower]),
    st.sampled_from(CONTEXTS),
)
def test_of_words(kind: SemanticType, words: list[str], joint: str, case: object, context: Context) -> None:
    assert callable(case)
    assert_settled(kind, case(joint.join(words)), context)


@settings(max_examples=1000, deadline=None)
@given(st.sampled_from(KINDS), st.text(max_size=30), st.sampled_from(CONTEXTS))
@example(SemanticType.CITY, "i\u0307", Context("US"))
@example(SemanticType.PHONE, "00000 1067", Context("DE"))
@example(SemanticType.PERSON_NAME, "Smith, RUE", Context("CN"))
def test_of_any_text(kind: SemanticType, text: str, context: Context) -> None:
    assert_settled(kind, text, context)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_of_many_words(kind: SemanticType) -> None:
    chance = random.Random(1)
    for _ in range(20_000):
        text = chance.choice([" ", "", ", "]).join(chance.choice(WORDS) for _ in range(chance.randint(1, 6)))
        assert_settled(kind, chance.choice([str, str.upper, str.lower])(text), chance.choice(CONTEXTS))
