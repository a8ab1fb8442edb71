"""Filling what is blank here from another system's list: only blanks, under rules, as one operation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from crm_cli.dictionary import SemanticType
from crm_cli.errors import ExitCode
from crm_cli.history import operation, undo
from crm_cli.jobs.reconciling import Filled, fill_blanks
from crm_cli.records import NewField, Reader, add_field, apply_changes, plan_changes
from crm_cli.standardize import Context
from crm_cli.store import Store
from tests.dumps import business_content
from tests.jobs.reconciling.helpers import MARIA, differences, load, reconciled, write

OURS = """First Name,Last Name,E-Mail,Phone,Street,Postal code,City,Country,Job title
Ann,Smith,ann@acme.example,030 12345678,,,,DE,
Bob,Jones,bob@acme.example,,Main St 1,10115,,DE,Boss
Cat,Doe,cat@acme.example,,Main St 9,,,DE,
Dan,Roe,dup@acme.example,,,,,DE,
Eve,Roe,dup@acme.example,,,,,DE,
"""
THEIRS = """Mail;Telephone;Mobile phone;Street;Postal code;City;Position
ann@acme.example;030 999999;0171 1234567;Side St 2;10117;Berlin;chief
bob@acme.example;030 888888;;Main St 1;10115;Berlin;CEO
cat@acme.example;;;Other St 1;20095;Hamburg;
dup@acme.example;030 777777;;;;;
"""


def filled(store: Store, source: Path, **more: Any) -> Filled:
    dry_run = bool(more.pop("dry_run", False))
    with reconciled(store, source, "email", **more) as found:
        return fill_blanks(store, found, MARIA, dry_run=dry_run)


def contact(store: Store, number: int, *names: str) -> tuple[Any, ...]:
    from crm_cli.query import Selection, select_records

    with store.read() as connection:
        selection = Selection(entity="contact", columns=names, where=f"id = {number}")
        return next(iter(select_records(store, connection, selection)))


def set_(store: Store, number: int, **values: str) -> None:
    """What `crm contact set` does."""
    with store.read() as connection:
        entity = store.dictionary.entity("contact")
        plan = plan_changes(Reader(store, connection, entity, Context(country="DE")), [number], values)
    with operation(store, "set", MARIA) as op:
        apply_changes(op, plan)


@pytest.mark.all_databases
def test_blanks_are_filled_as_one_operation_and_nothing_else_is_touched(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path, OURS)
    before = business_content(store)
    done = filled(store, write(tmp_path, THEIRS))
    assert (done.records, done.values, done.left) == (2, 7, 0)
    places = ("phone", "mobile", "street", "postal_code", "city", "country", "job_title")
    assert contact(store, 1, *places) == (
        "+493012345678", "+491711234567", "Side St 2", "10117", "Berlin", "DE", "chief",
    )  # fmt: skip
    assert contact(store, 2, *places) == ("+4930888888", None, "Main St 1", "10115", "Berlin", "DE", "Boss")
    assert contact(store, 3, *places) == (None, None, "Main St 9", None, None, "DE", None)  # another address
    assert contact(store, 4, *places)[0] is None  # ambiguous
    table = store.table("operation")
    with store.read() as connection:
        logged = connection.execute(
            sa.select(table.c.kind, table.c.reason).where(table.c.id == done.operation_id)
        ).one()
    assert tuple(logged) == ("reconcile", "test (blanks filled from erp.csv)")
    undo(store, done.operation_id, MARIA)
    assert business_content(store) == before


@pytest.mark.all_databases
def test_a_dry_run_counts_the_same_and_writes_nothing(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path, OURS)
    before = business_content(store)
    done = filled(store, write(tmp_path, THEIRS), dry_run=True)
    assert (done.records, done.values, done.dry_run) == (2, 7, True)
    assert business_content(store) == before


def test_only_the_chosen_fields_are_filled(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path, OURS)
    done = filled(store, write(tmp_path, THEIRS), fields=("job_title", "mobile"))
    assert (done.records, done.values) == (1, 2)
    assert contact(store, 1, "job_title", "mobile", "city") == ("chief", "+491711234567", None)


def test_again_there_is_nothing_left_to_fill(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path, OURS)
    source = write(tmp_path, THEIRS)
    filled(store, source)
    with reconciled(store, source, "email") as found:
        assert found.fillable == (0, 0)


def test_what_a_person_cleared_stays_blank(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path, OURS.replace("DE,\n", "DE,clerk\n").replace(",,DE", ",Bonn,DE"))
    set_(store, 1, job_title="", city="", phone="")
    source = write(tmp_path, THEIRS.replace("030 999999", "030 12345678").replace(";Side St 2;10117", ";;"))
    done = filled(store, source, fields=("job_title", "city", "phone"))
    assert contact(store, 1, "job_title", "city", "phone") == (None, None, None)
    assert done.left == 3


def test_a_value_that_is_not_understood_is_not_taken(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path, OURS)
    source = write(tmp_path, "E-Mail,Phone,Date of birth\nbob@acme.example,ask reception,30.02.1980\n")
    with reconciled(store, source, "email") as found:
        assert found.fillable == (0, 0)
        assert [(one.field, one.kind, bool(one.note)) for one in found.differences()] == [
            ("phone", "blank-here", True), ("birth_date", "blank-here", True),
        ]  # fmt: skip


def test_a_value_that_is_too_long_is_left(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path, OURS)
    source = write(
        tmp_path, f"E-Mail,Job title,City\nbob@acme.example,x{'y' * 300},{'z' * 300}\nann@acme.example,Boss,Bonn\n"
    )
    done = filled(store, source, fields=("city", "job_title"))
    assert (done.records, done.values, done.left) == (1, 2, 0)
    assert contact(store, 2, "job_title", "city") == ("Boss", None)


def test_consent_is_never_taken_from_a_list(store: Store, tmp_path: Path) -> None:
    with operation(store, "schema", MARIA) as op:
        new = NewField(entity="contact", name="newsletter", type=SemanticType.BOOLEAN, meaning="Wants the newsletter")
        add_field(op, new)
    store.reload()
    load(store, tmp_path, OURS)
    source = write(tmp_path, "E-Mail,newsletter,Job title\nann@acme.example,yes,chief\n")
    assert filled(store, source).values == 1
    assert contact(store, 1, "newsletter", "job_title") == (None, "chief")


def test_a_sum_is_filled_with_its_currency_and_never_into_a_record_of_another(store: Store, tmp_path: Path) -> None:
    with operation(store, "add", MARIA) as op:
        op.insert("account", [{"name": "A", "currency": "USD"}, {"name": "B"}, {"name": "C", "currency": "JPY"}])
    source = write(tmp_path, "Company,Revenue\nA,5 EUR\nB,6 CHF\nC,7 JPY\n")
    with reconciled(store, source, "name", entity="account") as found:
        assert found.fillable == (2, 2)
        fill_blanks(store, found, MARIA)
    rows = business_content(store)["account"]
    assert [(one["annual_revenue"], one["currency"]) for one in rows] == [(None, "USD"), (600, "CHF"), (7, "JPY")]


def test_a_unique_value_that_another_record_has_is_left(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path, "Last name,Customer no,E-Mail\nSmith,K1,a@b.example\nJones,,b@b.example\n")
    done = filled(store, write(tmp_path, "E-Mail,Customer no,Last name\nb@b.example,K1,Jones\n"))
    assert (done.records, done.values, done.left) == (0, 0, 1)


def test_a_reference_is_filled_by_name(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path, OURS)
    with operation(store, "add", MARIA) as op:
        op.insert("app_user", [{"username": "li"}])
    assert (
        filled(
            store, write(tmp_path, "E-Mail,Owner,Job title\nann@acme.example,LI,chief\nbob@acme.example,nobody,chief\n")
        ).values
        == 2
    )
    assert contact(store, 1, "owner") == ("li",)
    assert contact(store, 2, "owner") == (None,)


def test_records_that_were_deleted_meanwhile_stay_as_they_are(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path, OURS)
    with reconciled(store, write(tmp_path, THEIRS), "email") as found:
        with operation(store, "delete", MARIA) as op:
            op.delete("contact", [1])
        done = fill_blanks(store, found, MARIA)
    assert done.records == 1


def test_when_all_that_differed_was_filled_both_sides_agree(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path, "Last name,E-Mail\nSmith,a@b.example\n")
    with reconciled(store, write(tmp_path, "E-Mail,Job title,Last name\na@b.example,Boss,Smith\n"), "email") as found:
        assert found.exit_code_after(None) is ExitCode.FINDINGS
        assert found.exit_code_after(fill_blanks(store, found, MARIA, dry_run=True)) is ExitCode.FINDINGS
        assert found.exit_code_after(fill_blanks(store, found, MARIA)) is ExitCode.DONE


def test_a_number_that_stands_in_another_place_of_the_record_is_not_stored_twice(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path, OURS)
    source = write(tmp_path, "E-Mail,Mobile phone,Last name\nann@acme.example,030 12345678,Smith\n")
    done = filled(store, source)
    assert (done.records, done.values, done.left) == (0, 0, 1)
    with reconciled(store, source, "email") as found:
        assert [one[1] for one in differences(found)] == ["mobile"]
