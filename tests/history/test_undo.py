from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_cli.errors import ExitCode, LockedError, NotFoundError
from crm_cli.history import (
    AlreadyUndoneError,
    Author,
    ChangedMeanwhileError,
    ValueTooLongError,
    WrongValueError,
    blame,
    last_operation,
    operation,
    read_log,
    undo,
)
from crm_cli.store import Store
from tests.dumps import business_content

MARIA = Author("maria", "test")


def add_contact(store: Store, **values: object) -> tuple[int, int]:
    with operation(store, "add", MARIA) as op:
        (number,) = op.insert("contact", [{"family_name": "Doe", **values}])
        op.insert(
            "email_address",
            [{"party_id": number, "value": "ann@acme.example", "standard": "ann@acme.example", "is_primary": True}],
            covered=True,
        )
    return number, op.id


@pytest.mark.all_databases
def test_undo_of_an_insert_leaves_nothing_behind(store: Store) -> None:
    before = business_content(store)
    _, done = add_contact(store)
    assert business_content(store) != before
    result = undo(store, done, MARIA)
    assert business_content(store) == before
    assert result.exit_code is ExitCode.DONE
    with store.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(store.table("party"))) == 0


@pytest.mark.all_databases
def test_undo_of_an_update_restores_every_kind_of_value(store: Store) -> None:
    number, _ = add_contact(store, birth_date=date(1980, 2, 29), extra={"Straße": "é"})
    with operation(store, "add", MARIA) as op:
        (deal,) = op.insert("opportunity", [{"name": "Deal", "amount": 12_345, "probability": 12.5}])
    before = business_content(store)
    with operation(store, "set", MARIA) as op:
        op.update("contact", {number: {"birth_date": None, "given_name": "Ann", "extra": None}})
        op.update(
            "opportunity",
            {deal: {"amount": 1, "probability": None, "closed_at": datetime(2026, 5, 1, 12, 30, 0, 123456, UTC)}},
        )
    assert undo(store, op.id, MARIA).restored == 2
    assert business_content(store) == before


@pytest.mark.all_databases
def test_undo_of_an_undo_does_it_again(store: Store) -> None:
    _, done = add_contact(store, birth_date=date(1980, 2, 29))
    with_contact = business_content(store)
    first = undo(store, done, MARIA)
    undo(store, first.operation_id, MARIA)
    assert business_content(store) == with_contact
    undo(store, done, MARIA)
    assert business_content(store)["contact"] == []


def test_undo_refuses_what_was_edited_since_and_undoes_the_rest(store: Store) -> None:
    with operation(store, "import", MARIA) as op:
        first, second = op.insert("contact", [{"family_name": "One"}, {"family_name": "Two"}])
    with operation(store, "set", MARIA) as edit:
        edit.update("contact", {first: {"job_title": "Buyer"}})
    result = undo(store, op.id, MARIA)
    assert result.exit_code is ExitCode.PARTIAL
    assert [(one.record_id, one.why) for one in result.refused] == [(first, "job_title was edited since")]
    assert [row["id"] for row in business_content(store)["contact"]] == [first]
    assert second not in [row["id"] for row in business_content(store)["contact"]]


def test_an_edit_that_was_taken_back_does_not_stand_in_the_way(store: Store) -> None:
    number, done = add_contact(store)
    with operation(store, "set", MARIA) as edit:
        edit.update("contact", {number: {"job_title": "Buyer"}})
    undo(store, edit.id, MARIA)
    assert undo(store, done, MARIA).refused == []
    assert business_content(store)["contact"] == []


def test_undo_refuses_a_record_that_others_refer_to_since(store: Store) -> None:
    number, done = add_contact(store)
    with operation(store, "add", MARIA) as op:
        op.insert("activity", [{"subject": "Call", "party_id": number}])
    result = undo(store, done, MARIA)
    assert "refers to it since" in result.refused[0].why
    assert len(business_content(store)["contact"]) == 1


def test_undo_refuses_when_a_contact_point_was_added_since(store: Store) -> None:
    number, done = add_contact(store)
    with operation(store, "add", MARIA) as op:
        op.insert("phone_number", [{"party_id": number, "value": "1", "standard": "+1"}])
    assert undo(store, done, MARIA).exit_code is ExitCode.PARTIAL
    assert len(business_content(store)["phone_number"]) == 1


def test_a_unit_is_undone_as_a_whole_or_not_at_all(store: Store) -> None:
    one, _ = add_contact(store)
    two, _ = add_contact(store)
    with operation(store, "merge", MARIA) as op:
        op.update("contact", {one: {"job_title": "A"}, two: {"job_title": "B"}}, unit=7)
    with operation(store, "set", MARIA) as edit:
        edit.update("contact", {two: {"job_title": "C"}})
    undo(store, op.id, MARIA)
    assert [row["job_title"] for row in business_content(store)["contact"]] == ["A", "C"]


def test_a_part_that_the_operation_has_not_is_an_error(store: Store) -> None:
    number, done = add_contact(store)
    with pytest.raises(NotFoundError, match=f"operation {done} has no part {number}"):
        undo(store, done, MARIA, units=[number])


def test_undo_of_swapped_unique_values(store: Store) -> None:
    with operation(store, "add", MARIA) as op:
        one, two = op.insert(
            "contact", [{"family_name": "A", "customer_number": "K1"}, {"family_name": "B", "customer_number": "K2"}]
        )
    before = business_content(store)
    with operation(store, "merge", MARIA) as op:
        op.update("contact", {two: {"customer_number": None}})
        op.update("contact", {one: {"customer_number": "K2"}})
        op.update("contact", {two: {"customer_number": "K1"}})
    undo(store, op.id, MARIA)
    assert business_content(store) == before


@pytest.mark.all_databases
def test_a_dry_run_writes_nothing(store: Store) -> None:
    before = business_content(store)
    with operation(store, "add", MARIA, dry_run=True) as op:
        op.insert("contact", [{"family_name": "Ghost"}])
        assert op.counts["contact.insert"] == 1
    assert business_content(store) == before
    assert read_log(store) == []


def test_a_failed_operation_leaves_nothing(store: Store) -> None:
    def add_both() -> None:
        with operation(store, "add", MARIA) as op:
            op.insert("contact", [{"given_name": "Ann"}])
            op.insert("account", [{"industry": "Toys"}])

    with pytest.raises(WrongValueError, match="account needs a value for name"):
        add_both()
    assert business_content(store)["contact"] == []
    assert read_log(store) == []


def test_wrong_values_are_refused_with_the_reason(store: Store) -> None:
    with pytest.raises(WrongValueError) as fault, operation(store, "add", MARIA) as op:
        op.insert("contact", [{"family_name": "Doe", "status": "friend"}])
    assert fault.value.hint == "one of: prospect, customer, former"
    with (
        pytest.raises(ValueTooLongError, match="takes 255 characters, this value has 300"),
        operation(store, "x", MARIA) as op,
    ):
        op.insert("contact", [{"family_name": "x" * 300}])


def test_undoing_twice_says_how_to_redo(store: Store) -> None:
    _, done = add_contact(store)
    first = undo(store, done, MARIA)
    with pytest.raises(AlreadyUndoneError) as fault:
        undo(store, done, MARIA)
    assert str(first.operation_id) in fault.value.hint
    with pytest.raises(NotFoundError):
        undo(store, 999, MARIA)


def test_the_last_operation_is_the_newest_that_still_holds(store: Store) -> None:
    _, first = add_contact(store)
    _, second = add_contact(store)
    with operation(store, "standardize", MARIA):
        pass  # nothing was to be done
    assert last_operation(store) == second
    undo(store, second, MARIA)
    assert last_operation(store) == first


def test_a_record_changed_meanwhile_is_not_overwritten(store: Store) -> None:
    number, _ = add_contact(store)
    with operation(store, "set", MARIA) as op:
        op.update("contact", {number: {"job_title": "A"}})
    with pytest.raises(ChangedMeanwhileError), operation(store, "set", MARIA) as op:
        op.update("contact", {number: {"job_title": "B"}}, versions={number: 1})
    assert business_content(store)["contact"][0]["job_title"] == "A"


def test_blame_names_operation_and_old_value(store: Store) -> None:
    number, added = add_contact(store, job_title="Clerk")
    with operation(store, "set", Author("tom", "promotion")) as op:
        op.update("contact", {number: {"job_title": "Buyer"}})
    newest, oldest = blame(store, "contact", number, field="job_title")
    assert (newest.old, newest.new, newest.actor, newest.reason) == ("Clerk", "Buyer", "tom", "promotion")
    assert (oldest.new, oldest.operation_id, oldest.action) == ("Clerk", added, "insert")


@pytest.mark.all_databases
def test_a_second_long_writer_is_told_who_holds_the_lease(store: Store) -> None:
    with store.lease(), pytest.raises(LockedError, match="is writing to this database"), store.lease():
        pass
    with store.lease():
        pass


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.tuples(
            st.integers(0, 2), st.sampled_from(["job_title", "given_name", "department"]), st.sampled_from("abc")
        ),
        max_size=8,
    )
)
def test_undoing_everything_backwards_is_the_start(store: Store, steps: list[tuple[int, str, str]]) -> None:
    with operation(store, "add", MARIA) as op:
        ids = op.insert("contact", [{"family_name": name} for name in "XYZ"])
    before = business_content(store)
    done = []
    for place, name, value in steps:
        with operation(store, "set", MARIA) as op:
            op.update("contact", {ids[place]: {name: value}})
        done.append(op.id)
    for number in reversed(done):
        assert undo(store, number, MARIA).refused == []
    assert business_content(store) == before
