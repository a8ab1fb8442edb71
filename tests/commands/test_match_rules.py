"""Matching rules as their users meet them: said by `crm rule`, obeyed by `crm dedupe` and `crm clean`."""

from __future__ import annotations

import pytest

from tests.commands.conftest import CrmRunner

RULES = """[match]
must_match = ["email"]
must_differ = ["birth_date"]
"""
PEOPLE = """First Name,Last Name,E-Mail,Birth Date
Ann,Abel,ann@x.example,1980-01-02
Bert,Bauer,ann@x.example,
Carla,Conti,carla@x.example,1990-05-06
Cara,Conti,carla@x.example,1991-05-06
"""


@pytest.fixture
def people(project: CrmRunner) -> CrmRunner:
    """Four contacts, two pairs of which have an e-mail address in common, and rules about it."""
    project.write("people.csv", PEOPLE)
    project("import", "people.csv", "--into", "contact").ok()
    project.write("rules/contact.toml", RULES)
    return project


def test_rules_of_an_entity_are_shown_in_sentences_before_there_is_a_database(crm: CrmRunner) -> None:
    shipped = crm("rule", "show", "contact").ok()
    assert shipped.lines[0] == "As shipped:"
    assert "- No field makes two contacts the same by itself: all that is compared counts." in shipped.lines
    crm.write("rules/contact.toml", RULES)
    own = crm("rule", "show", "contact").ok()
    assert own.lines[:3] == [
        "rules/contact.toml says:",
        "- Two contacts whose birth date differs are never the same, whatever else agrees.",
        "- Two contacts with the same email are the same, whatever else differs.",
    ]
    document = crm("rule", "show", "contact", "--json").ok().json
    assert document["file"] == "rules/contact.toml"
    assert {"key": "must_match", "says": own.lines[2][2:], "from": "rules/contact.toml"} in document["rules"]
    assert {"field": "email", "compared_as": "email"} in document["fields"]


def test_rules_for_a_file_are_shown_with_its_columns(crm: CrmRunner) -> None:
    crm.write("customers.toml", '[match]\nmust_match = ["Tax ID"]\n')
    shown = crm("rule", "show", "./customers.toml").ok()
    assert "- Two rows with the same Tax ID are the same, whatever else differs." in shown.lines


def test_rules_that_standardize_are_shown_as_before(crm: CrmRunner) -> None:
    assert crm("rule", "show", "E102").ok().lines[1] == "code   E102"
    unknown = crm("rule", "show", "contcat")
    assert (unknown.exit_code, unknown.stderr.splitlines()[1]) == (1, "hint: did you mean contact?")
    crm.write("rules/account.toml", "")
    assert "matching rules: rules/account.toml; crm rule show ENTITY says them" in crm("rule", "list").ok().stderr


def test_a_mistake_in_the_file_stops_everything_before_it_begins(people: CrmRunner) -> None:
    people.write("rules/contact.toml", '[match]\nmust_match = ["emial"]\n')
    for args in (["find"], ["review"], ["merge", "--auto", "--yes"], ["explain", "1", "2"]):
        name, *more = args
        refused = people("dedupe", name, "contact", *more)
        assert refused.exit_code == 2, args
        assert "contact.toml: match.must_match: contact has no field 'emial'" in refused.stderr
        assert "hint: did you mean email?" in refused.stderr
    assert people("dedupe", "status", "contact", "--json").ok().json["searched_at"] is None


def test_find_explain_review_and_merge_say_which_rule_decided(people: CrmRunner) -> None:
    found = people("dedupe", "find", "contact").ok()
    assert "under the rules of rules/contact.toml, by which 1 pairs are the same" in found.stderr
    assert people("dedupe", "find", "contact", "--json").ok().json["same_by_rule"] == 1
    ids = {row["given_name"]: row["id"] for row in people("contact", "list", "--json").ok().json}
    same = people("dedupe", "explain", "contact", ids["Ann"], ids["Bert"]).ok()
    assert "rule: same email – the same, whatever the comparisons say" in same.stderr
    other = people("dedupe", "explain", "contact", ids["Carla"], ids["Cara"], "--json").ok()
    assert (other.json["rule"], other.json["ruled_same"]) == ("different birth_date", False)
    assert "rule: same email" in people("dedupe", "review", "contact", typed="q\n", terminal=True).ok().stdout
    merged = people("dedupe", "merge", "contact", "--auto", "--max-merge-share", "0.5", "--yes", "--json").ok().json
    assert [one["merged"] for one in merged["clusters"]] == [[ids["Bert"]]]


def test_rules_that_changed_after_the_search_are_noticed(people: CrmRunner) -> None:
    people("dedupe", "find", "contact").ok()
    people.write("rules/contact.toml", '[match]\nmust_match = ["email"]\n')
    review = people("dedupe", "review", "contact", typed="q\n", terminal=True).ok()
    assert "the rules for contacts have changed since the search" in review.stderr
    merge = people("dedupe", "merge", "contact", "--auto", "--yes")
    assert merge.exit_code == 5
    assert "hint: crm dedupe find contact searches again" in merge.stderr


def test_a_field_of_ones_own_can_be_a_key(people: CrmRunner) -> None:
    people("schema", "add-field", "contact", "badge", "--type", "identifier", "--meaning", "Badge").ok()
    people("contact", "set", "badge=A 17", "--where", "given_name = 'Ann' or family_name = 'Conti'", "--yes").ok()
    people.write("rules/contact.toml", '[match]\nmust_match = [["badge", "family_name"]]\n')
    found = people("dedupe", "find", "contact", "--json").ok().json
    assert (found["found"]["clusters"], found["same_by_rule"]) == (1, 1)
    assert "same badge and family name are the same" in people("rule", "show", "contact").ok().stdout


def test_files_take_rules(crm: CrmRunner) -> None:
    crm.write("people.csv", PEOPLE)
    crm.write("rules.toml", '[match]\nmust_match = ["e-mail"]\nmust_differ = ["birth date"]\n')
    crm("dedupe", "file", "people.csv", "--rules", "rules.toml", "-o", "out.csv").ok()
    assert [line.split(",")[1] for line in (crm.folder / "out.csv").read_text().splitlines()[1:]] == [
        "1",
        "1",
        "3",
        "4",
    ]
    cleaned = crm("clean", "people.csv", "--rules", "rules.toml", "-o", "clean.csv").ok()
    assert "merged away: 1" in cleaned.stderr
    crm.write("wrong.toml", "[match]\nmust_match = 7\n")
    refused = crm("dedupe", "link", "people.csv", "people.csv", "--rules", "wrong.toml")
    assert (refused.exit_code, "match.must_match = 7 must be a list" in refused.stderr) == (2, True)
    missing = crm("clean", "people.csv", "-o", "x.csv", "--rules", "none.toml")
    assert (missing.exit_code, "cannot be read: No such file or directory" in missing.stderr) == (2, True)
