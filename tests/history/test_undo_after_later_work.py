"""Undo of an operation that later work rests on: refused as a whole, record by record, and nothing left dangling."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from crm_cli.errors import ExitCode
from crm_cli.history import Author, last_operation, operation, undo
from crm_cli.jobs.decisions import read_decisions
from crm_cli.jobs.importing import ImportOptions, import_source
from crm_cli.jobs.merging import MergeGroup, merge
from crm_cli.store import Store
from tests.dumps import business_content

MARIA = Author("maria", "test")


def imported(store: Store, tmp_path: Path, text: str, *into: str, key: str | None = None) -> int:
    path = tmp_path / "people.csv"
    path.write_text(text, encoding="utf-8")
    return import_source(store, path, MARIA, ImportOptions(into=into or ("contact",), key=key)).operation_id


def confirmations(store: Store) -> list[dict[str, Any]]:
    table = store.table("confirmation")
    with store.read() as connection:
        return [dict(row) for row in connection.execute(sa.select(table).order_by(table.c.id)).mappings()]


@pytest.mark.all_databases
def test_a_record_that_another_was_merged_into_stays(store: Store, tmp_path: Path) -> None:
    done = imported(store, tmp_path, "last name,email\nLee,lee@x.example\nLee,lee@x.example\nKim,kim@x.example\n")
    both = business_content(store)
    ids = [row["id"] for row in both["contact"] if row["family_name"] == "Lee"]
    merged = merge(store, "contact", [MergeGroup((ids[0], ids[1]))], MARIA).operation_id

    result = undo(store, done, MARIA)

    assert result.exit_code is ExitCode.PARTIAL
    assert f"contact {ids[1]} was merged into it since" in {one.why for one in result.refused}
    assert sorted(row["id"] for row in business_content(store)["contact"]) == ids  # Kim alone went
    undo(store, merged, MARIA)
    assert [row["merged_into_id"] for row in business_content(store)["contact"]] == [None, None]


@pytest.mark.all_databases
def test_what_a_refused_record_refers_to_stays_as_well(store: Store, tmp_path: Path) -> None:
    text = "First Name,Last Name,Company,Email\nAnn,Smith,Acme Inc,a@x.example\nBob,Jones,Beta Inc,b@x.example\n"
    done = imported(store, tmp_path, text, "account", "contact")
    ann = next(row["id"] for row in business_content(store)["contact"] if row["given_name"] == "Ann")
    with operation(store, "set", MARIA) as op:
        op.update("contact", {ann: {"job_title": "Buyer"}})

    result = undo(store, done, MARIA)

    assert {(one.entity, one.why) for one in result.refused} == {
        ("contact", "job_title was edited since"), ("account", f"contact {ann}, which refers to it, stays"),
    }  # fmt: skip
    left = business_content(store)
    assert [row["given_name"] for row in left["contact"]] == ["Ann"]
    assert [row["id"] for row in left["account"]] == [left["contact"][0]["account_id"]]


@pytest.mark.all_databases
def test_a_record_is_undone_whole_or_not_at_all(store: Store, tmp_path: Path) -> None:
    with operation(store, "import", MARIA) as op:
        (number,) = op.insert("contact", [{"given_name": "Ann", "family_name": "Lee"}])
        op.update("contact", {number: {"given_name": "Anna"}}, unit=number)
    with operation(store, "set", MARIA) as later:
        later.update("contact", {number: {"job_title": "Boss"}})
    before = business_content(store)

    assert undo(store, op.id, MARIA).exit_code is ExitCode.PARTIAL
    assert business_content(store) == before


def two_merged(store: Store) -> tuple[int, int, int]:
    """The survivor, the one merged away, the operation: the survivor takes a job title, a telephone and an activity."""
    with operation(store, "add", MARIA) as op:
        own, other = {"given_name": "Ann"}, {"job_title": "Buyer", "department": "Sales"}
        keep, gone = op.insert("contact", [{"family_name": "Lee", **one} for one in (own, other)])
        op.insert("phone_number", [{"party_id": gone, "value": "1", "standard": "+15550001", "is_primary": True}])
        op.insert("activity", [{"subject": "Call", "party_id": gone}, {"subject": "Visit", "party_id": gone}])
    return keep, gone, merge(store, "contact", [MergeGroup((keep, gone), survivor=keep)], MARIA).operation_id


def by_id(store: Store, entity: str) -> dict[int, Any]:
    return {row["id"]: row for row in business_content(store)[entity]}


@pytest.mark.all_databases
def test_a_merge_is_taken_apart_after_edits_which_stay_with_the_survivor(store: Store) -> None:
    keep, gone, merged = two_merged(store)
    call, visit = sorted(by_id(store, "activity"))
    (phone,) = by_id(store, "phone_number")
    with operation(store, "set", MARIA) as op:
        op.update("contact", {keep: {"job_title": "Head of Buying", "given_name": "Anna"}})
        op.update("activity", {call: {"subject": "Long call"}, visit: {"party_id": None}})
        op.update("phone_number", {phone: {"kind": "mobile"}})
        (added,) = op.insert("activity", [{"subject": "Thanks", "party_id": keep}])
    edited = business_content(store)

    result = undo(store, merged, MARIA)

    assert (result.exit_code, result.refused) == (ExitCode.DONE, [])
    people, activities = by_id(store, "contact"), by_id(store, "activity")
    assert (people[keep]["job_title"], people[keep]["given_name"]) == ("Head of Buying", "Anna")
    assert people[keep]["department"] is None  # nobody touched it: it goes back
    assert (people[gone]["merged_into_id"], people[gone]["job_title"]) == (None, "Buyer")
    assert [activities[one]["party_id"] for one in (call, visit, added)] == [gone, None, keep]
    assert activities[call]["subject"] == "Long call"
    assert [(row["party_id"], row["kind"]) for row in by_id(store, "phone_number").values()] == [(gone, "mobile")]
    assert {(one.entity, one.record_id, one.what, one.why) for one in result.stays} == {
        ("contact", keep, "job_title", "edited since"), ("activity", visit, "party_id", "edited since"),
        ("contact", keep, f"activity {added}", "added since"),
    }  # fmt: skip
    with store.read() as connection:
        assert read_decisions(store, connection, "contact")[keep, gone].verdict == "different"  # not proposed again
    assert undo(store, result.operation_id, MARIA).exit_code is ExitCode.DONE
    assert business_content(store) == edited


@pytest.mark.all_databases
def test_what_was_added_to_a_field_with_many_values_since_stays_and_the_rest_goes_back(store: Store) -> None:
    with operation(store, "add", MARIA) as op:
        rows = [{"family_name": "Lee", "extra": {"a": 1}}, {"family_name": "Lee", "extra": {"b": 2, "c": 3}}]
        keep, gone = op.insert("contact", rows)
    merged = merge(store, "contact", [MergeGroup((keep, gone), survivor=keep)], MARIA).operation_id
    with operation(store, "set", MARIA) as op:
        op.update("contact", {keep: {"extra": {"a": 1, "b": 9, "c": 3, "d": 4}}})

    undo(store, merged, MARIA)

    assert by_id(store, "contact")[keep]["extra"] == {"a": 1, "b": 9, "d": 4}
    assert by_id(store, "contact")[gone]["extra"] == {"b": 2, "c": 3}


@pytest.mark.all_databases
def test_a_merge_whose_survivor_was_merged_since_names_what_stands_in_the_way(store: Store) -> None:
    keep, _, merged = two_merged(store)
    with operation(store, "add", MARIA) as op:
        (other,) = op.insert("contact", [{"family_name": "Lee", "given_name": "Ann", "job_title": "Boss"}])
    merge(store, "contact", [MergeGroup((other, keep), survivor=other)], MARIA)
    before = business_content(store)

    result = undo(store, merged, MARIA)

    assert result.exit_code is ExitCode.PARTIAL
    assert [one.why for one in result.refused] == [
        f"contact {keep} was merged into {other} since: take that apart first"
    ]
    assert business_content(store) == before


def test_an_edit_of_a_record_that_was_merged_away_is_refused(store: Store) -> None:
    with operation(store, "add", MARIA) as op:
        first, second = op.insert("contact", [{"family_name": "Lee"}, {"family_name": "Lee"}])
    with operation(store, "set", MARIA) as edit:
        edit.update("contact", {second: {"department": "Sales"}})
    merge(store, "contact", [MergeGroup((first, second), survivor=first)], MARIA)
    before = business_content(store)

    assert [one.why for one in undo(store, edit.id, MARIA).refused] == [f"it was merged into {first} since"]
    assert business_content(store) == before


def test_an_import_that_only_confirmed_is_the_last_operation_and_comes_back_whole(store: Store, tmp_path: Path) -> None:
    text = "Id,Last Name,Email\n1,Lee,lee@x.example\n2,Kim,kim@x.example\n"
    imported(store, tmp_path, text, key="Id")
    again = imported(store, tmp_path, text, key="Id")
    with_both = confirmations(store)

    assert last_operation(store) == again
    undone = undo(store, again, MARIA).operation_id
    assert len(confirmations(store)) == len(with_both) // 2
    undo(store, undone, MARIA)
    assert confirmations(store) == with_both
