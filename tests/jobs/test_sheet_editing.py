"""Records edited in a spreadsheet: only what a person changed comes back, whatever the program did to the file."""

from __future__ import annotations

import csv
import shutil
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_cli.errors import ExitCode
from crm_cli.history import Author, operation, read_log, undo
from crm_cli.jobs.sheet_editing import (
    EditOptions,
    EditResult,
    EditWorkbookError,
    export_for_edit,
    import_edits,
    is_edit_workbook,
)
from crm_cli.records import NewField, add_field
from crm_cli.standardize import Context
from crm_cli.store import Store
from tests.dumps import business_content

MARIA = Author("maria", "test")
CONTEXT = Context(country="DE", currency="EUR", timezone="UTC")
Sheet = Any


def add(store: Store, entity: str, *rows: dict[str, Any], **point: Any) -> list[int]:
    with operation(store, "add", MARIA) as op:
        ids = op.insert(entity, list(rows))
        if point:
            op.insert("postal_address", [{"party_id": one, "is_primary": True, "kind": "main", **point} for one in ids])
    return ids


def people(store: Store) -> list[int]:
    add(store, "app_user", {"username": "maria"}, {"username": "li"})
    ann = {"given_name": "Ann", "family_name": "Doe", "gender": "female", "job_title": "Buyer"}
    return add(store, "contact", ann, {"given_name": "Bob", "family_name": "Roe"}, city="Bonn", standard="Bonn")


def export(store: Store, path: Path, entity: str = "contact", **more: Any) -> Path:
    export_for_edit(store, entity, path, overwrite=True, **more)
    return path


def take(store: Store, path: Path, *, dry_run: bool = False, rejects: Path | None = None) -> EditResult:
    return import_edits(store, path, MARIA, EditOptions(context=CONTEXT, dry_run=dry_run, rejects=rejects))


def edit(path: Path, change: Callable[[Sheet, dict[str, int]], None]) -> None:
    """Open the workbook, change its visible sheet, and save it, as another program would."""
    book = openpyxl.load_workbook(path)
    sheet = next(one for one in book.worksheets if one.sheet_state == "visible")
    change(sheet, {cell.value: cell.column for cell in sheet[1]})
    book.save(path)


def put(path: Path, *cells: tuple[int, str, Any]) -> None:
    def change(sheet: Sheet, at: dict[str, int]) -> None:
        for row, name, value in cells:
            sheet.cell(row, at[name]).value = value

    edit(path, change)


def reasons(result: EditResult) -> list[tuple[str, str]]:
    return [(one.cell, one.reason) for one in result.refused]


@pytest.mark.all_databases
def test_changed_and_cleared_cells_come_back_as_one_operation_and_are_undone(store: Store, tmp_path: Path) -> None:
    ids = people(store)
    path = export(store, tmp_path / "e.xlsx")
    assert is_edit_workbook(path)
    before = business_content(store)
    put(path, (2, "city", "HAMBURG"), (2, "job_title", None), (3, "owner", "li"), (3, "birth_date", 30000))
    assert take(store, path, dry_run=True).changed == ids
    assert business_content(store) == before
    done = take(store, path)
    assert [(one.row, one.field, one.before, str(one.after)) for one in done.changes] == [
        (2, "job_title", "Buyer", "None"), (2, "city", "Bonn", "Hamburg"),
        (3, "birth_date", None, "1982-02-18"), (3, "owner_id", None, "2"),
    ]  # fmt: skip
    assert (done.changed, done.added, done.refused, done.exit_code) == (ids, [], [], ExitCode.DONE)
    again = take(store, path)
    assert (again.changed, again.refused) == ([], [])
    assert done.operation_id
    assert undo(store, done.operation_id, MARIA).refused == []
    assert business_content(store) == before


HOSTILE = [
    "00123", "=1+1", "+49 30", "-1", "@SUM(A1)", "2024-05-01", "1e999", "1E5", "trail  ", "  lead", "a\nb\r\nc\rd",
    "tab\tx", "'quoted",
    "bell\x07\x1b[2J", "王小明", "<r>x</r>", "_x0041_", "_x0041_x0042_", "_x005F_x0041_", "TRUE", "yes", "#N/A",
    "\ufffe", "😀", "x" * 32_766, "y" * 40_000, "", " ", "12345678901234567890", "0.10", "1,5", "nan",
]  # fmt: skip


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.sampled_from(HOSTILE) | st.text(max_size=30), min_size=1, max_size=5), saved=st.booleans())
def test_an_unchanged_workbook_changes_nothing(store: Store, tmp_path: Path, texts: list[str], saved: bool) -> None:
    held = [text.replace("\0", "").encode("utf-8", "ignore").decode() for text in texts]
    rows = [{"family_name": "X", "job_title": text[:200], "description": text} for text in held]
    add(store, "contact", *rows, city=held[0][:200], standard="?")
    path = export(store, tmp_path / "e.xlsx")
    if saved:
        edit(path, lambda sheet, at: None)
    operations, before = len(read_log(store)), business_content(store)
    done = take(store, path)
    assert (done.changes, done.refused, done.missing) == ([], [], 0)
    assert (business_content(store), len(read_log(store))) == (before, operations)


def test_numbers_amounts_and_yes_or_no_come_back_as_such(store: Store, tmp_path: Path) -> None:
    account = {"name": "A", "annual_revenue": 123450, "currency": "EUR", "employees": 12}
    add(store, "account", account, {"name": "B", "annual_revenue": 10**17, "currency": "EUR", "employees": 10**17})
    path = export(store, tmp_path / "a.xlsx", "account")
    assert take(store, path).changes == []
    put(path, (2, "annual_revenue", 1500.5), (2, "employees", 13), (3, "employees", "many"), (2, "name", "A"))
    done = take(store, path)
    assert {one.field: str(one.after) for one in done.changes} == {"annual_revenue": "150050", "employees": "13"}
    assert [one.field for one in done.refused] == ["employees"]
    put(path, (2, "annual_revenue", 1.234), (3, "employees", None))
    assert next(why for _, why in reasons(take(store, path))).startswith("an amount has two decimals at most")
    add(store, "app_user", {"username": "maria", "active": True})
    users = export(store, tmp_path / "u.xlsx", "user")
    put(users, (2, "active", False))
    assert [(one.before, one.after) for one in take(store, users).changes] == [(True, False)]


@pytest.mark.all_databases
def test_the_same_field_changed_by_somebody_else_is_refused_and_another_is_not(store: Store, tmp_path: Path) -> None:
    first, second = people(store)
    path = export(store, tmp_path / "e.xlsx")
    with operation(store, "set", MARIA) as op:
        op.update("contact", {first: {"job_title": "Boss"}, second: {"job_title": "Boss"}})
    put(path, (2, "job_title", "Chief"), (2, "given_name", "Anna"), (3, "given_name", "Rob"))
    done = take(store, path, rejects=tmp_path / "r.csv")
    (fault,) = done.refused
    assert (fault.field, fault.exported, fault.now, fault.yours) == ("job_title", "Buyer", "Boss", "Chief")
    assert fault.cell == "K2"
    assert "somebody else" in fault.reason
    assert (done.changed, done.exit_code) == ([second], ExitCode.PARTIAL)
    (line,) = csv.DictReader((tmp_path / "r.csv").read_text("utf-8").splitlines())
    assert (line["row"], line["cell"], line["now"], line["yours"]) == ("2", "K2", "Boss", "Chief")


def test_both_made_the_same_change(store: Store, tmp_path: Path) -> None:
    first, _ = people(store)
    path = export(store, tmp_path / "e.xlsx")
    with operation(store, "set", MARIA) as op:
        op.update("contact", {first: {"job_title": "Boss"}})
    put(path, (2, "job_title", "Boss"))
    done = take(store, path)
    assert (done.changes, done.refused) == ([], [])


def test_rows_that_cannot_be_trusted_are_refused(store: Store, tmp_path: Path) -> None:
    ids = add(store, "contact", *({"family_name": f"N{number}"} for number in range(9)))
    path = export(store, tmp_path / "e.xlsx")
    with operation(store, "set", MARIA) as op:
        op.update("contact", {ids[0]: {"merged_into_id": ids[1]}})
        op.delete("contact", [ids[2]])
        op.remove("contact", [ids[8]])

    def change(sheet: Sheet, at: dict[str, int]) -> None:
        for row in range(2, 11):
            sheet.cell(row, at["job_title"]).value = "Boss"
        sheet.cell(5, 1).value = "999"
        sheet.cell(6, 2).value = "v7-00000000"
        sheet.cell(7, 1).value = None
        sheet.cell(8, 1).value = sheet.cell(9, 1).value

    edit(path, change)
    done = take(store, path)
    assert done.changed == [ids[1]]
    assert reasons(done) == [
        ("A2", f"contact {ids[0]} was merged into {ids[1]}; change that one"),
        ("A4", f"contact {ids[2]} is deleted; crm contact restore {ids[2]} brings it back"),
        ("A5", "this id was not exported into this workbook"),
        ("B6", "id or row_version was changed: they do not belong together"),
        ("A7", "its id is gone; a new record has neither id nor row_version"),
        ("A8", "2 rows have this id"), ("A9", "2 rows have this id"),
        ("A10", f"there is no contact {ids[8]}"),
    ]  # fmt: skip


def test_formulas_errors_wrong_values_and_locked_cells_are_refused_by_their_address(
    store: Store, tmp_path: Path
) -> None:
    people(store)
    add(store, "contact", {"family_name": "Z", "description": "z" * 40_000})
    names = ["gender", "family_name", "given_name", "birth_date", "owner.username", "description"]
    path = export(store, tmp_path / "e.xlsx", columns=names)
    put(
        path, (2, "gender", "femal"), (3, "given_name", "=UPPER(A1)"), (4, "description", "short"),
        (2, "birth_date", "03/04/2024"), (3, "owner.username", "x"),
    )  # fmt: skip
    done = take(store, path)
    assert done.changes == []
    assert [(one.cell, one.field) for one in done.refused] == [
        ("C2", "gender"), ("E3", "given_name"), ("G3", "owner.username"), ("H4", "description"),
    ]  # fmt: skip
    assert "formula" in done.refused[1].reason
    assert "only to read" in done.refused[2].reason
    assert "does not hold the whole value" in done.refused[3].reason


def test_new_rows_are_added_unless_there_is_one_like_them(store: Store, tmp_path: Path) -> None:
    people(store)
    path = export(store, tmp_path / "e.xlsx")
    put(
        path, (6, "family_name", "New"), (6, "email", "n@x.example"),
        (7, "family_name", "Other"), (7, "email", "n@x.example"), (8, "job_title", "Nobody"),
    )  # fmt: skip
    done = take(store, path)
    assert len(done.added) == 1
    assert [one.row for one in done.refused] == [7, 8]
    assert "there is a contact like it" in done.refused[0].reason
    assert "needs one of family_name" in done.refused[1].reason


def test_what_spreadsheet_programs_do_to_a_file_changes_nothing(store: Store, tmp_path: Path) -> None:
    people(store)
    add(store, "contact", {"family_name": "00123", "birth_date": None})
    path = export(store, tmp_path / "e.xlsx")

    def change(sheet: Sheet, at: dict[str, int]) -> None:
        table = [[cell.value for cell in row] for row in sheet.iter_rows()]
        header, rows = table[0], table[1:]
        order = sorted(range(len(header)), key=lambda place: str(header[place]))
        sheet.delete_rows(1, 10)
        lines = [header, *reversed(rows)]
        for number, line in enumerate(lines, start=3):  # two rows above, columns in another order, rows sorted
            for place, old in enumerate(order, start=1):
                value = line[old]
                sheet.cell(number, place).value = int(value) if header[old] == "id" and number > 3 else value
        names = [cell.value for cell in sheet[3]]
        for row in (4, 5, 6):
            cell = sheet.cell(row, names.index("family_name") + 1)
            cell.value = 123 if cell.value == "00123" else cell.value
        sheet.cell(3, len(header) + 3).value = "my remarks"
        sheet.cell(4, len(header) + 3).value = "looks odd"
        sheet.cell(40, len(header) + 9).value = " "
        sheet.title = "renamed"

    edit(path, change)
    done = take(store, path)
    assert (done.changes, done.refused, done.rows) == ([], [], 3)
    assert done.notes == ["columns that were added are not imported: my remarks"]


def test_rows_and_columns_taken_out_change_nothing_and_are_told(store: Store, tmp_path: Path) -> None:
    people(store)
    path = export(store, tmp_path / "e.xlsx", columns=["family_name", "city"])

    def change(sheet: Sheet, at: dict[str, int]) -> None:
        sheet.delete_rows(2)
        sheet.delete_cols(at["city"])

    edit(path, change)
    done = take(store, path)
    assert (done.changes, done.missing, done.rows) == ([], 1, 1)
    assert done.notes == ["columns that were taken out stay as they are: city"]


def test_another_database_or_a_broken_workbook_is_refused(store: Store, tmp_path: Path) -> None:
    people(store)
    path = export(store, tmp_path / "e.xlsx")
    with operation(store, "x", MARIA) as op:
        table = store.table("operation")
        first = op.connection.scalar(sa.select(sa.func.min(table.c.id)))
        op.connection.execute(table.update().where(table.c.id == first).values(kind="other"))
    with pytest.raises(EditWorkbookError, match="from another database"):
        take(store, path)
    book = openpyxl.load_workbook(path)
    del book["_crm_edit"]
    book.save(path)
    assert is_edit_workbook(path)
    with pytest.raises(EditWorkbookError, match="its hidden sheet is gone"):
        take(store, path)


def test_the_workbook_is_made_for_editing(store: Store, tmp_path: Path) -> None:
    people(store)
    book = openpyxl.load_workbook(export(store, tmp_path / "e.xlsx"))
    sheet = book["contacts"]
    at = {cell.value: cell.column for cell in sheet[1]}
    assert sheet.freeze_panes == "C2"
    assert sheet.protection.sheet
    assert [sheet.cell(2, at[name]).protection.locked for name in ("id", "row_version", "city")] == [True, True, False]
    assert "One of: female, male, other" in sheet.cell(1, at["gender"]).comment.text
    lists = {str(one.sqref).split(":")[0]: one.formula1 for one in sheet.data_validations.dataValidation}
    assert f"{sheet.cell(2, at['owner']).coordinate}" in lists
    assert f"{sheet.cell(2, at['country']).coordinate}" in lists
    assert [one.value for one in book["_crm_lists"]["A"][:3]] == ["female", "male", "other"]
    assert {name: book[name].sheet_state for name in book.sheetnames}["_crm_edit"] == "hidden"


@pytest.mark.slow
def test_libreoffice_may_save_it(store: Store, tmp_path: Path) -> None:
    soffice = shutil.which("soffice")
    if soffice is None:
        pytest.skip("LibreOffice is not here")
    people(store)
    add(store, "contact", *({"family_name": "X", "description": text} for text in HOSTILE if text.strip()))
    path = export(store, tmp_path / "e.xlsx")
    out = tmp_path / "saved"
    subprocess.run(
        [soffice, "--headless", "--convert-to", "xlsx", "--outdir", str(out), str(path)], check=True, timeout=120
    )
    done = take(store, out / "e.xlsx")
    assert (done.changes, done.refused) == ([], [])


def test_every_entity_and_run_time_fields_can_be_edited(store: Store, tmp_path: Path) -> None:
    with operation(store, "schema", MARIA) as op:
        add_field(op, NewField("contact", "shoe_size", "number", "Size of shoes"))
    store.reload()
    add(store, "contact", {"family_name": "A", "birth_date": date(1890, 5, 1), "shoe_size": 41.5})
    for entity in store.dictionary.records:
        path = export(store, tmp_path / f"{entity.noun}.xlsx", entity.noun)
        assert (take(store, path).changes, take(store, path).refused) == ([], []), entity.noun
    path = tmp_path / "contact.xlsx"
    put(path, (2, "shoe_size", 42.25))
    assert [(one.field, one.before, one.after) for one in take(store, path).changes] == [("shoe_size", 41.5, 42.25)]
