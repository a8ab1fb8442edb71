from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_cli import records
from crm_cli.errors import NotFoundError, UsageError
from crm_cli.history import ChangedMeanwhileError, WrongValueError, operation, undo
from crm_cli.records import AlreadyTakenError, view
from tests.dumps import business_content
from tests.records.conftest import TESTER, Desk

VALUES = st.fixed_dictionaries(
    {},
    optional={
        "given_name": st.sampled_from(["Ann", "BOB", ""]),
        "email": st.sampled_from(["ann@acme.example", "b@acme.example", "nonsense", ""]),
        "home_email": st.sampled_from(["ann@acme.example", "home@acme.example", ""]),
        "phone": st.sampled_from(["030 901820", "0171 2345678", ""]),
        "mobile": st.sampled_from(["0171 2345678", "0172 2345678", ""]),
        "city": st.sampled_from(["Berlin", "Bonn", ""]),
        "country": st.sampled_from(["DE", "FR", ""]),
        "billing_city": st.sampled_from(["Berlin", ""]),
        "gender": st.sampled_from(["female", ""]),
    },
)


def points(desk: Desk, number: int, part: str) -> list[tuple[Any, ...]]:
    rows = view(desk.store, "contact", str(number)).parts.get(part, [])
    return [(row["value"], row["kind"], row["primary"]) for row in rows]


def test_set_changes_fields_and_contact_points_of_many_and_undo_takes_it_back(desk: Desk) -> None:
    ids = [desk.add("contact", family_name=name, city="Bonn", email=f"{name}@acme.example") for name in ("a", "b", "c")]
    before = business_content(desk.store)
    assert desk.set("contact", ids, city="BERLIN", job_title="Buyer", phone="030 901820") == ids
    for number in ids:
        shown = desk.fields("contact", number)
        assert (shown["city"], shown["job_title"], shown["phone"]) == ("Berlin", "Buyer", "+4930901820")
        assert len(points(desk, number, "addresses")) == 1
    assert undo(desk.store, desk.operation, TESTER).refused == []
    assert business_content(desk.store) == before


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=VALUES, second=VALUES)
def test_any_set_reads_back_leaves_one_primary_and_is_undone(
    desk: Desk, first: dict[str, str], second: dict[str, str]
) -> None:
    number = desk.add("contact", **{**first, "family_name": "Doe"})
    before = business_content(desk.store)
    if not second:
        return
    desk.set("contact", [number], dry_run=True, **second)
    assert business_content(desk.store) == before
    desk.set("contact", [number], **second)
    shown, own = desk.fields("contact", number), {"country": first["country"]} if first.get("country") else {}
    with desk.store.read() as connection:  # numbers are read by the record's own country
        read = desk.reader(connection, "contact").read(second, record=own)
    if len(second) == 1:  # of several, a later one may move the value of an earlier one
        for name, slot in read.slots.items():
            wanted = (slot.standard or slot.given) if slot.slot.detail == "postal_address" else slot.known
            assert slot.given is None or shown[name] == wanted
    for part in ("emails", "phones", "addresses"):
        found = points(desk, number, part)
        assert sum(primary for *_, primary in found) == (1 if found else 0)
        assert len({value for value, *_ in found}) == len(found)
    undo(desk.store, desk.operation, TESTER)
    assert business_content(desk.store) == before


def test_an_address_that_the_record_has_already_becomes_the_primary_one(desk: Desk) -> None:
    ann = desk.add("contact", family_name="Doe", email="work@acme.example", home_email="ann@home.example")
    desk.set("contact", [ann], email="ann@home.example")
    assert points(desk, ann, "emails") == [
        ("ann@home.example", "home", True),
        ("work@acme.example", "work", False),
    ]


def test_clearing_the_primary_number_promotes_the_next(desk: Desk) -> None:
    ann = desk.add("contact", family_name="Doe", phone="030 901820", mobile="0171 2345678")
    desk.set("contact", [ann], phone="")
    assert points(desk, ann, "phones") == [("+491712345678", "mobile", True)]


def test_the_last_thing_that_tells_a_record_apart_cannot_be_cleared(desk: Desk) -> None:
    number = desk.add("contact", given_name="Ann", email="a@x.example", mobile="030 901820", job_title="Buyer")
    with pytest.raises(WrongValueError, match=f"contact {number} needs one of"):
        desk.set("contact", [number], given_name="", email="", mobile="")
    desk.set("contact", [number], given_name="", email="")
    with pytest.raises(WrongValueError):
        desk.set("contact", [number], mobile="")
    desk.set("contact", [number], mobile="", family_name="Lee")
    assert desk.fields("contact", number)["family_name"] == "Lee"


def test_a_part_of_an_address_changes_and_the_rest_stays(desk: Desk) -> None:
    ann = desk.add("contact", family_name="Doe", city="Bonn", country="Germany")
    desk.set("contact", [ann], city="Berlin")
    assert points(desk, ann, "addresses") == [("Berlin, DE", "main", True)]


def test_numbers_are_read_by_the_country_of_each_record(desk: Desk) -> None:
    berlin = desk.add("contact", family_name="Doe", country="DE")
    paris = desk.add("contact", family_name="Dupont", country="FR")
    desk.set("contact", [berlin, paris], fax="030 901820")
    assert desk.fields("contact", berlin)["fax"] == "+4930901820"
    assert desk.fields("contact", paris)["fax"] != "+4930901820"


def test_the_original_of_a_value_goes_with_the_value(desk: Desk) -> None:
    ann = desk.add("contact", given_name="ANN", family_name="DOE")
    desk.set("contact", [ann], given_name="Anna")
    table = desk.store.table("contact")
    with desk.store.read() as connection:
        assert connection.scalar(sa.select(table.c.extra)) == {"@original": {"family_name": "DOE"}}


def test_what_is_set_is_confirmed_by_the_edit_and_what_is_cleared_is_not(desk: Desk) -> None:
    ann = desk.add("contact", family_name="Doe")
    desk.set("contact", [ann], email="ann@acme.example", phone="")
    confirmed = {row["group"]: row["method"] for row in view(desk.store, "contact", str(ann)).parts["confirmed"]}
    assert confirmed == {"identity": "edit", "email": "edit"}


def test_what_was_changed_since_the_plan_was_made_is_not_overwritten(desk: Desk) -> None:
    ann = desk.add("contact", family_name="Doe")
    with desk.store.read() as connection:
        plan = records.plan_changes(desk.reader(connection, "contact"), [ann], {"family_name": "Roe"})
    desk.set("contact", [ann], given_name="Ann")
    with pytest.raises(ChangedMeanwhileError), operation(desk.store, "set", TESTER) as op:
        records.apply_changes(op, plan)
    assert desk.fields("contact", ann)["family_name"] == "Doe"


@pytest.mark.all_databases
def test_nothing_is_written_to_a_record_that_was_merged_away_since_it_was_read(desk: Desk) -> None:
    keep, gone = desk.add("contact", family_name="Doe"), desk.add("contact", family_name="Doe")
    deal = desk.add("opportunity", name="Deal")
    with desk.store.read() as connection:
        address = records.plan_changes(desk.reader(connection, "contact"), [gone], {"email": "late@acme.example"})
        reference = records.plan_changes(desk.reader(connection, "opportunity"), [deal], {"contact": str(gone)})
    new = desk.read("opportunity", name="Another", contact=str(gone))
    desk.merge("contact", gone, keep)
    before = business_content(desk.store)
    for plan in (address, reference):
        said = pytest.raises(ChangedMeanwhileError, match=f"contact {gone} was merged into {keep} meanwhile")
        with said as fault, operation(desk.store, "set", TESTER) as op:
            records.apply_changes(op, plan)
        assert f"contact {keep}" in fault.value.hint
    with pytest.raises(ChangedMeanwhileError), operation(desk.store, "add", TESTER) as op:
        records.add(op, new)
    with pytest.raises(ChangedMeanwhileError):
        desk.delete("contact", gone)
    assert business_content(desk.store) == before


def test_a_unique_value_cannot_be_set_on_two_records_or_taken_from_another(desk: Desk) -> None:
    ann, bob = desk.add("contact", family_name="Doe", customer_number="K-1"), desk.add("contact", family_name="Roe")
    with pytest.raises(AlreadyTakenError, match="cannot be set on 2 records"):
        desk.set("contact", [ann, bob], customer_number="K-2")
    with pytest.raises(AlreadyTakenError, match=f"contact {ann} has customer_number 'k-1' already"):
        desk.set("contact", [bob], customer_number="k-1")
    assert desk.set("contact", [ann], customer_number="K-1", given_name="Ann") == [ann]


def test_a_field_added_at_run_time_is_set_shown_and_undone(desk: Desk) -> None:
    before = business_content(desk.store)
    with operation(desk.store, "add-field", TESTER) as op:
        records.add_field(op, records.NewField("contact", "shoe_size", "number", "Shoe size"))
        records.add_field(op, records.NewField("contact", "met_on", "date", "First meeting"))
    desk.store.reload()
    ann = desk.add("contact", family_name="Doe", shoe_size="41,5", met_on="2026-01-31")
    desk.set("contact", [ann], shoe_size="42")
    shown = desk.fields("contact", ann)
    assert (shown["shoe_size"], shown["met_on"].isoformat()) == (42.0, "2026-01-31")
    desk.set("contact", [ann], shoe_size="", met_on="")
    assert "shoe_size" not in desk.fields("contact", ann)
    for number in (4, 3, 2, 1):
        undo(desk.store, number, TESTER)
    desk.store.reload()
    assert business_content(desk.store) == before
    assert "shoe_size" not in desk.store.dictionary.entity("contact").by_name


def test_records_are_chosen_by_number_or_by_condition_not_both(desk: Desk) -> None:
    ann, bob = desk.add("contact", family_name="Doe"), desk.add("contact", family_name="Roe")
    desk.delete("contact", bob)
    contact = desk.store.dictionary.entity("contact")
    with desk.store.read() as connection:
        assert records.choose(desk.store, connection, contact, [], "id > 0").ids == [ann]
        assert records.choose(desk.store, connection, contact, [str(ann), "Doe"], None).ids == [ann]
        assert records.choose_deleted(desk.store, connection, contact, [], "family_name = 'Roe'").ids == [bob]
        with pytest.raises(UsageError, match="not both"):
            records.choose(desk.store, connection, contact, [str(ann)], "id = 1")
        with pytest.raises(UsageError, match="which contacts"):
            records.choose(desk.store, connection, contact, [], None)
        with pytest.raises(NotFoundError, match=f"contact {bob} is deleted"):
            records.choose(desk.store, connection, contact, [str(bob)], None)
