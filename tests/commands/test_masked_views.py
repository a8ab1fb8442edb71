"""Masked fields stay masked in every view: every command that reads is run on records that are full of marked values.

A new command belongs into `every_view.py`: a test demands it.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import openpyxl
import pytest

from crm_cli.dictionary import MASK
from crm_cli.history import Author
from crm_cli.jobs.matching import Review, ReviewOptions
from crm_cli.store import Store
from tests.commands.conftest import CrmRunner, _environment
from tests.commands.every_view import MORE_VIEWS, NO_VIEWS, VIEWS, View
from tests.commands.marked import MASKED, MarkedRecords, leaks, make_marked, written
from tests.commands.test_grammar import NAMES
from tests.commands.test_review_screen import pressed


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory, made_once: Path) -> MarkedRecords:
    """The records, to be read only."""
    folder = tmp_path_factory.mktemp("masked") / "project"
    shutil.copytree(made_once, folder)
    return make_marked(CrmRunner(folder, _environment(folder.parent)))


@pytest.fixture
def own(marked: MarkedRecords, tmp_path: Path) -> MarkedRecords:
    """The same, to be written to."""
    return marked.copy(tmp_path / "project")


def seen(marked: MarkedRecords, *words: str, **more: str) -> str:
    """All that a command shows and writes."""
    folder = marked.crm.folder
    before = set(folder.rglob("*"))
    outcome = marked.crm(*marked.filled(words), **more)
    assert outcome.exit_code < 5, outcome.stderr
    assert "internal" not in outcome.stderr
    return "\n".join([outcome.stdout, outcome.stderr, *written(folder, before)])


def assert_masked(text: str, *, shows: bool = True) -> None:
    assert [line[:300] for line in text.splitlines() if leaks(line)] == []
    assert (MASK in text) is shows, text[:3000]


def names_of(views: tuple[View, ...]) -> list[str]:
    return [" ".join(words) for _, words in views]


@pytest.mark.parametrize(("shows", "words"), VIEWS, ids=names_of(VIEWS))
def test_no_view_shows_a_masked_value(marked: MarkedRecords, shows: bool, words: tuple[str, ...]) -> None:
    assert_masked(seen(marked, *words), shows=shows)


@pytest.mark.slow
@pytest.mark.parametrize(("shows", "words"), MORE_VIEWS, ids=names_of(MORE_VIEWS))
def test_no_other_view_does(marked: MarkedRecords, shows: bool, words: tuple[str, ...]) -> None:
    assert_masked(seen(marked, *words), shows=shows)


@pytest.mark.slow
@pytest.mark.parametrize("words", names_of((*VIEWS, *MORE_VIEWS)))
def test_nor_does_it_as_json(marked: MarkedRecords, words: str) -> None:
    (found,) = (each for _, each in (*VIEWS, *MORE_VIEWS) if " ".join(each) == words)
    text = seen(marked, *found, "--json")
    assert [line[:300] for line in text.splitlines() if leaks(line)] == []


def test_every_command_is_among_the_views_or_says_why_not() -> None:
    ran = {" ".join(("crm", *words)) for _, words in (*VIEWS, *MORE_VIEWS)}
    missing = [
        name for name in NAMES if name not in NO_VIEWS and not any(f"{one} ".startswith(f"{name} ") for one in ran)
    ]
    assert missing == []
    assert [name for name in NO_VIEWS if name not in NAMES] == []


def test_the_records_are_full_of_marked_values_where_nothing_is_masked(marked: MarkedRecords) -> None:
    """What the other tests look for is really there: without the setting all of it is found."""
    shown = marked.crm("contact", "show", str(marked.first), CRM_MASKED=",").stdout
    assert {"zebul", "quaxx", "qxmail", "xyzzy", "7771234", "1931-03-17", "sentinelg", "oddba"} <= set(leaks(shown))
    assert "987654321" in leaks(marked.crm("account", "show", str(marked.account), CRM_MASKED=",").stdout)


def test_an_edited_document_leaves_masked_fields_out_and_names_them(own: MarkedRecords) -> None:
    editor = own.crm.write("editor.py", "import sys, pathlib\np = pathlib.Path(sys.argv[1])\nt = p.read_text('utf-8')\n"
                           "pathlib.Path('kept.toml').absolute()\npathlib.Path(__file__).with_name('kept.toml')"
                           ".write_text(t, 'utf-8')\np.write_text(t.replace('Bonn', 'Köln'), 'utf-8')\n")  # fmt: skip
    outcome = own.crm("contact", "edit", str(own.keyed), EDITOR=f"{sys.executable} {editor}").ok()
    document = (own.crm.folder / "kept.toml").read_text(encoding="utf-8")
    assert leaks(document + outcome.stdout + outcome.stderr) == []
    assert "# masked, and left out: given_name, middle_name, family_name" in document
    assert "email" not in document.replace("# masked", "").partition("city")[2]
    left = own.crm("contact", "show", str(own.keyed), CRM_MASKED=",").stdout
    assert "Köln" in left
    assert "Sentinelgasse 8" in left


def test_a_review_line_by_line_masks_pairs_reasons_and_clusters(marked: MarkedRecords) -> None:
    for more in ((), ("--against", "contact")):
        entity, number = ("lead", marked.lead) if more else ("contact", marked.first)
        words = ("dedupe", "review", entity, "--line", "--where", f"id = {number}", *more)
        shown = marked.crm(*words, typed="w\no\nq\n", terminal=True).ok()
        assert_masked(shown.stdout + shown.stderr)
        assert "=" in shown.stdout


def test_the_review_screen_masks_them_too(marked: MarkedRecords) -> None:
    with Store.open(marked.crm.folder / "crm.db", masked=MASKED) as store:
        options = ReviewOptions(where=f"id = {marked.first}", above=0.1)
        review = Review(store, store.dictionary.entity("contact"), Author("tester"), options)
        for shown in pressed(review, *["down"] * 4, size=(200, 60)):
            assert_masked(shown)
    assert "=" in shown
    assert "≠" in shown


def test_a_sheet_of_pairs_is_applied_whether_it_was_written_masked_or_not(own: MarkedRecords) -> None:
    own.crm("dedupe", "review", "contact", "--export", "masked.csv").ok()
    own.crm("dedupe", "review", "contact", "--export", "whole.csv", CRM_MASKED=",").ok()
    for name, masked in (("masked.csv", "contact.email"), ("whole.csv", ""), ("masked.csv", "")):
        lines = (own.crm.folder / name).read_text(encoding="utf-8-sig").splitlines()
        decided = [lines[0], *(f"?{line}" if line.startswith(",") else line for line in lines[1:])]
        own.crm.write("decided.csv", "\n".join(decided))
        more = {"CRM_MASKED": masked or ","}
        applied = own.crm("dedupe", "review", "contact", "--apply", "decided.csv", "--dry-run", "--json", **more).ok()
        assert applied.json["refused"] == []
        assert applied.json["decided"] + applied.json["unchanged"] == len(lines) - 1 > 0


def test_an_edited_workbook_meets_the_values_of_today_without_showing_them(own: MarkedRecords) -> None:
    own.crm("export", "contact", "--for", "edit", "-o", "e.xlsx", "--where", f"id = {own.keyed}", CRM_MASKED=",").ok()
    own.crm("contact", "set", str(own.keyed), "family_name=Quaxxlater", "job_title=Buyer", CRM_MASKED=",").ok()
    book = openpyxl.load_workbook(own.crm.folder / "e.xlsx")
    header = [cell.value for cell in book.worksheets[0][1]]
    book.worksheets[0].cell(2, header.index("family_name") + 1).value = "Mine"
    book.save(own.crm.folder / "e.xlsx")
    outcome = own.crm("import", "e.xlsx", "--dry-run")
    assert outcome.exit_code == 4
    assert "Quaxxlater" not in outcome.stdout + outcome.stderr
    assert MASK in outcome.stdout


def test_an_import_that_speaks_of_other_people_does_not_show_whom_the_database_has(own: MarkedRecords) -> None:
    rows = "".join(f"{number};Ann;Other{number};1990-01-01\n" for number in (91, 92, 93))
    own.crm.write("people.csv", f"No;First Name;Last Name;Date of birth\n{rows}")
    outcome = own.crm("import", "people.csv", "--into", "contact", "--key", "No", "--dry-run")
    assert "are somebody else: 91 was ••• ••• ••• and is Ann Other91 1990-01-01 here" in outcome.stderr
    assert leaks(outcome.stderr) == []


def test_the_samples_of_an_import_do_not_show_what_the_database_has(own: MarkedRecords) -> None:
    own.crm.write("keyed.csv", "Email,First Name,Last Name,Date of birth,City\nx@x.example,A,B,1990-01-01,Rome\n")
    own.crm("import", "keyed.csv", "--into", "contact", "--source", "more").ok()
    row = "zebulonqa@qxmail.example,Ann,Other,1990-01-02,Bonn\nx@x.example,A,C,1990-01-01,Kiel\n"
    own.crm.write("keyed.csv", f"Email,First Name,Last Name,Date of birth,City\n{row}")
    words = ("import", "keyed.csv", "--into", "contact", "--source", "more", "--key", "Email")
    for more in (("--dry-run",), ("--plan-out", "plan.json"), ("--dry-run", "--collision", "never")):
        shown = own.crm(*words, *more)
        assert MASK in shown.stdout, shown.stderr
        assert [one for one in leaks(shown.stdout + shown.stderr) if one not in row] == []


def test_errors_that_name_records_mask_what_they_are_called(own: MarkedRecords) -> None:
    own.crm("contact", "set", str(own.second), "family_name=Quaxxingtonzz", "customer_number=K1").ok()
    for words in (
        ("contact", "show", "Zebulonqa Quaxxingtonzz"),  # several are called so
        ("contact", "show", "Quaxxix"),  # nobody is, some nearly
        ("activity", "set", "1", "party=Quaxxix"),
        ("contact", "set", "{first}", "customer_number=K1"),
        ("verify", "contact", "{keyed}", "--phone", "dead"),
        ("undo", "{operations[9]}", "--yes", "--dry-run"),
    ):
        outcome = own.crm(*own.filled(words))
        assert outcome.exit_code != 0, words
        given = " ".join(words)
        text = outcome.stderr.replace("Zebulonqa Quaxxingtonzz", "").replace("Quaxxix", "")
        assert leaks(text) == [], (given, text)


def test_a_masked_field_has_no_values_to_decide_about(marked: MarkedRecords) -> None:
    for words in (("show", "contact.email"), ("decide", "email.value"), ("apply", "companies.toml", "--yes")):
        outcome = marked.crm("values", *words)
        assert outcome.exit_code == 2
        assert f"is masked by {marked.crm.folder / 'crm.toml'}" in outcome.stderr
    assert marked.crm("values", "show", "contact.city", "--all").exit_code == 0


def test_the_mark_is_no_value(own: MarkedRecords) -> None:
    outcome = own.crm("contact", "set", str(own.first), f"family_name={MASK}")
    assert "stands for its value" in outcome.stderr
    own.crm.write(
        "back.csv", f"First Name,Last Name,Email\nAnn,{MASK},a@example.org\nBea,Doe,{MASK}\nEve,Roe,e@example.org\n"
    )
    imported = own.crm("import", "back.csv", "--into", "contact", "--json")
    assert imported.exit_code == 4
    assert imported.json[0]["rejected"] == 2


def test_what_is_masked_is_counted_compared_merged_and_exported_as_it_is(own: MarkedRecords) -> None:
    where = "email = 'zebulonqa@qxmail.example' and birth_date = '1931-03-17'"
    assert len(own.crm("contact", "list", "--where", where, "--json").ok().json) == 2
    (row,) = (
        own.crm("contact", "list", "--where", f"id = {own.keyed}", "--columns", "family_name,fax", "--json").ok().json
    )
    assert row == {"family_name": MASK, "fax": None}  # blank where there is none
    own.crm("dedupe", "merge", "contact", str(own.keyed), str(own.second), "--survivor", str(own.keyed), "--yes").ok()
    assert own.crm("contact", "show", str(own.keyed), CRM_MASKED=",").stdout.count("qxmail.example") >= 2
    own.crm("undo", "--yes").ok()
    assert leaks(own.crm("contact", "show", str(own.second), CRM_MASKED=",").stdout)


def test_the_employer_is_compared_by_its_true_name(own: MarkedRecords) -> None:
    words = ("dedupe", "lookup", "contact", "given_name=Zebulonqa", "family_name=Quaxxingtonzz", "account={account}")
    (masked, whole) = (own.crm(*own.filled(words), "--json", **more).json for more in ({}, {"CRM_MASKED": ","}))
    assert [(one["id"], one["probability"]) for one in masked] == [(one["id"], one["probability"]) for one in whole]


def test_the_log_keeps_no_name_by_which_a_record_was_called(marked: MarkedRecords) -> None:
    commands = [one["command"] or "" for one in marked.crm("log", "--all", "--json", CRM_MASKED=",").ok().json]
    assert "crm contact set middle_name=? ?" in commands
    assert [one for one in commands if leaks(one)] == []
