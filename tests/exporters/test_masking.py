"""Masked extracts say nothing of persons, and can still be joined and counted."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_cli.dictionary.types import PersonalData, SemanticType
from crm_cli.errors import UsageError
from crm_cli.exporters import ExportColumn, Masking, MaskingMethod
from crm_cli.exporters.masking import Masked

T, P, M = SemanticType, PersonalData, MaskingMethod
KEY = b"sixteen bytes or more"
GIVEN = ExportColumn("given_name", T.GIVEN_NAME, P.NAME)
FULL = ExportColumn("full_name", T.PERSON_NAME, P.NAME)
EMAIL = ExportColumn("email", T.EMAIL, P.CONTACT)
BORN = ExportColumn("birth_date", T.DATE, P.BIRTH)
GENDER = ExportColumn("gender", T.ENUM, P.BIRTH)
POSTAL = ExportColumn("postal_code", T.POSTAL_CODE, P.CONTACT)
NOTE = ExportColumn("description", T.NOTE, P.FREE_TEXT)
STATUS = ExportColumn("status", T.ENUM)


def _masked(
    rows: list[list[Any]], columns: list[ExportColumn], masking: Masking | None = None
) -> tuple[list[Any], Masked]:
    masked = (masking or Masking(KEY)).apply(rows, columns)
    return [list(row) for row in masked.rows], masked


def test_each_class_is_masked_in_its_way() -> None:
    row = ["Ann", "ann@acme.example", date(1985, 4, 12), "female", "53111", "called twice", "customer"]
    [masked], result = _masked([row], [GIVEN, EMAIL, BORN, GENDER, POSTAL, NOTE, STATUS])
    assert re.fullmatch(r"(?:[A-Z]|[bdfgklmnprstvwxz])[aeiu](?:[bdfgklmnprstvwxz][aeiu]){3}", masked[0])
    assert re.fullmatch(r"[0-9a-f]{32}", masked[1])
    assert masked[2:] == [1985, None, "53", None, "customer"]
    assert [column.type for column in result.columns][1:3] == [T.IDENTIFIER, T.INTEGER]
    assert {column.personal for column in result.columns} == {P.NONE}


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1), unique=True))
def test_equal_values_get_equal_masks_and_different_ones_different(values: list[str]) -> None:
    from crm_cli.dictionary.folding import fold

    rows, _ = _masked([[value, value] for value in values], [EMAIL, EMAIL])
    assert all(left == right for left, right in rows)
    by_mask = {mask: fold(value) for (mask, _), value in zip(rows, values, strict=True)}
    assert len(by_mask) == len({fold(value) for value in values})


def test_spelling_does_not_matter_and_the_key_does() -> None:
    same = [row[0] for row in _masked([["Ann"], ["ANN"], ["Ａｎｎ"]], [FULL])[0]]
    other = [row[0] for row in _masked([["Ann"]], [FULL], Masking(b"another key of 16+ bytes"))[0]]
    assert len(set(same)) == 1
    assert other[0] != same[0]


def test_masks_do_not_change_from_release_to_release() -> None:
    rows, _ = _masked([["Ann Smith", "ann@acme.example"]], [FULL, EMAIL])
    assert rows == [["Divetusa Tenuvazaxe", "6ae039a56ccf1b35244ab0c02c457579"]]


def test_a_hundred_thousand_names_get_as_many_pseudonyms() -> None:
    rows, _ = _masked([[f"Person {number}"] for number in range(100_000)], [FULL])
    assert len({row[0] for row in rows}) == 100_000


def test_a_pseudonymous_address_can_never_be_mailed() -> None:
    [[address]], _ = _masked([["a@acme.example"]], [EMAIL], Masking(KEY, {P.CONTACT: M.PSEUDONYM}))
    assert re.fullmatch(r"[a-z]+@example\.invalid", address)


def test_blank_stays_blank() -> None:
    assert _masked([[None, "", None, None]], [GIVEN, EMAIL, BORN, POSTAL])[0] == [[None, None, None, None]]


def test_what_is_named_for_a_column_wins_over_its_class_and_that_over_the_default() -> None:
    masking = Masking(KEY, {P.CONTACT: M.REDACT}, {"email": M.KEEP})
    assert [masking.method_of(column) for column in (EMAIL, POSTAL, GIVEN)] == [M.KEEP, M.REDACT, M.PSEUDONYM]


@given(st.lists(st.tuples(st.sampled_from([1980, 1981]), st.sampled_from(["10115", "10999", "20095"])), min_size=1))
def test_the_smallest_group_is_that_of_a_plain_count(people: list[tuple[int, str]]) -> None:
    rows = [["Ann", date(year, 5, 1), code, "customer"] for year, code in people]
    _, result = _masked(rows, [GIVEN, BORN, POSTAL, STATUS])
    assert result.smallest.columns == ("birth_date", "postal_code")
    assert result.smallest.size == min(Counter((year, code[:2]) for year, code in people).values())


def test_without_readable_personal_columns_there_is_no_smallest_group() -> None:
    assert _masked([["Ann", "customer"]], [GIVEN, STATUS])[1].smallest.size is None


def test_a_short_key_is_refused() -> None:
    with pytest.raises(UsageError, match="4 bytes"):
        Masking(b"four")


def test_every_class_of_personal_data_has_a_method() -> None:
    for personal in PersonalData:
        method = Masking(KEY).method_of(ExportColumn("x", T.TEXT, personal))
        assert (method is M.KEEP) == (personal is P.NONE)
