"""`crm territory tree|simulate|apply|plan|balance|history`: as their users run them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crm_cli.dictionary import MASK
from tests.commands.conftest import CrmRunner
from tests.commands.made_once import copied, made

PLAN = """
name = "Split of the South"

[[territory]]
name = "Coast"
parent = "South"

[[member]]
territory = "Coast"
user = "li"

[[rule]]
territory = "Coast"
postal = "20000-29999"
except = "industry = 'Steel'"
position = 1
assign = "round_robin"
"""
TODAY = ("--today", "2026-06-15")


def fill(crm: CrmRunner) -> None:
    """South is worked by maria; two of its three accounts lie on the coast, one of these makes steel."""
    for name in ("maria", "li"):
        crm("user", "add", f"username={name}").ok()
    crm("territory", "add", "name=South").ok()
    crm("territory", "rule", "add", "South", "--where", "true", "--assign", "weighted").ok()
    crm("territory", "member", "add", "South", "maria").ok()
    crm.write("firms.csv", "Name,Zip,Country,Industry\nAcme,20095,DE,Toys\nBolt,20457,DE,Steel\nCase,80331,DE,\n")
    crm("import", "firms.csv", "--into", "account").ok()
    crm("territory", "assign", "account", "--yes").ok()
    crm("opportunity", "add", "name=Big", "account=Acme", "amount=1200", "currency=EUR", "owner=maria").ok()
    crm.write("PLAN.toml", PLAN)


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory, made_once: Path) -> Path:
    return made(tmp_path_factory.mktemp("market"), made_once, fill)


@pytest.fixture
def market(crm: CrmRunner, once: Path) -> CrmRunner:
    return copied(once, crm)


def placed(crm: CrmRunner) -> dict[str, tuple[Any, Any]]:
    rows = crm("account", "list", "--columns", "name,territory,owner", "--json").ok().json
    return {row["name"]: (row["territory"], row["owner"]) for row in rows}


BEFORE = dict.fromkeys(("Acme", "Bolt", "Case"), ("South", "maria"))


@pytest.mark.slow
def test_a_plan_is_simulated_and_applied_and_undone(market: CrmRunner) -> None:
    shown = market("territory", "simulate", "PLAN.toml", "-o", "plan.html").ok()
    assert "Split of the South" in (market.folder / "plan.html").read_text(encoding="utf-8")
    assert "EUR 1,200.00" in shown.stdout
    found = market("territory", "simulate", "PLAN.toml", "--json").ok().json
    assert [(one["territory"], one["lost"], one["gained"]) for one in found["territories"]] == [
        ("Coast", 0, 1), ("South", 1, 0),
    ]  # fmt: skip
    assert found["owners"][0]["after"]["pipeline"] == {"EUR": "1200.00"}
    assert placed(market) == BEFORE

    market("territory", "apply", "PLAN.toml", "--dry-run").ok()
    assert placed(market) == BEFORE
    refused = market("territory", "apply", "PLAN.toml", "--yes", "--max-changes", "1")
    assert (refused.exit_code, placed(market)) == (3, BEFORE)
    assert "Split of the South, from" in market("territory", "apply", "PLAN.toml").stderr
    done = market("territory", "apply", "PLAN.toml", "--yes", "--json").ok().json
    assert (done["moved"], done["followed"]) == ({"account": 1}, {"opportunity": 1})
    assert placed(market) == BEFORE | {"Acme": ("Coast", "li")}
    tree = market("territory", "tree", "--json").ok().json
    assert [(one["territory"], one["depth"], one["accounts"], one["own"]) for one in tree] == [
        ("South", 0, 3, 2), ("Coast", 1, 1, 1),
    ]  # fmt: skip
    market("undo", "--yes").ok()
    assert placed(market) == BEFORE
    assert market("territory", "plan", "list", "--json").json == []


def test_a_plan_waits_for_its_day(market: CrmRunner) -> None:
    market("territory", "apply", "PLAN.toml", "--effective", "2026-07-01", "--yes", *TODAY).ok()
    assert placed(market) == BEFORE
    early = market("territory", "apply", "--due", "--yes", *TODAY).ok()
    assert "no plan is due" in early.stderr
    assert market("territory", "apply", "--due", "--today", "2026-07-02").exit_code == 2  # it asks
    done = market("territory", "apply", "--due", "--yes", "--today", "2026-07-02", "--json").ok().json
    assert [one["moved"] for one in done] == [{"account": 1}]
    assert placed(market)["Acme"] == ("Coast", "li")
    newest, *_ = market("territory", "history", "account", "Acme", "--json").ok().json
    assert (newest["territory"], newest["owner"], newest["since"]) == ("Coast", "li", "2026-07-01")
    [plan] = market("territory", "plan", "list", "--json").json
    assert (plan["status"], plan["operation_id"]) == ("applied", newest["operation"])


def test_a_plan_that_fits_no_more_does_not_stop_the_others(market: CrmRunner) -> None:
    market.write("other.toml", '[[territory]]\nname = "West"\n')
    for name in ("PLAN.toml", "other.toml", "other.toml"):
        market("territory", "apply", name, "--effective", "2026-07-01", "--yes", *TODAY).ok()
    market("territory", "plan", "cancel", 3).ok()
    market("user", "set", "active=false", "li", "--yes").ok()
    ended = market("territory", "apply", "--due", "--yes", "--today", "2026-07-02")
    assert ended.exit_code == 4
    assert "plan 1 (Split of the South) was not applied: plan 1: member 1: li no longer works here" in ended.stderr
    assert [one["status"] for one in market("territory", "plan", "list", "--json").json] == [
        "planned", "applied", "cancelled",
    ]  # fmt: skip
    assert "West" in market("territory", "list").stdout


def test_a_balance_is_proposed_as_a_plan(market: CrmRunner) -> None:
    market("territory", "add", "name=East").ok()
    market("territory", "member", "add", "East", "li").ok()
    words = ("territory", "balance", "South", "East", "-o", "balance.toml")
    found = market(*words, "--tolerance", "50%", "--json").ok().json
    assert [(one["name"], one["before"], one["after"]) for one in found["holders"]] == [
        ("South", 3.0, 2.0), ("East", 0.0, 1.0),
    ]  # fmt: skip
    assert market("territory", "balance", "South", "East", "--tolerance", "1%").exit_code == 3
    market("territory", "simulate", "balance.toml").ok()
    market("territory", "apply", "balance.toml", "--yes").ok()
    assert sorted(placed(market).values()) == [("East", "li"), ("South", "maria"), ("South", "maria")]
    hidden = market("territory", "balance", "South", "East", "--tolerance", "1%", "--json", CRM_MASKED="account.name")
    assert "Case" not in hidden.stdout


def test_rules_that_name_accounts_and_owners(market: CrmRunner) -> None:
    market("territory", "add", "name=Key").ok()
    market("territory", "rule", "add", "Key", "--accounts", "1", "--owner", "li", "--position", "1").ok()
    rule = market("territory", "rule", "list", "--json").json[0]
    assert (rule["condition"], rule["assign"], rule["owner"], rule["named"]) == ("id in (1)", "direct", "li", True)
    market("territory", "assign", "account", "--children", "--yes").ok()
    assert placed(market)["Acme"] == ("Key", "li")
    assert market("opportunity", "list", "--columns", "owner", "--json").json[0]["owner"] == "li"


def test_amounts_that_are_masked_stay_so(market: CrmRunner) -> None:
    for words in (("territory", "tree"), ("territory", "simulate", "PLAN.toml", "-o", "masked.html", "--overwrite")):
        for more in ((), ("--json",)):
            shown = market(*words, *more, CRM_MASKED="opportunity.amount").ok().stdout
            assert MASK in shown
            assert "200.00" not in shown
    assert "200.00" not in (market.folder / "masked.html").read_text(encoding="utf-8")


MISTAKES: tuple[tuple[str, ...], ...] = (
    ("simulate", "nowhere.toml"), ("simulate", "PLAN.toml", "-o", "plan.pdf"), ("apply",),
    ("apply", "PLAN.toml", "--due"), ("apply", "--due", "--effective", "2026-01-01"), ("balance", "South"),
    ("balance", "South", "South", "--by", "size"), ("balance", "South", "--tolerance", "much"),
    ("history", "activity", "1"), ("rule", "add", "South", "--postal", "9-1"),
    ("rule", "add", "South", "--accounts", "x"), ("rule", "add", "South"),
    ("rule", "add", "South", "--where", "true", "--assign", "direct"),
    ("rule", "add", "South", "--where", "true", "--assign", "keep", "--owner", "li"),
)  # fmt: skip


def test_mistakes_are_named(market: CrmRunner) -> None:
    for words in MISTAKES:
        ended = market("territory", *words)
        assert (words, ended.exit_code) == (words, 2), ended.stderr
        assert "\nhint: " in ended.stderr
    assert placed(market) == BEFORE
