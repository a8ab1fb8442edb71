"""`crm reconcile`: what people see, which code it ends with, and that hostile files and calls do no harm."""

from __future__ import annotations

import csv
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from crm_cli.store import Store
from tests.commands.conftest import CrmRunner
from tests.dumps import business_content

OURS = "First name,Last name,E-Mail,Phone\nAnn,Smith,ann@acme.example,030/12345678\nBob,Jones,bob@acme.example,\n"
THEIRS = """Given;Surname;Mail;Telephone
Ann;Smith;ANN@acme.example;+49 30 12345678
Bob;Joness;bob@acme.example;030 999999
"""


@pytest.fixture
def people(project: CrmRunner) -> CrmRunner:
    project.write("ours.csv", OURS)
    project.write("erp.csv", THEIRS)
    project("import", "ours.csv").ok()
    return project


def content(crm: CrmRunner) -> Any:
    with Store.open(crm.folder / "crm.db") as store:
        return business_content(store)


def test_differences_are_shown_and_end_with_3(people: CrmRunner) -> None:
    shown = people("reconcile", "contact", "erp.csv", "--key", "email")
    assert shown.exit_code == 3
    assert "Differing (1)" in shown.lines
    assert [line.split() for line in shown.lines if line.startswith("differing")] == [
        ["differing", "1", "1"],
        ["differing", "bob@acme.example", "2", "line", "3", "family_name", "Jones", "Joness"],
    ]
    assert "key: email\n" in shown.stderr
    assert "next: the same with -o differences.xlsx has them all" in shown.stderr


def test_two_sides_that_agree_end_with_0(people: CrmRunner) -> None:
    people("export", "contact", "-o", "all.csv").ok()
    shown = people("reconcile", "contact", "all.csv").ok()
    assert "key: public_id (chosen: it fits best; --key names another)" in shown.stderr
    assert people("reconcile", "contact", "all.csv", "--json").ok().json["agrees"] is True


def test_json_is_one_document(people: CrmRunner) -> None:
    shown = people("reconcile", "contact", "erp.csv", "--key", "email", "--json", "--limit", "1")
    assert shown.exit_code == 3
    assert shown.json["summary"]["differing"] == {"there": 1, "here": 1}
    assert [one["field"] for one in shown.json["differences"]] == ["family_name"]
    assert shown.json["filled"] is None


def test_show_chooses_parts_on_the_screen_and_in_the_file(people: CrmRunner) -> None:
    shown = people("reconcile", "contact", "erp.csv", "--key", "email", "--show", "same", "-o", "same.csv")
    assert "Same (1)" in shown.lines
    assert "Differing (1)" not in shown.lines
    with (people.folder / "same.csv").open(encoding="utf-8") as stream:
        assert [row["key"] for row in csv.DictReader(stream)] == ["ANN@acme.example"]


def test_blanks_are_filled_after_a_question(people: CrmRunner) -> None:
    call = ("reconcile", "contact", "erp.csv", "--key", "email", "--fields", "phone", "--fill-blank")
    before = content(people)
    refused = people(*call)
    assert refused.exit_code == 2
    assert "1 blanks of 1 contacts would be filled" in refused.stderr
    assert people(*call, typed="n\n", terminal=True).exit_code == 3
    dry = people(*call, "--dry-run")
    assert dry.exit_code == 3
    assert "030 999999" in dry.stdout
    assert content(people) == before

    done = people(*call, "--yes", "--reason", "cleaning").ok()
    assert "1 blanks of 1 contacts filled" in done.stderr
    logged = people("log", "--json").ok().json[0]
    assert (logged["kind"], logged["reason"]) == ("reconcile", "cleaning (blanks filled from erp.csv)")
    assert people("contact", "list", "--columns", "phone", "--json").ok().json[1]["phone"] == "+4930999999"
    people("undo", logged["id"], "--yes").ok()
    assert content(people) == before


def test_more_fills_than_allowed_are_refused(people: CrmRunner) -> None:
    people.write("more.csv", "Mail,Job title\nann@acme.example,Boss\nbob@acme.example,Boss\n")
    before = content(people)
    call = ("reconcile", "contact", "more.csv", "--key", "email", "--fill-blank", "--yes")
    refused = people(*call, "--max-changes", "1")
    assert refused.exit_code == 3
    assert "2 records (contact) would change, 1 are allowed" in refused.stderr
    assert content(people) == before
    people(*call).ok()


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("contact", "no.csv"), 1, "there is no file"),
        (("nothing", "erp.csv"), 2, "there is no entity"),
        (("contact", "erp.csv", "--key", "emial"), 2, "contact has no field 'emial'"),
        (("contact", "erp.csv", "--key", "fax"), 2, "no column of the source says fax"),
        (("contact", "erp.csv", "--key", "erp:No"), 2, "no import brought records of a source 'erp'"),
        (("contact", "erp.csv", "--fields", "nothing"), 2, "contact has no field 'nothing'"),
        (("contact", "erp.csv", "--show", "difering"), 2, "there is no such part"),
        (("contact", "erp.csv", "--date-order", "xyz"), 2, "there is no such order"),
        (("contact", "erp.csv", "-o", "erp.csv"), 2, "is the source itself"),
        (("contact", "erp.csv", "-o", "erp.csv", "--overwrite"), 2, "is the source itself"),
        (("contact", "erp.csv", "-o", "ours.csv"), 2, "is there already"),
        (("contact", "erp.csv", "-o", "x.vcf"), 2, "a comparison is no .vcf"),
        (("contact", "erp.csv", "-o", "-", "--json"), 2, "both write to the standard output"),
        (("contact", "empty.csv"), 2, "no table with data"),
        (("contact", "erp.csv", "--mapping", "no.toml"), 2, "cannot read"),
        (("contact", "book.xlsx"), 2, "several tables that fit: One, Two"),
        (("contact", "book.xlsx", "--sheet", "Three"), 1, "Three"),
    ],
)
def test_a_wrong_call_says_what_is_wrong(people: CrmRunner, words: tuple[str, ...], code: int, message: str) -> None:
    people.write("empty.csv", "")
    book = openpyxl.Workbook()
    book.active.title = "One"
    for sheet in (book["One"], book.create_sheet("Two")):
        for row in (("Surname", "E-Mail", "Phone"), ("Smith", "ann@acme.example", "030 12345678")):
            sheet.append(row)
    book.save(people.folder / "book.xlsx")
    before = {path.name: path.read_bytes() for path in people.folder.glob("*.csv")}
    ended = people("reconcile", *words)
    assert (ended.exit_code, message in ended.stderr) == (code, True), ended.stderr
    assert {path.name: path.read_bytes() for path in people.folder.glob("*.csv")} == before


def test_a_sheet_can_be_chosen_and_others_that_do_not_fit_are_named(people: CrmRunner) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Notes"
    for row in (("Topic", "Weight"), ("a", 1), ("b", 2)):
        book["Notes"].append(row)
    sheet = book.create_sheet("People")
    for line in (("Surname", "E-Mail", "Phone"), ("Smith", "ann@acme.example", "030 12345678")):
        sheet.append(line)
    book.save(people.folder / "book.xlsx")
    shown = people("reconcile", "contact", "book.xlsx", "--key", "email")
    assert "warning: skipped Notes: no column could be recognized" in shown.stderr
    assert people("reconcile", "contact", "book.xlsx", "--key", "email", "--sheet", "People").stdout == shown.stdout


@pytest.mark.slow
def test_both_streams_serve_at_once(crm_process: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    crm_process("init", "--country", "DE", "--currency", "EUR")
    crm_process("import", "-", typed=OURS)
    ended = crm_process("reconcile", "contact", "-", "--key", "email", "-o", "-", typed=THEIRS)
    assert ended.returncode == 3, ended.stderr
    assert ended.stdout.splitlines()[1] == "differing,bob@acme.example,2,line 3,family_name,Jones,Joness,"


HOSTILE = ("[red]x[/red]", "=1+1", "\x1b[31mred", "a\u202eb", "'; DROP TABLE contact; --", "{{7*7}}")


@pytest.mark.parametrize("terminal", [False, True])
def test_hostile_values_are_shown_and_written_but_never_obeyed(people: CrmRunner, *, terminal: bool) -> None:
    rows = "".join(f"{value},{value},{number}@x.example\n" for number, value in enumerate(HOSTILE))
    people.write("bad.csv", f"First name,Last name,Mail\nBob,=cmd|' /C calc'!A1,bob@acme.example\n{rows}")
    for _ in range(2):
        shown = people("reconcile", "contact", "bad.csv", "--key", "email", "--limit", "20", terminal=terminal)
        assert shown.exit_code == 3
        assert "\x1b[31m" not in shown.stdout
        assert "\u202e" not in shown.stdout
        assert "[red]x[/red]" in shown.stdout
    people("reconcile", "contact", "bad.csv", "--key", "email", "-o", "out.csv", "--limit", "1")
    text = Path(people.folder, "out.csv").read_text(encoding="utf-8")
    cells = [cell for row in csv.reader(text.splitlines()) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "@"))]
    people("reconcile", "contact", "bad.csv", "--key", "email", "-o", "out.xlsx")
    book = openpyxl.load_workbook(people.folder / "out.xlsx")
    assert {cell.data_type for sheet in book for row in sheet for cell in row} <= {"s", "n"}
    as_json = people("reconcile", "contact", "bad.csv", "--key", "email", "--json", "--limit", "20").stdout
    assert "=cmd|' /C calc'!A1" in [one["there"] for one in json.loads(as_json)["differences"]]
