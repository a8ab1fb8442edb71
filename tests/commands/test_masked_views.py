"""Masked fields stay masked in every view: every command that reads is run on records that are full of marked values.

A new command belongs into `VIEWS`, or with its reason into `NO_VIEWS`: a test demands it.
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
from tests.commands.marked import MASKED, MarkedRecords, leaks, make_marked, written
from tests.commands.test_grammar import NAMES
from tests.commands.test_review_screen import pressed

S, Q = True, False  # the view shows `•••`; it has nothing of a masked field to show
VIEWS: tuple[tuple[bool, tuple[str, ...]], ...] = (
    (S, ("contact", "list")),
    (S, ("contact", "list", "--columns", "*,custom,extra", "--where", "email like 'zebulonqa%'")),
    (S, ("contact", "list", "--columns", "id,account.name,reports_to.family_name,custom.shibboleth,street,home_email")),
    (S, ("opportunity", "list", "--columns", "name,account,contact.email,account.tax_id,account.owner")),
    (S, ("lead", "list", "--columns", "*,extra")),
    (S, ("contact", "show", "{first}")),
    (S, ("contact", "show", "{keyed}")),
    (S, ("account", "show", "{account}")),
    (S, ("contact", "add", "given_name=Zebulonqa", "family_name=Quaxxingtonzz", "phone=030 77712345")),
    (S, ("contact", "set", "{first}", "family_name=Other", "email=o@example.org", "phone=030 1", "--dry-run")),
    (S, ("contact", "delete", "{first}", "--dry-run")),
    (S, ("search", "zeb")),
    (S, ("dedupe", "lookup", "contact", "given_name=Zebulon", "family_name=Quaxxingtonzz", "city=Berlin")),
    (S, ("dedupe", "explain", "contact", "{first}", "{second}")),
    (S, ("dedupe", "explain", "lead", "{lead}", "{first}", "--against", "contact")),
    (S, ("dedupe", "review", "contact", "--export", "review.csv")),
    (S, ("dedupe", "find", "contact", "--dry-run")),
    (S, ("dedupe", "merge", "contact", "{keyed}", "{second}", "--survivor", "{keyed}", "--dry-run")),
    (S, ("dedupe", "merge", "contact", "{first}", "{second}", "{keyed}", "--dry-run", "--diff")),
    (Q, ("log", "--all")),
    (S, ("log", "{operations[0]}")),
    (S, ("blame", "contact", "{keyed}")),
    (S, ("blame", "contact", "{keyed}", "--field", "email")),
    (S, ("standardize", "contact", "--dry-run")),
    (S, ("verify", "contact", "{keyed}", "--email", "dead", "--phone", "1=ok", "--address", "unknown", "--dry-run")),
    (Q, ("values", "show", "contact.email")),
    (Q, ("values", "apply", "companies.toml", "--dry-run")),
    (Q, ("profile", "contact")),
    (Q, ("export", "contact", "-o", "all.csv")),
    (Q, ("export", "contact", "-o", "edit.xlsx", "--for", "edit")),
    (S, ("batch", "show", "{batches[2]}")),
    (Q, ("batch", "show", "{batches[2]}", "--rejects", "rejects.csv")),
    (S, ("report", "run", "people")),
    (Q, ("run", "steps.toml")),
)
MORE_VIEWS: tuple[tuple[bool, tuple[str, ...]], ...] = (
    (S, ("contact", "show", "{merged}")),
    (S, ("lead", "show", "{lead}")),
    (S, ("relationship", "show", "1")),
    (S, ("contact", "add", "family_name=Other", "email=o@example.org", "--dry-run", "--force")),
    (S, ("contact", "set", "{first}", "{keyed}", "street=Other 1", "shibboleth=o", "birth_date=", "--dry-run")),
    (Q, ("contact", "restore", "--where", "id > 0", "--dry-run")),
    (Q, ("dedupe", "status", "contact")),
    (Q, ("dedupe", "decide", "contact", "{first}", "{second}", "duplicate", "--dry-run")),
    (S, ("dedupe", "merge", "account", "{account}", "{other_account}", "--dry-run", "--diff")),
    (Q, ("dedupe", "unmerge", "contact", "{merged}", "--dry-run")),
    (Q, ("undo", "--dry-run")),
    (S, ("log", "{operations[8]}")),
    (S, ("blame", "contact", "{first}", "--field", "street")),
    (Q, ("values", "decide", "contact.company", "--take-all", "--dry-run")),
    (Q, ("audit", "findings")),
    (Q, ("audit", "reverify", "contact-stale-phone")),
    (Q, ("batch", "list")),
    (S, ("report", "run", "abc")),
    (S, ("contact", "list", "--format", "csv", "--columns", "*")),
    (S, ("account", "list", "--columns", "*,extra")),
    (S, ("activity", "list", "--columns", "subject,party.contact.family_name")),
    (S, ("contact", "show", "{second}")),
    (S, ("opportunity", "show", "1")),
    (S, ("activity", "show", "1")),
    (S, ("contact", "add", "family_name=Nobody", "email=zebulonqa@qxmail.example")),
    (S, ("account", "set", "{account}", "tax_id=", "name=Other", "--dry-run")),
    (S, ("search", "berlin")),
    (S, ("search", "quaxx", "--in", "account")),
    (S, ("dedupe", "explain", "account", "{account}", "{other_account}")),
    (S, ("dedupe", "review", "contact", "--export", "review.xlsx")),
    (S, ("dedupe", "review", "account", "--export", "review.csv")),
    (Q, ("dedupe", "find", "contact", "--new", "--dry-run")),
    (Q, ("dedupe", "find", "lead", "--against", "contact", "--dry-run")),
    (Q, ("dedupe", "merge", "contact", "--auto", "--dry-run", "--diff")),
    *((S, ("log", f"{{operations[{place}]}}")) for place in (2, 9)),
    (S, ("blame", "contact", "{keyed}", "--field", "family_name")),
    (S, ("blame", "account", "{account}", "--field", "tax_id")),
    (Q, ("standardize", "account", "--dry-run", "--unsafe")),
    (Q, ("values", "show", "contact.city", "--all")),
    (Q, ("audit", "run", "--dry-run")),
    (Q, ("audit", "accept", "contact-stale-phone", "--until", "2099-12-31", "--reason", "x", "--dry-run")),
    (Q, ("audit", "history")),
    (Q, ("profile", "account")),
    (Q, ("export", "contact", "-o", "-", "--columns", "id,email,birth_date,city,custom,extra,account.name")),
    *((Q, ("export", "contact", "-o", f"all.{suffix}")) for suffix in ("xlsx", "jsonl", "parquet", "vcf")),
    (Q, ("batch", "undo", "{batches[0]}", "--dry-run", "--yes")),
    (Q, ("report", "run", "composition")),
    (Q, ("territory", "assign", "contact", "--dry-run", "--yes")),
    (Q, ("reassign", "--from", "maria", "--to", "tom", "--dry-run")),
    (Q, ("schema", "show", "contact")),
    (Q, ("doctor",)),
    (Q, ("db", "status")),
    (Q, ("db", "check")),
)
_FILE = "it reads and shows what stands in the user's own file"
_SETTING = "it shows what the program or the user's own files say, no records"
_SAME = "the same function as that of contact, which is among the views"
NO_VIEWS: dict[str, str] = {
    "crm init": _SETTING,
    "crm demo": "it makes a database of its own, of people that do not exist",
    "crm import": "what it shows of the database has tests of its own, below",
    "crm contact edit": "it has a test of its own, below",
    "crm clean": _FILE,
    "crm mapping make": _FILE,
    "crm mapping check": _FILE,
    "crm dedupe file": _FILE,
    "crm dedupe link": _FILE,
    "crm dedupe evaluate": "it shows figures",
    "crm audit list": _SETTING,
    "crm rule list": _SETTING,
    "crm rule show": _SETTING,
    "crm report list": _SETTING,
    "crm report show": _SETTING,
    "crm schema list": _SETTING,
    "crm schema add-field": _SETTING,
    "crm config show": _SETTING,
    "crm trust": _SETTING,
    "crm db upgrade": "it shows revisions",
    "crm db backup": "a backup is whole: the guide says so",
    "crm db restore": "it shows no records",
    **{f"crm territory {name}": _SAME for name in ("list", "show", "add", "edit", "set", "delete", "restore")},
    **{f"crm territory rule {name}": "territories and their conditions" for name in ("add", "list", "remove")},
    **{f"crm territory member {name}": "territories and their users" for name in ("add", "list", "remove")},
}


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


def names_of(views: tuple[tuple[bool, tuple[str, ...]], ...]) -> list[str]:
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
        for shown in pressed(review, *["down"] * 6, size=(200, 60)):
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
        own.crm("dedupe", "review", "contact", "--apply", "decided.csv", "--dry-run", **more).ok()


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


def test_the_log_keeps_no_name_by_which_a_record_was_called(marked: MarkedRecords) -> None:
    commands = [one["command"] or "" for one in marked.crm("log", "--all", "--json", CRM_MASKED=",").ok().json]
    assert "crm contact set middle_name=? ?" in commands
    assert [one for one in commands if leaks(one)] == []
