"""Excel and OpenDocument: cells as text, sheets, number formats, and what must be refused."""

from __future__ import annotations

import datetime
import zipfile
from pathlib import Path

import openpyxl
import pytest

from crm_cli.importers import HostileSourceError, ReadError, ReadOptions, read_tables
from tests.importers.conftest import table, values


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "customers.xlsx"
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = "Kunden"
    sheet.append(["Customers of the year"])
    sheet.append([])
    sheet.append(["Name", "PLZ", "Since", "Active", "Score", "Id"])
    sheet.append(["Ann", 1067, datetime.date(2020, 1, 31), True, 12.5, 12345678901234567890])
    sheet.append(["Li", 80331, datetime.datetime(2021, 2, 28, 14, 30), False, 7, 42])
    for row in (4, 5):
        sheet.cell(row, 2).number_format = "00000"
    hidden = workbook.create_sheet("Old")
    hidden.append(["x"])
    hidden.sheet_state = "hidden"
    workbook.create_sheet("Blank")
    workbook.save(path)
    return path


def test_cells_come_as_the_user_sees_them(book: Path) -> None:
    (kunden,) = read_tables(book)
    assert kunden.header == ["Name", "PLZ", "Since", "Active", "Score", "Id"]
    rows = list(kunden.rows())
    assert rows[0].values[:5] == ["Ann", "01067", "2020-01-31", "TRUE", "12.5"]
    assert rows[1].values == ["Li", "80331", "2021-02-28 14:30:00", "FALSE", "7", "42"]
    assert rows[0].place == "sheet Kunden row 4"


def test_hidden_sheets_are_skipped_by_name_and_damaged_ids_are_told(book: Path) -> None:
    (kunden,) = read_tables(book)
    assert "Old" in kunden.understood.skipped_sheets
    assert any("15 digits" in warning for warning in kunden.understood.warnings)
    (old,) = read_tables(book, ReadOptions(sheet="Old", header="none"))
    assert [row.values for row in old.rows()] == [["x"]]


def test_an_unknown_sheet_lists_the_others(book: Path) -> None:
    with pytest.raises(ReadError) as caught:
        read_tables(book, ReadOptions(sheet="Nope"))
    assert "Kunden" in caught.value.hint


def test_two_cells_in_opposite_corners_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "sparse.xlsx"
    workbook = openpyxl.Workbook()
    workbook.active["A1"] = "a"
    workbook.active["XFD1048576"] = "b"
    workbook.save(path)
    with pytest.raises(HostileSourceError, match="1,048,576 rows"):
        read_tables(path)


def test_a_bomb_and_a_document_type_are_refused(book: Path, tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(book) as old, zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(entry, old.read(entry))
        new.writestr("xl/media/zeros.bin", b"\0" * (80 << 20))
    with pytest.raises(HostileSourceError, match="would unpack"):
        read_tables(bomb)

    trap = tmp_path / "trap.xlsx"
    with zipfile.ZipFile(book) as old, zipfile.ZipFile(trap, "w") as new:
        for entry in old.infolist():
            extra = b'<!DOCTYPE x [<!ENTITY e "boom">]>' if entry.filename == "xl/workbook.xml" else b""
            new.writestr(entry, extra + old.read(entry))
    with pytest.raises(HostileSourceError, match="document type"):
        read_tables(trap)


def test_a_truncated_file_is_an_error_with_a_hint(book: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.xlsx"
    cut.write_bytes(book.read_bytes()[:2000])
    with pytest.raises(ReadError) as caught:
        read_tables(cut)
    assert caught.value.hint


def test_a_sheet_too_large_to_load_is_streamed_with_the_same_result(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from crm_cli.importers import sheet_scan

    expected = [row for found in read_tables(book) for row in found.rows()]
    monkeypatch.setattr(sheet_scan, "MOST_LOADED", 1)
    monkeypatch.setattr(sheet_scan, "_SPARSE_FROM", 1)
    assert [row for found in read_tables(book) for row in found.rows()] == expected


@pytest.mark.shared
def test_old_binary_formats_are_read_in_a_process_of_their_own(cases: Path) -> None:
    (found,) = read_tables(cases / "excel/calamine/date_1904.xls")
    assert [row.values for row in found.rows()] == [["2021-01-01", "15"], ["2021-01-02", "16"], ["255:10:10", "17"]]


def test_a_child_process_that_breaks_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from crm_cli.importers import isolated

    path = tmp_path / "slow.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    monkeypatch.setattr(isolated, "MOST_SECONDS", 0.001)
    with pytest.raises(HostileSourceError, match="seconds"):
        read_tables(path)


def test_sylk_is_read_with_its_dates_and_quotes() -> None:
    lines = [
        "ID;PWXL;N;E",
        "P;PGeneral",
        r"P;Pdd\.mm\.yyyy",
        *('C;Y1;X1;K"Name"', 'C;X2;K"Since"', 'C;X3;K"Note"'),
        *('C;Y2;X1;K"Ann;;Marie"', "F;P1;X2", "C;K44256", 'C;X3;K"says ""yes"""'),
        *('C;Y3;X1;K"Li"', "F;P1;X2", "C;K44257.5", "C;X3;K#N/A"),
        "E",
    ]
    found = table("\r\n".join(lines) + "\r\n", "people.slk")
    assert found.header == ["Name", "Since", "Note"]
    assert values(found) == [["Ann;Marie", "2021-03-01", 'says "yes"'], ["Li", "2021-03-02 12:00:00", None]]


def test_a_place_that_no_sheet_has_is_refused() -> None:
    with pytest.raises(HostileSourceError, match="row 99999999"):
        table('ID;PWXL\r\nC;Y1;X1;K"Name"\r\nC;Y99999999;X1;K"x"\r\n', "people.slk")
