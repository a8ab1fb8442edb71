"""`crm audit fix`: what can be run is run and undone, what a person must decide is listed."""

from __future__ import annotations

import pytest

from crm_cli.audits import Kind, Policy, load_policies
from crm_cli.dictionary import shipped
from crm_cli.jobs.auditing import NeedsPersonError
from crm_cli.jobs.auditing.mending import fix_words
from tests.commands.conftest import CrmRunner

OWN = """
[lead-without-rating]
entity = "lead"
kind = "completeness"
message = "not rated"
needs = ["rating"]
fix = "crm lead set rating=cold {id}"

[lead-to-ask]
entity = "lead"
kind = "completeness"
message = "ask"
needs = ["job_title"]
fix = "crm lead set job_title=… {id}"
"""


@pytest.fixture
def leads(project: CrmRunner) -> CrmRunner:
    """Three leads, found by two policies of our own."""
    project.write("policies/own.toml", OWN)
    for name in ("Ann", "Bea", "Eve"):
        project("lead", "add", f"family_name={name}", f"email={name}@x.example").ok()
    project("audit", "run", "lead-without-rating", "lead-to-ask").ok()
    return project


def ratings(crm: CrmRunner) -> list[str | None]:
    return [one["rating"] for one in crm("lead", "list", "--columns", "rating", "--json").ok().json]


def test_a_constant_is_set_in_one_operation_and_undone(leads: CrmRunner) -> None:
    leads("audit", "fix", "lead-without-rating", "--dry-run").ok()
    assert ratings(leads) == [None, None, None]
    assert leads("audit", "fix", "lead-without-rating").exit_code == 2  # nobody can be asked
    done = leads("audit", "fix", "lead-without-rating", "--where", "id < 3", "--yes", "--reason", "cold").ok()
    assert "crm lead set rating=cold on 2 records (lead)" in done.stderr
    assert ratings(leads) == ["cold", "cold", None]
    [last, *_] = leads("log", "--json").ok().json
    assert (last["kind"], last["reason"]) == ("set", "cold")
    leads("audit", "run", "lead-without-rating").ok()
    assert len(leads("audit", "findings", "lead-without-rating", "--json").ok().json) == 1
    leads("undo", "--yes").ok()
    assert ratings(leads) == [None, None, None]


def test_it_refuses_more_than_it_may(leads: CrmRunner) -> None:
    ended = leads("audit", "fix", "lead-without-rating", "--max-changes", "2", "--yes")
    assert (ended.exit_code, ratings(leads)) == (3, [None, None, None])


def test_what_a_person_must_decide_is_listed_and_refused(leads: CrmRunner) -> None:
    ended = leads("audit", "fix", "lead-to-ask", "--yes")
    assert ended.exit_code == 1
    assert [line.split("  ")[-1] for line in ended.lines[1:]] == [
        f"crm lead set job_title=… {number}" for number in (1, 2, 3)
    ]
    assert "lead-to-ask is mended by a person: crm lead set job_title=… ID" in ended.stderr
    assert leads("audit", "fix", "lead").exit_code == 2  # an entity is not one policy
    assert leads("audit", "fix", "lead-without-ratng").exit_code == 2


def test_standardizing_touches_no_other_records_than_those_found(project: CrmRunner) -> None:
    for name in ("Lee", "Roe"):
        project("contact", "add", f"family_name={name}").ok()
    project.write(
        "policies/own.toml",
        '[shouts]\nentity = "contact"\nkind = "validity"\nmessage = "m"\nfails_if = "family_name = \'LEE\'"\n'
        'fix = "crm standardize contact --dry-run"\n',
    )
    project("audit", "run", "shouts")
    done = project("audit", "fix", "shouts", "--yes").ok()
    assert "of 1 records" in done.stderr


def test_fixing_again_says_that_there_is_nothing(leads: CrmRunner) -> None:
    ended = leads("audit", "fix", "lead-without-rating", "--where", "id > 99").ok()
    assert "no open findings here" in ended.stderr


def forms() -> dict[str, tuple[str, ...] | None]:
    found: dict[str, tuple[str, ...] | None] = {}
    for policy in load_policies():
        try:
            found[policy.name] = fix_words(policy, shipped().entity(policy.entity), (7, 8))[0]
        except NeedsPersonError:
            found[policy.name] = None
    return found


def test_which_shipped_policies_mend_themselves() -> None:
    runs = {name: words for name, words in forms().items() if words}
    assert {words[:2] for words in runs.values()} >= {("standardize", "contact"), ("territory", "assign")}
    assert runs["contact-wrong-phone"] == ("standardize", "contact", "--where", "id in (7, 8)")
    assert runs["account-own-parent"] == ("account", "set", "parent_id=", "7", "8")
    for words in runs.values():
        assert words[0] in ("standardize", "territory") or words[1] == "set"
        assert not any("…" in word or "{" in word for word in words)


@pytest.mark.parametrize(
    "fix",
    [
        "", "rm -rf /", "crm lead delete {id}", "crm lead edit {id}", "crm lead show {id}", "crm lead set owner=… {id}",
        "crm undo 1", "crm contact set owner= {id}", "crm standardize contact", "crm lead set x={id}", "crm 'open",
        "crm reassign --from USER --to USER", "crm sql 'delete from lead'", "crm standardize lead --where",
        "crm lead set status=x {id} {id}", "crm import x.csv", "crm run steps.toml", "crm standardize",
    ],
)  # fmt: skip
def test_nothing_else_is_run(fix: str) -> None:
    policy = Policy(name="p", entity="lead", kind=Kind.RULE, message="m", needs=("email",), fix=fix)
    with pytest.raises(NeedsPersonError):
        fix_words(policy, shipped().entity("lead"), (1,))


def test_a_condition_of_the_fix_stays() -> None:
    fix = "crm standardize lead --where \"country = 'US' or country = 'CA'\" --yes --ignore P2"
    policy = Policy(name="p", entity="lead", kind=Kind.RULE, message="m", needs=("email",), fix=fix)
    words, whole = fix_words(policy, shipped().entity("lead"), (1, 2))
    assert not whole
    assert words == (
        "standardize", "lead", "--where", "(country = 'US' or country = 'CA') and id in (1, 2)", "--ignore", "P2",
    )  # fmt: skip
