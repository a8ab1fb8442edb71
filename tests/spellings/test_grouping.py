"""Groups of spellings: what each method puts together, what it keeps apart, and that blocking misses nothing."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_cli.spellings import (
    Method,
    SpellingGroup,
    edits_allowed,
    fingerprint,
    group_spellings,
    near_pairs,
    ngram_fingerprint,
    plain_form,
)

WORDS = st.text(alphabet="abn r1é-ß", min_size=0, max_size=14)


def values(group: SpellingGroup) -> list[str]:
    return [one.value for one in group.spellings]


def together(*texts: str, method: Method, distance: int = 1, marks: bool = False) -> bool:
    groups = group_spellings(dict.fromkeys(texts, 1), (method,), distance=distance, marks=marks)
    return [len(group.spellings) for group in groups] == [len(texts)]


@pytest.mark.parametrize(
    ("texts", "method"),
    [
        (("Cruise, Tom", "TOM CRUISE", "Tom  Cruise.", "tom cruise tom"), Method.FINGERPRINT),
        (("Gödel", "Godel", "GÖDEL", "Go\u0308del"), Method.FINGERPRINT),
        (("Łódź", "Lodz", "ŁÓDŹ"), Method.FINGERPRINT),
        (("Weißensee", "WEISSENSEE"), Method.FINGERPRINT),
        (("ＡＣＭＥ", "Acme"), Method.FINGERPRINT),
        (("Krzysztof", "Kr zysztof", "KRZYSZTOF"), Method.NGRAM),
        (("Frankfurt/Main", "Frankfurt Main"), Method.NGRAM),
        (("Berlin", "Berlim"), Method.DISTANCE),
        (("Munich", "Muinch"), Method.DISTANCE),
        (("Mueller", "Müller"), Method.DISTANCE),
        (("北京市朝阳区", "北京市朝阳區"), Method.DISTANCE),
    ],
)
def test_spellings_of_one_value_come_together(texts: tuple[str, ...], method: Method) -> None:
    assert together(*texts, method=method)


@pytest.mark.parametrize(
    ("texts", "method"),
    [
        (("12 Main St", "21 Main St"), Method.FINGERPRINT),
        (("5 Main St 12", "12 Main St 5"), Method.FINGERPRINT),
        (("か", "が"), Method.FINGERPRINT),
        (("???", "!!!"), Method.FINGERPRINT),
        (("Ulm", "Elm"), Method.DISTANCE),
        (("10115", "10117"), Method.DISTANCE),
        (("Unit 12 West", "Unit 13 West"), Method.DISTANCE),
        (("Bonnerstadt", "Bonnerstätten"), Method.DISTANCE),
    ],
)
def test_different_values_stay_apart(texts: tuple[str, ...], method: Method) -> None:
    assert group_spellings(dict.fromkeys(texts, 1), (method,)) == []


def test_marks_are_kept_where_they_mean_something() -> None:
    assert together("a.b@x.example", "ab@x.example", method=Method.FINGERPRINT)
    assert not together("a.b@x.example", "ab@x.example", method=Method.FINGERPRINT, marks=True)
    assert together("A.B@x.example", "a.b@x.example", method=Method.FINGERPRINT, marks=True)


def test_the_proposal_is_the_most_frequent_then_mixed_case_then_the_first() -> None:
    counts = {"BERLIN": 2, "berlin": 2, "Berlin": 2, "Berlin ": 1, "Hamburg": 1, "HAMBURG": 5}
    hamburg, berlin = sorted(group_spellings(counts), key=lambda group: group.count)
    assert (hamburg.proposal, hamburg.count) == ("HAMBURG", 6)
    assert values(berlin) == ["Berlin", "BERLIN", "berlin", "Berlin "]
    assert berlin.methods == (Method.FINGERPRINT,)


def test_of_equally_frequent_spellings_one_with_accents_is_proposed() -> None:
    (group,) = group_spellings({"Dusseldorf": 1, "Düsseldorf": 1, "DÜSSELDORF": 1})
    assert group.proposal == "Düsseldorf"


def test_a_group_says_what_put_it_together() -> None:
    counts = {"New York": 9, "york new": 1, "NewYork": 2, "New Yorc": 1, "Boston": 7}
    (group,) = group_spellings(counts)
    assert values(group) == ["New York", "NewYork", "New Yorc", "york new"]
    assert group.methods == (Method.FINGERPRINT, Method.NGRAM, Method.DISTANCE)


def test_a_group_does_not_drift_from_neighbour_to_neighbour() -> None:
    counts = {"aaaaaa": 9, "aaaaab": 1, "aaaabb": 1, "aaabbb": 1}
    groups = group_spellings(counts, (Method.DISTANCE,))
    assert [values(group) for group in groups] == [["aaaaaa", "aaaaab"], ["aaaabb", "aaabbb"]]


def distance(one: str, other: str) -> int:
    """Edits between two texts by the definition, with swaps of neighbours (optimal string alignment)."""
    rows = [list(range(len(other) + 1))]
    for i, left in enumerate(one, 1):
        row = [i]
        for j, right in enumerate(other, 1):
            row.append(min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (left != right)))
            if i > 1 and j > 1 and left == other[j - 2] and right == one[i - 2]:
                row[-1] = min(row[-1], rows[-2][j - 2] + 1)
        rows.append(row)
    return rows[-1][-1]


@settings(max_examples=60, deadline=None)
@given(
    forms=st.lists(st.text(alphabet="ab1 ", min_size=3, max_size=12), max_size=14, unique=True), most=st.integers(1, 2)
)
def test_blocking_finds_what_comparing_all_with_all_finds(forms: list[str], most: int) -> None:
    naive = set()
    for one, other in combinations(range(len(forms)), 2):
        left, right = forms[one], forms[other]
        edits = min(edits_allowed(left, most), edits_allowed(right, most))
        same_digits = [c for c in left if c.isdigit()] == [c for c in right if c.isdigit()]
        if edits and same_digits and distance(left, right) <= edits:
            naive.add((one, other))
    assert set(near_pairs(forms, most)) == naive
    assert set(near_pairs(forms, most, at_once=7)) == naive


@settings(max_examples=60, deadline=None)
@given(counts=st.dictionaries(WORDS, st.integers(1, 5), max_size=12))
def test_keys_group_exactly_the_values_that_a_chain_of_equal_keys_joins(counts: dict[str, int]) -> None:
    forms = {value: plain_form(value) for value in counts}
    rest, naive = set(counts), set()
    while rest:
        group = {min(rest)}
        while more := {
            other
            for other in rest - group
            for one in group
            if forms[one]
            and forms[other]
            and (
                fingerprint(forms[one]) == fingerprint(forms[other])
                or ngram_fingerprint(forms[one]) == ngram_fingerprint(forms[other])
            )
        }:
            group |= more
        rest -= group
        if len(group) > 1:
            naive.add(frozenset(group))
    found = group_spellings(counts, (Method.FINGERPRINT, Method.NGRAM))
    assert {frozenset(values(group)) for group in found} == naive


@given(value=st.text(max_size=20), marks=st.booleans())
def test_the_plain_form_of_a_plain_form_is_itself(value: str, marks: bool) -> None:
    once = plain_form(value, marks=marks)
    assert plain_form(once, marks=marks) == once


def test_an_address_in_small_letters_is_proposed_before_one_in_mixed_case() -> None:
    (group,) = group_spellings({"Ann@X.example": 1, "ann@x.example": 1, "ANN@X.EXAMPLE": 1}, marks=True)
    assert group.proposal == "ann@x.example"
