from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from crm_cli.errors import ExitCode, UsageError
from crm_cli.history import Author, blame, operation, undo
from crm_cli.importers.mapping import ColumnMap, Mapping, MappingError
from crm_cli.jobs.importing import Collision, ImportOptions, ImportResult, ImportRun, import_source, list_batches
from crm_cli.store import Store
from tests.dumps import business_content

MARIA = Author("maria", "test")
PEOPLE = """Id,First Name,Last Name,E-Mail,Phone,City,Country,Date of Birth
1,Ann,Smith,ANN@acme.example,(512) 555-0143,Austin,USA,1980-02-29
2,Jürgen,Müller,j.mueller@gmx.de,030 1234567,Berlin,Germany,1975-07-01
3,Zoë,O'Brien,zoe@mail.example,n/a,Boston,US,unknown
"""


def write(folder: Path, text: str, name: str = "people.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def load(store: Store, path: Path, into: str = "contact", **more: Any) -> ImportResult:
    given = {name: more.pop(name) for name in ("rejects", "dry_run") if name in more}
    return import_source(store, path, MARIA, ImportOptions(into=tuple(into.split("+")), **more), ImportRun(**given))


def rows(store: Store, entity: str) -> list[dict[str, Any]]:
    return business_content(store)[entity]


def test_a_file_becomes_contacts_with_their_contact_points(store: Store, tmp_path: Path) -> None:
    result = load(store, write(tmp_path, PEOPLE))
    assert result.exit_code is ExitCode.DONE
    assert result.counts["created"] == 3
    ann = rows(store, "contact")[0]
    assert (ann["given_name"], ann["family_name"], ann["birth_date"]) == ("Ann", "Smith", date(1980, 2, 29))
    email = rows(store, "email_address")[0]
    assert (email["value"], email["standard"], email["is_primary"]) == ("ANN@acme.example", "ANN@acme.example", True)
    assert email["standard_key"] == "ann@acme.example"
    assert [one["standard"] for one in rows(store, "phone_number")] == ["+15125550143", "+49301234567"]
    assert [one["country"] for one in rows(store, "postal_address")] == ["US", "DE", "US"]


def test_the_same_file_again_changes_nothing_and_confirms(store: Store, tmp_path: Path) -> None:
    path = write(tmp_path, PEOPLE)
    load(store, path)
    before = business_content(store)
    again = load(store, path)
    assert business_content(store) == before
    assert (again.counts["unchanged"], again.counts["created"]) == (3, 0)
    with store.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(store.table("confirmation"))) == 6


def test_without_a_key_rows_are_known_by_their_content(store: Store, tmp_path: Path) -> None:
    path = write(tmp_path, "First Name,Last Name\nAnn,Smith\nAnn,Smith\nTom,Baker\n")
    assert load(store, path).counts["created"] == 3  # two equal rows are two records: dedupe decides, not import
    assert load(store, path).counts["unchanged"] == 3


def test_undo_of_an_import_restores_the_business_content(store: Store, tmp_path: Path) -> None:
    load(store, write(tmp_path, PEOPLE))
    before = business_content(store)
    changed = PEOPLE.replace("Austin", "Dallas").replace("Ann,", "Anna,") + "4,Tom,Baker,tom@x.example,,Boston,US,\n"
    result = load(store, write(tmp_path, changed), source_name="people.csv")
    assert (result.counts["created"], result.counts["updated"], result.counts["unchanged"]) == (1, 1, 2)
    assert business_content(store) != before
    undone = undo(store, result.operation_id, MARIA)
    assert undone.refused == []
    assert business_content(store) == before
    assert [batch.status for batch in list_batches(store)] == ["undone", "applied"]


def test_a_dry_run_says_the_same_and_writes_nothing(store: Store, tmp_path: Path) -> None:
    path = write(tmp_path, PEOPLE)
    planned = load(store, path, dry_run=True)
    assert business_content(store)["contact"] == []
    assert planned.counts == load(store, path).counts


def test_bad_rows_are_kept_aside_with_every_reason_and_come_in_when_mended(store: Store, tmp_path: Path) -> None:
    bad = PEOPLE.replace("1975-07-01", "1975-13-41") + "4,,,,,,,\n"
    rejects = tmp_path / "rejects.csv"
    result = load(store, write(tmp_path, bad), rejects=rejects)
    assert result.exit_code is ExitCode.PARTIAL
    assert (result.counts["created"], result.counts["rejected"]) == (2, 2)
    with rejects.open(encoding="utf-8", newline="") as file:
        kept = list(csv.DictReader(file))
    assert [row["_row"] for row in kept] == ["3", "5"]
    assert kept[0]["_column"] == "Date of Birth"
    assert "1975-13-41" in kept[0]["_reason"]
    assert "needs one of family_name" in kept[1]["_reason"]
    mended = rejects.read_text(encoding="utf-8").replace("1975-13-41", "1975-12-31").splitlines()
    again = load(store, write(tmp_path, "\n".join(mended[:2]) + "\n", "mended.csv"), source_name="people.csv")
    assert again.counts["created"] == 1
    assert rows(store, "contact")[-1]["birth_date"] == date(1975, 12, 31)


def test_one_row_fills_account_and_contact(store: Store, tmp_path: Path) -> None:
    header = "First Name,Last Name,Company,E-Mail\n"
    text = header + "Ann,Smith,Acme Inc,a@x.example\nTom,Baker,ACME INC,t@x.example\n,,Solo Ltd,s@x.example\n"
    result = load(store, write(tmp_path, text), "account+contact")
    assert [one["name_key"] for one in rows(store, "account")] == ["acme inc.", "solo ltd."]
    acme = rows(store, "account")[0]["id"]
    assert [one["account_id"] for one in rows(store, "contact")][:2] == [acme, acme]
    undo(store, result.operation_id, MARIA)
    assert rows(store, "account") == rows(store, "contact") == rows(store, "email_address") == []


def test_what_a_person_edited_since_is_not_overwritten(store: Store, tmp_path: Path) -> None:
    load(store, write(tmp_path, PEOPLE))
    number = rows(store, "contact")[0]["id"]
    with operation(store, "set", MARIA) as op:
        op.update("contact", {number: {"given_name": "Anna-Maria"}})
    changed = PEOPLE.replace("1,Ann,Smith", "1,Anne,Smyth")
    result = load(store, write(tmp_path, changed), source_name="people.csv")
    ann = rows(store, "contact")[0]
    assert (ann["given_name"], ann["family_name"]) == ("Anna-Maria", "Smyth")
    assert result.counts["conflicts"] == 1
    load(store, write(tmp_path, changed + "9,New,One,,,,,\n"), source_name="people.csv", collision=Collision.SOURCE)
    assert rows(store, "contact")[0]["given_name"] == "Anne"  # another rule has the rows looked at again


def test_unmapped_columns_are_kept_and_unknown_owners_too(store: Store, tmp_path: Path) -> None:
    with operation(store, "add", MARIA) as op:
        op.insert("app_user", [{"username": "maria"}])
    load(store, write(tmp_path, "Last Name,Owner,Shoe size\nSmith,Maria,44\nBaker,nobody,41\n"))
    first, second = rows(store, "contact")
    assert first["owner_id"] == rows(store, "app_user")[0]["id"]
    assert first["extra"] == {"Shoe size": "44"}
    assert second["owner_id"] is None
    assert second["extra"] == {"Shoe size": "41", "owner": "nobody"}


def test_originals_are_kept_where_the_standard_form_differs(store: Store, tmp_path: Path) -> None:
    load(store, write(tmp_path, "First Name,Last Name\nANN,SMITH\n"))
    ann = rows(store, "contact")[0]
    assert (ann["given_name"], ann["family_name"]) == ("Ann", "Smith")
    assert ann["extra"]["@original"] == {"given_name": "ANN", "family_name": "SMITH"}


def test_a_contact_point_that_cannot_be_right_is_kept_and_marked(store: Store, tmp_path: Path) -> None:
    load(store, write(tmp_path, "Last Name,E-Mail\nSmith,not an address\n"))
    email = rows(store, "email_address")[0]
    assert (email["value"], email["standing"]) == ("not an address", "wrong")


def test_dates_that_can_be_read_in_two_ways_are_refused(store: Store, tmp_path: Path) -> None:
    path = write(tmp_path, "Last Name,Date of Birth\nSmith,03/04/1980\nBaker,05/06/1981\n")
    with pytest.raises(UsageError) as fault:
        load(store, path)
    assert "--date-order" in fault.value.hint
    load(store, path, date_order="dmy")
    assert rows(store, "contact")[0]["birth_date"] == date(1980, 4, 3)


def test_a_file_without_names_says_so(store: Store, tmp_path: Path) -> None:
    with pytest.raises(MappingError, match="could be recognized"):
        load(store, write(tmp_path, "Title,Income\nThe Room,100\n"), "account")


def test_a_mapping_file_that_speaks_of_a_missing_column_is_refused(store: Store, tmp_path: Path) -> None:
    mapping = Mapping(("contact",), (ColumnMap("Surname", "contact.family_name"),))
    with pytest.raises(MappingError, match="no column 'Surname'"):
        load(store, write(tmp_path, PEOPLE), mapping=mapping)


def test_as_of_says_how_old_the_data_are(store: Store, tmp_path: Path) -> None:
    then = datetime(2023, 6, 30, tzinfo=UTC)
    load(store, write(tmp_path, PEOPLE), as_of=then)
    with store.read() as connection:
        moments = set(connection.scalars(sa.select(store.table("confirmation").c.confirmed_at)))
        groups = connection.scalar(sa.select(store.table("import_batch").c.groups))
    assert moments == {then}
    assert groups == ["address", "email", "identity", "phone"]


def test_blame_names_file_and_row(store: Store, tmp_path: Path) -> None:
    load(store, write(tmp_path, PEOPLE))
    number = rows(store, "contact")[1]["id"]
    (line,) = blame(store, "contact", number, field="family_name")
    assert (line.new, line.source, line.source_row) == ("Müller", "people.csv", 3)


def test_several_addresses_in_one_cell_are_several_contact_points(store: Store, tmp_path: Path) -> None:
    header = "Last Name,E-Mail,Phone,Country\n"
    load(store, write(tmp_path, header + "Smith,a@x.example; b@y.example,512-555-0143 / 512-555-0144,US\n"))
    assert [one["standard"] for one in rows(store, "email_address")] == ["a@x.example", "b@y.example"]
    assert [one["is_primary"] for one in rows(store, "email_address")] == [True, False]
    assert [one["standard"] for one in rows(store, "phone_number")] == ["+15125550143", "+15125550144"]


def test_fields_added_at_run_time_are_filled_updated_and_undone(store: Store, tmp_path: Path) -> None:
    with operation(store, "schema", MARIA) as op:
        fields = [("newsletter", "boolean"), ("member_since", "date"), ("points", "integer")]
        op.insert("custom_field", [{"entity": "contact", "name": n, "type": t, "meaning": n} for n, t in fields])
    store.reload()
    text = "Id,Last Name,newsletter,member since,points\n1,Smith,yes,2020-05-31,12\n2,Baker,,,\n"
    load(store, write(tmp_path, text))
    smith, baker = rows(store, "contact")
    assert smith["custom"] == {"newsletter": True, "member_since": "2020-05-31", "points": 12}
    assert baker["custom"] is None
    before = business_content(store)
    assert load(store, write(tmp_path, text)).counts["unchanged"] == 2
    changed = load(store, write(tmp_path, text.replace(",12", ",13")), source_name="people.csv")
    assert changed.counts["updated"] == 1
    assert rows(store, "contact")[0]["custom"]["points"] == 13
    undo(store, changed.operation_id, MARIA)
    assert business_content(store) == before


def test_blame_names_the_sheet_that_a_record_came_from(store: Store, tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    for name, family in (("East", "Smith"), ("West", "Baker")):
        sheet = book.active if name == "East" else book.create_sheet()
        sheet.title = name
        sheet.append(["First Name", "Last Name"])
        sheet.append(["Ann", family])
    book.save(tmp_path / "book.xlsx")
    load(store, tmp_path / "book.xlsx")
    found = {one["family_name"]: blame(store, "contact", one["id"]) for one in rows(store, "contact")}
    sources = {name: [line.source for line in lines] for name, lines in found.items()}
    assert sources == {"Smith": ["East"], "Baker": ["West"]}
