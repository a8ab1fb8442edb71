"""Rules that overrule the comparisons: keys that make records the same, or keep them apart, whatever else they say."""

from __future__ import annotations

import polars as pl
import pytest

from crm_cli.dedupe import MOST_SHARING, MatchResult, MatchSettings, MatchTable, Never, Role, find_duplicates
from crm_cli.errors import UsageError
from tests.dedupe.people import people


def strangers(**columns: list[str | None] | list[list[str]]) -> MatchTable:
    """Six people who have nothing in common but what the columns say."""
    names = ["Ann Abel", "Bert Bauer", "Carla Conti", "Dora Dietz", "Emil Ebert", "Fritz Falk"]
    frame = pl.DataFrame(
        {"given_name": [one.split()[0] for one in names], "family_name": [one.split()[1] for one in names], **columns}
    )
    return MatchTable.of(frame)


def groups(result: MatchResult) -> list[list[int]]:
    """The clusters of two records or more."""
    found: dict[int, list[int]] = {}
    for number, first in enumerate(result.clusters.tolist()):
        found.setdefault(first, []).append(number)
    return [members for members in found.values() if len(members) > 1]


def test_spellings_of_one_number_are_one_key() -> None:
    table = strangers(tax_id=["DE 811 907 980", "de811907980", "DE-123", None, "", "n/a"])

    result = find_duplicates(table, MatchSettings(must_match=["tax_id"], roles={"tax_id": Role.IDENTIFIER}))

    assert groups(result) == [[0, 1]]


def test_what_a_comparison_forgives_is_no_equal_key() -> None:
    table = strangers(company=["Acme Ltd", "ACME GmbH", "Acme, Ltd", "Bolt", "Crane", "Drum"])

    result = find_duplicates(table, MatchSettings(must_match=["company"], ignored=["given_name", "family_name"]))

    assert result.ruling(0, 2) is not None
    assert result.ruling(0, 1) is None


def test_the_rule_that_decided_is_named_and_its_pair_reported_as_certain() -> None:
    table = strangers(tax_id=["1", "1", "2", "3", "4", "5"])

    result = find_duplicates(table, MatchSettings(must_match=["tax_id"]))

    ruling = result.ruling(1, 0)
    assert ruling is not None
    assert (ruling.same, ruling.why) == (True, "same tax_id")
    assert result.ruling(0, 2) is None
    first = (int(result.pairs.left[0]), int(result.pairs.right[0]), float(result.pairs.probability[0]))
    assert first == (0, 1, 1.0)


def test_a_key_of_several_columns_needs_all_of_them() -> None:
    table = strangers(town=["Graz", "graz", "Graz", "Linz", "Linz", "Wels"], badge=["7", "7", "8", "7", None, "9"])

    result = find_duplicates(table, MatchSettings(must_match=[("town", "badge")]))

    assert groups(result) == [[0, 1]]
    assert result.ruling(0, 1).why == "same town, badge"  # type: ignore[union-attr]


def test_of_several_values_one_in_common_is_enough() -> None:
    mails = [["a@x.example", "b@x.example"], ["B@x.example"], ["c@x.example", "a@x.example"], [], ["d@x.example"], []]

    result = find_duplicates(strangers(email=mails), MatchSettings(must_match=["email"]))
    parted = find_duplicates(strangers(email=mails), MatchSettings(must_match=["email"], must_differ=["given_name"]))

    assert groups(result) == [[0, 1, 2]]
    assert result.ruling(1, 2).why == "each is the same as a third record"  # type: ignore[union-attr]
    assert groups(parted) == []


def test_a_mailbox_of_a_role_makes_no_two_people_one() -> None:
    table = strangers(email=["info@acme.example"] * 2 + ["ann@acme.example"] * 2 + ["x@y.example", "z@y.example"])

    assert groups(find_duplicates(table, MatchSettings(must_match=["email"]))) == [[2, 3]]


def test_a_placeholder_joins_nobody_and_is_reported() -> None:
    frame, _ = people(MOST_SHARING + 50, seed=4)
    key = ["999999"] * (MOST_SHARING + 1) + [str(each) for each in range(frame.height - MOST_SHARING - 1)]
    settings = MatchSettings(must_match=["badge"], ignored=["badge"])

    result = find_duplicates(MatchTable.of(frame.with_columns(badge=pl.Series(key))), settings)

    assert max(len(each) for each in groups(result)) < 10
    assert any(f"more than {MOST_SHARING} records" in warning for warning in result.summary.warnings)


def test_a_difference_beats_a_key_and_a_person_beats_both() -> None:
    table = strangers(tax_id=["1", "1", "1", "2", "3", "4"], born=["1980-01-01", "1981-02-02", "1980-01-01", *"xyz"])
    rules = MatchSettings(must_match=["tax_id"], must_differ=["born"])

    ruled = find_duplicates(table, rules)
    decided = find_duplicates(table, MatchSettings(must_match=["tax_id"], must_differ=["born"], forced=[(0, 1)]))
    refused = find_duplicates(table, MatchSettings(must_match=["tax_id"], forbidden=[(0, 2)]))

    assert groups(ruled) == [[0, 2]], "the first and the third are joined past the second"
    assert ruled.ruling(0, 1).why == "different born"  # type: ignore[union-attr]
    assert decided.ruling(0, 1).why == "decided by a person"  # type: ignore[union-attr]
    assert decided.clusters[0] == decided.clusters[1]
    assert refused.clusters[0] != refused.clusters[2]


def test_a_long_chain_of_keys_holds_no_two_that_must_differ() -> None:
    frame, _ = people(400, seed=4)
    chain = frame.with_columns(
        one=pl.Series([str(n // 2) for n in range(400)]),
        other=pl.Series([str((n + 1) // 2) for n in range(400)]),
        site=pl.Series(["north" if n % 8 == 0 else "south" if n % 8 == 4 else "" for n in range(400)]),
    )
    settings = MatchSettings(must_match=["one", "other"], must_differ=["site"], ignored=["one", "other", "site"])

    found = groups(find_duplicates(MatchTable.of(chain), settings))

    assert max(len(each) for each in found) > 150
    for members in found:
        assert len({chain["site"][n] for n in members} - {""}) < 2


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_blocking_rules_that_propose_nothing_find_nothing(rows: int) -> None:
    result = find_duplicates(MatchTable.of(people(10, seed=1)[0].head(rows)), MatchSettings(rules=["email"]))

    assert groups(result) == []


def test_a_missing_value_or_an_unknown_day_is_no_difference() -> None:
    table = strangers(badge=["1"] * 2 + ["2"] * 2 + ["3"] * 2, born=["1980", "1980-05-01", None, "1980-05-01", "", "x"])
    settings = MatchSettings(must_match=["badge"], must_differ=["born"], roles={"born": Role.BIRTH_DATE})

    assert groups(find_duplicates(table, settings)) == [[0, 1], [2, 3], [4, 5]]


def test_never_joins_agreement_and_difference() -> None:
    table = strangers(
        badge=["1"] * 4 + ["5", "6"], office=["a", "a", "b", "b", "c", "c"], floor=["1", "2", "1", "2", "1", "1"]
    )
    never = [Never(same=("office",), differ=("floor",), why="another floor of the office")]

    result = find_duplicates(table, MatchSettings(must_match=["badge"], never=never))

    assert result.ruling(0, 1).why == "another floor of the office"  # type: ignore[union-attr]
    assert result.ruling(0, 2).same  # type: ignore[union-attr]
    assert all(not {0, 1} <= set(each) and not {2, 3} <= set(each) for each in groups(result))


def test_rules_hold_where_nothing_can_be_compared() -> None:
    frame = pl.DataFrame({"badge": ["1", "1", "2", "2"], "site": ["a", "a", "a", "b"]})
    settings = MatchSettings(must_match=["badge"], must_differ=["site"], ignored=["badge", "site"])

    result = find_duplicates(MatchTable.of(frame), settings)

    assert result.model is None
    assert groups(result) == [[0, 1]]
    assert result.pairs.probability.tolist() == [1.0]


def test_an_ignored_column_is_not_compared_and_says_why() -> None:
    frame, _ = people(300, seed=5)

    result = find_duplicates(MatchTable.of(frame), MatchSettings(ignored=["email"]))

    column = next(one for one in result.summary.columns if one.name == "email")
    assert (column.kind, column.why) == (None, "left out by a rule")
    assert not any("email" in rule for rule in result.summary.rules)


def test_a_column_is_compared_as_it_is_told() -> None:
    frame, _ = people(300, seed=5)
    odd = frame.with_columns(desk=frame["phone"])

    result = find_duplicates(MatchTable.of(odd), MatchSettings(kinds={"desk": "phone"}))

    assert next(one for one in result.summary.columns if one.name == "desk").kind == "phone"


def test_blocking_rules_are_the_ones_given_and_an_idle_one_is_said() -> None:
    frame, _ = people(1500, seed=5)
    empty = frame.with_columns(badge=pl.lit("").cast(pl.String))

    some = find_duplicates(MatchTable.of(empty), MatchSettings(rules=["email", "badge"]))
    none = find_duplicates(MatchTable.of(empty), MatchSettings(rules=["badge:start"]))

    assert some.summary.rules == ("email",)
    assert any("'badge' (empty or nearly so)" in each for each in some.summary.warnings)
    assert any("chosen from the data" in each for each in none.summary.warnings)
    assert none.summary.clusters > 0


@pytest.mark.parametrize(
    ("settings", "message", "hint"),
    [
        (MatchSettings(ignored=["emial"]), "there is no column 'emial'", "did you mean email?"),
        (MatchSettings(kinds={"email": "emial"}), "there is no field type 'emial'", "did you mean email?"),
        (MatchSettings(never=[Never(differ=("emial",))]), "column 'emial' cannot be a trusted key", "email"),
    ],
)
def test_what_is_unknown_is_refused_with_what_there_is(settings: MatchSettings, message: str, hint: str) -> None:
    frame, _ = people(10, seed=1)

    with pytest.raises(UsageError) as refused:
        find_duplicates(MatchTable.of(frame), settings)

    assert message in refused.value.message
    assert hint in refused.value.hint
