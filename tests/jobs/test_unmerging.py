"""Taking a merge apart after anything may have happened: nothing is lost, nothing dangles, edits stay."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest

from crm_cli.errors import NotFoundError
from crm_cli.history import AlreadyUndoneError, Author, last_operation, operation, undo
from crm_cli.jobs.merging import MergeGroup, last_merge_of, merge
from crm_cli.store import Store
from tests.dumps import business_content

MARIA = Author("maria", "test")
_TITLES = ("Buyer", "Head", None)


def world(store: Store, dice: random.Random) -> list[int]:
    """Three contacts that will be one, and a stranger, with children at random."""
    with operation(store, "add", MARIA) as op:
        rows = [
            {"family_name": "Lee", "job_title": dice.choice(_TITLES), "given_name": name} for name in ("A", "Ann", "B")
        ]
        ids = op.insert("contact", [*rows, {"family_name": "Stranger"}])
        for _ in range(dice.randrange(8)):
            number, value = dice.choice(ids), f"{dice.choice('abc')}@x.example"
            op.insert("email_address", [{"party_id": number, "value": value, "standard": value}])
            op.insert("activity", [{"subject": dice.choice("xyz"), "party_id": dice.choice(ids)}])
        for number in ids:
            point = {"party_id": number, "value": f"{number}", "standard": f"{number}", "is_primary": True}
            op.insert("phone_number", [point])
    return ids


def edit(store: Store, dice: random.Random, survivor: int, stranger: int) -> dict[str, Any]:
    """Do something to the survivor or what hangs on it; return what was set on the survivor itself."""
    content = business_content(store)
    mine = {
        name: [row["id"] for row in content[name] if row["party_id"] == survivor]
        for name in ("activity", "email_address")
    }
    with operation(store, "set", MARIA) as op:
        match dice.randrange(6):
            case 0:
                title = f"Title {dice.randrange(99)}"
                op.update("contact", {survivor: {"job_title": title}})
                return {"job_title": title}
            case 1 if mine["activity"]:
                op.update("activity", {dice.choice(mine["activity"]): {"party_id": stranger}})
            case 2 if mine["activity"]:
                op.delete("activity", [dice.choice(mine["activity"])])
            case 3 if mine["email_address"]:
                op.update("email_address", {dice.choice(mine["email_address"]): {"kind": "work"}})
            case 4:
                op.insert("activity", [{"subject": "later", "party_id": survivor}])
            case _:
                op.update("contact", {survivor: {"department": f"D{dice.randrange(99)}"}})
    return {}


@pytest.mark.parametrize("seed", range(12))
def test_nothing_is_lost_whatever_came_between(store: Store, seed: int) -> None:
    dice = random.Random(seed)
    *ids, stranger = world(store, dice)
    merged = merge(store, "contact", [MergeGroup(tuple(ids))], MARIA)
    survivor = merged.clusters[0].survivor
    kept: dict[str, Any] = {}
    for _ in range(dice.randrange(1, 5)):
        kept |= edit(store, dice, survivor, stranger)
    before = business_content(store)

    result = undo(store, merged.operation_id, MARIA, units=[survivor])

    after = business_content(store)
    assert result.refused == []
    assert {name: len(rows) for name, rows in after.items()} == {name: len(rows) for name, rows in before.items()}
    people = {row["id"]: row for row in after["contact"]}
    assert all(people[number]["merged_into_id"] is None for number in ids)
    assert {name: people[survivor][name] for name in kept} == kept
    for name in ("activity", "email_address", "phone_number"):
        assert {row["party_id"] for row in after[name]} <= set(people)
    primaries = Counter(row["party_id"] for row in after["phone_number"] if row["is_primary"] and not row["deleted_at"])
    assert all(count == 1 for count in primaries.values())
    again = undo(store, result.operation_id, MARIA)
    assert again.refused == []
    assert business_content(store) == before


def two(store: Store) -> tuple[int, int]:
    """Two that are merged, the second with a telephone number and an e-mail address of its own."""
    with operation(store, "add", MARIA) as op:
        keep, gone = op.insert("contact", [{"family_name": "Lee", "given_name": "Ann"}, {"family_name": "Lee"}])
        op.insert("phone_number", [{"party_id": gone, "value": "1", "standard": "+15550001", "is_primary": True}])
        op.insert("email_address", [{"party_id": gone, "value": "a@x.example", "standard": "a@x.example"}])
    return keep, gone


def points(store: Store, name: str) -> list[tuple[int, str, bool]]:
    rows = business_content(store)[name]
    return sorted((row["party_id"], row["standard"], row["is_primary"]) for row in rows if row["deleted_at"] is None)


@pytest.mark.all_databases
def test_a_number_given_since_stays_and_the_old_one_goes_back(store: Store) -> None:
    keep, gone = two(store)
    done = merge(store, "contact", [MergeGroup((keep, gone), keep)], MARIA).operation_id
    (phone,), (mail,) = (
        [row["id"] for row in business_content(store)[name]] for name in ("phone_number", "email_address")
    )
    with operation(store, "set", MARIA) as op:
        op.update("phone_number", {phone: {"value": "2", "standard": "+15550002"}})
        op.delete("email_address", [mail])
    edited = business_content(store)

    result = undo(store, done, MARIA)

    assert result.refused == []
    assert points(store, "phone_number") == [(keep, "+15550002", True), (gone, "+15550001", True)]
    assert points(store, "email_address") == [(gone, "a@x.example", False)]  # it was deleted as the survivor's
    assert {(one.entity, one.record_id, one.why) for one in result.stays} >= {
        ("phone_number", phone, "given since"), ("email_address", mail, "given since"),
    }  # fmt: skip
    assert undo(store, result.operation_id, MARIA).refused == []
    assert business_content(store) == edited


@pytest.mark.all_databases
def test_a_chain_of_merges_is_taken_apart_from_its_end(store: Store) -> None:
    keep, gone = two(store)
    with operation(store, "add", MARIA) as op:
        (other,) = op.insert("contact", [{"family_name": "Lee", "given_name": "Anna"}])
    start = business_content(store)
    first = merge(store, "contact", [MergeGroup((keep, gone), keep)], MARIA).operation_id
    last = merge(store, "contact", [MergeGroup((other, keep), other)], MARIA).operation_id

    refused = undo(store, first, MARIA).refused

    assert {one.why for one in refused} == {f"contact {keep} was merged into {other} since: take that apart first"}
    assert undo(store, last, MARIA).refused == []
    assert undo(store, first, MARIA).refused == []
    assert business_content(store) == start


@pytest.mark.all_databases
def test_what_was_said_of_a_freed_record_is_not_buried_by_redoing_the_merge(store: Store) -> None:
    keep, gone = two(store)
    done = merge(store, "contact", [MergeGroup((keep, gone), keep)], MARIA).operation_id
    freed = undo(store, done, MARIA).operation_id
    with operation(store, "set", MARIA) as op:
        op.update("contact", {gone: {"job_title": "Son"}})
    before = business_content(store)

    result = undo(store, freed, MARIA)

    assert {one.why for one in result.refused} == {"job_title was edited since"}
    assert business_content(store) == before


@pytest.mark.all_databases
def test_a_batch_whose_clusters_were_taken_apart_one_by_one_is_undone(store: Store) -> None:
    (a, b), (c, d) = two(store), two(store)
    done = merge(store, "contact", [MergeGroup((a, b), a), MergeGroup((c, d), c)], MARIA).operation_id
    undo(store, done, MARIA, units=[a])
    undo(store, done, MARIA, units=[c])
    with pytest.raises(AlreadyUndoneError):
        undo(store, done, MARIA)


@pytest.mark.all_databases
def test_a_merge_is_found_by_either_record_the_last_one_first(store: Store) -> None:
    with operation(store, "add", MARIA) as op:
        one, two, three, alone = op.insert("contact", [{"family_name": name} for name in "ABCD"])
    first = merge(store, "contact", [MergeGroup((one, two), one)], MARIA).operation_id
    second = merge(store, "contact", [MergeGroup((one, three), one)], MARIA).operation_id
    found = [last_merge_of(store, "contact", number) for number in (two, three, one)]
    assert [(each.operation_id, each.survivor, each.merged) for each in found] == [
        (first, one, (two,)), (second, one, (three,)), (second, one, (three,))
    ]  # fmt: skip
    undo(store, second, MARIA)
    assert last_merge_of(store, "contact", one).operation_id == first
    undo(store, last_operation(store), MARIA)
    with pytest.raises(NotFoundError, match=f"contact {alone} was in no merge"):
        last_merge_of(store, "contact", alone)
