"""Mending many records: each way has a rehearsal that shows before and after, a cap, and a way back."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from crm_cli.history import Author, operation
from crm_cli.store import Store
from tests.commands.conftest import CrmRunner
from tests.dumps import business_content

_BLANKS = "Blanks: none around, one between words; lines of a note are kept"
WAYS: dict[str, tuple[tuple[str, ...], list[list[str]]]] = {
    "set": (
        ("contact", "set", "city=BERLIN", "--where", "city = 'Bonn'"),
        [["1", "city", "Bonn", "Berlin"], ["2", "city", "Bonn", "Berlin"]],
    ),
    "delete": (("contact", "delete", "--where", "city = 'Bonn'"), [["1", "Ann", "Doe"], ["2", "Bob", "Roe"]]),
    "restore": (("contact", "restore", "--where", "id > 2"), [["3", "Cid", "Poe"], ["4", "Dan", "Coe"]]),
    "standardize": (
        ("standardize", "contact", "--where", "city = 'Bonn'"),
        [["contact.job_title", "T104", *_BLANKS.split(), "2", "Head", "of", "IT", "Head", "of", "IT"]],
    ),
}


@pytest.fixture
def people(project: CrmRunner) -> CrmRunner:
    """Two people in Bonn whose titles have stray blanks, two that are deleted, and somebody's superior."""
    with Store.open(project.folder / "crm.db") as store, operation(store, "add", Author("x")) as op:
        names = [("Ann", "Doe"), ("Bob", "Roe"), ("Cid", "Poe"), ("Dan", "Coe")]
        rows = [{"given_name": one, "family_name": other, "job_title": "Head  of IT"} for one, other in names]
        ids = op.insert("contact", rows)
        op.insert("postal_address", [
            {"party_id": one, "city": "Bonn", "standard": "Bonn", "is_primary": True, "kind": "main"} for one in ids
        ])  # fmt: skip
        op.insert("contact", [{"family_name": "Boe", "reports_to_id": ids[0]}])
        op.delete("contact", ids[2:])
    return project


def content(crm: CrmRunner) -> object:
    with Store.open(crm.folder / "crm.db") as store:
        return business_content(store)


@pytest.mark.parametrize("name", WAYS)
def test_a_rehearsal_shows_what_the_real_run_does_a_cap_holds_and_undo_takes_it_back(
    people: CrmRunner, name: str
) -> None:
    words, rows = WAYS[name]
    before = content(people)
    rehearsed = people(*words, "--dry-run").ok()
    shown = [line.split() for line in rehearsed.lines[1:]]
    assert [row for row in rows if row in shown] == rows, rehearsed.stdout
    assert "would" in rehearsed.stderr
    refused = people(*words, "--yes", "--max-changes", "1")
    assert (refused.exit_code, content(people)) == (3, before)
    assert "2 records (contact) would change, 1 are allowed" in refused.stderr
    assert "--max-changes 2" in refused.stderr
    done = people(*words, "--yes", "--max-changes", "2").ok()
    assert done.stdout == rehearsed.stdout
    assert content(people) != before
    people("undo", "--yes").ok()
    assert content(people) == before


def test_a_rehearsed_deletion_says_what_refers_to_it(people: CrmRunner) -> None:
    assert "1 contacts refer to what would go, and would stay" in people("contact", "delete", "1", "--dry-run").stderr


def test_a_workbook_goes_out_and_its_changes_come_back(people: CrmRunner) -> None:
    out = people(
        "export", "contact", "--for", "edit", "-o", "e.xlsx", "--where", "city = 'Bonn'", "--columns", "city"
    ).ok()
    assert "2 records written to e.xlsx, to be edited\nnext: crm import e.xlsx --dry-run" in out.stderr
    unchanged = people("import", "e.xlsx").ok()
    assert "e.xlsx: of 2 rows 0 changed, 0 added, 0 refused" in unchanged.stderr
    _put(people.folder / "e.xlsx", "Köln")
    before = content(people)
    assert "of 2 rows 1 would be changed" in people("import", "e.xlsx", "--dry-run").ok().stderr
    assert content(people) == before
    done = people("import", "e.xlsx", "--json").ok().json
    assert (done["changed"], done["refused"]) == (1, [])
    assert done["changes"] == [{"row": 2, "id": 1, "field": "city", "before": "Bonn", "after": "Köln"}]
    people("contact", "set", "1", "city=Ulm").ok()
    _put(people.folder / "e.xlsx", "Kiel")
    refused = people("import", "e.xlsx", "--rejects", "r.csv")
    assert refused.exit_code == 4
    assert "1 refused\nrefused cells: r.csv" in refused.stderr
    assert "Bonn,Ulm,Kiel,somebody else changed it" in (people.folder / "r.csv").read_text("utf-8")
    people("undo", done["operation"], "--yes")
    assert people("import", "e.xlsx", "e.xlsx").exit_code == 2
    assert people("export", "contact", "--for", "edit", "-o", "e.csv").exit_code == 2


def _put(path: Path, city: str) -> None:
    book = openpyxl.load_workbook(path)
    book["contacts"]["C2"] = city
    book.save(path)
