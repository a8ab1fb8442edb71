"""`crm import --profile` and `crm mapping profiles`, as an admin types them."""

from __future__ import annotations

import shutil
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from tests.commands.conftest import CrmRunner

EXPORT = Path(__file__).resolve().parents[2] / "examples" / "salesforce"


def test_a_folder_is_taken_in_one_go_and_back_in_one_go(project: CrmRunner) -> None:
    shutil.copytree(EXPORT, project.folder / "sf")
    done = project("import", "sf", "--profile", "salesforce", "--rejects", "refused")
    assert done.exit_code == 4
    assert "Account.csv: left out 1 row, for IsDeleted" in done.stderr
    assert "Contact.csv: read as Salesforce writes it" in done.stderr
    assert [path.name for path in (project.folder / "refused").iterdir()] == ["Contact.csv"]
    shown = project("contact", "list", "--columns", "family_name,account.name,owner.username", "--json").json
    assert {
        "family_name": "Weiß",
        "account.name": "Brightwater Berlin GmbH",
        "owner.username": "maria@sunpeak.example",
    } in [{name: one[name] for name in ("family_name", "account.name", "owner.username")} for one in shown]
    project("undo", "--yes").ok()
    assert [project(noun, "list", "--json").json for noun in ("user", "account", "contact", "lead", "opportunity")] == [
        [], [], [], [], []
    ]  # fmt: skip


def test_the_database_itself_is_no_source_in_its_folder(project: CrmRunner) -> None:
    shutil.copy(EXPORT / "Account.csv", project.folder / "Account.csv")
    done = project("import", ".", "--profile", "salesforce", "--json").ok()
    assert [one["source"] for one in done.json] == ["Account.csv"]
    assert "app_user" not in done.stderr


def test_rejects_of_one_table_are_one_file(project: CrmRunner) -> None:
    shutil.copytree(EXPORT, project.folder / "sf")
    assert project("import", "sf", "--profile", "salesforce", "--rejects", "refused.csv").exit_code == 4
    assert "1975-13-41" in (project.folder / "refused.csv").read_text(encoding="utf-8")


def test_standard_input_is_a_table_like_others(project: CrmRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    content = (EXPORT / "Account.csv").read_bytes()
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(content), encoding="utf-8"))
    done = project("import", "-", "--profile", "salesforce", "--dry-run", "--json").ok()
    assert [one["created"] for one in done.json["batches"]] == [3]


def test_an_unknown_profile_and_a_wrong_one_say_what_to_do(project: CrmRunner) -> None:
    project.write("x.csv", "a,b\n1,2\n")
    unknown = project("import", "x.csv", "--profile", "salesfroce")
    assert (unknown.exit_code, "did you mean salesforce?" in unknown.stderr) == (2, True)
    wrong = project("import", "x.csv", "--profile", "salesforce")
    assert wrong.exit_code == 2
    assert "crm mapping profiles salesforce shows the tables that it knows" in wrong.stderr
    project.write("profiles/mine.toml", '[[table]]\ninto = "contact"\nnames = ["x"]\n[table.columns]\na = "nmae"\n')
    faulty = project("import", "x.csv", "--profile", "mine")
    assert 'mine.toml: table 1: columns: "a": contact has no field' in faulty.stderr
    both = project("import", "x.csv", "--profile", "mine", "--mapping", "m.toml")
    assert (both.exit_code, "give one of them" in both.stderr) == (2, True)
    other = project("import", "x.csv", "--profile", "outlook", "--into", "lead")
    assert (other.exit_code, "says itself what its tables become" in other.stderr) == (2, True)


def test_the_projects_own_profile_is_listed_shown_and_used(project: CrmRunner) -> None:
    project.write(
        "profiles/mine.toml",
        'title = "Old [b]CRM"\n[[table]]\ninto = "contact"\nnames = ["people"]\n'
        '[table.columns]\nwho = "full_name"\nwhere = "city"\n',
    )
    assert {"profile": "mine", "system": "Old [b]CRM", "records": "contact", "recognized": "by --profile"} in project(
        "mapping", "profiles", "--json"
    ).json
    assert "who" in project("mapping", "profiles", "mine").ok().stdout
    project.write("people.csv", "who,where\nAnn Poe,Austin\n")
    project("import", "people.csv", "--profile", "mine").ok()
    assert project("contact", "list", "--columns", "family_name", "--json").json[0]["family_name"] == "Poe"


OUTLOOK = (
    '"Title","First Name","Middle Name","Last Name","Company","Job Title","Business Street","Business City",'
    '"Business Country/Region","Home Street","Home City","Business Phone","Home Phone","Mobile Phone","Birthday",'
    '"E-mail Address","E-mail 2 Address","Notes"\n'
    '"Dr.","Anna","","Weiß","Weiß GmbH","CEO","Hauptstr. 1","Berlin","Germany","Gartenweg 2","Potsdam",'
    '"+49 30 901820","+49 331 1234567","+49 170 1234567","0/0/00","anna@weiss.example","anna@home.example","a friend"\n'
)


def test_a_known_header_is_read_as_its_system_writes_it(project: CrmRunner) -> None:
    project.write("people.csv", OUTLOOK)
    done = project("import", "people.csv").ok()
    assert "people.csv: read as Outlook writes it" in done.stderr
    shown = project("contact", "show", "1", "--json").json
    assert shown["record"]["job_title"] == "CEO"
    assert [(one["value"], one["kind"]) for one in shown["addresses"]][1][0].startswith("Gartenweg 2")
    assert "as Outlook writes it" in project("mapping", "make", "people.csv").stdout


def test_a_mapping_that_is_given_goes_before_what_is_recognized(project: CrmRunner) -> None:
    project.write("people.csv", OUTLOOK)
    project.write("m.toml", 'into = "contact"\n[columns]\n"Last Name" = "contact.family_name"\n')
    done = project("import", "people.csv", "--mapping", "m.toml").ok()
    assert "Outlook" not in done.stderr


def test_companies_of_an_address_book_become_accounts_where_that_is_asked_for(project: CrmRunner) -> None:
    project.write("people.csv", OUTLOOK)
    for more in ([], ["--profile", "outlook"]):
        project("import", "people.csv", "--into", "account+contact", *more).ok()
    assert [one["name"] for one in project("account", "list", "--json").json] == ["Weiß GmbH"]


def test_a_shipped_profile_is_copied_and_changed_to_take_a_field_of_ones_own(project: CrmRunner) -> None:
    project("mapping", "profiles", "salesforce", "-o", "profiles/salesforce.toml").ok()
    assert project("mapping", "profiles", "salesforce", "-o", "profiles/salesforce.toml").exit_code == 2
    project("schema", "add-field", "account", "support_level", "--type", "text", "--meaning", "Level").ok()
    path = project.folder / "profiles" / "salesforce.toml"
    text = path.read_text(encoding="utf-8").replace('Rating = "rating"', 'Support_Level__c = "support_level"', 1)
    path.write_text(text, encoding="utf-8")
    project("import", str(EXPORT / "Account.csv"), "--profile", "salesforce").ok()
    shown = project("account", "list", "--columns", "name,support_level", "--json").json
    assert {one["name"]: one["support_level"] for one in shown}["Brightwater Berlin GmbH"] == "Gold"
