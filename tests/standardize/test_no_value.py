from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crm_cli.dictionary import SemanticType
from crm_cli.standardize import Context, is_no_value, standardize
from crm_cli.standardize.text import _PLACEHOLDERS

_WORDS = st.sampled_from(sorted(_PLACEHOLDERS))
_VALUES = st.one_of(
    _WORDS,
    _WORDS.map(str.upper),
    _WORDS.map(lambda word: f" {word}\u200b"),
    st.text(max_size=14),
    st.sampled_from(["4711", "n&amp;a", "&#110;/a", "ＮＡ", "no\x00ne", "1.23457E+15", "4711.0"]),
)
_CONTEXTS = st.sampled_from(
    [Context(), Context(unsafe=True), Context(ignore=frozenset({"T304"})), Context(select=frozenset({"T203"}))]
)


@given(_VALUES, _CONTEXTS)
def test_a_word_for_no_value_is_known_without_standardizing_it(value: str, context: Context) -> None:
    expected = standardize(SemanticType.IDENTIFIER, value, context).stands_for_nothing
    assert is_no_value(value, context) is expected
