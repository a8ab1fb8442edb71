"""Masked fields: what a name masks, and how values are shown."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_cli.dictionary import (
    MASK,
    Dictionary,
    Field,
    SemanticType,
    UnknownEntityError,
    UnknownFieldError,
    hide,
    is_shown,
    shipped,
    shown,
    shown_as,
    shown_row,
)


def masked_fields(dictionary: Dictionary, *names: str) -> set[str]:
    return {
        f"{entity.name}.{one.name}"
        for entity in dictionary
        for one in entity.fields
        if one.masked and entity.name in names
    }


def test_a_field_is_masked_by_its_name_and_nothing_else_of_its_entity() -> None:
    dictionary = shipped().with_masked(["contact.birth_date", "account.tax_id"], "crm.toml")
    assert masked_fields(dictionary, "contact", "account", "lead") == {"contact.birth_date", "account.tax_id"}
    assert dictionary.masked_by == "crm.toml"
    assert dictionary.entity("contact").masked == {"birth_date", "birth_date_key"}
    assert not shipped().is_masked, "the shipped dictionary stays as it is"


def test_a_slot_masks_the_contact_points_behind_it_of_all_parties_under_all_names() -> None:
    dictionary = shipped().with_masked(["contact.home_email", "account.billing_street"])
    points = masked_fields(dictionary, "email_address", "phone_number", "postal_address")
    assert points == {
        *("email_address.value", "email_address.standard"),
        *("postal_address.street", "postal_address.value", "postal_address.standard"),
    }
    for name in ("contact", "account"):
        slots = {one.name for one in dictionary.entity(name).slots if one.masked}
        assert slots == {
            *("email", "home_email", "other_email"),
            *("street", "billing_street", "shipping_street", "other_street", "home_street"),
        }
    assert not dictionary.entity("lead").masked, "leads have fields of their own"


@pytest.mark.parametrize("name", ["email.value", "email_address.standard", "contact.email"])
def test_a_contact_point_is_masked_by_either_of_its_forms(name: str) -> None:
    dictionary = shipped().with_masked([name])
    assert masked_fields(dictionary, "email_address") == {"email_address.value", "email_address.standard"}
    assert "email" in dictionary.entity("account").masked


def test_what_is_said_of_a_contact_point_is_masked_by_itself() -> None:
    dictionary = shipped().with_masked(["email.standing"])
    assert masked_fields(dictionary, "email_address") == {"email_address.standing"}
    assert not dictionary.entity("contact").masked


def test_a_field_of_the_users_own_is_masked_by_either_name_and_keeps_it() -> None:
    own = ("contact", Field(name="shoe", type=SemanticType.TEXT, meaning="", custom=True))
    dictionary = shipped().with_fields([own])
    for name in ("contact.shoe", "contact.custom.shoe", " contact.shoe "):
        assert masked_fields(dictionary.with_masked([name]), "contact") == {"contact.shoe"}
    later = shipped().with_masked(["contact.birth_date"]).with_fields([own])
    assert masked_fields(later, "contact") == {"contact.birth_date"}
    assert later.is_masked


def test_copies_that_the_system_keeps_are_masked_with_the_first_field() -> None:
    dictionary = shipped().with_masked(["contact.birth_date"])
    kept = masked_fields(dictionary, "change", "external_ref", "import_row", "match_pair", "search_record")
    assert {"change.old", "change.new", "external_ref.external_id", "match_pair.scores", "search_record.tokens"} <= kept
    assert not any(entity.masked for entity in shipped())


def test_nothing_to_mask_is_the_same_dictionary() -> None:
    dictionary = shipped()
    assert dictionary.with_masked([]) is dictionary


@pytest.mark.parametrize(
    ("name", "error", "hint"),
    [
        ("contact.birthdate", UnknownFieldError, "birth_date"),
        ("contact.emial", UnknownFieldError, "email"),
        ("contat.email", UnknownEntityError, "contact"),
        ("contact", UnknownFieldError, "contact."),
        ("birth_date", UnknownFieldError, "contact.birth_date"),
        ("", UnknownFieldError, "ENTITY.FIELD"),
    ],
)
def test_an_unknown_name_suggests_the_nearest(name: str, error: type[Exception], hint: str) -> None:
    with pytest.raises(error) as caught:
        shipped().with_masked(["contact.email", name])
    assert hint in caught.value.hint  # type: ignore[attr-defined]


@given(
    st.one_of(
        st.text(min_size=1), st.integers(), st.booleans(), st.floats(), st.dates(), st.lists(st.text(), min_size=1)
    )
)
def test_any_value_is_hidden_and_none_stays_none(value: object) -> None:
    assert hide(value) == MASK
    assert [hide(none) for none in (None, "", [], {})] == [None, "", [], {}]


def test_rows_are_shown_by_the_names_of_their_columns() -> None:
    own = ("contact", Field(name="shoe", type=SemanticType.TEXT, meaning="", custom=True))
    contact = shipped().with_fields([own]).with_masked(["contact.shoe", "contact.account_id"]).entity("contact")
    row = {
        "account": "Acme",
        "account_id": 7,
        "city": "Bonn",
        "custom": {"shoe": "44", "hat": "7"},
        "extra": {"A": "1"},
    }
    assert shown_row(contact, row) == {
        "account": MASK, "account_id": MASK, "city": "Bonn", "custom": {"shoe": MASK, "hat": "7"}, "extra": {"A": MASK},
    }  # fmt: skip
    plain = shipped().entity("contact")
    assert shown_row(plain, row) == row
    assert shown_as(plain, "extra", row["extra"]) is row["extra"]
    assert shown(plain.field("birth_date"), date(1931, 3, 17)) == date(1931, 3, 17)


def test_a_column_of_a_source_is_judged_by_what_it_fills() -> None:
    dictionary = shipped().with_masked(["contact.email", "contact.family_name"])
    into = ["account", "contact"]
    told = {name: is_shown(dictionary, into, name) for name in ("contact.email", "email", "city", "contact.full_name")}
    assert told == {"contact.email": False, "email": False, "city": True, "contact.full_name": False}
    assert not is_shown(dictionary, into, "extra")
    assert is_shown(dictionary, into, "external_id")
    assert is_shown(shipped(), into, "extra")
