"""Plans of territories: simulated, applied at once or on their day, undone; and where a record was."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from crm_cli.history import operation, undo
from crm_cli.store import Store
from crm_cli.territories import (
    Carried,
    PlanError,
    Simulation,
    apply_plan,
    apply_planned,
    cancel_plan,
    keep_plan,
    plan_of,
    read_plan,
    read_planned,
    read_rules,
    read_stays,
    read_tree,
    simulate,
)
from tests.dumps import business_content
from tests.territories.market import BOSS, make_market, named

TODAY = date(2026, 6, 15)
SPLIT: dict[str, Any] = {
    "name": "Split",
    "territory": [{"name": "Big", "parent": "US"}, {"name": "South", "description": "The small ones"}],
    "member": [{"territory": "Big", "user": "li", "share": 2}],
    "rule": [
        {"territory": "Big", "where": "industry = 'toys' and employees >= 40", "position": 1, "owner": "li"},
        {"territory": "Key", "accounts": [], "where": "name = 'A0'", "position": 0, "assign": "sticky"},
    ],
}


def apply(store: Store, document: dict[str, Any], *, dry_run: bool = False) -> Carried:
    with operation(store, "territory", BOSS, dry_run=dry_run) as op:
        return apply_plan(op, plan_of(document, "PLAN.toml"), today=TODAY)


def simulated(store: Store, document: dict[str, Any]) -> Simulation:
    return simulate(store, plan_of(document, "PLAN.toml"), today=TODAY)


def where_accounts_are(store: Store) -> dict[str, tuple[Any, Any]]:
    content = business_content(store)
    places = {row["id"]: row["name"] for row in content["territory"]} | {None: None}
    people = {row["id"]: row["username"] for row in content["app_user"]} | {None: None}
    return {row["name"]: (places[row["territory_id"]], people[row["owner_id"]]) for row in content["account"]}


def test_what_is_simulated_is_what_is_done_and_undo_brings_all_back(store: Store) -> None:
    known = make_market(store)
    before = business_content(store)
    found = simulated(store, SPLIT)
    assert business_content(store) == before
    places = {one.name: (one.lost, one.gained, one.before.accounts, one.after.accounts) for one in found.territories}
    assert places == {"Big": (0, 3, 0, 3), "Key": (0, 1, 0, 1), "North": (0, 0, 3, 3), "South": (4, 0, 7, 3)}
    hands = {one.name: one for one in found.owners}
    assert (hands["maria"].lost, hands["li"].gained) == (3, 3)
    assert hands["li"].after.pipeline == {"EUR": 5_000 + 6_000 + 7_000}
    assert (hands["li"].after.opportunities, hands["li"].after.activities) == (3, 3)
    assert hands["maria"].after.pipeline == {"EUR": 1_000 + 2_000 + 3_000 + 4_000}
    spread = {(one.measure, one.among): one for one in found.fairness}
    assert spread["accounts", "owners"].before.largest == pytest.approx(2.1)  # 7 of 10 among three

    done = apply(store, SPLIT)
    assert where_accounts_are(store) == {
        "A0": ("Key", "maria"), **{f"A{n}": ("South", "maria") for n in (1, 2, 3)},
        **{f"A{n}": ("Big", "li") for n in (4, 5, 6)}, **{f"A{n}": ("North", "tom") for n in (7, 8, 9)},
    }  # fmt: skip
    assert {row["name"] for row in business_content(store)["opportunity"] if row["owner_id"] == known["li"]} == {
        "D4", "D5", "D6",
    }  # fmt: skip
    assert done.structure == {
        "members added or changed": 1, "rules added": 2, "territories added": 1, "territories changed": 1,
    }  # fmt: skip
    assert undo(store, done.operation_id, BOSS).refused == []
    assert business_content(store) == before
    with store.read() as connection:
        assert read_planned(store, connection) == []


def test_a_plan_waits_for_its_day_and_stays_begin_on_it(store: Store) -> None:
    known = make_market(store)
    day = date(2026, 7, 1)
    with operation(store, "territory", BOSS) as op:
        first = keep_plan(op, plan_of(SPLIT, "PLAN.toml"), day)
        second = keep_plan(op, plan_of(SPLIT, "PLAN.toml"), day)
        cancel_plan(op, second)
    with store.read() as connection:
        assert read_planned(store, connection, due=date(2026, 6, 30)) == []
        assert [one.id for one in read_planned(store, connection, due=date(2026, 7, 3))] == [first]
    with operation(store, "territory", BOSS) as op:
        apply_planned(op, first, today=date(2026, 7, 3))
        with pytest.raises(PlanError, match=f"plan {first} is applied"):
            apply_planned(op, first, today=date(2026, 7, 3))
        with pytest.raises(PlanError, match=f"plan {second} is cancelled"):
            cancel_plan(op, second)
    with store.read() as connection:
        newest, oldest = read_stays(store, connection, "account", known["A5"])
        assert (newest.territory, newest.owner, newest.since, newest.until) == ("Big", "li", day, None)
        assert (oldest.territory, oldest.owner, oldest.until) == ("South", "maria", date(2026, 6, 30))
        [only] = read_stays(store, connection, "account", known["A8"])
        assert (only.territory, only.until) == ("North", None)
        assert {one.id: one.status for one in read_planned(store, connection)} == {
            first: "applied",
            second: "cancelled",
        }
    undo(store, op.id, BOSS)
    with store.read() as connection:
        [only] = read_stays(store, connection, "account", known["A5"])
        assert (only.territory, only.owner, only.until) == ("South", "maria", None)
        assert read_planned(store, connection)[0].status == "planned"


def test_a_stay_is_known_whoever_moved_the_record(store: Store) -> None:
    known = make_market(store)
    with operation(store, "set", BOSS) as op:
        op.update("account", {known["A1"]: {"territory_id": known["Key"]}})
    with operation(store, "set", BOSS) as op:
        op.update("account", {known["A1"]: {"owner_id": known["li"], "employees": 3}})
    with store.read() as connection:
        stays = read_stays(store, connection, "account", known["A1"])
    assert [(one.territory, one.owner, one.kind) for one in stays] == [
        ("Key", "li", "set"), ("Key", "maria", "set"), ("South", "maria", None),
    ]  # fmt: skip


def test_rules_are_changed_and_removed_and_a_territory_goes_when_it_is_empty(store: Store) -> None:
    make_market(store)
    with store.read() as connection:
        rules = {rule.territory: rule.id for rule in read_rules(store, connection)}
    gone: dict[str, Any] = {"territory": [{"name": "South", "remove": True}]}
    with pytest.raises(PlanError, match="7 accounts would stay in South"):
        apply(store, gone)
    before = business_content(store)
    done = apply(store, gone | {"rule": [{"id": rules["North"], "where": "industry is not null", "assign": "keep"}]})
    assert done.structure == {
        "members removed": 1, "rules changed": 1, "rules removed": 1, "territories removed": 1,
    }  # fmt: skip
    assert where_accounts_are(store)["A1"] == ("North", "maria")
    undo(store, done.operation_id, BOSS)
    assert business_content(store) == before
    apply(store, {"rule": [{"id": rules["North"], "remove": True}]})
    with store.read() as connection:
        assert [rule.territory for rule in read_rules(store, connection)] == ["South"]


def test_records_are_moved_by_name_and_their_work_follows(store: Store) -> None:
    known = make_market(store)
    move = {"entity": "account", "records": [known["A1"], known["A2"]], "owner": "li"}
    done = apply(store, {"sort": False, "move": [move]})
    assert (where_accounts_are(store)["A1"], done.followed) == (("South", "li"), {"opportunity": 2, "activity": 2})
    with pytest.raises(PlanError, match="move 1: there is no account 9999"):
        apply(store, {"move": [{**move, "records": [known["A1"], 9999]}]})


def test_the_tree_sums_what_is_below(store: Store) -> None:
    make_market(store)
    with store.read() as connection:
        nodes = read_tree(store, connection, TODAY)
    assert [(one.name, one.depth) for one in nodes] == [("Key", 0), ("US", 0), ("North", 1), ("South", 1)]
    us = next(one for one in nodes if one.name == "US")
    assert (us.own.accounts, us.whole.accounts, us.whole.opportunities, us.whole.activities) == (0, 10, 10, 10)
    assert us.whole.pipeline == {"EUR": 1_000 * sum(range(1, 11))}
    assert [[one.username for one in node.members] for node in nodes] == [[], [], ["tom"], ["maria"]]


WRONG: tuple[tuple[dict[str, Any], str, str], ...] = (
    ({"rule": [{"territory": "South", "wher": "x"}]}, "PLAN.toml: rule 1: wher is no key", "did you mean where or"),
    ({"rule": [{"where": "true"}]}, "rule 1 has no territory", "give it a line territory"),
    ({"rule": [{"territory": "South"}]}, "rule 1 has no condition", "where, postal or accounts"),
    ({"rule": [{"territory": "South", "where": "tru"}]}, "rule 1: account has no field 'tru'", ""),
    ({"rule": [{"territory": "Sout", "where": "true"}]}, "rule 1: there is no territory 'Sout'", "mean South?"),
    ({"rule": [{"territory": "South", "where": "true", "assign": "direct"}]}, "rule 1: direct assignment", "owner"),
    ({"rule": [{"territory": "South", "where": "true", "position": "1"}]}, "position is '1'", "a whole number"),
    ({"rule": [{"territory": "South", "postal": "9-1"}]}, "rule 1: 9-1 is no range", "smaller code first"),
    ({"rule": [{"id": 99, "remove": True}]}, "rule 1: there is no rule 99", "rule list"),
    ({"rule": [{"remove": True}]}, "rule 1 has no territory", ""),
    ({"member": [{"territory": "South", "user": "toom"}]}, "member 1: there is no user 'toom'", "mean tom?"),
    ({"member": [{"territory": "South", "user": "tom", "share": -1}]}, "share is -1", "0 or more"),
    ({"territory": [{"name": "US", "parent": "South"}]}, "territory 1: the territory would be a part", ""),
    ({"territory": {"name": "US"}}, "territory must be a list", "[[territory]]"),
    ({"territories": []}, "territories is no key", "did you mean territory or"),
    ({"effective": "soon", "move": []}, "effective is 'soon'", "a day such as"),
    ({}, "changes nothing", "[[rule]]"),
    ({"move": [{"entity": "account", "records": [1]}]}, "move 1 says no territory and no owner", "give it"),
)


def test_what_is_wrong_in_a_plan_is_said_with_its_place(store: Store) -> None:
    make_market(store)
    before = business_content(store)
    for document, said, hint in WRONG:
        with pytest.raises(PlanError) as fault:
            apply(store, document)
        assert said in fault.value.message
        assert hint in fault.value.hint
    assert business_content(store) == before


def test_the_figures_of_a_simulation_are_those_of_counting_by_hand(store: Store) -> None:
    make_market(store)
    found = {one.name: one for one in simulated(store, SPLIT).owners}
    apply(store, SPLIT)
    content = business_content(store)
    people = named(content["app_user"], "id")
    for name in ("maria", "tom", "li"):
        mine = {
            kind: [row for row in content[kind] if people[row["owner_id"]]["username"] == name]
            for kind in ("account", "opportunity", "activity")
        }
        after = found[name].after
        assert (after.accounts, after.opportunities, after.activities) == tuple(map(len, mine.values()))
        assert after.pipeline["EUR"] == sum(row["amount"] for row in mine["opportunity"])


def test_the_example_is_a_plan_that_can_be_carried_out(store: Store) -> None:
    make_market(store)
    found = simulate(store, read_plan(Path(__file__).parents[2] / "examples" / "territories.toml"), today=TODAY)
    assert found.structure["rules added"] == 3
