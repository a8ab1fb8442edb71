"""`crm ENTITY list|show|add|edit|set|delete|restore`: what users see, how each ends, and that undo takes it back."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crm_cli.dictionary import shipped
from crm_cli.history import Author, operation, read_log
from crm_cli.store import Store
from tests.commands.conftest import CrmRunner
from tests.dumps import business_content

NOUNS = sorted(entity.noun for entity in shipped().records)


def _marks(noun: str) -> list[pytest.MarkDecorator]:
    """In the fast set three stand for all."""
    return [] if noun in ("contact", "opportunity", "relationship") else [pytest.mark.slow]


def content(crm: CrmRunner) -> dict[str, list[dict[str, Any]]]:
    with Store.open(crm.folder / "crm.db") as store:
        return business_content(store)


def operations(crm: CrmRunner) -> int:
    with Store.open(crm.folder / "crm.db") as store:
        return len(read_log(store))


def state(crm: CrmRunner) -> tuple[dict[str, list[dict[str, Any]]], int]:
    """The business content, and how many operations the log has."""
    with Store.open(crm.folder / "crm.db") as store:
        return business_content(store), len(read_log(store))


def ann(crm: CrmRunner, *more: str) -> int:
    words = ("given_name=Ann", "family_name=Doe", "email=ann@acme.example", *more)
    return int(crm("contact", "add", *words, "--json").ok().json["id"])


def test_add_shows_the_record_as_it_is_stored_and_the_next_step(project: CrmRunner) -> None:
    added = project("contact", "add", "given_name=ANN", "family_name=doe", "phone=030 901820").ok()
    assert "given_name   Ann" in added.stdout
    assert "+4930901820" in added.stdout
    assert "added contact 1 Ann Doe\nnext: crm contact show 1\n" in added.stderr


def test_values_with_equal_signs_and_blanks_arrive_whole(project: CrmRunner) -> None:
    added = project("contact", "add", "family_name=Doe", "--set", "description=a = b & [/c] <d>", "--json").ok()
    assert added.json["description"] == "a = b & [/c] <d>"


def test_add_searches_first_shows_candidates_and_ends_with_3(project: CrmRunner) -> None:
    number = ann(project)
    before, done = content(project), operations(project)
    again = project("contact", "add", "given_name=Anna", "family_name=Doe-Roe", "email=ANN@acme.example")
    assert again.exit_code == 3
    assert "Ann Doe  email address" in again.stdout
    assert "nothing was added: a record is like it" in again.stderr
    assert f"next: crm contact show {number}, or add it with --force" in again.stderr
    as_json = project("contact", "add", "email=ann@acme.example", "--json")
    assert (as_json.exit_code, as_json.json["candidates"][0]["id"]) == (3, number)
    assert (content(project), operations(project)) == (before, done)
    project("contact", "add", "email=ann@acme.example", "--force").ok()
    assert len(content(project)["contact"]) == 2


@pytest.mark.parametrize(
    ("words", "code", "message", "hint"),
    [
        (["contact", "add"], 2, "no field was given", "FIELD=VALUE"),
        (["contact", "add", "Ann"], 2, "'Ann' is no FIELD=VALUE", 'city="New York"'),
        (["contact", "add", "family_name=Doe", "family_name=Roe"], 2, "given twice", "once"),
        (["contact", "add", "famly_name=Doe"], 2, "no field 'famly_name'", "did you mean family_name or"),
        (["contact", "add", "family_name=Doe", "id=7"], 2, "id is kept by the system", ""),
        (["contact", "add", "city=Berlin"], 1, "needs one of family_name", "family_name=…"),
        (["contact", "add", "family_name=Doe", "gender=femal"], 1, "gender=femal", "crm schema show contact"),
        (["contact", "add", "family_name=Doe", "birth_date=31.02.2020"], 1, "birth_date=31.02.2020", ""),
        (["contact", "add", "family_name=Doe", "owner=nobody"], 1, "there is no such user", ""),
        (["contact", "show", "7"], 1, "there is no contact 7", "crm contact list"),
        (["contact", "set", "city=Berlin"], 2, "which contacts?", "--where"),
        (["contact", "set", "city=Berlin", "1", "--where", "id = 1"], 2, "not both", ""),
        (["contact", "set", "1"], 2, "no field was given", ""),
        (["contact", "list", "--where", "famly_name = 'x'"], 2, "famly_name", "family_name"),
        (["contact", "list", "--columns", "famly_name"], 2, "famly_name", "family_name"),
        (["contact", "delete", "7", "--yes"], 1, "there is no contact 7", ""),
        (["contact", "restore"], 2, "which contacts?", ""),
        (["contact", "edit", "7"], 1, "there is no contact 7", ""),
    ],
)
def test_what_is_wrong_is_said_with_its_cure_and_its_code(
    project: CrmRunner, words: list[str], code: int, message: str, hint: str
) -> None:
    failed = project(*words, "--json")
    assert failed.exit_code == code, failed.stderr
    assert message in failed.stderr
    assert hint in failed.stderr
    assert "bug" not in failed.stderr
    assert message in failed.json["error"]["message"]


def test_a_mistyped_owner_is_suggested(project: CrmRunner) -> None:
    project("user", "add", "username=maria").ok()
    failed = project("contact", "add", "family_name=Doe", "owner=marai")
    assert failed.exit_code == 1
    assert "did you mean 1 (maria)?" in failed.stderr


def test_every_write_is_previewed_without_a_trace_and_undone(project: CrmRunner, tmp_path: Any) -> None:
    ann(project, "city=Bonn", "mobile=0171 2345678")
    project("contact", "add", "given_name=Bob", "family_name=Roe").ok()
    project("contact", "delete", "2", "--yes").ok()
    editor = f'{_python()} -c "{_EDIT}"'
    writes: list[tuple[list[str], dict[str, str]]] = [
        (["contact", "add", "family_name=New", "email=new@acme.example", "city=Rom"], {}),
        (["contact", "set", "city=Berlin", "mobile=", "job_title=Buyer", "1"], {}),
        (["contact", "set", "email=other@acme.example", "--where", "family_name = 'Doe'"], {}),
        (["contact", "edit", "1"], {"EDITOR": editor}),
        (["contact", "delete", "1"], {}),
        (["contact", "restore", "2"], {}),
        (["account", "add", "name=Acme Ltd", "website=acme.example"], {}),
        (["schema", "add-field", "contact", "shoe_size", "--type", "number", "--meaning", "Shoe size"], {}),
    ]
    for words, environ in writes:
        before, done = state(project)
        project(*words, "--dry-run", **environ).ok()
        assert state(project) == (before, done), words
        project(*words, "--yes", **environ).ok()
        after, more = state(project)
        assert more == done + 1
        assert after != before or words[0] == "schema", words
        project("undo", "--yes").ok()
        assert content(project) == before, words


_EDIT = "import sys,pathlib; p=pathlib.Path(sys.argv[1]); p.write_text(p.read_text().replace('Ann','Anna',1))"


def _python() -> str:
    import sys

    return sys.executable


def test_a_change_of_many_shows_count_and_sample_and_asks_once(project: CrmRunner) -> None:
    for name in ("Doe", "Roe", "Poe", "Noe"):
        project("contact", "add", f"family_name={name}").ok()
    words = ("contact", "set", "city=Berlin", "--where", "id > 0")
    refused = project(*words)
    assert refused.exit_code == 2
    assert "4 contacts would change:\n    1 Doe: city (blank) → Berlin\n" in refused.stderr
    assert "Poe" in refused.stderr
    assert "Noe" not in refused.stderr
    assert "hint: answer beforehand with --yes" in refused.stderr
    declined = project(*words, typed="n\n", terminal=True)
    assert (declined.exit_code, "nothing was changed" in declined.stderr) == (0, True)
    agreed = project(*words, typed="y\n", terminal=True).ok()
    assert "4 records (contact) changed" in agreed.stderr
    project("contact", "set", "city=Bonn", "1").ok()  # one record is not asked about


def test_a_cap_ends_with_3_before_anything_changes(project: CrmRunner) -> None:
    for name in ("Doe", "Roe"):
        project("contact", "add", f"family_name={name}").ok()
    before = content(project)
    for words in (["set", "city=Berlin"], ["delete"]):
        refused = project("contact", *words, "--where", "id > 0", "--max-changes", "1", "--yes")
        assert refused.exit_code == 3
        assert "2 records (contact) would change, 1 are allowed" in refused.stderr
        assert "--max-changes 2" in refused.stderr
    assert content(project) == before


def test_set_as_json_says_what_changed_and_by_which_operation(project: CrmRunner) -> None:
    number = ann(project)
    done = project("contact", "set", f"{number}", "email=new@acme.example", "--json").ok().json
    assert done == {
        "changed": 1,
        "operation": 2,
        "changes": [{"id": 1, "field": "email", "old": "ann@acme.example", "new": "new@acme.example"}],
    }
    assert project("contact", "set", "1", "job_title=", "--json").exit_code == 0


def test_deleting_asks_names_what_refers_and_hides_the_record(project: CrmRunner) -> None:
    project("account", "add", "name=Acme Ltd").ok()
    ann(project, "account=Acme Ltd")
    refused = project("account", "delete", "Acme Ltd")
    assert refused.exit_code == 2
    assert "1 contacts refer to what goes, and stay" in refused.stderr
    project("account", "delete", "Acme Ltd", "--yes").ok()
    assert project("account", "list", "--json").ok().json == []
    assert [row["id"] for row in project("account", "list", "--deleted", "--json").ok().json] == [1]
    assert "deleted_at" in project("account", "show", "1").ok().stdout
    assert project("account", "set", "city=Bonn", "1").exit_code == 1
    assert project("account", "restore", "1", "--json").ok().json["restored"] == [1]
    assert len(project("account", "list", "--json").ok().json) == 1


def test_a_list_selects_orders_limits_and_writes_every_format(project: CrmRunner) -> None:
    for name, city in (("Doe", "Berlin"), ("Roe", "Bonn"), ("Poe", "Berlin")):
        project("contact", "add", f"family_name={name}", f"city={city}").ok()
    words = ("contact", "list", "--where", "city = 'BERLIN'", "--columns", "family_name,city", "--order", "family_name")
    assert project(*words, "--format", "csv").ok().stdout == "family_name,city\nDoe,Berlin\nPoe,Berlin\n"
    rows = [json.loads(line) for line in project(*words, "--format", "jsonl").ok().lines]
    assert rows == [{"family_name": "Doe", "city": "Berlin"}, {"family_name": "Poe", "city": "Berlin"}]
    assert project(*words, "--format", "ids").ok().lines == ["1", "3"]
    assert project(*words, "--order", "-family_name", "--limit", "1", "--format", "ids").ok().lines == ["3"]
    assert project(*words).ok().lines[0].split() == ["family_name", "city"]


def test_a_long_table_ends_after_50_rows_and_says_so(project: CrmRunner) -> None:
    with Store.open(project.folder / "crm.db") as store, operation(store, "add", Author("tester")) as op:
        op.insert("contact", [{"family_name": f"Doe {number}"} for number in range(60)])
    table = project("contact", "list").ok()
    assert (len(table.lines), "10 more; --limit N or --all shows them" in table.stderr) == (51, True)
    assert len(project("contact", "list", "--all").ok().lines) == 61
    assert len(project("contact", "list", "--json").ok().json) == 60


def test_show_is_a_view_of_everything_around_a_record(project: CrmRunner) -> None:
    project("user", "add", "username=maria").ok()
    project("account", "add", "name=Acme Ltd", "owner=maria").ok()
    ann(project, "account=Acme Ltd", "phone=030 901820")
    project("relationship-type", "add", "name=advises", "inverse_name=advised by").ok()
    project("relationship", "add", "type=advises", "party=ann@acme.example", "other_party=Acme Ltd").ok()
    project("opportunity", "add", "name=Machines", "account=Acme Ltd", "amount=1.000,50").ok()
    project("activity", "add", "kind=call", "subject=First call", "party=Acme Ltd").ok()
    account = project("account", "show", "Acme Ltd", "--json").ok().json
    assert account["record"]["owner_id"] == "1 maria"
    assert account["contacts"][0]["email"] == "ann@acme.example"
    assert account["opportunities"][0]["amount"] == "1000.50"
    assert account["activities"][0]["subject"] == "First call"
    assert [(row["relation"], row["title"]) for row in account["relationships"]] == [("advised by", "Ann Doe")]
    contact = project("contact", "show", "Ann Doe").ok()
    assert "account_id" in contact.stdout
    assert "Acme Ltd" in contact.stdout
    assert "advises" in contact.stdout
    assert "unverified" in contact.stdout
    assert "as_given" in contact.stdout
    assert "identity" in contact.stdout


def test_a_hostile_name_comes_out_unharmed(project: CrmRunner) -> None:
    name = "ACME [/b] O[red]x <script> \x1b[31m \u202etxt"
    project("account", "add", f"name={name}").ok()
    for words in (["list"], ["show", "1"], ["delete", "1"]):
        shown = project("account", *words)
        text = shown.stdout + shown.stderr
        assert "[/b] O[red]x <script>" in text
        assert "\x1b" not in text
        assert "\u202e" not in text


def test_edit_writes_only_what_was_changed_and_keeps_a_text_that_cannot_be_used(project: CrmRunner) -> None:
    ann(project)
    assert "no terminal" in project("contact", "edit", "1").stderr
    nothing = project("contact", "edit", "1", EDITOR=f"{_python()} -c pass").ok()
    assert "nothing was changed" in nothing.stderr
    assert operations(project) == 1
    broken = "import sys; open(sys.argv[1], 'a').write('family_name = [1]')"
    failed = project("contact", "edit", "1", EDITOR=f'{_python()} -c "{broken}"')
    assert failed.exit_code == 2
    assert "is no TOML" in failed.stderr
    assert "your text is kept in" in failed.stderr
    crashed = project("contact", "edit", "1", EDITOR=f'{_python()} -c "raise SystemExit(7)"')
    assert (crashed.exit_code, "ended with 7" in crashed.stderr) == (1, True)
    assert project("contact", "edit", "1", EDITOR="no-such-editor").exit_code == 1
    changed = project("contact", "edit", "1", "--json", EDITOR=f'{_python()} -c "{_EDIT}"').ok().json
    assert changed["changes"] == [{"id": 1, "field": "given_name", "old": "Ann", "new": "Anna"}]


def test_the_old_number_of_a_merged_record_leads_to_its_survivor_and_says_so(project: CrmRunner) -> None:
    gone, stays = ann(project), int(project("contact", "add", "family_name=Roe", "--json").ok().json["id"])
    with Store.open(project.folder / "crm.db") as store, store.write() as connection:
        table = store.table("contact")
        connection.execute(table.update().where(table.c.id == gone).values(merged_into_id=stays))
    shown = project("contact", "show", str(gone)).ok()
    assert f"contact {gone} was merged into {stays}" in shown.stderr
    changed = project("contact", "set", "job_title=Buyer", str(gone)).ok()
    assert f"contact {gone} was merged into {stays}" in changed.stderr
    assert content(project)["contact"][1]["job_title"] == "Buyer"


@pytest.mark.parametrize("noun", NOUNS)
def test_the_help_of_every_entity_opens_with_examples_of_its_own(project: CrmRunner, noun: str) -> None:
    shown = project(noun, "add", "--help").ok().stdout
    assert f"  crm {noun} add " in shown
    assert "Fields: " in shown


@pytest.mark.parametrize("noun", [pytest.param(noun, marks=_marks(noun)) for noun in NOUNS])
def test_the_first_example_of_adding_works(project: CrmRunner, noun: str) -> None:
    """With the records that it refers to; what help shows is not only parsed."""
    import shlex

    with Store.open(project.folder / "crm.db") as store, operation(store, "add", Author("tester")) as op:
        if noun != "user":
            op.insert("app_user", [{"username": "maria"}])
        if noun not in ("account", "lead"):
            op.insert("account", [{"name": "Acme Ltd."}, {"name": "Acme"}])
        if noun in ("activity", "relationship"):
            (number,) = op.insert("contact", [{"given_name": "Ann", "family_name": "Doe"}])
            point = {"party_id": number, "value": "ann@acme.example", "standard": "ann@acme.example"}
            op.insert("email_address", [point], covered=True)
        if noun == "relationship":
            op.insert("relationship_type", [{"name": "employs"}])
    example = next(line for line in project(noun, "add", "--help").stdout.splitlines() if line.startswith("  crm "))
    project(*shlex.split(example)[1:]).ok()


def test_days_of_a_condition_are_those_that_the_screen_shows(project: CrmRunner) -> None:
    now = datetime.now(UTC)
    # a zone where it is another day now: twelve hours behind, or fourteen ahead
    zone = "Etc/GMT+12" if now.hour < 12 else "Pacific/Kiritimati"
    day = now.astimezone(ZoneInfo(zone)).date()
    project.environ["CRM_TIMEZONE"] = zone
    ann(project)
    for where in (f"created_at = '{day}'", "created_at >= today() and created_at < today() + 1"):
        shown = project("contact", "list", "--where", where, "--columns", "created_at").ok().stdout
        assert f"{day}T" in shown, where
        assert f"{day}T" in project("log").ok().stdout
    elsewhere = f"created_at = '{now.date()}' or created_at > '{day + timedelta(days=2)}'"
    assert project("contact", "list", "--where", elsewhere, "--json").json == []
    assert f"{day}T" in project("contact", "show", "1").ok().stdout
    (stored,) = project("contact", "list", "--columns", "created_at", "--json").json
    assert stored["created_at"].startswith(f"{now:%Y-%m-%d}T"), "a document says it in UTC"
