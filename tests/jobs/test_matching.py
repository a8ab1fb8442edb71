"""Duplicates in the database: found, kept, reviewed, decided, merged – and never proposed again once decided."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import sqlalchemy as sa

from crm_cli.dedupe import Role
from crm_cli.dictionary import Field, SemanticType
from crm_cli.errors import NotFoundError, StalePlanError, UsageError
from crm_cli.history import Author, last_operation, operation, undo
from crm_cli.jobs import matching
from crm_cli.jobs.matching import (
    AutomaticOptions,
    FileOptions,
    FindOptions,
    NoRunError,
    Review,
    ReviewOptions,
    UnsupportedMergeError,
    Verdict,
)
from crm_cli.jobs.matching.loading import matched_fields
from crm_cli.jobs.merging import MergeGroup, MergeSettings, merge
from crm_cli.store import Store
from tests.dumps import business_content
from tests.jobs.people import MARIA, World, add_people


@pytest.fixture
def world(store: Store) -> World:
    return add_people(store)


def count(store: Store, table: str) -> int:
    with store.read() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(store.table(table))) or 0


def stored_pairs(store: Store) -> dict[tuple[int, int], Any]:
    table = store.table("match_pair")
    with store.read() as connection:
        return {(row.left_id, row.right_id): row for row in connection.execute(sa.select(table))}


def contact(store: Store) -> Any:
    return store.dictionary.entity("contact")


def two_contacts(store: Store) -> list[int]:
    with operation(store, "add", MARIA) as op:
        return op.insert("contact", [{"given_name": "Ann", "family_name": "Doe"}] * 2)


def test_what_was_entered_twice_is_found_and_a_household_is_not(store: Store, world: World) -> None:
    before = business_content(store)
    run, _, result = matching.find(store, "contact", MARIA)
    assert business_content(store) == before, "a search changes no record"
    pairs = stored_pairs(store)
    found = {pair for pair, row in pairs.items() if row.probability >= 0.5}
    assert len(found & set(world.twins)) >= 0.9 * len(world.twins)
    assert not found & set(world.households)
    together = {pair for pair, row in pairs.items() if row.cluster is not None}
    assert all(pairs[pair].cluster == pair[0] for pair in together & set(world.twins))
    kept = matching.last_run(store, contact(store))
    assert (kept.id, kept.records, kept.actor) == (run, len(world.ids), "maria")
    assert kept.summary["estimated_precision"] == result.summary.estimated_precision


def test_another_search_takes_the_place_of_the_pairs(store: Store, world: World) -> None:
    first, *_ = matching.find(store, "contact", MARIA)
    pairs = set(stored_pairs(store))
    second, *_ = matching.find(store, "contact", MARIA)
    assert second > first
    assert set(stored_pairs(store)) == pairs, "the same records give the same pairs"
    assert {row.run_id for row in stored_pairs(store).values()} == {second}


def test_a_dry_run_keeps_nothing(store: Store, world: World) -> None:
    run, _, result = matching.find(store, "contact", MARIA, FindOptions(dry_run=True))
    assert (run, count(store, "match_run"), count(store, "match_pair")) == (0, 0, 0)
    assert result.summary.clusters > 0


def test_a_condition_narrows_the_search(store: Store, world: World) -> None:
    condition = f"id < {world.ids[10]}"
    _, loaded, _ = matching.find(store, "contact", MARIA, FindOptions(where=condition))
    assert list(loaded.ids) == world.ids[:10]
    assert matching.last_run(store, contact(store)).condition == condition


@pytest.mark.parametrize("records", [0, 1, 2])
def test_few_records_are_no_fault(store: Store, records: int) -> None:
    ids = two_contacts(store)
    with operation(store, "delete", MARIA) as op:
        op.delete("contact", ids[records:])
    _, loaded, result = matching.find(store, "contact", MARIA)
    assert len(loaded.ids) == records
    assert not result.summary.supports_automatic_merge


def test_merged_and_deleted_records_take_no_part(store: Store, world: World) -> None:
    (left, right), (other, twin) = world.twins[:2]
    merge(store, "contact", [MergeGroup((left, right), left)], MARIA)
    with operation(store, "delete", MARIA) as op:
        op.delete("contact", [twin])
    _, loaded, _ = matching.find(store, "contact", MARIA)
    assert not {right, twin} & set(loaded.ids)
    assert {left, other} <= set(loaded.ids)


def test_contact_points_are_matched_as_sets(store: Store, world: World) -> None:
    number = world.ids[0]
    with operation(store, "add", MARIA) as op:
        op.insert("email_address", [{"party_id": number, "value": "b@x.example", "standard": "b@x.example"}])
        op.insert("phone_number", [{"party_id": number, "value": "1", "standard": "+15550000000", "kind": "fax"}])
    with store.read() as connection:
        loaded = matching.load_records(store, connection, contact(store))
    columns = {column.name: column for column in loaded.table.columns}
    assert columns["email"].role is Role.EMAIL
    assert len(columns["email"].values[loaded.number_of[number]]) == 2
    assert columns["phone"].values.dtype == pl.String, "a fax machine is no telephone"


def test_the_employer_is_the_account_or_what_was_given(store: Store) -> None:
    with operation(store, "add", MARIA) as op:
        (acme,) = op.insert("account", [{"name": "Acme Ltd"}])
        op.insert("contact", [{"family_name": "A", "account_id": acme, "company": "acme"}])
        op.insert("contact", [{"family_name": "B", "company": "Bolt & Co"}])
    with store.read() as connection:
        loaded = matching.load_records(store, connection, contact(store))
    company = next(column for column in loaded.table.columns if column.name == "company")
    assert company.values.to_list() == ["Acme Ltd", "Bolt & Co"]


def test_every_entity_has_something_to_match_by(store: Store) -> None:
    for entity in store.dictionary.records:
        roles = matched_fields(entity)
        assert roles or entity.name == "relationship", entity.name
        assert not [name for name in roles if entity.field(name).unique and name not in entity.title]


def test_a_field_added_at_run_time_takes_part_by_its_type(store: Store) -> None:
    passport = Field(name="passport", type=SemanticType.IDENTIFIER, meaning="Passport number", custom=True)
    dictionary = store.dictionary.with_fields([("contact", passport)])
    assert matched_fields(dictionary.entity("contact"))["passport"] is Role.IDENTIFIER


def test_details_are_not_searched(store: Store) -> None:
    with pytest.raises(UsageError, match="not searched for duplicates by themselves"):
        matching.find(store, "email_address", MARIA)


# --- decisions --------------------------------------------------------------------------------------------------------


def decide(store: Store, left: int, right: int, verdict: str, **more: Any) -> int:
    return matching.decide(store, "contact", [Verdict(left, right, verdict)], MARIA, **more)


def test_what_was_decided_to_be_different_is_never_proposed_again(store: Store, world: World) -> None:
    left, right = world.twins[0]
    matching.find(store, "contact", MARIA)
    assert (left, right) in {one.pair for one in matching.review_queue(store, contact(store))}
    number = decide(store, right, left, "different")
    assert (left, right) not in {one.pair for one in matching.review_queue(store, contact(store))}
    _, loaded, result = matching.find(store, "contact", MARIA)
    numbers = loaded.number_of
    assert result.clusters[numbers[left]] != result.clusters[numbers[right]]
    assert all(row.probability < 0.5 for pair, row in stored_pairs(store).items() if pair == (left, right))
    undo(store, number, MARIA)
    matching.find(store, "contact", MARIA)
    assert (left, right) in {one.pair for one in matching.review_queue(store, contact(store))}


def test_a_decision_holds_for_the_survivor_of_a_merge(store: Store, world: World) -> None:
    (left, right), (other, _) = world.twins[:2]
    decide(store, right, other, "different")
    merge(store, "contact", [MergeGroup((left, right), left)], MARIA)
    decided = matching.decision_about(store, contact(store), left, other)
    assert decided is not None
    assert decided.verdict == "different"


def test_what_was_decided_to_be_the_same_is_in_one_cluster(store: Store, world: World) -> None:
    left, right = world.households[0]
    decide(store, left, right, "duplicate")
    _, loaded, result = matching.find(store, "contact", MARIA)
    numbers = loaded.number_of
    assert result.clusters[numbers[left]] == result.clusters[numbers[right]]


def test_an_undone_merge_is_not_proposed_again(store: Store, world: World) -> None:
    left, right = world.twins[0]
    done = merge(store, "contact", [MergeGroup((left, right), left)], MARIA)
    undo(store, done.operation_id, MARIA)
    matching.find(store, "contact", MARIA)
    assert (left, right) not in {one.pair for one in matching.review_queue(store, contact(store))}


def test_a_household_becomes_a_relationship_on_request(store: Store, world: World) -> None:
    left, right = world.households[0]
    before = business_content(store)
    number = decide(store, left, right, "same_household", link=True)
    (relationship,) = business_content(store)["relationship"]
    assert (relationship["party_id"], relationship["other_party_id"]) == (left, right)
    decide(store, right, left, "same_household", link=True)
    assert count(store, "relationship") == 1
    undo(store, number, MARIA)
    assert business_content(store) == before


@pytest.mark.all_databases
@pytest.mark.parametrize(
    ("verdict", "name"), [("same_household", "same household as"), ("same_company", "same company as")]
)
def test_a_review_makes_relationships_on_request_and_going_back_takes_them_out(
    store: Store, world: World, verdict: str, name: str
) -> None:
    matching.find(store, "contact", MARIA)
    before = business_content(store)
    review = Review(store, contact(store), MARIA, ReviewOptions(above=0.0), link=True)
    pair = review.current()
    assert pair is not None

    review.decide(pair, verdict)

    (relationship,) = business_content(store)["relationship"]
    assert (relationship["party_id"], relationship["other_party_id"]) == pair.pair
    (kind,) = business_content(store)["relationship_type"]
    assert (kind["name"], kind["inverse_name"]) == (name, name)
    assert review.back()
    assert business_content(store) == before
    assert matching.decision_about(store, contact(store), *pair.pair) is None


def test_a_relationship_that_was_taken_back_can_be_made_again(store: Store) -> None:
    left, right = two_contacts(store)
    undo(store, decide(store, left, right, "same_company", link=True), MARIA)
    decide(store, left, right, "same_company")
    assert count(store, "relationship") == 0
    decide(store, left, right, "same_company", link=True)
    assert count(store, "relationship") == 1


def test_wrong_decisions_are_refused_with_the_reason(store: Store) -> None:
    left, right = two_contacts(store)
    with pytest.raises(NotFoundError, match="there is no contact 999"):
        decide(store, left, 999, "different")
    with pytest.raises(UsageError, match="cannot be compared with itself"):
        decide(store, left, left, "different")
    with pytest.raises(UsageError, match="'maybe' is no decision"):
        decide(store, left, right, "maybe")
    assert count(store, "match_decision") == 0


# --- review -----------------------------------------------------------------------------------------------------------


def test_a_review_begins_with_the_less_sure_and_goes_on_where_it_was_left(store: Store, world: World) -> None:
    matching.find(store, "contact", MARIA)
    review = Review(store, contact(store), MARIA)
    queue = matching.review_queue(store, contact(store))
    sure = [one.probability >= matching.SURE for one in queue]
    assert sure == sorted(sure)
    first = review.current()
    assert first is not None
    review.decide(first, "duplicate")
    second = review.current()
    assert second is not None
    review.skip()
    again = Review(store, contact(store), MARIA)
    assert again.total == review.total - 1
    assert again.current() == second


def test_going_back_takes_the_last_decision_back(store: Store, world: World) -> None:
    matching.find(store, "contact", MARIA)
    review = Review(store, contact(store), MARIA)
    first = review.current()
    assert first is not None
    review.decide(first, "different")
    review.skip()
    assert review.back()
    assert review.current() == first
    assert count(store, "match_decision") == 0
    assert not review.back()


def test_what_somebody_else_decided_meanwhile_is_passed_over(store: Store, world: World) -> None:
    matching.find(store, "contact", MARIA)
    mine = Review(store, contact(store), MARIA)
    first = mine.current()
    assert first is not None
    matching.decide(store, "contact", [Verdict(*first.pair, "different")], Author("tom"))
    assert mine.current() != first
    assert mine.counts["decided elsewhere"] == 1


def test_a_pair_is_shown_side_by_side_with_the_differences_marked_and_the_reasons(store: Store, world: World) -> None:
    matching.find(store, "contact", MARIA)
    left, right = world.twins[0]
    candidate = next(one for one in matching.review_queue(store, contact(store)) if one.pair == (left, right))
    review = Review(store, contact(store), MARIA)
    marks = {line.field: line.mark for line in review.card(candidate)}
    assert marks["given_name"] == "="
    assert marks["family_name"] == "!"
    waterfall = review.waterfall(candidate)
    assert waterfall is not None
    assert abs(waterfall.prior + sum(one.bits for one in waterfall.steps) - waterfall.total) < 0.1
    given = next(one for one in waterfall.steps if one.comparison == "given_name")
    assert given.bits > 0
    assert given.left == given.right


def test_a_review_can_be_narrowed(store: Store, world: World) -> None:
    matching.find(store, "contact", MARIA)
    left, right = world.twins[0]
    narrowed = matching.review_queue(store, contact(store), ReviewOptions(where=f"id = {left}"))
    assert {one.pair for one in narrowed} == {(left, right)}
    assert not matching.review_queue(store, contact(store), ReviewOptions(above=0.5, below=0.5))


def test_without_a_search_there_is_nothing_to_review(store: Store) -> None:
    with pytest.raises(NoRunError, match="nobody has searched for duplicate contacts yet") as fault:
        Review(store, contact(store), MARIA)
    assert fault.value.hint == "crm dedupe find contact"


def test_an_explanation_names_the_record_that_is_unknown(store: Store, world: World) -> None:
    with pytest.raises(NotFoundError, match="there is no contact 9999 to compare"):
        matching.Reasons(store, "contact").explain(world.ids[0], 9999)


# --- merge ------------------------------------------------------------------------------------------------------------


def test_what_is_sure_is_merged_and_undone(store: Store, world: World) -> None:
    matching.find(store, "contact", MARIA)
    before = business_content(store)
    result = matching.merge_automatically(store, "contact", MARIA)
    merged = {(one.survivor, *one.merged) for one in result.clusters}
    assert len(merged) >= 0.5 * len(world.twins)
    assert {tuple(sorted(group)) for group in merged} <= set(world.twins)
    assert result.refused == []
    again = matching.merge_automatically(store, "contact", MARIA)
    assert (again.merged, again.refused) == (0, [])
    undo(store, result.operation_id, MARIA)
    assert business_content(store) == before


def test_a_higher_bar_merges_fewer(store: Store, world: World) -> None:
    matching.find(store, "contact", MARIA)
    some = matching.automatic_groups(store, contact(store), AutomaticOptions(above=0.98))
    fewer = matching.automatic_groups(store, contact(store), AutomaticOptions(above=0.999999))
    assert len(fewer) < len(some)
    assert all((group.probability or 0) >= 0.98 for group in some)
    mean = sum(group.probability or 0 for group in some) / len(some)
    assert mean >= 0.995


def test_records_changed_since_the_search_are_left_alone(store: Store, world: World) -> None:
    matching.find(store, "contact", MARIA)
    groups = matching.automatic_groups(store, contact(store))
    with operation(store, "set", MARIA) as op:
        op.update("contact", {groups[0].members[0]: {"given_name": "Other"}})
    result = matching.merge_automatically(store, "contact", MARIA)
    assert [one.members for one in result.refused] == [groups[0].members]
    assert "was changed since the search" in result.refused[0].why
    undo(store, result.operation_id, MARIA)
    with pytest.raises(NoRunError):
        matching.merge_automatically(store, "account", MARIA)


def test_when_everything_has_changed_the_search_is_stale(store: Store, world: World) -> None:
    matching.find(store, "contact", MARIA)
    with operation(store, "set", MARIA) as op:
        op.update("contact", {number: {"job_title": "x"} for number in world.ids})
    with pytest.raises(StalePlanError, match="were changed since the search"):
        matching.merge_automatically(store, "contact", MARIA)


def test_few_data_do_not_support_an_automatic_merge(store: Store) -> None:
    two_contacts(store)
    matching.find(store, "contact", MARIA)
    with pytest.raises(UnsupportedMergeError, match="do not support a merge without a person's look"):
        matching.merge_automatically(store, "contact", MARIA)


def test_what_was_decided_is_merged(store: Store, world: World) -> None:
    (one, two), (three, _) = world.twins[:2]
    decide(store, one, two, "duplicate")
    decide(store, two, three, "duplicate")
    status = matching.dedupe_status(store, "contact")
    assert (status.ready_to_merge, status.decided) == (1, {"duplicate": 2})
    result = matching.merge_decided(store, "contact", MARIA)
    assert [sorted((cluster.survivor, *cluster.merged)) for cluster in result.clusters] == [sorted((one, two, three))]
    status = matching.dedupe_status(store, "contact")
    assert (status.ready_to_merge, status.merged_ever) == (0, 2)


def test_a_dry_run_of_an_automatic_merge_writes_nothing(store: Store, world: World) -> None:
    matching.find(store, "contact", MARIA)
    before, last = business_content(store), last_operation(store)
    result = matching.merge_automatically(store, "contact", MARIA, settings=MergeSettings(dry_run=True))
    assert result.merged
    assert (business_content(store), last_operation(store)) == (before, last)


# --- files ------------------------------------------------------------------------------------------------------------


def rows_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


PEOPLE = [
    ["a", "Ann", "Doe", "ann@x.example", "Berlin"],
    ["b", "Bob", "Roe", "bob@y.example", "Paris"],
    ["c", "Ann", "Doe", "ann@x.example", "Berlin"],
    ["d", "Cem", "Poe", "cem@z.example", "Rome"],
]
HEADER = ["key", "first name", "last name", "e-mail", "city"]


@pytest.mark.parametrize("kind", ["csv", "csv.gz", "semicolon", "cp1252", "no header match"])
def test_every_row_of_a_file_gets_its_cluster(tmp_path: Path, kind: str) -> None:
    mark = ";" if kind == "semicolon" else ","
    text = "".join(mark.join(row) + "\r\n" for row in [HEADER, *PEOPLE]).replace("Rome", "Zürich")
    source = tmp_path / ("in.csv.gz" if kind == "csv.gz" else "in.csv")
    data = text.encode("cp1252" if kind == "cp1252" else "utf-8")
    source.write_bytes(gzip.compress(data) if kind == "csv.gz" else data)
    done = matching.dedupe_file(source, tmp_path / "out.csv", FileOptions("KEY"))
    header, *rows = rows_of(tmp_path / "out.csv")
    assert header == ["id", "cluster_id", "probability"]
    assert [row[:2] for row in rows] == [["a", "a"], ["b", "b"], ["c", "a"], ["d", "d"]]
    assert all(0 <= float(row[2]) <= 1 for row in rows)
    assert done.rows == 4


def test_without_an_id_column_the_row_number_is_the_id(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("".join(",".join(row[1:]) + "\n" for row in [HEADER, *PEOPLE]))
    matching.dedupe_file(source, tmp_path / "out.csv")
    assert [row[:2] for row in rows_of(tmp_path / "out.csv")[1:]] == [["1", "1"], ["2", "2"], ["3", "1"], ["4", "4"]]


def test_both_ways_of_reading_give_the_same(tmp_path: Path) -> None:
    from crm_cli.importers import ReadOptions

    source = tmp_path / "in.csv"
    source.write_text("".join(",".join(row) + "\n" for row in [HEADER, *PEOPLE]))
    matching.dedupe_file(source, tmp_path / "fast.csv", FileOptions("key"))
    matching.dedupe_file(source, tmp_path / "slow.csv", FileOptions("key", read=ReadOptions(delimiter=",")))
    assert (tmp_path / "fast.csv").read_bytes() == (tmp_path / "slow.csv").read_bytes()


def test_a_wrong_id_column_and_an_existing_target_are_named(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("".join(",".join(row) + "\n" for row in [HEADER, *PEOPLE]))
    with pytest.raises(UsageError, match="has no column 'kye'") as fault:
        matching.dedupe_file(source, tmp_path / "out.csv", FileOptions("kye"))
    assert fault.value.hint == "did you mean key?"
    (tmp_path / "out.csv").write_text("mine")
    with pytest.raises(UsageError, match="is there already"):
        matching.dedupe_file(source, tmp_path / "out.csv", FileOptions("key"))
    assert (tmp_path / "out.csv").read_text() == "mine"


def test_two_files_are_linked(tmp_path: Path) -> None:
    left, right = tmp_path / "left.csv", tmp_path / "right.csv"
    left.write_text("".join(",".join(row) + "\n" for row in [HEADER, *PEOPLE[:2]]))
    right.write_text("".join(",".join(row) + "\n" for row in [HEADER, *PEOPLE[2:]]))
    matching.link_files((left, right), tmp_path / "out.csv", FileOptions("key"))
    header, *rows = rows_of(tmp_path / "out.csv")
    assert header == ["left_id", "right_id", "probability"]
    assert [row[:2] for row in rows] == [["a", "c"]]


def test_ids_come_out_as_they_went_in_whatever_a_spreadsheet_would_make_of_them(tmp_path: Path) -> None:
    ids = ["-x1", "@b", "=3", "+d"]
    people = [[name, *row[1:]] for name, row in zip(ids, PEOPLE, strict=True)]
    source, right = tmp_path / "in.csv", tmp_path / "right.csv"
    source.write_text("".join(",".join(row) + "\n" for row in [HEADER, *people]))
    right.write_text("".join(",".join(row) + "\n" for row in [HEADER, *people[2:]]))
    matching.dedupe_file(source, tmp_path / "out.csv", FileOptions("key"))
    assert [row[:2] for row in rows_of(tmp_path / "out.csv")[1:]] == [
        ["-x1", "-x1"],
        ["@b", "@b"],
        ["=3", "-x1"],
        ["+d", "+d"],
    ]
    matching.link_files((source, right), tmp_path / "links.csv", FileOptions("key"))
    assert ["-x1", "=3"] in [row[:2] for row in rows_of(tmp_path / "links.csv")[1:]]


@pytest.mark.shared
def test_a_shared_file_is_clustered_well(shared: Path, tmp_path: Path) -> None:
    packed = shared / "data" / "er" / "fake_1000.csv.gz"
    frame = pl.read_csv(packed, infer_schema=False)
    truth = next(name for name in ("cluster_id", "cluster", "entity_id") if name in frame.columns)
    key = frame.columns[0]
    frame.drop(truth).write_csv(tmp_path / "in.csv")
    matching.dedupe_file(tmp_path / "in.csv", tmp_path / "out.csv", FileOptions(key))
    found = [row[1] for row in rows_of(tmp_path / "out.csv")[1:]]

    def pairs(labels: list[Any]) -> int:
        return sum(n * (n - 1) // 2 for n in (labels.count(one) for one in set(labels)))

    right = pairs(list(zip(found, frame[truth].to_list(), strict=True)))
    assert 2 * right / (pairs(found) + pairs(frame[truth].to_list())) > 0.9
