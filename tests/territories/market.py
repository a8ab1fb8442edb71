"""A small market for tests: four territories, three people, ten accounts with deals and calls."""

from __future__ import annotations

from typing import Any

from crm_cli.history import Author, operation
from crm_cli.store import Store
from crm_cli.territories import NewRule, add_member, add_rule

__all__ = ["BOSS", "make_market", "named"]

BOSS = Author("boss")


def make_market(store: Store) -> dict[str, int]:
    """US over North and South, Key apart; toys are South's and maria's, steel North's and tom's, all with open work."""
    with operation(store, "add", BOSS) as op:
        people = op.insert("app_user", [{"username": name} for name in ("maria", "tom", "li")])
        known = dict(zip(("maria", "tom", "li"), people, strict=True))
        [known["US"]] = op.insert("territory", [{"name": "US"}])
        parts = op.insert("territory", [{"name": name, "parent_id": known["US"]} for name in ("North", "South")])
        known |= dict(zip(("North", "South"), parts, strict=True))
        [known["Key"]] = op.insert("territory", [{"name": "Key"}])
        for place, industry in (("South", "Toys"), ("North", "Steel")):
            add_rule(
                op,
                NewRule(territory=place, entity="account", condition=f"industry = '{industry}'", assign="round_robin"),
            )
        add_member(op, "South", known["maria"])
        add_member(op, "North", known["tom"])
        for number in range(10):
            _account(op, known, number)
    return known


def _account(op: Any, known: dict[str, int], number: int) -> None:
    toys = number < 7
    place, owner = (known["South"], known["maria"]) if toys else (known["North"], known["tom"])
    fields = {"territory_id": place, "owner_id": owner}
    [account] = op.insert(
        "account",
        [{"name": f"A{number}", "industry": "Toys" if toys else "Steel", "employees": 10 * number,
          "annual_revenue": 100_000 * (number + 1), "currency": "EUR", **fields}],
    )  # fmt: skip
    known[f"A{number}"] = account
    [known[f"D{number}"]] = op.insert(
        "opportunity",
        [{"name": f"D{number}", "account_id": account, "amount": 1_000 * (number + 1), "currency": "EUR",
          "owner_id": owner}],
    )  # fmt: skip
    op.insert("activity", [{"subject": f"Call {number}", "party_id": account, "owner_id": owner}])


def named(rows: list[dict[str, Any]], key: str = "name") -> dict[Any, dict[str, Any]]:
    """Rows by one of their fields."""
    return {row[key]: row for row in rows}
