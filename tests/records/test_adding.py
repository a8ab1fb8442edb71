from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
import sqlalchemy as sa

from crm_cli import records
from crm_cli.dictionary import UnknownFieldError
from crm_cli.errors import NotFoundError
from crm_cli.history import WrongValueError, undo
from crm_cli.query import Selection, record_ids
from crm_cli.records import AlreadyTakenError, AmbiguousRecordError, NotEditableError, view
from tests.dumps import business_content
from tests.records.conftest import TESTER, Desk


def test_a_record_is_stored_in_standard_form_and_keeps_what_was_given(desk: Desk) -> None:
    maria = desk.add("user", username="maria")
    acme = desk.add("account", name="Acme GmbH", city="Berlin", country="Germany")
    ann = desk.add(
        "contact", given_name="ANN", family_name="doe", email="Ann@ACME.example", mobile="0171 2345678",
        birth_date="1980-02-29", account="acme gmbh", owner="maria",
    )  # fmt: skip
    shown = desk.fields("contact", ann)
    assert (shown["given_name"], shown["family_name"], shown["birth_date"]) == ("Ann", "Doe", date(1980, 2, 29))
    assert (shown["email"], shown["mobile"], shown["phone"]) == ("Ann@acme.example", "+491712345678", "+491712345678")
    assert (shown["account_id"], shown["owner_id"]) == (acme, maria)
    assert desk.fields("account", acme)["country"] == "DE"
    table = desk.store.table("contact")
    with desk.store.read() as connection:
        extra = connection.scalar(sa.select(table.c.extra).where(table.c.id == ann))
    assert extra == {"@original": {"given_name": "ANN", "family_name": "doe"}}
    (phone,) = view(desk.store, "contact", str(ann)).parts["phones"]
    assert phone["as_given"] == "0171 2345678"


@pytest.mark.all_databases
def test_letters_that_grow_when_they_are_folded_are_stored_found_and_unique(desk: Desk) -> None:
    longest, blessing = "\ufb03" * 254, "\ufdfa" * 40  # folding makes 3 and 18 of each letter
    ann = desk.add("contact", family_name="Doe", department=longest, salutation=blessing)
    bob = desk.add("contact", family_name="Roe", department="IT")
    desk.set("contact", [bob], department=longest)
    kind = desk.add("relationship-type", name=longest)
    conditions = {
        f"salutation = '{blessing}'": [ann], f"upper(salutation) in ('{blessing}')": [ann],
        f"department = '{longest}'": [ann, bob], f"department <> '{longest}'": [],
        f"coalesce(salutation, '{blessing}') = '{blessing}'": [ann, bob],
    }  # fmt: skip
    with desk.store.read() as connection:
        for where, ids in conditions.items():
            assert record_ids(desk.store, connection, Selection(entity="contact", where=where)) == ids, where
        declared = desk.store.dictionary.entity("relationship-type")
        assert records.locate(desk.store, connection, declared, longest).id == kind
    with pytest.raises(AlreadyTakenError, match=f"relationship-type {kind} has name"):
        desk.add("relationship-type", name=longest)


def test_undo_of_an_added_record_leaves_nothing_behind(desk: Desk) -> None:
    before = business_content(desk.store)
    desk.add("contact", family_name="Doe", email="ann@acme.example", phone="030 901820", city="Bonn")
    assert undo(desk.store, desk.operation, TESTER).refused == []
    assert business_content(desk.store) == before
    with desk.store.read() as connection:
        confirmation = desk.store.table("confirmation")
        assert connection.scalar(sa.select(sa.func.count()).select_from(confirmation)) == 0


def test_money_is_read_in_its_own_currency_then_the_records_then_the_base(desk: Desk) -> None:
    own = desk.add("opportunity", name="A", amount="12,500.50 USD")
    given = desk.add("opportunity", name="B", amount="500", currency="JPY")
    base = desk.add("opportunity", name="C", amount="1.234,50")
    found = [
        (row["amount"], row["currency"]) for row in (desk.fields("opportunity", one) for one in (own, given, base))
    ]
    assert found == [(Decimal("12500.50"), "USD"), (Decimal(500), "JPY"), (Decimal("1234.50"), "EUR")]
    desk.set("opportunity", [given], amount="700")
    assert desk.fields("opportunity", given)["amount"] == Decimal(700)


def test_exactly_one_contact_point_of_each_kind_is_primary(desk: Desk) -> None:
    ann = desk.add("contact", family_name="Doe", mobile="0171 2345678", home_phone="030 901820", fax="030 901821")
    phones = view(desk.store, "contact", str(ann)).parts["phones"]
    assert [phone["primary"] for phone in phones] == [True, False, False]
    assert desk.fields("contact", ann)["home_phone"] == "+4930901820"


def test_one_number_in_two_slots_is_one_contact_point(desk: Desk) -> None:
    ann = desk.add("contact", family_name="Doe", phone="0171 2345678", mobile="+49 171 2345678")
    assert len(view(desk.store, "contact", str(ann)).parts["phones"]) == 1
    shown = desk.fields("contact", ann)
    assert shown["phone"] == shown["mobile"] == "+491712345678"


def test_what_is_no_email_address_is_kept_and_marked_wrong(desk: Desk) -> None:
    given = desk.read("contact", family_name="Doe", email="ann at acme")
    assert any("email" in remark for remark in given.remarks)
    ann = desk.add("contact", family_name="Doe", email="ann at acme")
    (email,) = view(desk.store, "contact", str(ann)).parts["emails"]
    assert email["standing"] == "wrong"


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({"birth_date": "yesterdayish"}, WrongValueError, "birth_date=yesterdayish"),
        ({"gender": "femal"}, WrongValueError, "female"),
        ({"famly_name": "Doe"}, UnknownFieldError, "family_name"),
        ({"owner": "nobody"}, NotFoundError, "owner=nobody"),
        ({"id": "7"}, NotEditableError, "id is kept by the system"),
        ({"created_at": "2026-01-01"}, NotEditableError, "created_at is kept by the system"),
        ({"status": ""}, None, ""),
    ],
)
def test_what_cannot_be_stored_is_refused_in_words(
    desk: Desk, given: dict[str, str], error: type[Exception] | None, words: str
) -> None:
    if error is None:
        assert desk.read("contact", **given).values == {"status": None}
        return
    with pytest.raises(error) as caught:
        desk.read("contact", **given)
    assert words in f"{caught.value} {caught.value.hint}"  # type: ignore[attr-defined]


def test_a_record_that_nothing_tells_apart_is_refused(desk: Desk) -> None:
    with pytest.raises(WrongValueError, match="needs one of family_name"):
        desk.add("contact", city="Berlin")
    with pytest.raises(WrongValueError, match="account needs a value for name"):
        desk.add("account", city="Berlin")


def test_a_unique_value_that_is_taken_is_refused_and_names_who_has_it(desk: Desk) -> None:
    first = desk.add("user", username="maria")
    with pytest.raises(AlreadyTakenError, match=f"user {first} has username 'MARIA' already"):
        desk.add("user", username="MARIA")
    desk.delete("user", first)
    with pytest.raises(AlreadyTakenError, match="which is deleted"):
        desk.add("user", username="maria")


def test_references_are_given_by_number_public_id_unique_value_email_or_name(desk: Desk) -> None:
    acme = desk.add("account", name="Acme Ltd", customer_number="K-17", email="info@acme.example")
    with desk.store.read() as connection:
        table = desk.store.table("account")
        public_id = connection.scalar(sa.select(table.c.public_id))
    for text in (str(acme), public_id, public_id.lower(), "k-17", "INFO@acme.example", "ACME  ltd"):
        assert desk.read("contact", account=text).values == {"account_id": acme}, text


def test_a_party_is_given_by_the_name_of_an_account_or_a_contact(desk: Desk) -> None:
    acme = desk.add("account", name="Acme Ltd")
    ann = desk.add("contact", given_name="Ann", family_name="van der Berg")
    assert desk.read("activity", party="acme ltd").values == {"party_id": acme}
    for text in ("Ann van der Berg", "van der Berg, Ann", "van der berg", str(ann)):
        assert desk.read("activity", party=text).values == {"party_id": ann}, text


def test_an_ambiguous_name_lists_the_candidates(desk: Desk) -> None:
    ids = [desk.add("contact", given_name=name, family_name="Doe") for name in ("Ann", "Bob")]
    with pytest.raises(AmbiguousRecordError) as caught:
        desk.read("activity", party="Doe")
    assert caught.value.facts["candidates"] == ids
    assert f"{ids[0]} Ann Doe; {ids[1]} Bob Doe" in caught.value.hint


def test_the_id_of_a_merged_record_means_its_survivor(desk: Desk) -> None:
    gone, middle, stays = (desk.add("contact", family_name=name) for name in ("Doe", "Dow", "Dough"))
    desk.merge("contact", gone, middle)
    desk.merge("contact", middle, stays)
    assert desk.read("activity", party=str(gone)).values == {"party_id": stays}
    found = view(desk.store, "contact", str(gone))
    assert (found.id, found.remark) == (stays, f"contact {gone} was merged into {stays}")
    assert [row["id"] for row in found.parts["merged from"]] == [middle, gone]


def test_a_deleted_record_cannot_be_referred_to(desk: Desk) -> None:
    acme = desk.add("account", name="Acme Ltd")
    desk.delete("account", acme)
    with pytest.raises(NotFoundError, match="account=Acme Ltd: there is no such account"):
        desk.read("contact", account="Acme Ltd")
