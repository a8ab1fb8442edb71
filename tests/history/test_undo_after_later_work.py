"""Undo of an operation that later work rests on: refused as a whole, record by record, and nothing left dangling."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from crm_cli.errors import ExitCode
from crm_cli.history import Author, last_operation, operation, undo
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
