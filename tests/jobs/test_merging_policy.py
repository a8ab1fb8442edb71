"""Every reference has a merge policy; clashes are refused; random merges are undone; and it is fast."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import make_url

from crm_cli.dictionary import Dictionary, Entity, EntityRole, Field, OnMerge, Reference, SemanticType, shipped
from crm_cli.errors import ExitCode
from crm_cli.history import Author, operation, undo
from crm_cli.jobs.merging import Caps, MergeGroup, MergeSettings, merge
from crm_cli.store import Store
from crm_cli.store.schema import build_metadata
from tests.dumps import business_content

MARIA = Author("maria", "test")
# ids that name no record, or name one by other means: `merged_into_id` is what a merge itself writes
_NO_REFERENCES = {"public_id", "external_id", "tax_id", "next_id", "merged_into_id"}


def keys_without_policy(dictionary: Dictionary) -> list[str]:
    """Columns that name a record, by a foreign key or by their name, but have no `on_merge` in the dictionary."""
    found = []
    for name, table in build_metadata(dictionary).tables.items():
        entity = dictionary.entity(name)
        declared = {one.name for one in entity.references if one.reference and one.reference.on_merge in OnMerge}
        for column in table.columns:
            names_record = column.foreign_keys or (column.name.endswith("_id") and column.name not in _NO_REFERENCES)
            shared_id = column.primary_key and entity.subtype_of
            if names_record and not shared_id and column.name not in declared:
                found.append(f"{name}.{column.name}")
    return found


def test_every_foreign_and_polymorphic_key_says_what_a_merge_does_with_it() -> None:
    assert keys_without_policy(shipped()) == []


def test_a_key_without_a_policy_is_noticed() -> None:
    forgotten = Field(name="contact_id", type=SemanticType.INTEGER, meaning="Whose it is")
    dictionary = Dictionary([*shipped(), Entity("parcel", "A parcel", (forgotten,))])
    assert keys_without_policy(dictionary) == ["parcel.contact_id"]


def test_what_keeps_its_record_is_history_or_can_be_made_anew() -> None:
    kept = {
        entity.name
        for entity in shipped()
        for one in entity.references
        if one.reference and one.reference.entity is None and one.reference.on_merge is OnMerge.KEEP
    }
    matching = {"match_pair", "match_decision", "match_key", "match_waiting", "cross_pair", "cross_decision"}
    assert kept == {"change", *matching, "merge", "finding", "territory_stay", "erasure"}


CARD = Entity(
    "card",
    "A loyalty card: one of a programme for each party",
    (
        Field(
            name="party_id",
            type=SemanticType.REFERENCE,
            meaning="Whose it is",
            required=True,
            reference=Reference("party", OnMerge.CLASH),
        ),
        Field(name="programme", type=SemanticType.TEXT, meaning="Programme", required=True, keyed=False),
    ),
    role=EntityRole.DETAIL,
    unique_together=(("party_id", "programme"),),
)


@pytest.fixture
def card_store(sqlite_url: str) -> Any:
    """A database whose dictionary has one more entity: a party has at most one card of a programme."""
    from crm_cli.store.engine import create_engine
    from crm_cli.store.identity import seed_families

    url = make_url(sqlite_url)
    store = Store(url, create_engine(url), Dictionary([*shipped(), CARD]))
    store.metadata.create_all(store.engine)
    with store.write() as connection:
        seed_families(connection, store.table("id_allocation"), store.dictionary)
    with store:
        yield store


def test_a_unique_clash_among_children_refuses_that_cluster_alone(card_store: Store) -> None:
    with operation(card_store, "add", MARIA) as op:
        one, two, three, four = op.insert("contact", [{"family_name": name} for name in "ABCD"])
        cards = [(one, "air"), (two, "air"), (two, "rail"), (three, "air"), (four, "rail")]
        op.insert("card", [{"party_id": party, "programme": programme} for party, programme in cards])
    result = merge(card_store, "contact", [MergeGroup((one, two)), MergeGroup((three, four))], MARIA)
    assert result.exit_code is ExitCode.PARTIAL
    (refused,) = result.refused
    assert (refused.members, refused.why) == ((1, 2), "card 1 and card 2 would have the same party_id, programme")
    assert "nothing was deleted" in refused.hint
    content = business_content(card_store)
    assert [row["merged_into_id"] for row in content["contact"]] == [None, None, None, three]
    assert [(row["party_id"], row["programme"]) for row in content["card"]] == [*cards[:4], (three, "rail")]


def test_a_reference_with_a_new_entity_needs_no_new_code(card_store: Store) -> None:
    with operation(card_store, "add", MARIA) as op:
        one, two = op.insert("contact", [{"family_name": name} for name in "AB"])
        op.insert("card", [{"party_id": two, "programme": "air"}])
    before = business_content(card_store)
    done = merge(card_store, "contact", [MergeGroup((one, two), one)], MARIA)
    assert business_content(card_store)["card"][0]["party_id"] == one
    undo(card_store, done.operation_id, MARIA)
    assert business_content(card_store) == before


_GROUPS = st.lists(st.lists(st.integers(1, 8), min_size=2, max_size=4, unique=True), min_size=1, max_size=3)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    batches=st.lists(_GROUPS, min_size=1, max_size=3),
    children=st.lists(st.tuples(st.integers(1, 8), st.integers(1, 8), st.sampled_from("abc")), max_size=12),
)
def test_any_merges_undone_backwards_leave_the_start(
    store: Store, batches: list[list[list[int]]], children: list[tuple[int, int, str]]
) -> None:
    with operation(store, "add", MARIA) as op:
        ids = op.insert("contact", [{"family_name": "Smith", "given_name": "x" * n} for n in range(1, 9)])
        (kind,) = op.insert("relationship_type", [{"name": f"friend of {op.id}"}])
        for one, other, word in children:
            first, second = ids[one - 1], ids[other - 1]
            op.insert(
                "email_address", [{"party_id": first, "value": word, "standard": word, "is_primary": word == "a"}]
            )
            op.insert("activity", [{"subject": word, "party_id": second}])
            relation = {"type_id": kind, "party_id": first, "other_party_id": second}
            op.insert("relationship", [{**relation, "note": word if word == "b" else None}])
            op.update("contact", {second: {"reports_to_id": first, "job_title": word}})
    before = business_content(store)
    done = []
    for groups in batches:
        wanted = [MergeGroup(tuple(ids[n - 1] for n in group)) for group in groups]
        result = merge(store, "contact", wanted, MARIA)
        done.append(result.operation_id)
        for cluster in result.clusters:
            assert_one_primary_and_no_self_reference(store, cluster.survivor, cluster.merged)
    for number in reversed(done):
        assert undo(store, number, MARIA).refused == []
    assert business_content(store) == before


def assert_one_primary_and_no_self_reference(store: Store, survivor: int, merged: tuple[int, ...]) -> None:
    content = business_content(store)
    own = [row for row in content["email_address"] if row["party_id"] == survivor]
    assert sum(row["is_primary"] for row in own) <= 1
    assert len({row["standard"] for row in own}) <= len(own)
    contact = next(row for row in content["contact"] if row["id"] == survivor)
    assert contact["reports_to_id"] not in (survivor, *merged)
    assert not [row for row in content["activity"] if row["party_id"] in merged]
    for row in content["relationship"]:
        in_sight = row["deleted_at"] is None and row["merged_into_id"] is None
        assert not in_sight or not {row["party_id"], row["other_party_id"]} & set(merged)


@pytest.mark.slow
def test_ten_thousand_clusters_merge_within_half_a_minute(store: Store) -> None:
    if store.backend != "sqlite":
        pytest.skip("the bound is for SQLite")
    with operation(store, "import", MARIA) as op:
        ids = op.insert("contact", [{"family_name": f"F{n // 2}", "given_name": "x" * (n % 3)} for n in range(20_000)])
        points = [{"party_id": n, "value": f"{n}@x.example", "standard": f"{n}@x.example"} for n in ids]
        op.insert("email_address", points, covered=True)
        op.insert("activity", [{"subject": "Call", "party_id": n} for n in ids])
    groups = [MergeGroup((one, other)) for one, other in zip(ids[::2], ids[1::2], strict=True)]
    start = time.perf_counter()
    result = merge(store, "contact", groups, MARIA, MergeSettings(caps=replace(Caps(), max_share=1.0)))
    assert result.merged == 10_000
    assert time.perf_counter() - start < 30
    with store.read() as connection:
        table = store.table("activity")
        moved = connection.scalar(sa.select(sa.func.count(table.c.party_id.distinct())))
    assert moved == 10_000
    start = time.perf_counter()
    undo(store, result.operation_id, MARIA, units=[result.clusters[5_000].survivor])
    assert time.perf_counter() - start < 2


_MERGE_SLOWLY = """
import sys
from crm_cli.history import Author
from crm_cli.jobs.merging import Caps, MergeGroup, MergeSettings, applying, merge
from crm_cli.store import Store

def stop(*_):
    print("half-way", flush=True)
    sys.stdin.read()

applying._write_merges = stop
with Store.open(sys.argv[1]) as store:
    pairs = [MergeGroup((one, one + 1)) for one in range(1, 201, 2)]
    merge(store, "contact", pairs, Author("maria"), MergeSettings(caps=Caps(max_share=1.0)))
"""


def test_a_killed_merge_leaves_nothing_half_applied(store: Store) -> None:
    if store.backend != "sqlite":
        pytest.skip("the servers roll back a lost session themselves")
    with operation(store, "import", MARIA) as op:
        ids = op.insert("contact", [{"family_name": "Smith", "given_name": "x" * (n % 2)} for n in range(200)])
        op.insert("activity", [{"subject": "Call", "party_id": n} for n in ids])
    before = business_content(store)
    with subprocess.Popen(
        [sys.executable, "-c", _MERGE_SLOWLY, str(store.url.database)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"half-way\n"
        child.kill()
    assert business_content(store) == before
    groups = [MergeGroup((one, other)) for one, other in zip(ids[::2], ids[1::2], strict=True)]
    assert merge(store, "contact", groups, MARIA, MergeSettings(caps=Caps(max_share=1.0))).merged == 100
