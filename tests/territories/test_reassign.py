"""Handing over: who gets what, what follows, dry run and undo, on all three databases."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_cli.dictionary import UnknownFieldError
from crm_cli.errors import NotFoundError, UsageError
from crm_cli.history import Author, operation, read_changes, read_log, undo
from crm_cli.store import Store
from crm_cli.territories import Handover, Moves, Split, reassign
from crm_cli.territories.dealing import deal
from tests.dumps import business_content

BOSS = Author("boss")


def fill(store: Store) -> dict[str, int]:
    """Maria has two customers with people, deals and calls, a lead and closed work; Li and Tom have little."""
    with operation(store, "add", BOSS) as op:
        names = ("maria", "li", "tom", "gone")
        users = op.insert("app_user", [{"username": name, "active": name != "gone"} for name in names])
        known = dict(zip(names, users, strict=True))
        mine = {"owner_id": known["maria"]}
        acme, zeta = op.insert("account", [{"name": "Acme", **mine}, {"name": "Zeta", **mine}])
        op.insert("postal_address", [{"party_id": acme, "region": "TX", "is_primary": True}])
        ann, bob, cem = op.insert(
            "contact",
            [
                {"family_name": "Ann", "account_id": acme, **mine},
                {"family_name": "Bob", "account_id": zeta, **mine},
                {"family_name": "Cem", "account_id": acme, "owner_id": known["tom"]},
            ],
        )
        deal_id, won = op.insert(
            "opportunity",
            [{"name": "Deal", "account_id": acme, **mine}, {"name": "Won", "account_id": acme, "stage": "won", **mine}],
        )
        lead, dead = op.insert(
            "lead", [{"family_name": "Lee", **mine}, {"family_name": "Dead", "status": "disqualified", **mine}]
        )
        call, talk = op.insert(
            "activity",
            [
                {"subject": "Call", "opportunity_id": deal_id, **mine},
                {"subject": "Talk", "status": "done", "party_id": bob, **mine},
            ],
        )
    return known | {"acme": acme, "zeta": zeta, "ann": ann, "bob": bob, "cem": cem, "deal": deal_id, "won": won,
                    "lead": lead, "dead": dead, "call": call, "talk": talk}  # fmt: skip


def hand_over(store: Store, *, dry_run: bool = False, **wanted: Any) -> Moves:
    with operation(store, "reassign", BOSS, dry_run=dry_run) as op:
        return reassign(op, Handover(giver="maria", **wanted))


def owners(store: Store) -> dict[str, dict[int, int]]:
    content = business_content(store)
    names = ("account", "contact", "lead", "opportunity", "activity")
    return {name: {row["id"]: row["owner_id"] for row in content[name]} for name in names}


def test_open_work_moves_closed_work_stays_and_undo_restores_all(store: Store) -> None:
    known = fill(store)
    before = business_content(store)
    assert hand_over(store, takers=["li", "tom"], dry_run=True).total == 7
    assert business_content(store) == before
    moves = hand_over(store, takers=["li", "tom"])
    now = owners(store)
    first = now["account"][known["acme"]]
    second = now["account"][known["zeta"]]
    assert {first, second} == {known["li"], known["tom"]}
    # what hangs on a customer goes with it, what belongs to others stays with them
    assert now["contact"] == {known["ann"]: first, known["bob"]: second, known["cem"]: known["tom"]}
    assert now["opportunity"] == {known["deal"]: first, known["won"]: known["maria"]}
    assert now["activity"] == {known["call"]: first, known["talk"]: known["maria"]}
    assert now["lead"] == {known["lead"]: second, known["dead"]: known["maria"]}  # the second has less
    assert moves.moved == {"account": 2, "contact": 2, "lead": 1, "opportunity": 1, "activity": 1}
    held = {(one.user, one.entity): (one.before, one.after) for one in moves.holdings}
    assert held["maria", "account"] == (2, 0)
    assert held["maria", "opportunity"] == (2, 1)
    log = read_changes(store, moves.operation_id)
    assert {"owner_id": known["maria"]} in [one.old for one in log]
    assert read_log(store)[0].summary["account.update"] == 2
    undo(store, moves.operation_id, BOSS)
    assert business_content(store) == before


def test_a_condition_chooses_customers_and_what_follows_them(store: Store) -> None:
    known = fill(store)
    moves = hand_over(store, takers=["li"], where="region = 'TX'")
    now = owners(store)
    assert now["account"] == {known["acme"]: known["li"], known["zeta"]: known["maria"]}
    assert now["contact"][known["ann"]] == known["li"]  # has no address of her own, but follows Acme
    assert now["opportunity"][known["deal"]] == known["li"]
    assert now["lead"][known["lead"]] == known["maria"]
    assert moves.unasked == ["opportunity", "activity"]
    assert moves.left == {"account": 1, "contact": 1, "lead": 1}


def test_entities_and_closed_work_on_request(store: Store) -> None:
    known = fill(store)
    hand_over(store, takers=["li"], entities=["opportunities"], open_only=False)
    now = owners(store)
    assert set(now["opportunity"].values()) == {known["li"]}
    assert set(now["account"].values()) == {known["maria"]}
    assert hand_over(store, takers=["li"], open_only=False).moved["activity"] == 2
    assert known["maria"] not in {owner for found in owners(store).values() for owner in found.values()}


def test_who_cannot_take(store: Store) -> None:
    fill(store)
    with pytest.raises(UsageError, match="gone no longer works here"):
        hand_over(store, takers=["li", "gone"])
    with pytest.raises(UsageError, match="maria cannot hand over to themselves"):
        hand_over(store, takers=["Maria"])
    with pytest.raises(NotFoundError) as fault:
        hand_over(store, takers=["lii"])
    assert fault.value.hint == "did you mean li?"
    with pytest.raises(UnknownFieldError, match="account has no field 'regoin'"):
        hand_over(store, takers=["li"], where="regoin = 'TX'")
    with pytest.raises(UsageError, match="team has no owner"):
        hand_over(store, takers=["li"], entities=["team"])


def test_deleted_and_merged_records_stay(store: Store) -> None:
    known = fill(store)
    with operation(store, "delete", BOSS) as op:
        op.delete("account", [known["zeta"]])
    hand_over(store, takers=["li"])
    assert owners(store)["account"][known["zeta"]] == known["maria"]


@given(weights=st.lists(st.integers(1, 9), max_size=60), takers=st.integers(1, 5), split=st.sampled_from(Split))
def test_dealing_is_even_and_repeatable(weights: list[int], takers: int, split: Split) -> None:
    people = list(range(100, 100 + takers))
    dealt = deal(weights, people, split)
    assert dealt == deal(weights, people, split)
    loads = dict.fromkeys(people, 0)
    for weight, taker in zip(weights, dealt, strict=True):
        loads[taker] += weight if split is Split.EVEN else 1
    spread = max(loads.values()) - min(loads.values())
    assert spread <= (max(weights, default=0) if split is Split.EVEN else 1)
