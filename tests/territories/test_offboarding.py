"""Somebody leaves: everything open goes to others, closed work stays, and undo brings all back."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from crm_cli.errors import UsageError
from crm_cli.history import operation, read_log, undo
from crm_cli.jobs.offboarding import Mention, Offboarded, Offboarding, files_naming, offboard, write_sheet
from crm_cli.store import Store
from crm_cli.territories import NewRule, Plan, add_member, add_rule, keep_plan, plan_of
from tests.dumps import business_content
from tests.territories.market import BOSS, make_market, named


def fill(store: Store) -> dict[str, int]:
    known = make_market(store)
    maria = known["maria"]
    with operation(store, "add", BOSS) as op:
        op.update("app_user", {known["tom"]: {"manager_id": maria}, maria: {"database_login": "maria_db"}})
        [known["won"]] = op.insert("opportunity", [{"name": "Won", "stage": "won", "owner_id": maria}])
        op.insert("lead", [{"family_name": "New", "owner_id": maria}])
        op.insert(
            "activity",
            [{"subject": "Talk", "party_id": known["A0"], "status": "done", "owner_id": maria,
              "occurred_at": op.started_at}],
        )  # fmt: skip
        add_member(op, "North", maria, share=3.0, role="overlay")
        add_member(op, "North", known["li"])
        rule = NewRule(territory="Key", entity="lead", condition="true", assign="direct", owner="maria")
        known["direct"] = add_rule(op, rule)
        known["worded"] = add_rule(
            op, NewRule(territory="Key", entity="account", condition="owner.manager.username = 'Maria'")
        )
        keep_plan(op, _plan(), op.store.today())
    return known


def _plan() -> Plan:
    return plan_of({"member": [{"territory": "Key", "user": "maria"}]}, "PLAN.toml")


def leave(store: Store, *takers: str, path: Path | None = None, dry_run: bool = False) -> Offboarded:
    with operation(store, "offboard", BOSS, dry_run=dry_run) as op:
        done = offboard(op, Offboarding(user="maria", takers=takers))
        if path is not None:
            write_sheet(op, path)
    return done


def test_everything_open_goes_to_others_and_undo_brings_all_back(store: Store) -> None:
    known = fill(store)
    before = business_content(store)
    leave(store, "tom", "li", dry_run=True)
    assert business_content(store) == before
    done = leave(store, "tom", "li")
    now = business_content(store)
    maria = known["maria"]
    for entity in ("account", "contact", "lead", "opportunity", "activity"):
        mine = [row for row in now[entity] if row["owner_id"] == maria]
        closed = {"opportunity": ["Won"], "activity": ["Talk"]}.get(entity, [])
        assert [row.get("name") or row.get("subject") for row in mine] == closed
        assert not [row for row in now[entity] if row["owner_id"] is None]
    people = named(now["app_user"], "username")
    assert (people["maria"]["active"], people["tom"]["manager_id"]) == (False, known["li"])
    places = {
        (row["territory_id"], row["user_id"]): (row["share"], row["role"])
        for row in now["territory_member"]
        if row["deleted_at"] is None
    }
    assert places == {
        (known["South"], known["tom"]): (1.0, None),
        (known["North"], known["tom"]): (4.0, None),  # both work there already: the first in turn gets her share
        (known["North"], known["li"]): (1.0, None),
    }
    rules = named(now["territory_rule"], "id")
    assert rules[known["direct"]]["owner_id"] == known["tom"]
    assert (done.conditions, len(done.plans), done.database_login) == ([known["worded"]], 1, "maria_db")
    assert read_log(store)[0].kind == "offboard"
    assert undo(store, done.operation_id, BOSS).refused == []
    assert business_content(store) == before


def test_the_sheet_has_what_changed_hands_with_its_last_contact(store: Store, tmp_path: Path) -> None:
    known = fill(store)
    path = tmp_path / "handover.xlsx"
    leave(store, "li", path=path)
    book = load_workbook(path)
    assert book.sheetnames == ["Accounts", "Contacts", "Leads", "Open deals", "Activities"]
    header, *rows = book["Accounts"].iter_rows(values_only=True)
    found = {row[0]: dict(zip(header, row, strict=True)) for row in rows}
    assert sorted(found) == sorted(known[f"A{n}"] for n in range(7))
    first = found[known["A0"]]
    assert (first["name"], first["owner"], first["territory"]) == ("A0", "li", "South")
    assert first["last_contact"] is not None
    assert found[known["A1"]]["last_contact"] is None
    assert [row[1] for row in book["Open deals"].iter_rows(values_only=True)][1:] == [f"D{n}" for n in range(7)]
    with pytest.raises(UsageError):
        leave(store, "maria")


def test_a_sheet_that_cannot_be_written_leaves_everything_as_it_was(store: Store, tmp_path: Path) -> None:
    fill(store)
    before = business_content(store)
    (tmp_path / "there.xlsx").write_text("mine")
    with pytest.raises(UsageError):
        leave(store, "li", path=tmp_path / "there.xlsx")
    assert business_content(store) == before
    assert (tmp_path / "there.xlsx").read_text() == "mine"


def test_files_that_name_a_user_are_found_by_the_whole_word(tmp_path: Path) -> None:
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "phones.toml").write_text('owner = "Maria"\nmessage = "marian, not maria-x"\n# maria\n')
    (tmp_path / "crm.toml").write_text('to = ["maria@example.com"]\nuser = "maria"\n')
    (tmp_path / "notes.txt").write_text("maria")
    assert files_naming(tmp_path, "maria") == [
        Mention("crm.toml", 2, 'user = "maria"'), Mention("policies/phones.toml", 1, 'owner = "Maria"'),
    ]  # fmt: skip
