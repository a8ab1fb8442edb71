"""`crm schema list|show|add-field`, as users see them."""

from __future__ import annotations

import pytest

from crm_cli.dictionary import shipped
from tests.commands.conftest import CrmRunner


def test_the_entities_are_listed_with_or_without_a_database(crm: CrmRunner) -> None:
    for _ in range(2):
        listed = crm("schema", "list", "--json").ok().json
        assert {row["entity"] for row in listed} == {entity.noun for entity in shipped().records}
        if not (crm.folder / "crm.db").exists():
            crm("init").ok()
    assert len(crm("schema", "list", "--all", "--json").ok().json) > len(listed)


def test_a_database_that_is_named_must_exist(crm: CrmRunner) -> None:
    assert crm("schema", "list", "--db", "nowhere.db").exit_code == 2


def test_fields_are_shown_with_their_type_meaning_and_values(project: CrmRunner) -> None:
    rows = {row["field"]: row for row in project("schema", "show", "contact", "--json").ok().json}
    assert rows["email"]["stored_in"] == "email_address"
    assert rows["gender"]["values"] == "female, male, other"
    assert rows["account_id"]["refers_to"] == "account"
    assert "Family name" in project("schema", "show", "contacts").ok().stdout
    missing = project("schema", "show", "contakt")
    assert (missing.exit_code, "did you mean 'contact'?" in missing.stderr) == (2, True)


def test_paths_lead_through_references(project: CrmRunner) -> None:
    paths = {row["path"] for row in project("schema", "show", "contact", "--paths", "--json").ok().json}
    assert {"family_name", "email", "owner.username", "account.owner.email"} <= paths


def test_a_field_added_is_set_shown_selected_and_undone(project: CrmRunner) -> None:
    added = project("schema", "add-field", "contact", "tier", "--type", "enum", "--values", "a, b", "--meaning", "Tier")
    assert "contact has a field tier" in added.ok().stderr
    project("contact", "add", "family_name=Doe", "tier=A").ok()
    wrong = project("contact", "set", "tier=c", "1")
    assert (wrong.exit_code, "a, b" in wrong.stderr) == (1, True)
    found = project("contact", "list", "--where", "tier = 'a'", "--columns", "family_name,tier", "--json").ok().json
    assert found == [{"family_name": "Doe", "tier": "a"}]
    assert project("contact", "show", "1", "--json").ok().json["record"]["tier"] == "a"
    assert {row["field"]: row["stored_in"] for row in project("schema", "show", "contact", "--json").json}["tier"] == (
        "custom"
    )
    project("undo", "1", "--yes").ok()
    assert project("contact", "set", "tier=b", "1").exit_code == 2


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["contact", "email", "--type", "text", "--meaning", "x"], 1, "has a field email already"),
        (["contact", "owner", "--type", "text", "--meaning", "x"], 1, "has a field owner already"),
        (["contact", "public_id", "--type", "text", "--meaning", "x"], 1, "has a field public_id already"),
        (["contact", "Shoe Size", "--type", "text", "--meaning", "x"], 2, "is no name for a field"),
        (["contact", "size", "--type", "txt", "--meaning", "x"], 2, "did you mean text?"),
        (["contact", "size", "--type", "reference", "--meaning", "x"], 2, "there is no type 'reference'"),
        (["contact", "size", "--type", "enum", "--meaning", "x"], 2, "has --values"),
        (["phone", "size", "--type", "text", "--meaning", "x"], 2, "takes no further fields"),
        (["contakt", "size", "--type", "text", "--meaning", "x"], 2, "did you mean 'contact'?"),
    ],
)
def test_a_field_that_cannot_be_is_refused(project: CrmRunner, words: list[str], code: int, message: str) -> None:
    failed = project("schema", "add-field", *words)
    assert failed.exit_code == code
    assert message in failed.stderr
    assert project("log", "--json").ok().json == []
