"""Import of what a source says anew, says again or said before: who wins, what that confirms, and what stays undone."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from crm_cli.history import operation, undo
from crm_cli.importers.mapping import ColumnMap, Mapping
from crm_cli.jobs.importing import Collision, ImportResult
from crm_cli.jobs.merging import MergeGroup, merge
from crm_cli.store import Store
from tests.dumps import business_content
from tests.jobs.test_importing import MARIA, load, rows, write
from tests.jobs.test_importing_companies import confirmed, counts

HEADER = "id,last name,job title,email,city\n"


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def take(store: Store, folder: Path, text: str, header: str = HEADER, **more: Any) -> ImportResult:
    return load(store, write(folder, header + text), key="id", **{"source_name": "erp", **more})


def edit(store: Store, entity: str, values: dict[str, Any], number: int | None = None) -> int:
    with operation(store, "set", MARIA) as op:
        op.update(entity, {number or rows(store, entity)[0]["id"]: values})
        return op.id


def titles(store: Store) -> list[str | None]:
    return [one["job_title"] for one in rows(store, "contact")]


def emails(store: Store) -> list[tuple[str, bool]]:
    living = [one for one in rows(store, "email_address") if one["deleted_at"] is None]
    return [(one["standard"], one["is_primary"]) for one in living]


@pytest.mark.all_databases
def test_what_was_refused_for_its_age_is_taken_when_the_source_says_it_anew(store: Store, tmp_path: Path) -> None:
    take(store, tmp_path, "1,Lee,Alpha,,\n", as_of=day("2025-01-01"))
    refused = take(store, tmp_path, "1,Lee,Zeta,,\n", as_of=day("2020-01-01"))
    assert (titles(store), refused.counts["conflicts"]) == (["Alpha"], 1)
    assert max(confirmed(store, "contact", "employment")) == day("2025-01-01")
    assert day("2020-01-01") in confirmed(store, "contact", "identity")  # the name is the same
    take(store, tmp_path, "1,Lee,Zeta,,\n", as_of=day("2026-01-01"))
    assert titles(store) == ["Zeta"]
    assert max(confirmed(store, "contact", "employment")) == day("2026-01-01")


@pytest.mark.all_databases
def test_the_source_wins_over_an_edit_when_told_to_though_it_says_nothing_new(store: Store, tmp_path: Path) -> None:
    take(store, tmp_path, "1,Lee,Alpha,,\n", collision=Collision.SOURCE)
    edit(store, "contact", {"job_title": "By hand"})
    again = take(store, tmp_path, "1,Lee,Alpha,,\n", collision=Collision.SOURCE)
    assert (titles(store), counts(again)) == (["Alpha"], (0, 1, 0))
    assert counts(take(store, tmp_path, "1,Lee,Alpha,,\n", collision=Collision.SOURCE)) == (0, 0, 1)


def test_an_owner_who_is_entered_later_is_found_later(store: Store, tmp_path: Path) -> None:
    header, row = "id,last name,owner\n", "1,Lee,maria\n"
    take(store, tmp_path, row, header)
    with operation(store, "add", MARIA) as op:
        (maria,) = op.insert("app_user", [{"username": "maria"}])
    found = take(store, tmp_path, row, header)
    (lee,) = rows(store, "contact")
    assert (lee["owner_id"], lee["extra"], counts(found)) == (maria, None, (0, 1, 0))
    assert counts(take(store, tmp_path, row, header)) == (0, 0, 1)


def test_a_source_that_only_repeats_itself_leaves_what_came_after_it(store: Store, tmp_path: Path) -> None:
    take(store, tmp_path, "1,Lee,Alpha,,\n")
    number = edit(store, "contact", {"job_title": "By hand"})
    kept = take(store, tmp_path, "1,Lee,Alpha,,\n")
    assert (titles(store), kept.counts["conflicts"]) == (["By hand"], 1)
    assert len(confirmed(store, "contact", "employment")) == 1  # by the first import alone
    assert len(confirmed(store, "contact", "identity")) == 2
    undo(store, number, MARIA)
    assert counts(take(store, tmp_path, "1,Lee,Alpha,,\n")) == (0, 0, 1)
    assert len(confirmed(store, "contact", "employment")) == 2


def test_an_edit_that_is_taken_back_lets_the_source_through(store: Store, tmp_path: Path) -> None:
    take(store, tmp_path, "1,Lee,Alpha,,\n")
    number = edit(store, "contact", {"job_title": "By hand"})
    take(store, tmp_path, "1,Lee,Beta,,\n")
    assert titles(store) == ["By hand"]
    undo(store, number, MARIA)
    take(store, tmp_path, "1,Lee,Beta,,\n")
    assert titles(store) == ["Beta"]


def test_an_import_that_is_taken_back_can_be_made_again(store: Store, tmp_path: Path) -> None:
    take(store, tmp_path, "1,Lee,Alpha,,\n")
    undo(store, take(store, tmp_path, "1,Lee,Beta,,\n").operation_id, MARIA)
    assert titles(store) == ["Alpha"]
    take(store, tmp_path, "1,Lee,Beta,,\n")
    assert titles(store) == ["Beta"]


def test_what_a_person_cleared_stays_clear(store: Store, tmp_path: Path) -> None:
    take(store, tmp_path, "1,Lee,Alpha,,\n")
    edit(store, "contact", {"job_title": None})
    kept = take(store, tmp_path, "1,Lee-Roe,Alpha,,\n")
    assert (titles(store), kept.counts["conflicts"]) == ([None], 1)
    take(store, tmp_path, "1,Lee-Roe,Alpha,,\n", collision=Collision.SOURCE)
    assert titles(store) == ["Alpha"]


def test_what_the_rules_tidied_is_not_untidied_by_the_same_file(store: Store, tmp_path: Path) -> None:
    take(store, tmp_path, "1,Lee,Alpha,,\n")
    with operation(store, "standardize", MARIA) as op:
        op.update("contact", {rows(store, "contact")[0]["id"]: {"job_title": "Head of Alpha"}})
    take(store, tmp_path, "1,Lee,Alpha,,\n")
    assert titles(store) == ["Head of Alpha"]


@pytest.mark.all_databases
def test_an_unchanged_row_says_that_it_still_holds(store: Store, tmp_path: Path) -> None:
    take(store, tmp_path, "1,Lee,Buyer,,\n", as_of=day("2024-01-01"))
    again = take(store, tmp_path, "1,Lee,Buyer,,\n", as_of=day("2025-06-01"))
    with store.read() as connection:
        seen = connection.scalars(sa.select(store.table("external_ref").c.last_seen_at)).all()
    assert (seen, counts(again)) == ([day("2025-06-01")], (0, 0, 1))
    older = take(store, tmp_path, "1,Lee,Janitor,,\n", as_of=day("2024-06-01"))
    assert (titles(store), older.counts["conflicts"]) == (["Buyer"], 1)


def test_an_import_that_is_taken_back_says_nothing_of_age(store: Store, tmp_path: Path) -> None:
    take(store, tmp_path, "1,Lee,Buyer,,\n", as_of=day("2024-01-01"))
    undo(store, take(store, tmp_path, "1,Lee,Buyer,,\n", as_of=day("2025-06-01")).operation_id, MARIA)
    take(store, tmp_path, "1,Lee,Janitor,,\n", as_of=day("2024-06-01"))
    assert titles(store) == ["Janitor"]


def test_a_column_of_last_changes_says_how_old_each_row_is(store: Store, tmp_path: Path) -> None:
    names = ("contact.family_name", "contact.job_title", "contact.last_modified")
    columns = tuple(map(ColumnMap, ("last name", "job title", "changed"), names))
    mapping = Mapping(("contact",), columns, key="id")
    header = "id,last name,job title,changed\n"
    take(store, tmp_path, "1,Lee,Beta,2024-05-05T00:00Z\n2,Roe,Beta,2024-05-05T00:00Z\n", header, mapping=mapping)
    take(store, tmp_path, "1,Lee,Alpha,2024-01-01T00:00Z\n2,Roe,Gamma,2024-09-01T00:00Z\n", header, mapping=mapping)
    assert titles(store) == ["Beta", "Gamma"]


@pytest.mark.all_databases
def test_a_changed_address_takes_the_place_of_the_one_the_source_gave(store: Store, tmp_path: Path) -> None:
    take(store, tmp_path, "1,Lee,Boss,old@x.example,Rome\n", as_of=day("2024-01-01"))
    before = business_content(store)
    changed = take(store, tmp_path, "1,Lee,Boss,new@x.example,Paris\n", as_of=day("2025-01-01"))
    assert emails(store) == [("new@x.example", True)]
    assert [one["city"] for one in rows(store, "postal_address")] == ["Paris"]
    assert counts(changed) == (0, 1, 0)
    assert max(confirmed(store, "contact", "email")) == day("2025-01-01")
    assert counts(take(store, tmp_path, "1,Lee,Boss,new@x.example,Paris\n")) == (0, 0, 1)
    undo(store, changed.operation_id, MARIA)
    assert business_content(store) == before


def test_an_address_that_a_person_chose_stays_the_first(store: Store, tmp_path: Path) -> None:
    take(store, tmp_path, "1,Lee,Boss,old@x.example,\n")
    edit(store, "email_address", {"value": "mine@x.example", "standard": "mine@x.example"})
    kept = take(store, tmp_path, "1,Lee,Boss,new@x.example,\n")
    assert emails(store) == [("mine@x.example", True), ("new@x.example", False)]
    assert kept.counts["conflicts"] == 1
    assert len(confirmed(store, "contact", "email")) == 1  # by the first import alone
    take(store, tmp_path, "1,Lee,Boss,new@x.example,\n", collision=Collision.SOURCE)
    assert emails(store) == [("mine@x.example", False), ("new@x.example", True)]


def test_that_mail_bounced_is_no_choice_of_an_address(store: Store, tmp_path: Path) -> None:
    take(store, tmp_path, "1,Lee,Boss,old@x.example,\n")
    edit(store, "email_address", {"standing": "bounced"})
    take(store, tmp_path, "1,Lee,Boss,new@x.example,\n")
    assert emails(store) == [("new@x.example", True)]
    assert rows(store, "email_address")[0]["standing"] == "unverified"


def test_a_changed_mobile_number_is_the_mobile_number(store: Store, tmp_path: Path) -> None:
    header = "id,last name,phone,mobile\n"
    take(store, tmp_path, "1,Lee,+4930901820,+491701234567\n", header)
    take(store, tmp_path, "1,Lee,+4930901820,+491701234568\n", header)
    found = [(one["standard"], one["kind"], one["is_primary"]) for one in rows(store, "phone_number")]
    assert found == [("+4930901820", "work", True), ("+491701234568", "mobile", False)]


def test_a_first_number_that_was_the_second_becomes_the_first(store: Store, tmp_path: Path) -> None:
    header = "id,last name,email,home_email\n"
    take(store, tmp_path, "1,Lee,work@x.example,home@x.example\n", header)
    take(store, tmp_path, "1,Lee,home@x.example,\n", header)
    assert sorted(emails(store)) == [("home@x.example", True), ("work@x.example", False)]


def test_a_file_with_less_of_the_address_takes_nothing_away(store: Store, tmp_path: Path) -> None:
    take(store, tmp_path, "1,Lee,1 Main St,Rome,IT\n", "id,last name,street,city,country\n")
    less = take(store, tmp_path, "1,Lee,Rome\n", "id,last name,city\n", accept_columns=True)
    assert ([one["street"] for one in rows(store, "postal_address")], counts(less)) == (["1 Main St"], (0, 0, 1))
    take(store, tmp_path, "1,Lee,Paris\n", "id,last name,city\n", accept_columns=True)
    found = [(one["city"], one["street"], one["is_primary"]) for one in rows(store, "postal_address")]
    assert found == [("Rome", "1 Main St", False), ("Paris", None, True)]


@pytest.mark.all_databases
def test_both_rows_of_a_merged_record_can_change_it(store: Store, tmp_path: Path) -> None:
    take(store, tmp_path, "1,Lee,,a@x.example,\n2,Lee,Buyer,a@x.example,\n")
    merge(store, "contact", [MergeGroup(tuple(one["id"] for one in rows(store, "contact")))], MARIA)
    changed = take(store, tmp_path, "1,Lee,CEO,b@x.example,\n2,Lee,CEO,b@x.example,\n")
    living = next(one for one in rows(store, "contact") if one["merged_into_id"] is None)
    assert (living["job_title"], changed.counts["conflicts"]) == ("CEO", 0)
    assert ("b@x.example", True) in emails(store)
    before = business_content(store)
    assert counts(take(store, tmp_path, "1,Lee,CEO,b@x.example,\n2,Lee,CEO,b@x.example,\n")) == (0, 0, 2)
    assert business_content(store) == before


def test_rows_of_a_merged_record_that_disagree_do_not_take_turns(store: Store, tmp_path: Path) -> None:
    text = "1,Lee,Clerk,a@x.example,Rome\n2,Lee,Buyer,b@x.example,Paris\n"
    take(store, tmp_path, text)
    merge(store, "contact", [MergeGroup(tuple(one["id"] for one in rows(store, "contact")))], MARIA)
    before = business_content(store)
    for rule in (Collision.NEWEST, Collision.NEWEST, Collision.BLANK):
        assert counts(take(store, tmp_path, text, collision=rule))[1] == 0
        assert business_content(store) == before


def test_an_edit_that_survived_a_merge_is_still_an_edit(store: Store, tmp_path: Path) -> None:
    take(store, tmp_path, "1,Lee,,,\n2,Lee,Buyer,,\n")
    first, second = [one["id"] for one in rows(store, "contact")]
    edit(store, "contact", {"job_title": "By hand"}, second)
    merge(store, "contact", [MergeGroup((first, second))], MARIA)
    take(store, tmp_path, "1,Lee,CEO,,\n2,Lee,CEO,,\n")
    living = next(one for one in rows(store, "contact") if one["merged_into_id"] is None)
    assert living["job_title"] == "By hand"


@pytest.mark.all_databases
def test_a_contact_point_that_a_person_deleted_or_replaced_does_not_come_back(store: Store, tmp_path: Path) -> None:
    take(store, tmp_path, "1,Lee,Boss,a@x.example,Rome\n")
    with operation(store, "delete", MARIA) as op:
        op.update("email_address", {rows(store, "email_address")[0]["id"]: {"deleted_at": op.started_at}})
    edit(store, "postal_address", {"city": "Milan", "standard": "Milan", "value": "Milan"})
    kept = take(store, tmp_path, "1,Lee,Clerk,a@x.example,Rome\n")
    assert emails(store) == []
    assert [one["city"] for one in rows(store, "postal_address")] == ["Milan"]
    assert kept.counts["conflicts"] == 2
    take(store, tmp_path, "1,Lee,Clerk,a@x.example,Rome\n", collision=Collision.SOURCE)
    assert emails(store) == [("a@x.example", True)]


@pytest.mark.all_databases
def test_an_edit_made_while_the_import_runs_is_not_overwritten(store: Store, tmp_path: Path) -> None:
    take(store, tmp_path, "1,Lee,Alpha,,\n")
    number = rows(store, "contact")[0]["id"]
    done: list[ImportResult] = []
    run = threading.Thread(target=lambda: done.append(take(store, tmp_path, "1,Lee,Beta,,\n")))
    with operation(store, "set", MARIA) as op:
        op.update("contact", {number: {"job_title": "By hand"}})
        run.start()
        time.sleep(1.5)  # without a lock the import has read what stood before by now
        assert run.is_alive()
    run.join(30)
    assert (titles(store), done[0].counts["conflicts"]) == (["By hand"], 1)
