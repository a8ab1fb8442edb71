"""What is written of a comparison: safe, whole, and readable again."""

from __future__ import annotations

import csv
import json
import stat
from pathlib import Path

import openpyxl
import pytest

from crm_cli.errors import UsageError
from crm_cli.jobs.reconciling import Part, check_result_target, document, write_result
from crm_cli.store import Store
from tests.jobs.reconciling.helpers import load, reconciled, write

OURS = """First name,Last name,E-Mail,City
Ann,Smith,ann@acme.example,Berlin
Bob,Jones,bob@acme.example,Bonn
Cat,Doe,cat@x.example,
"""
THEIRS = "E-Mail,First name,City\nann@acme.example,Anna,=cmd|'/c calc'!A1\nzoe@x.example,Zoe,[red]x[/red]\n"


def test_csv_has_a_row_a_difference_and_no_formula(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path, OURS)
    target = tmp_path / "out.csv"
    with reconciled(store, write(tmp_path, THEIRS), "email") as found:
        assert write_result(found, target).rows == 5
        with pytest.raises(UsageError, match="is there already"):
            write_result(found, target)
        assert write_result(found, target, parts=[Part.DIFFERING], overwrite=True).rows == 2
        write_result(found, target, overwrite=True)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    with target.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["status"], row["key"], row["record"], row["row"], row["field"]) for row in rows] == [
        ("missing-here", "zoe@x.example", "", "line 3", ""),
        ("missing-there", "bob@acme.example", "2", "", ""),
        ("missing-there", "cat@x.example", "3", "", ""),
        ("differing", "ann@acme.example", "1", "line 2", "given_name"),
        ("differing", "ann@acme.example", "1", "line 2", "city"),
    ]
    assert (rows[4]["here"], rows[4]["there"]) == ("Berlin", "'=cmd|'/c calc'!A1")


def test_what_is_missing_here_is_a_file_that_can_be_imported(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path, OURS)
    source, target = write(tmp_path, THEIRS), tmp_path / "new.csv"
    with reconciled(store, source, "email") as found:
        write_result(found, target, parts=[Part.MISSING_HERE])
    assert target.read_text(encoding="utf-8").splitlines()[0] == "email,given_name,city,_status,_key,_record,_row,_note"
    load(store, tmp_path, target.read_text(encoding="utf-8"), name="new.csv")
    with reconciled(store, source, "email") as found:
        assert found.count(Part.MISSING_HERE) == 0


def test_a_workbook_has_a_sheet_a_part_with_texts_only(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path, OURS)
    target = tmp_path / "out.xlsx"
    with reconciled(store, write(tmp_path, THEIRS), "email") as found:
        write_result(found, target)
    book = openpyxl.load_workbook(target)
    assert book.sheetnames == [
        "Summary", "Fields", "Missing here", "Missing there", "Differing", "Ambiguous", "Blank key", "Faulty",
    ]  # fmt: skip
    rows = {name: [[cell.value for cell in row] for row in book[name].iter_rows()] for name in book.sheetnames}
    assert rows["Summary"][1:] == [
        ["same", 0, 0], ["differing", 1, 1], ["missing here", 1, None], ["missing there", None, 2],
        ["ambiguous key", 0, 0], ["blank key", 0, 0], ["faulty", 0, None], ["all", 2, 3],
    ]  # fmt: skip
    assert rows["Differing"][2][5:7] == ["Berlin", "=cmd|'/c calc'!A1"]
    assert [cell.data_type for cell in book["Differing"][3]][6] == "s"
    assert rows["Missing here"][1][:3] == ["zoe@x.example", "Zoe", "[red]x[/red]"]
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["out.json", "out.jsonl", "out.tsv", "out.csv.gz"])
def test_other_formats_hold_the_same_differences(store: Store, tmp_path: Path, name: str) -> None:
    load(store, tmp_path, OURS)
    target = tmp_path / name
    with reconciled(store, write(tmp_path, THEIRS), "email") as found:
        assert write_result(found, target).rows == 5
        whole = document(found, None)
    if name == "out.json":
        assert json.loads(target.read_text(encoding="utf-8")) == whole
    if name == "out.jsonl":
        assert [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()] == whole["differences"]


def test_a_part_of_none_is_written_as_a_header(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path, OURS)
    target = tmp_path / "out.json"
    with reconciled(store, write(tmp_path, THEIRS), "email") as found:
        assert write_result(found, target, parts=[Part.FAULTY]).rows == 0
    assert json.loads(target.read_text(encoding="utf-8"))["differences"] == []


def test_targets_that_cannot_be_are_refused_before_the_work(tmp_path: Path) -> None:
    source = write(tmp_path, THEIRS)
    for target, message in [
        (source, "is the source itself"), (tmp_path / "no" / "x.csv", "folder not found"),
        (tmp_path / "no" / "x.json", "folder not found"), (tmp_path / "x.vcf", "no .vcf"),
        (tmp_path / "x.parquet", "no .parquet"),
        (tmp_path / "x.bmp", "unknown export format"), (tmp_path, "is a folder"),
    ]:  # fmt: skip
        with pytest.raises(UsageError, match=message):
            check_result_target(target, source, overwrite=True)
