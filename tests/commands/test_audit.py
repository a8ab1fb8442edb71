"""`crm audit` as cron and stewards see it."""

from __future__ import annotations

import shlex

import pytest

from crm_cli.audits import load_policies
from crm_cli.commands import COMMANDS
from crm_cli.dictionary import shipped
from tests.commands.conftest import CrmRunner


@pytest.fixture
def stocked(crm: CrmRunner) -> CrmRunner:
    """A database with one good and one empty contact."""
    crm("init").ok()
    crm("user", "add", "username=maria").ok()
    good = ("given_name=Ann", "family_name=Lee", "email=ann@acme.com", "phone=+1 212 555 0100", "owner=maria")
    crm("contact", "add", *good).ok()
    crm("contact", "add", "family_name=Smith").ok()
    return crm


def test_a_run_ends_with_3_when_a_policy_is_as_bad_as_asked_for(stocked: CrmRunner) -> None:
    ended = stocked("audit", "run", "contact-unreachable")
    assert ended.exit_code == 3
    assert ended.lines[1:3] == [
        "level  policy               records  failing  share  new  fix",
        "error  contact-unreachable        2        1  50.0%    1  crm contact edit ID",
    ]
    assert "1 policies are errors, 0 warn, 0 are met" in ended.stderr
    assert stocked("audit", "run", "contact-without-email").exit_code == 0  # it warns only
    assert stocked("audit", "run", "contact-without-email", "--fail-on", "warn").exit_code == 3
    assert stocked("audit", "run", "contact-unreachable", "--new-only").exit_code == 0


def test_findings_are_listed_with_their_cure_and_accepted(stocked: CrmRunner) -> None:
    stocked("audit", "run", "contact-unreachable")
    [found] = stocked("audit", "findings", "--json").json
    assert (found["record"], found["fix"]) == ("contact 2", "crm contact edit 2")
    words = ("audit", "accept", found["finding"], "--until", "2099-01-01")
    assert stocked(*words).exit_code == 2  # no reason
    stocked(*words, "--reason", "walk-in", "--dry-run").ok()
    assert stocked("audit", "run", "contact-unreachable").exit_code == 3
    stocked(*words, "--reason", "walk-in").ok()
    stocked("audit", "run", "contact-unreachable").ok()
    [accepted] = stocked("audit", "findings", "--status", "accepted", "--json").json
    assert (accepted["by"], accepted["reason"]) == ("tester", "walk-in")


def test_json_is_one_document_with_every_policy(stocked: CrmRunner) -> None:
    shown = stocked("audit", "run", "--json", "--today", "2030-01-01").json
    assert shown["today"] == "2030-01-01"
    assert len(shown["policies"]) == len(load_policies())
    assert {one["dimension"] for one in shown["dimensions"]} >= {"freshness", "completeness"}


def test_a_dry_run_stores_nothing(stocked: CrmRunner) -> None:
    assert stocked("audit", "run", "--dry-run").exit_code == 3
    assert stocked("audit", "findings", "--json").json == []
    assert stocked("audit", "history", "--json").json == []


def test_history_reverify_and_list(stocked: CrmRunner) -> None:
    for day in ("2029-01-01", "2029-02-01"):
        stocked("audit", "run", "--today", day)
    points = {one["name"]: one["points"] for one in stocked("audit", "history", "--json").json}
    assert [point["day"] for point in points["completeness"]] == ["2029-01-01", "2029-02-01"]
    [first] = stocked("audit", "reverify", "contact-stale-email", "--today", "2100-01-01", "--json").json
    assert first["id"] == 1
    assert first["still_valid"] < 0.01
    assert stocked("audit", "reverify", "contact-unreachable").exit_code == 2
    assert "contact-stale-email" in stocked("audit", "list", "freshness").ok().stdout


def test_own_policies_stand_beside_the_project_file(stocked: CrmRunner) -> None:
    stocked.write(
        "policies/ours.toml",
        '[no-language]\nentity = "contact"\nkind = "rule"\nmessage = "no language"\nneeds = ["language"]\n',
    )
    ended = stocked("audit", "run", "no-language", "--fail-on", "warn", "--json")
    assert (ended.exit_code, ended.json["policies"][0]["failing"]) == (3, 2)
    stocked.write(
        "policies/ours.toml", '[odd]\nentity = "contact"\nkind = "rule"\nmessage = "m"\nfails_if = "nme = 1"\n'
    )
    wrong = stocked("audit", "run", "odd")
    assert wrong.exit_code == 2
    assert "policy odd: " in wrong.stderr


def test_mistakes_are_named(stocked: CrmRunner) -> None:
    ended = stocked("audit", "run", "freshnes")
    assert (ended.exit_code, "did you mean freshness?" in ended.stderr) == (2, True)
    assert stocked("audit", "run", "--today", "soon").exit_code == 2
    assert stocked("audit", "run", "--fail-on", "info").exit_code == 2
    assert stocked("audit", "findings", "--status", "bad").exit_code == 2


def test_every_cure_names_a_command_that_there_is() -> None:
    nouns = {entity.noun for entity in shipped().records} | {entry.name for entry in COMMANDS}
    for policy in load_policies():
        words = shlex.split(policy.fix)
        assert words[0] == "crm", policy.name
        assert words[1] in nouns, policy.name


def test_verify_marks_confirms_and_is_undone(project: CrmRunner) -> None:
    crm = project
    crm(
        "contact", "add", "family_name=Doe", "email=ann@acme.example", "phone=+49 30 901820", "mobile=+49 171 2345678"
    ).ok()
    many = crm("verify", "contact", "1", "--phone", "ok")
    assert many.exit_code == 2
    assert "1 +4930901820; 2 +491712345678" in many.stderr
    assert crm("verify", "contact", "9", "--email", "ok").exit_code == 1
    assert crm("verify", "contact", "1").exit_code == 2
    assert "--as-of" in crm("verify", "contact", "1", "--email", "ok", "--as-of", "2999-01-01").stderr

    dry = crm("verify", "contact", "1", "--email", "dead", "--dry-run", "--json").ok().json
    assert dry["confirmed"] == {"email": "dead"}
    assert crm("log", "--json").ok().json[0]["kind"] == "add"

    done = crm("verify", "contact", "1", "--phone", "+49 30 901820=dead", "--email", "ok", "--method", "visit").ok()
    assert done.lines[0].split() == ["what", "value", "before", "now", "primary"]
    assert [line.split() for line in done.lines[1:]] == [
        ["phone", "+4930901820", "unverified", "wrong", "no"],
        ["phone", "+491712345678", "unverified", "unverified", "yes"],
        ["email", "ann@acme.example", "unverified", "valid", "yes"],
    ]
    shown = crm("contact", "show", "1", "--json").ok().json
    assert [(one["value"], one["standing"]) for one in shown["phones"]] == [
        ("+491712345678", "unverified"),
        ("+4930901820", "wrong"),
    ]
    assert {one["group"]: one["method"] for one in shown["confirmed"]}["email"] == "visit"
    assert "901820" not in crm("log", "--json").ok().stdout, "no customer data in the command line"
    crm("undo", "--yes").ok()
    assert {one["standing"] for one in crm("contact", "show", "1", "--json").ok().json["phones"]} == {"unverified"}


def test_half_lives_are_the_default_until_there_are_results(stocked: CrmRunner) -> None:
    rows = stocked("audit", "half-lives", "--json").json
    assert {row["group"] for row in rows} >= {"email", "phone", "address"}
    assert {(row["in_use"], row["estimate"]) for row in rows} == {(880, None)}


def test_dead_values_are_counted_and_the_costliest_are_asked_first(stocked: CrmRunner) -> None:
    [row] = stocked(
        "audit", "freshness", "contact-stale-email", "--by", "owner", "--today", "2100-01-01", "--json"
    ).json
    assert (row["owner"], row["values"], row["found_dead"]) == ("maria", 1, 0)
    assert 0.99 < row["probably_dead"] <= 1
    stocked("opportunity", "add", "name=Big", "contact=1", "amount=1000", "stage=proposal").ok()
    listed = stocked("audit", "reverify", "--by", "value", "--today", "2100-01-01", "--json").json
    assert [(one["policy"], one["id"], one["worth"]) for one in listed] == [
        ("contact-stale-email", 1, 1000.0),
        ("contact-stale-phone", 1, 1000.0),
    ]
    assert stocked("audit", "freshness", "contact-unreachable").exit_code == 2


def test_costs_are_those_of_the_project_file(stocked: CrmRunner) -> None:
    stocked("contact", "add", "family_name=Poe", "street=1 Main St", "city=Austin", "country=US").ok()
    shown = stocked("audit", "costs", "--today", "2100-01-01").ok()
    assert "[costs] per_mailing = …, per_duplicate = … in crm.toml" in shown.stderr
    assert "no search for duplicate contacts yet: crm dedupe find contact" in shown.stderr
    config = stocked.folder / "crm.toml"
    config.write_text(config.read_text("utf-8") + "\n[costs]\nper_mailing = 0.8\n", encoding="utf-8")
    document = stocked("audit", "costs", "--mailings", "10", "--today", "2100-01-01", "--json").json
    found = {(one["what"], one["of"]): one for one in document["costs"]}
    returned = found["returned mailings", "contact"]
    assert returned["number"] == 10
    assert returned["sum"] == 8
    assert document["customers"][1]["records"] == 3
    config.write_text(config.read_text("utf-8").replace("0.8", '"much"'), encoding="utf-8")
    assert "costs.per_mailing = 'much' must be a number" in stocked("audit", "costs").stderr


def test_sources_need_a_run_and_name_the_policy_that_most_fail(stocked: CrmRunner) -> None:
    assert stocked("audit", "sources").exit_code == 1
    stocked.write("fair.csv", "last name,email\nLee,lee@acme.com\nPoe,\n")
    stocked("import", "fair.csv", "--source", "fair").ok()
    stocked("audit", "run", "contact-without-email")
    [row] = stocked("audit", "sources", "contact-without-email", "--json").json
    assert (row["source"], row["records"], row["failing"], row["score"]) == ("fair", 2, 1, 50.0)
    [batch] = stocked("audit", "sources", "contact-without-email", "--batches", "--json").json
    assert (batch["batch"], batch["worst_policy"]) == (1, "contact-without-email")
