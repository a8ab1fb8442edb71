from __future__ import annotations

import pytest

from tests.records.conftest import Desk


def test_records_that_share_an_address_a_number_or_a_name_are_candidates(desk: Desk) -> None:
    ann = desk.add("contact", given_name="Ann", family_name="Doe", email="ann@acme.example", phone="030 901820")
    desk.add("contact", given_name="Bob", family_name="Doe", email="bob@acme.example")
    (found,) = desk.similar("contact", given_name="A.", family_name="D.", email="ANN@acme.example")
    assert (found.id, found.title, found.same) == (ann, "Ann Doe", "email address")
    (found,) = desk.similar("contact", family_name="Roe", work_phone="+49 30 901820")
    assert (found.id, found.same) == (ann, "phone number")


@pytest.mark.parametrize(
    ("given", "same"),
    [
        ({}, ["name"]),
        ({"birth_date": "1980-02-29"}, ["name and birth date"]),
        ({"birth_date": "1981-02-28"}, []),
        ({"city": "BONN"}, ["name and city"]),
        ({"city": "Berlin"}, []),
        ({"postal_code": "53113"}, ["name and postal code"]),
        ({"account": "Acme Ltd"}, ["name and account"]),
        ({"email": "other@example.org"}, []),
    ],
)
def test_people_of_one_name_are_candidates_when_something_else_fits(
    desk: Desk, given: dict[str, str], same: list[str]
) -> None:
    desk.add("account", name="Acme Ltd")
    desk.add(
        "contact", given_name="Ann", family_name="Doe", birth_date="1980-02-29", city="Bonn", postal_code="53113",
        account="Acme Ltd",
    )  # fmt: skip
    assert [one.same for one in desk.similar("contact", given_name="ANN", family_name="Doe", **given)] == same


def test_deals_of_one_name_are_candidates_only_at_the_same_account(desk: Desk) -> None:
    desk.add("account", name="Acme Ltd")
    desk.add("account", name="Bolt Ltd")
    deal = desk.add("opportunity", name="Renewal", account="Acme Ltd")
    assert [one.id for one in desk.similar("opportunity", name="renewal", account="Acme Ltd")] == [deal]
    assert desk.similar("opportunity", name="renewal", account="Bolt Ltd") == []


def test_deleted_and_merged_records_are_no_candidates(desk: Desk) -> None:
    gone, merged = desk.add("account", name="Acme Ltd"), desk.add("account", name="Acme Ltd")
    stays = desk.add("account", name="Acme Limited & Co")
    desk.delete("account", gone)
    desk.merge("account", merged, stays)
    assert desk.similar("account", name="Acme Ltd") == []
