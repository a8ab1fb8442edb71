"""`crm log`, `crm undo`, `crm blame`, `crm search`, as users see them."""

from __future__ import annotations

import pytest

from crm_cli.store import Store
from tests.commands.conftest import CrmRunner
from tests.dumps import business_content


@pytest.fixture
def written(project: CrmRunner) -> CrmRunner:
    """A folder with a database in which Ann was added, and got another job and address."""
    crm = project
    crm("contact", "add", "given_name=ann", "family_name=Doe", "email=ann@acme.example", "--reason", "fair").ok()
    crm("contact", "set", "job_title=Buyer", "1", "--as", "maria").ok()
    crm("contact", "set", "email=ann@home.example", "1", "--as", "tom").ok()
    return crm


def content(crm: CrmRunner) -> object:
    with Store.open(crm.folder / "crm.db") as store:
        return business_content(store)


def test_the_log_says_what_was_done_when_by_whom_and_why(written: CrmRunner) -> None:
    rows = written("log", "--json").ok().json
    assert [(row["id"], row["kind"], row["actor"]) for row in rows] == [
        (3, "set", "tom"),
        (2, "set", "maria"),
        (1, "add", "tester"),
    ]
    assert rows[2]["reason"] == "fair"
    assert rows[1]["changed"] == "1 contact changed"
    assert [row["id"] for row in written("log", "--kind", "add", "--json").ok().json] == [1]
    assert len(written("log", "--limit", "2").ok().lines) == 3


def test_the_log_keeps_no_customer_data_in_the_command_line(written: CrmRunner) -> None:
    logged = written("log", "--json").ok().stdout
    assert "job_title=?" in logged
    assert "Buyer" not in logged
    assert "acme.example" not in logged


def test_the_log_of_one_operation_shows_old_and_new_values_and_how_to_take_it_back(written: CrmRunner) -> None:
    shown = written("log", "2").ok()
    assert '{"job_title": "Buyer"}' in shown.stdout
    assert "next: crm undo 2 takes it back" in shown.stderr
    parts = written("log", "2", "--json").ok().json
    assert [(one["entity"], one["record"], one["new"]) for one in parts["changes"] if one["action"] == "update"] == [
        ("contact", 1, {"job_title": "Buyer"})
    ]
    missing = written("log", "99")
    assert (missing.exit_code, "there is no operation 99" in missing.stderr) == (1, True)


def test_times_are_shown_in_the_configured_zone(written: CrmRunner) -> None:
    first = written("log", "--json", CRM_TIMEZONE="Asia/Kolkata").ok().json[0]["when"]
    assert first.endswith("+05:30")


def test_undo_shows_what_it_takes_back_and_asks(written: CrmRunner) -> None:
    before = content(written)
    refused = written("undo")
    assert refused.exit_code == 2
    assert "operation 3: set by tom" in refused.stderr
    assert "--yes" in refused.stderr
    declined = written("undo", typed="n\n", terminal=True)
    assert (declined.exit_code, "nothing was undone" in declined.stderr) == (0, True)
    assert content(written) == before
    written("undo", "--dry-run").ok()
    assert content(written) == before
    done = written("undo", typed="y\n", terminal=True).ok()
    assert "next: crm undo 4 does it again" in done.stderr
    assert written("contact", "list", "--json").ok().json[0]["email"] == "ann@acme.example"
    written("undo", "4", "--yes").ok()
    assert content(written) == before


def test_undo_of_what_was_edited_since_ends_with_4_and_lists_it(written: CrmRunner) -> None:
    before = content(written)
    refused = written("undo", "1", "--yes")
    assert refused.exit_code == 4
    assert "edited since" in refused.stdout
    assert "refused: edited or referred to since" in refused.stderr
    as_json = written("undo", "1", "--yes", "--json")
    assert as_json.exit_code == 4
    assert as_json.json["refused"][0]["record"] == 1
    assert content(written) == before


def test_undo_says_when_there_is_nothing_to_undo(project: CrmRunner) -> None:
    nothing = project("undo", "--yes")
    assert (nothing.exit_code, "there is nothing to undo" in nothing.stderr) == (1, True)
    project("contact", "add", "family_name=Doe").ok()
    project("undo", "--yes").ok()
    again = project("undo", "1", "--yes")
    assert (again.exit_code, "was undone by 2" in again.stderr) == (1, True)


def test_blame_tells_the_life_of_a_field_and_of_a_contact_slot(written: CrmRunner) -> None:
    (line, *_) = written("blame", "contact", "1", "--field", "job_title", "--json").ok().json
    assert (line["actor"], line["old"], line["new"]) == ("maria", None, "Buyer")
    lines = written("blame", "contact", "ann@home.example", "--field", "email", "--json").ok().json
    assert [(one["actor"], one["old"], one["new"]) for one in lines] == [
        ("tom", "ann@acme.example", "ann@home.example"),
        ("tester", None, "ann@acme.example"),
    ]
    everything = written("blame", "contact", "1").ok()
    assert "email.value" in everything.stdout
    assert "fair" in everything.stdout
    assert len(written("blame", "contact", "1", "--limit", "1").ok().lines) == 2


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["contact", "9"], 1, "there is no contact 9"),
        (["contact", "1", "--field", "nonsense"], 2, "contact has no field 'nonsense'"),
        (["contakt", "1"], 2, "did you mean 'contact'?"),
    ],
)
def test_blame_says_what_is_wrong(written: CrmRunner, words: list[str], code: int, message: str) -> None:
    failed = written("blame", *words)
    assert failed.exit_code == code
    assert message in failed.stderr


def test_search_finds_by_name_part_phone_and_email_and_names_the_next_step(written: CrmRunner) -> None:
    written("account", "add", "name=Anderson GmbH", "phone=030 901820").ok()
    for words in (["doe"], ["ann", "do"], ["ann@home.example"], ["dooe", "ann"]):
        found = written("search", *words, "--json").ok().json
        assert (found[0]["entity"], found[0]["id"], found[0]["title"]) == ("contact", 1, "Ann Doe"), words
    assert written("search", "901820", "--json").ok().json[0]["entity"] == "account"
    assert "next: crm contact show 1" in written("search", "doe").ok().stderr
    assert written("search", "anderson", "--in", "contact", "--json").ok().json == []
    assert written("search", "doe", "--format", "ids").ok().lines == ["1"]
    assert written("search", "doe", "--in", "contakt").exit_code == 2


def test_what_was_deleted_is_not_found_any_more(written: CrmRunner) -> None:
    assert written("search", "doe", "--json").ok().json
    written("contact", "delete", "1", "--yes").ok()
    assert written("search", "doe", "--json").ok().json == []
    written("undo", "--yes").ok()
    assert written("search", "doe", "--json").ok().json
