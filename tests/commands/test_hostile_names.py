"""Names that are markup, commands or layout elsewhere: unharmed in every file, and never obeyed by a terminal.

Two ways in: a file that is imported (control characters are taken out on the way, everything else stays), and records
that another program wrote into the database with everything in them. Every screen is looked at as a terminal and as a
pipe would get it.
"""

from __future__ import annotations

import csv
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.utils.escape import unescape

from crm_cli.cells import visible
from crm_cli.history import Author, operation
from crm_cli.store import Store
from tests.commands.conftest import CrmRunner, Outcome

LONG = "Long" + "x" * 10_000
IMPORTED = (
    "ACME [/b] Ltd",
    "O[red]x",
    "[link=file:///x]L[/link]",
    "<b>Bold</b>",
    "{{ 7*7 }}",
    "%S %D",
    "'; DROP TABLE contact; --",
    "=1+1",
    "@SUM(A1)",
    "Ox 😀 Emoji",
    "トヨタ",
    "Straße",
    "A&amp;B",
    "$(Reboot)",
    "`Id`",
    "C:\\Nul",
    "--yes",
)
STORED = (
    *IMPORTED,
    "E\x1b[31mSC\x1b]0;own\x07",
    "Right\u202eLeft",
    "\u2066Iso\u2069",
    "C1\x9b2J",
    "Line\nBreak",
    "Tab\tStop",
    "Back\x08\x08",
)
OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
GUARDED = ("'=", "'@", "'-")  # a sign before what a spreadsheet would take for a formula
SCREENS = (
    ("contact", "list"),
    ("contact", "list", "--format", "jsonl"),
    ("contact", "list", "--json"),
    ("account", "list"),
    ("contact", "show", "1"),
    ("contact", "show", "1", "--json"),
    ("search", "ox"),
    ("search", "acme", "--json"),
    ("log",),
    ("log", "1"),
    ("blame", "contact", "1"),
    ("blame", "contact", "1", "--field", "family_name"),
    ("batch", "list"),
    ("dedupe", "find", "contact"),
    ("dedupe", "status", "contact"),
    ("profile", "contact"),
    ("report", "run", "composition"),
    ("export", "contact", "-o", "-"),
    ("export", "contact", "-o", "-", "--format", "jsonl"),
    ("contact", "set", "1", "--set", "family_name=O[red]x\x1b[2J", "--dry-run"),
    ("contact", "show", "\x1b[2J[/b]"),
    ("contact", "list", "--where", "family_name = '\x1b[2J[/b]'"),
    ("contact", "list", "--where", "\x1b[2J[/b]"),
    ("\x1b[2J[/b]",),
    ("import", "\x1b[2J[/b].csv"),
    ("undo", "--dry-run", "--yes"),
)


def write_csv(path: Path, names: tuple[str, ...]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["First Name", "Last Name", "Company", "E-Mail"])
        writer.writerows([name, name, name, f"p{number}@x.example"] for number, name in enumerate(names))
    return path


def write_xlsx(path: Path, names: tuple[str, ...]) -> Path:
    book = Workbook()
    sheet = book.active
    sheet.append(["First Name", "Last Name", "Company", "E-Mail"])
    for number, name in enumerate(names, start=2):
        for column, value in enumerate([name, name, name, f"p{number}@x.example"], start=1):
            cell = sheet.cell(number, column, value)
            cell.data_type = "s"  # a text, whatever it begins with
    book.save(path)
    return path


def stored_contacts(crm: CrmRunner) -> list[str]:
    listed = crm("contact", "list", "--json", "--limit", "1000").ok()
    return [one["family_name"] for one in listed.json]


@pytest.fixture
def stored(crm: CrmRunner) -> CrmRunner:
    """A database in which another program has left every name as it is, control characters and all."""
    crm("init").ok()
    author = Author("ev[il]\x1b[2J", "crm \x1b[2J[/b]", "[/b]\x1b[2J")
    url = f"sqlite:///{(crm.folder / 'crm.db').as_posix()}"
    with Store.open(url) as store, operation(store, "ad[d]\x1b[2J", author) as op:
        op.insert("contact", [{"given_name": name, "family_name": name} for name in STORED])
        op.insert("account", [{"name": name} for name in STORED])
    return crm


def harmless(outcome: Outcome) -> Outcome:
    assert "Traceback" not in outcome.stderr, outcome.stderr
    assert "internal" not in outcome.stderr, outcome.stderr
    for stream in (outcome.stdout, outcome.stderr):
        found = OBEYED.search(stream)
        assert found is None, f"crm {outcome.args} lets {found.group()!r} through: {stream[: found.end()][-80:]!r}"
    return outcome


@pytest.mark.slow
def test_no_screen_obeys_a_name(stored: CrmRunner) -> None:
    for args in SCREENS:
        harmless(stored(*args, terminal=True, typed="n\n", TERM="dumb"))


def test_an_export_through_a_pipe_is_exact(
    stored: CrmRunner, crm_process: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    piped = crm_process("export", "contact", "-o", "-", "--format", "jsonl", "--columns", "id,family_name")
    assert [json.loads(line)["family_name"] for line in piped.stdout.split("\n") if line] == list(STORED)


def test_a_name_is_shown_whole(stored: CrmRunner) -> None:
    listed = stored("contact", "list").ok().stdout
    assert [name for name in STORED if visible(name) not in listed] == []
    assert [one["family_name"] for one in stored("contact", "list", "--json").json] == list(STORED)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_names_come_through_import_as_they_are(crm: CrmRunner, kind: str) -> None:
    crm("init").ok()
    source = (write_csv if kind == "csv" else write_xlsx)(crm.folder / f"names.{kind}", IMPORTED)
    harmless(crm("import", source.name, "--into", "contact", terminal=True, TERM="dumb")).ok()
    kept = stored_contacts(crm)
    assert [name.casefold() for name in kept] == [name.casefold() for name in IMPORTED]


def test_controls_are_taken_out_on_the_way_in_and_a_giant_name_is_kept_aside(crm: CrmRunner) -> None:
    crm("init").ok()
    write_csv(crm.folder / "names.csv", ("E\x1b[31mSC", "N\x00ul", "Right\u202eLeft", LONG, "Good"))
    outcome = harmless(crm("import", "names.csv", "--rejects", "rejects.csv", terminal=True, TERM="dumb"))
    assert outcome.exit_code == 4
    assert stored_contacts(crm) == ["E[31mSC", "Nul", "RightLeft", "Good"]
    with (crm.folder / "rejects.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["Last Name"] == LONG
    assert "200" in row["_reason"] or "characters" in row["_reason"]
    harmless(crm("batch", "show", "1", terminal=True, TERM="dumb")).ok()


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "xlsx"])
def test_files_hold_names_exactly(stored: CrmRunner, suffix: str) -> None:
    target = stored.folder / f"out.{suffix}"
    harmless(stored("export", "contact", "-o", target, "--columns", "id,family_name")).ok()
    names = [name.removeprefix("'") if name[:2] in GUARDED else name for name in read_names(target)]
    assert names == list(STORED)


def read_names(path: Path) -> list[str]:
    if path.suffix == ".jsonl":
        return [json.loads(line)["family_name"] for line in path.read_text(encoding="utf-8").split("\n") if line]
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            return [row["family_name"] for row in csv.DictReader(file)]
    return [unescape(row[1]) for row in load_workbook(path).active.iter_rows(min_row=2, values_only=True)]


def test_clean_and_profile_of_a_file_keep_names(crm: CrmRunner) -> None:
    write_csv(crm.folder / "names.csv", (*IMPORTED, "E\x1b[31mSC", LONG))
    harmless(crm("profile", "names.csv", terminal=True, TERM="dumb")).ok()
    harmless(crm("clean", "names.csv", "-o", "out.jsonl", "--review", "review.xlsx", terminal=True, TERM="dumb")).ok()
    rows = [json.loads(line) for line in (crm.folder / "out.jsonl").read_text(encoding="utf-8").split("\n") if line]
    kept = [row["Last Name"].casefold() for row in rows]
    assert kept == [name.casefold() for name in (*IMPORTED, "E[31mSC", LONG)]


def test_a_review_shows_names_and_obeys_none(crm: CrmRunner) -> None:
    crm("init").ok()
    twice = tuple(name for name in IMPORTED for _ in range(2))
    write_csv(crm.folder / "names.csv", twice)
    crm("import", "names.csv").ok()
    harmless(crm("dedupe", "find", "contact", terminal=True, TERM="dumb"))
    harmless(crm("dedupe", "review", "contact", typed="y\nn\nq\n", terminal=True, TERM="dumb"))
    harmless(crm("dedupe", "explain", "contact", "1", "2", terminal=True, TERM="dumb"))
