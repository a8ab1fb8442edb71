"""Reviewing: two at once, a cluster side by side, what was chosen for a merge, and decisions in a spreadsheet."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa

from crm_cli.errors import ExitCode, UsageError
from crm_cli.history import Author, last_operation, operation, undo
from crm_cli.jobs import matching
from crm_cli.jobs.decisions import Choices
from crm_cli.jobs.matching import Review, ReviewOptions, Verdict
from crm_cli.jobs.matching.index import explain_by_index
from crm_cli.jobs.merging import MergeGroup, merge
from crm_cli.store import Store
from tests.jobs.people import MARIA, World, add_people

TOM = Author("tom", "test")


@pytest.fixture
def world(store: Store) -> World:
    world = add_people(store, singles=120, twins=12, households=6)
    matching.find(store, "contact", MARIA)
    return world


def contact(store: Store) -> Any:
    return store.dictionary.entity("contact")


def decided(store: Store) -> dict[tuple[int, int], str]:
    table = store.table("match_decision")
    with store.read() as connection:
        return {(row.left_id, row.right_id): row.verdict for row in connection.execute(sa.select(table))}


def leases(store: Store) -> int:
    table = store.table("lease")
    with store.read() as connection:
        query = sa.select(sa.func.count()).select_from(table).where(table.c.name.like("review%"))
        return connection.scalar(query) or 0


# --- two at once ------------------------------------------------------------------------------------------------------


@pytest.mark.all_databases
def test_two_who_review_at_once_never_get_the_same_pair_and_leave_none_out(store: Store, world: World) -> None:
    maria, tom = Review(store, contact(store), MARIA), Review(store, contact(store), TOM)
    everything = {one.pair for one in matching.review_queue(store, contact(store))}
    while True:
        mine, his = maria.current(), tom.current()
        if mine is None and his is None:
            break
        assert mine is None or his is None or mine.pair != his.pair
        for review, pair in ((maria, mine), (tom, his)):
            if pair is not None:
                review.decide(pair, "different")
    assert set(decided(store)) == everything
    table = store.table("match_decision")
    with store.read() as connection:
        actors = set(connection.scalars(sa.select(table.c.actor)))
    assert actors == {"maria", "tom"}
    assert leases(store) == 0


def test_what_somebody_else_looks_at_comes_at_the_end_and_is_free_when_they_stop(store: Store, world: World) -> None:
    maria = Review(store, contact(store), MARIA)
    first = maria.current()
    assert first is not None
    tom = Review(store, contact(store), TOM)
    seen = []
    while (pair := tom.current()) is not None:
        seen.append(pair.pair)
        tom.skip()
    assert first.pair not in seen
    assert tom.counts["with somebody else"] == 1
    maria.close()
    again = Review(store, contact(store), TOM)
    assert again.current() == first
    again.close()
    assert leases(store) == 0


# --- side by side -----------------------------------------------------------------------------------------------------


def test_an_explanation_by_the_index_says_what_the_search_said(store: Store, world: World) -> None:
    reasons = matching.Reasons(store, "contact")
    for pair in [*world.twins[:6], *world.households[:3]]:
        with store.read() as connection:
            by_index = explain_by_index(store, connection, contact(store), pair)
        by_engine = reasons.explain(*pair)
        assert by_index is not None
        assert by_engine is not None
        assert [(one.comparison, one.level) for one in by_index.steps] == [
            (one.comparison, one.level) for one in by_engine.steps
        ]
        assert by_index.probability == pytest.approx(by_engine.probability, abs=0.02)


def test_a_board_tells_of_each_value_who_gave_it_and_what_would_survive(store: Store, world: World) -> None:
    left, right = world.twins[0]
    with operation(store, "set", TOM) as op:
        op.update("contact", {right: {"job_title": "Buyer", "department": "Sales"}})
    review = Review(store, contact(store), MARIA)
    pair = next(one for one in matching.review_queue(store, contact(store)) if one.pair == (left, right))

    board = review.board(pair)

    lines = {line.field: line for line in board.lines}
    assert board.members == (left, right)
    assert board.survivor == right  # the most complete
    assert lines["job_title"].values == ("", "Buyer")
    assert lines["job_title"].chosen == 1
    origin = lines["job_title"].origins[1]
    assert origin is not None
    assert origin.given_by == "tom (set)"
    assert lines["birth_date"].mark == "="
    chosen = review.board(pair, Choices(left, {"job_title": left}))
    assert chosen.survivor == left
    assert {line.field: line for line in chosen.lines}["job_title"].chosen == 0


# --- what was chosen --------------------------------------------------------------------------------------------------


@pytest.mark.all_databases
def test_choices_are_kept_with_the_decision_and_go_with_its_undo(store: Store, world: World) -> None:
    left, right = world.twins[0]
    with operation(store, "set", TOM) as op:
        op.update("contact", {left: {"job_title": "Head"}, right: {"job_title": "Buyer"}})
    wanted = Verdict(left, right, "duplicate", choices=Choices(right, {"job_title": left}))
    number = matching.decide(store, "contact", [wanted], MARIA)
    (group,) = matching.decided_groups(store, contact(store))
    assert (group.members, group.survivor, group.taken) == ((left, right), right, {"job_title": left})
    again = Verdict(left, right, "duplicate", choices=Choices(left))
    matching.decide(store, "contact", [again], TOM)  # who decides anew, decides
    assert matching.decided_groups(store, contact(store))[0].survivor == left
    undo(store, last_operation(store), MARIA)
    matching.merge_decided(store, "contact", MARIA)
    table = store.table("contact")
    with store.read() as connection:
        rows = {row.id: row for row in connection.execute(sa.select(table).where(table.c.id.in_([left, right])))}
    assert (rows[right].job_title, rows[left].merged_into_id) == ("Head", right)
    undo(store, last_operation(store), MARIA)
    undo(store, number, MARIA)
    assert matching.decided_groups(store, contact(store)) == []


def test_a_choice_of_a_record_that_was_merged_since_means_its_survivor(store: Store, world: World) -> None:
    (left, right), (other, _) = world.twins[0], world.twins[1]
    matching.decide(store, "contact", [Verdict(left, right, "duplicate", choices=Choices(right))], MARIA)
    merge(store, "contact", [MergeGroup((right, other), other)], MARIA)
    (group,) = matching.decided_groups(store, contact(store))
    assert (group.members, group.survivor) == (tuple(sorted((left, other))), other)


# --- in a spreadsheet -------------------------------------------------------------------------------------------------


def filled(path: Path, decisions: dict[tuple[int, int], str]) -> None:
    """Fill in the decisions, as a person does in a spreadsheet program."""
    book = openpyxl.load_workbook(path)
    sheet = book.active
    header = [one.value for one in sheet[1]]
    left, right = header.index("left"), header.index("right")
    for row in sheet.iter_rows(min_row=2):
        word = decisions.get((int(row[left].value), int(row[right].value)))
        if word is not None:
            row[header.index("decision")].value = word
    book.save(path)


@pytest.mark.all_databases
def test_a_sheet_is_decided_and_applied_as_one_operation(store: Store, world: World, tmp_path: Path) -> None:
    file = tmp_path / "review.xlsx"
    pairs = [one.pair for one in matching.review_queue(store, contact(store))]
    assert matching.write_review_sheet(store, contact(store), file) == len(pairs)
    words = dict(zip(pairs, ("y", "n", "h", "same_company", "R", "?"), strict=False))
    filled(file, words)

    rehearsed = matching.apply_review_sheet(store, contact(store), file, TOM, dry_run=True)
    assert (rehearsed.decided, rehearsed.operation_id, decided(store)) == (6, None, {})
    done = matching.apply_review_sheet(store, contact(store), file, TOM)

    assert (done.decided, done.blank, done.refused) == (6, len(pairs) - 6, [])
    assert done.exit_code is ExitCode.DONE
    assert list(decided(store).values()) == [
        "duplicate", "different", "same_household", "same_company", "related", "unsure"
    ]  # fmt: skip
    again = matching.apply_review_sheet(store, contact(store), file, TOM)
    assert (again.decided, again.unchanged, again.operation_id) == (0, 6, None)
    assert done.operation_id is not None
    undo(store, done.operation_id, MARIA)
    assert decided(store) == {}


@pytest.mark.all_databases
def test_what_went_stale_is_refused_row_by_row_and_the_rest_holds(store: Store, world: World, tmp_path: Path) -> None:
    file = tmp_path / "review.xlsx"
    matching.write_review_sheet(store, contact(store), file, ReviewOptions(above=0.5))
    pairs = [one.pair for one in matching.review_queue(store, contact(store), ReviewOptions(above=0.5))]
    edited, merged, gone, opposed, wrong, good = pairs[:6]
    filled(file, {**dict.fromkeys(pairs[:6], "y"), wrong: "perhaps"})
    with operation(store, "set", TOM) as op:
        op.insert("phone_number", [{"party_id": edited[0], "value": "1", "standard": "+15550001"}])
        op.delete("contact", [gone[1]])
    merge(store, "contact", [MergeGroup(merged, merged[0])], TOM)
    matching.decide(store, "contact", [Verdict(*opposed, "different")], TOM)

    done = matching.apply_review_sheet(store, contact(store), file, MARIA)

    assert done.exit_code is ExitCode.PARTIAL
    why = {(int(one.left), int(one.right)): one.why for one in done.refused}
    assert why == {
        edited: f"contact {edited[0]} was changed since the sheet was written",
        merged: f"contact {merged[1]} was merged into {merged[0]} since",
        gone: f"contact {gone[1]} is not there any more",
        opposed: "tom has decided different since",
        wrong: "'perhaps' is no decision: y, n, h (household), c (company), r (related) or ?",
    }
    assert all("row" in one.place for one in done.refused)
    assert decided(store)[good] == "duplicate"
    assert done.decided == 1


def test_a_sheet_offers_what_can_be_decided_and_shows_what_differs(store: Store, world: World, tmp_path: Path) -> None:
    file = tmp_path / "review.xlsx"
    matching.write_review_sheet(store, contact(store), file, limit=3)
    sheet = openpyxl.load_workbook(file).active
    (offered,) = sheet.data_validations.dataValidation
    assert str(offered.sqref) == "A2:A4"
    assert '"duplicate,same_household,same_company' in offered.formula1
    header = [one.value for one in sheet[1]]
    assert header[:7] == ["decision", "probability", "left", "left version", "right", "right version", "differs"]
    row = dict(zip(header, (one.value for one in sheet[2]), strict=True))
    assert row["given_name left"]
    names = [name for name in (row["differs"] or "").split(", ") if name]
    assert all(row[f"{name} left"] != row[f"{name} right"] for name in names)


def test_a_sheet_may_be_a_csv_and_another_file_is_none(store: Store, world: World, tmp_path: Path) -> None:
    file = tmp_path / "review.csv"
    matching.write_review_sheet(store, contact(store), file, limit=2)
    with file.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    rows[0]["decision"] = "n"
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    assert matching.apply_review_sheet(store, contact(store), file, MARIA).decided == 1
    other = tmp_path / "people.csv"
    other.write_text("name,email\nAnn,a@x.example\n", encoding="utf-8")
    with pytest.raises(UsageError, match="no review sheet: no column 'decision'"):
        matching.apply_review_sheet(store, contact(store), other, MARIA)
