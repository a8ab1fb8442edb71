"""Import of rows that cannot be taken as they are: each costs its own row, never the file, and says why."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from openpyxl import Workbook

from crm_cli.errors import UsageError
from crm_cli.importers import ReadOptions
from crm_cli.importers.mapping import ColumnMap, Mapping
from crm_cli.jobs.importing import UnsettledError, batch_rejects, write_batch_rejects
from crm_cli.store import Store
from tests.dumps import business_content
from tests.jobs.test_importing import load, rows, write


@pytest.mark.all_databases
@pytest.mark.parametrize(
    ("column", "number"),
    [
        ("employees", "9223372036854775808"),
        ("employees", "-9223372036854775809"),
        ("employees", "9" * 5_000),
        ("annual revenue", "99999999999999999999"),
    ],
)
def test_a_number_too_large_costs_its_own_row(store: Store, tmp_path: Path, column: str, number: str) -> None:
    rejects = tmp_path / "rejects.csv"
    text = f"name,{column}\nAcme,{number}\nBob Ltd,5\n"
    options = {"rejects": rejects, "currency": "USD", "read": ReadOptions(header=1)}
    result = load(store, write(tmp_path, text), "account", **options)
    assert [one["name"] for one in rows(store, "account")] == ["Bob Ltd."]
    assert (result.counts["created"], result.counts["rejected"]) == (1, 1)
    with rejects.open(encoding="utf-8", newline="") as file:
        (kept,) = csv.DictReader(file)
    assert (kept["name"], kept[column], kept["_column"]) == ("Acme", number, column)
    assert "too large" in kept["_reason"]
    assert "too large" in batch_rejects(store, result.batches[0].id)[0]["_reason"]


def test_the_largest_numbers_are_taken(store: Store, tmp_path: Path) -> None:
    text = "name,employees\nAcme,9223372036854775807\nBob Ltd,-9223372036854775808\n"
    load(store, write(tmp_path, text), "account")
    assert [one["employees"] for one in rows(store, "account")] == [2**63 - 1, -(2**63)]


KEYED = "id,first name,last name,email,job title\n"


@pytest.mark.all_databases
@pytest.mark.parametrize("size", [2, 5_000])
def test_the_same_key_for_somebody_else_is_refused_naming_the_earlier_row(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr("crm_cli.jobs.importing.table_import._BATCH_ROWS", size)
    rejects = tmp_path / "rejects.csv"
    text = KEYED + "7,Ann,Lee,ann@a.example,\n8,Zed,Zim,zed@a.example,\n7,Paul,Kern,paul@b.example,\n"
    result = load(store, write(tmp_path, text), key="id", rejects=rejects)
    assert [(one["given_name"], one["family_name"]) for one in rows(store, "contact")] == [
        ("Ann", "Lee"),
        ("Zed", "Zim"),
    ]
    assert [one["standard"] for one in rows(store, "email_address")] == ["ann@a.example", "zed@a.example"]
    assert (result.counts["created"], result.counts["rejected"]) == (2, 1)
    with rejects.open(encoding="utf-8", newline="") as file:
        (kept,) = csv.DictReader(file)
    assert (kept["first name"], kept["_row"], kept["_column"]) == ("Paul", "4", "id")
    assert "row 2 has the same key '7' and is somebody else: given_name Ann, here Paul" in kept["_reason"]
    before = business_content(store)
    again = load(store, write(tmp_path, text), key="id")
    assert (again.counts["updated"], again.counts["unchanged"], again.counts["rejected"]) == (0, 2, 1)
    assert business_content(store) == before


@pytest.mark.parametrize("size", [1, 5_000])
def test_the_same_key_again_adds_what_the_earlier_row_left_blank(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr("crm_cli.jobs.importing.table_import._BATCH_ROWS", size)
    text = KEYED + "7,Ann,Lee,ann@a.example,\n7,A.,Lee,home@b.example,Boss\n7,,Lee,,Clerk\n"
    result = load(store, write(tmp_path, text), key="id")
    (ann,) = rows(store, "contact")
    assert (ann["given_name"], ann["job_title"]) == ("Ann", "Boss")
    found = [(one["standard"], one["is_primary"]) for one in rows(store, "email_address")]
    assert found == [("ann@a.example", True), ("home@b.example", False)]
    assert any("2 rows have the key of an earlier row" in warning for warning in result.batches[0].warnings)
    before = business_content(store)
    for _ in range(2):
        again = load(store, write(tmp_path, text), key="id")
        assert (again.counts["updated"], again.counts["unchanged"]) == (0, 3)
        assert business_content(store) == before
    changed = load(store, write(tmp_path, text.replace("ann@", "anna@")), key="id")
    assert changed.counts["updated"] == 1
    assert "anna@a.example" in [one["standard"] for one in rows(store, "email_address")]


def test_the_same_key_in_two_tables_of_a_source_is_no_reason_to_mix_people(store: Store, tmp_path: Path) -> None:
    book = Workbook()
    for name, given in (("East", "Ann"), ("West", "Paul")):
        sheet = book.active if name == "East" else book.create_sheet()
        sheet.title = name
        for line in (("id", "first name", "last name"), (7, given, f"of {name}")):
            sheet.append(line)
    book.save(tmp_path / "book.xlsx")
    result = load(store, tmp_path / "book.xlsx", key="id")
    assert [one["given_name"] for one in rows(store, "contact")] == ["Ann"]
    (kept,) = batch_rejects(store, result.batches[1].id)
    assert "row 2 of East has the same key" in kept["_reason"]


def test_a_newer_row_of_the_same_key_goes_before_the_older_one(store: Store, tmp_path: Path) -> None:
    columns = {"last": "contact.family_name", "job": "contact.job_title", "at": "contact.last_modified"}
    mapping = Mapping(("contact",), tuple(ColumnMap(*one) for one in columns.items()), key="id")
    text = "id,last,job,at\n7,Lee,Clerk,2024-01-01T00:00Z\n7,Lee,Boss,2025-01-01T00:00Z\n"
    load(store, write(tmp_path, text), mapping=mapping)
    assert [one["job_title"] for one in rows(store, "contact")] == ["Boss"]
    before = business_content(store)
    assert load(store, write(tmp_path, text), mapping=mapping).counts["updated"] == 0
    assert business_content(store) == before


BAD = "id,last name,born\n1,Lee,1980-02-29\n2,Kern,1975-13-41\n"


@pytest.mark.all_databases
@pytest.mark.parametrize("how", ["at once", "from the batch"])
def test_mended_rejects_are_records_of_the_source_they_came_from(store: Store, tmp_path: Path, how: str) -> None:
    rejects = tmp_path / "rj.csv"
    result = load(store, write(tmp_path, BAD, "o.csv"), key="id", rejects=rejects if how == "at once" else None)
    if how != "at once":
        write_batch_rejects(store, result.batches[0].id, rejects)
    mended = rejects.read_text(encoding="utf-8").replace("1975-13-41", "1975-12-31", 1)
    load(store, write(tmp_path, mended, "rj.csv"), key="id")
    whole = load(store, write(tmp_path, BAD.replace("1975-13-41", "1975-12-31"), "o.csv"), key="id")
    assert [one["family_name"] for one in rows(store, "contact")] == ["Lee", "Kern"]
    assert (whole.counts["created"], whole.counts["unchanged"]) == (0, 2)
    assert all("_source" not in (one["extra"] or {}) for one in rows(store, "contact"))


def test_rejects_of_several_sources_in_one_file_are_refused(store: Store, tmp_path: Path) -> None:
    text = "id,last name,_row,_column,_reason,_hint,_source\n1,Lee,2,,,,a.csv\n1,Kern,2,,,,b.csv\n"
    with pytest.raises(UsageError, match=r"several sources: a\.csv, b\.csv"):
        load(store, write(tmp_path, text), key="id")


@pytest.mark.all_databases
def test_another_systems_file_of_the_same_name_does_not_overwrite_its_people(store: Store, tmp_path: Path) -> None:
    for folder in ("s1", "s2"):
        (tmp_path / folder).mkdir()
    load(store, write(tmp_path / "s1", "id,first name\n1,Abe\n", "customers.csv"), key="id")
    other = write(tmp_path / "s2", "id,first name\n1,Zoe\n", "customers.csv")
    before = business_content(store)
    with pytest.raises(UnsettledError, match="1 was Abe and is Zoe here") as fault:
        load(store, other, key="id")
    assert "--source customers.csv" in fault.value.hint
    assert business_content(store) == before
    load(store, other, key="id", source_name="s2")
    assert [one["given_name"] for one in rows(store, "contact")] == ["Abe", "Zoe"]
    load(store, other, key="id", source_name="customers.csv")
    assert [one["given_name"] for one in rows(store, "contact")] == ["Zoe", "Zoe"]


def test_a_new_file_of_the_same_name_with_the_same_people_needs_no_name(store: Store, tmp_path: Path) -> None:
    load(store, write(tmp_path, "id,first name,last name\n1,Abe,Lee\n2,Zoe,Zim\n3,Bo,Bell\n"), key="id")
    text = "id,first name,last name\n1,Abe,Lee-Roe\n2,Li,Wei\n3,Bo,Bell\n4,New,One\n"
    result = load(store, write(tmp_path, text), key="id")
    assert (result.counts["updated"], result.counts["created"]) == (2, 1)


def test_rows_without_a_key_are_known_again_whatever_the_order_of_the_columns(store: Store, tmp_path: Path) -> None:
    def take(text: str) -> tuple[int, int]:
        result = load(store, write(tmp_path, text), source_name="erp", accept_columns=True)
        return result.counts["created"], result.counts["unchanged"]

    assert take("First Name,Last Name,City,Fax\nAnn,Lee,Rome,\nBo,,,\nAnn,Lee,Rome,\n") == (3, 0)
    assert take("City,last name,First Name\nRome,Lee,Ann\n,,Bo\nRome,Lee,Ann\n") == (0, 3)
    assert take("Last Name,First Name,City\nAnn,Lee,Rome\n") == (1, 0)  # whose family name is Ann is somebody else


def test_a_rejects_file_that_cannot_be_written_is_told_before_anything_is_imported(
    store: Store, tmp_path: Path
) -> None:
    source = write(tmp_path, "name,employees\nAcme,1\nBob Ltd,99999999999999999999\n")
    with pytest.raises(UsageError, match="folder not found"):
        load(store, source, "account", rejects=tmp_path / "missing" / "rejects.csv")
    assert rows(store, "account") == []
