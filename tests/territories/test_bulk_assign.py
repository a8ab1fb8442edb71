"""References set in bulk: log, blame, content and undo are those of the same updates made one by one."""

from __future__ import annotations

import random
import sys
from typing import Any

import pytest

from crm_cli.history import Author, Operation, blame, operation, read_changes, read_log, read_operation, undo
from crm_cli.history.assigning import assign_fields
from crm_cli.history.bulk_undo import set_back_in_bulk
from crm_cli.store import Store
from tests.dumps import business_content

BOSS = Author("boss")
FIELDS = ("territory_id", "owner_id")
Given = list[tuple[int, int | None, int | None]]


def fill(store: Store, states: list[tuple[int | None, int | None]]) -> None:
    with operation(store, "add", BOSS) as op:
        op.insert("app_user", [{"username": name} for name in ("ann", "bob")])
        op.insert("territory", [{"name": name} for name in ("North", "South")])
        op.insert(
            "account",
            [{"name": f"A{n}", "territory_id": there, "owner_id": owner} for n, (there, owner) in enumerate(states)],
        )


def one_by_one(op: Operation, rows: Given) -> int:
    """The naive reference."""
    return len(op.update("account", {row[0]: dict(zip(FIELDS, row[1:], strict=True)) for row in rows}))


def in_bulk(op: Operation, rows: Given) -> int:
    return assign_fields(op, "account", FIELDS, rows)


def what_is_seen(store: Store, rows: Given, number: int) -> dict[str, Any]:
    log = [(one.action, one.entity, one.record_id, one.old, one.new) for one in read_changes(store, number)]
    lines = [
        sorted(
            ((one.action, one.field, one.old, one.new) for one in blame(store, "account", row[0])
             if one.operation_id == number), key=repr,
        )
        for row in rows
    ]  # fmt: skip
    seen = {"log": log, "blame": lines, "content": business_content(store), "summary": read_log(store)[0].summary}
    return seen | {"restored": undo(store, number, BOSS).restored if log else 0}


def test_the_log_says_what_differs_and_undo_brings_it_back(store: Store) -> None:
    fill(store, [(None, None), (1, 1), (1, None), (2, 2)])
    before = business_content(store)
    with operation(store, "assign", BOSS) as op:
        assert assign_fields(op, "account", FIELDS, [(1, 1, 2), (2, 1, 2), (3, None, None), (4, 2, 2), (99, 1, 1)]) == 3
    assert [(one.record_id, one.old, one.new) for one in read_changes(store, op.id)] == [
        (1, {"territory_id": None, "owner_id": None}, {"territory_id": 1, "owner_id": 2}),
        (2, {"owner_id": 1}, {"owner_id": 2}),
        (3, {"territory_id": 1}, {"territory_id": None}),
    ]
    rows = business_content(store)["account"]
    assert [(row["territory_id"], row["owner_id"]) for row in rows] == [(1, 2), (1, 2), (None, None), (2, 2)]
    assert undo(store, op.id, BOSS).restored == 3
    assert business_content(store) == before


@pytest.mark.parametrize("seed", range(3))
def test_in_bulk_is_as_one_by_one(store: Store, seed: int) -> None:
    chance = random.Random(seed)
    choices = (None, 1, 2)
    fill(store, [(chance.choice(choices), chance.choice(choices)) for _ in range(40)])
    rows: Given = [(number, chance.choice(choices), chance.choice(choices)) for number in range(1, 41)]
    before = business_content(store)
    seen = []
    for way in (one_by_one, in_bulk):
        with operation(store, "assign", BOSS) as op:
            changed = way(op, rows)
        seen.append({"changed": changed} | what_is_seen(store, rows, op.id))
        assert business_content(store) == before
    assert seen[0] == seen[1]
    assert 0 < seen[0]["changed"] < 40


def test_what_is_no_reference_is_refused(store: Store) -> None:
    with operation(store, "assign", BOSS) as op:
        with pytest.raises(LookupError):
            assign_fields(op, "account", ("name",), [])
        with pytest.raises(ValueError, match="3 fields"):
            assign_fields(op, "account", (*FIELDS, "parent_id"), [])


def test_what_an_operation_made_and_referred_to_goes_together_unless_others_refer_to_it(store: Store) -> None:
    fill(store, [(1, None), (1, None)])
    before = business_content(store)

    def make() -> Operation:
        with operation(store, "territory", BOSS) as op:
            [number] = op.insert("territory", [{"name": "New"}])
            assign_fields(op, "account", FIELDS, [(1, number, 1)])
        return op

    first = make()
    assert undo(store, first.id, BOSS).refused == []
    assert business_content(store) == before
    again = make()
    new = business_content(store)["territory"][-1]["id"]
    with operation(store, "set", BOSS) as op:
        op.update("account", {2: {"territory_id": new}})
    refused = undo(store, again.id, BOSS).refused
    assert [(one.entity, one.record_id, one.why) for one in refused] == [
        ("territory", new, "account 2 refers to it since")
    ]
    assert [row["territory_id"] for row in business_content(store)["account"]] == [1, new]


def _undone(store: Store, number: int, *, carefully: bool, patch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What an undo leaves, and is undone by itself; `carefully` is the way that judges record by record."""
    with patch.context() as changed:
        if carefully:
            changed.setattr(sys.modules["crm_cli.history.undo"], "set_back_in_bulk", lambda op, number: None)
        result = undo(store, number, BOSS)
        log = sorted(
            (one.entity, one.record_id, one.action, repr(sorted(one.old.items())), repr(sorted(one.new.items())))
            for one in read_changes(store, result.operation_id)
        )
        seen = {
            "restored": result.restored, "refused": result.refused, "log": log, "content": business_content(store),
            "marked": read_operation(store, number).undone_by == result.operation_id,
            "undoes": read_log(store)[0].undoes == number, "summary": read_log(store)[0].summary,
        }  # fmt: skip
        undo(store, result.operation_id, BOSS)
    return seen


def test_an_undo_in_bulk_is_as_the_careful_one(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(3)
    choices = (None, 1, 2)
    fill(store, [(chance.choice(choices), chance.choice(choices)) for _ in range(30)])
    rows: Given = [(number, chance.choice(choices), chance.choice(choices)) for number in range(1, 31)]
    with operation(store, "assign", BOSS) as op:
        in_bulk(op, rows)
    in_one, carefully = (_undone(store, op.id, carefully=way, patch=monkeypatch) for way in (False, True))
    assert in_one == carefully
    assert in_one["restored"] > 20

    with operation(store, "probe", BOSS, dry_run=True) as probe:
        assert set_back_in_bulk(probe, op.id) == in_one["restored"]
    moved = next(one for one in read_changes(store, op.id) if "owner_id" in one.new)
    [third] = set(choices) - {moved.old["owner_id"], moved.new["owner_id"]}
    for value, stands in ((third, False), (moved.new["owner_id"], True)):  # changed, and changed back
        with operation(store, "set", BOSS) as later:
            later.update("account", {moved.record_id: {"owner_id": value}})
        with operation(store, "probe", BOSS, dry_run=True) as probe:
            assert (set_back_in_bulk(probe, op.id) is not None) == stands
        assert (undo(store, op.id, BOSS, dry_run=True).refused == []) == stands
