"""`crm territory`: rules, members, and sorting records."""

from __future__ import annotations

from tests.commands.conftest import CrmRunner


def test_rules_and_members_sort_records_and_undo_takes_it_back(project: CrmRunner) -> None:
    crm = project
    crm("user", "add", "username=li").ok()
    crm("territory", "add", "name=South").ok()
    for name, industry in (("Acme", "Toys"), ("Zeta", "Steel")):
        crm("account", "add", f"name={name}", f"industry={industry}").ok()
    crm("territory", "rule", "add", "south", "--where", "industry = 'toys'", "--assign", "round_robin").ok()
    crm("territory", "member", "add", "South", "li").ok()
    [rule] = crm("territory", "rule", "list", "--json").ok().json
    assert (rule["territory"], rule["position"], rule["assign"]) == ("South", 10, "round_robin")

    columns = ("account", "list", "--columns", "id,territory,owner", "--json")
    before = crm(*columns).json
    preview = crm("territory", "assign", "account", "--dry-run", "--json").ok().json
    assert (preview["moved"], preview["unmatched"]) == (1, 1)
    assert crm(*columns).json == before
    crm("territory", "assign", "account", "--yes").ok()
    assert [(row["territory"], row["owner"]) for row in crm(*columns).json] == [("South", "li"), (None, None)]
    crm("undo", "--yes").ok()
    assert crm(*columns).json == before

    crm("territory", "member", "remove", "South", "li").ok()
    assert crm("territory", "member", "list", "--json").json == []
    crm("territory", "rule", "remove", rule["id"]).ok()
    ended = crm("territory", "assign", "account", "--yes")
    assert (ended.exit_code, "no rule for accounts" in ended.stderr) == (1, True)


def test_mistakes_are_named(project: CrmRunner) -> None:
    crm = project
    assert crm("territory", "rule", "add", "Nowhere", "--where", "true").exit_code == 1
    crm("territory", "add", "name=South").ok()
    assert crm("territory", "rule", "add", "South", "--where", "industri = 'x'").exit_code == 2
    assert crm("territory", "rule", "add", "South", "--where", "true", "--assign", "odd").exit_code == 2
