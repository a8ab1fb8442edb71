"""What is held of a person is erased from every table, and does not come back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from crm_cli.errors import NotFoundError
from crm_cli.history import (
    AlreadyUndoneError,
    Author,
    ErasureStaysError,
    blame,
    operation,
    read_changes,
    read_operation,
    undo,
)
from crm_cli.jobs.privacy import Erasure, NotAPersonError, erase, list_erasures, plan_erasure, scrub
from crm_cli.query import search
from crm_cli.store import Store
from crm_cli.store.backup import check
from crm_cli.store.migrate import create
from tests.databases import Server
from tests.dumps import business_content
from tests.jobs.people import add_people
from tests.jobs.privacy_person import KEY, MARIA, Marked, make_marked, marked_store, places


@pytest.fixture
def marked(database_server: Server, tmp_path: Path) -> Iterator[tuple[Store, Marked]]:
    """A store with the marked person."""
    yield from marked_store(database_server, tmp_path)


@pytest.mark.all_databases
def test_no_table_holds_anything_of_an_erased_person(marked: tuple[Store, Marked]) -> None:
    store, made = marked
    before = places(store)
    assert {table for table, _ in before} >= {
        *("contact", "lead", "email_address", "phone_number", "postal_address", "change", "import_row", "operation"),
        *("external_ref", "activity", "relationship", "consent", "opportunity", "match_run", "match_pair", "finding"),
        *("search_record", "search_posting", "search_words", "confirmation", "match_decision"),
    }
    erased = erase(store, "contact", str(made.person), MARIA, KEY)
    assert places(store) == []
    scrub(store)
    content = business_content(store)
    assert [row["id"] for row in content["contact"]] == [made.other]
    assert content["contact"][0]["family_name"] == "Ordinary"
    assert [row["subject"] for row in content["activity"]] == ["Visit"]
    assert [(row["name"], row["contact_id"]) for row in content["opportunity"]] == [("Roof", None)]
    assert content["account"][0]["description"] == "Ask [erased] first"
    assert erased.erased["contact"] == 2
    assert check(store) == []
    with store.read() as connection:
        rejected = connection.scalars(sa.select(store.table("import_row").c.cells)).all()
    assert [row["Last Name"] for row in rejected] == ["Broken"]


@pytest.mark.parametrize(
    "fill",
    [pytest.param(0, id="a small database"), pytest.param(400, id="pages that were split", marks=pytest.mark.slow)],
)
def test_no_byte_of_the_person_is_left_in_the_files(fill: int, sqlite_url: str, tmp_path: Path) -> None:
    """SQLite's file and the log beside it are searched for the marks as bytes, deleted pages included."""
    create(sqlite_url)
    path = Path(str(make_url(sqlite_url).database))
    with Store.open(sqlite_url) as store:
        made = make_marked(store, tmp_path)
        add_people(store, singles=fill, twins=0, households=0) if fill else None
        with store.read() as connection:
            connection.exec_driver_sql("SELECT 1")
        assert {mark for mark in _BYTES if mark in _bytes(path)} == set(_BYTES)
        erase(store, "contact", str(made.person), MARIA, KEY)
        assert scrub(store).complete
        assert [mark for mark in _BYTES if mark in _bytes(path)] == []
    assert [mark for mark in _BYTES if mark in _bytes(path)] == []


_BYTES = (b"quaxxington", b"zebulonqa", b"qxmail", b"7771234", b"sentinelgasse", b"qx-91", b"old@qx")


def _bytes(path: Path) -> bytes:
    files = (path, path.with_name(f"{path.name}-wal"))
    return b"".join(one.read_bytes() for one in files if one.exists()).lower()


def test_files_that_somebody_uses_are_said_to_be_cleared_later(sqlite_url: str) -> None:
    create(sqlite_url)
    with Store.open(sqlite_url) as reader, Store.open(sqlite_url) as store, reader.read() as connection:
        connection.execute(sa.select(reader.table("contact"))).all()
        with operation(store, "add", MARIA) as op:
            op.insert("contact", [{"family_name": "Quaxxington"}])
        with store.engine.connect() as own:
            own.connection.dbapi_connection.execute("PRAGMA busy_timeout=50")  # type: ignore[union-attr]
        done = scrub(store)
    assert not done.complete
    assert "crm privacy purge" in done.left[0]


@pytest.fixture
def erased(marked: tuple[Store, Marked]) -> tuple[Store, Marked, Erasure]:
    store, made = marked
    return store, made, erase(store, "contact", str(made.person), Author("maria", "letter of Quaxxington"), KEY)


def test_an_erasure_is_logged_without_the_data_and_stays(erased: tuple[Store, Marked, Erasure]) -> None:
    store, made, done = erased
    logged = read_operation(store, done.operation_id)
    assert (logged.kind, logged.actor, logged.reason) == ("erase", "maria", "letter of [erased]")
    changes = read_changes(store, done.operation_id)
    gone = [(one.action, one.entity, one.record_id) for one in changes if one.entity == "contact"]
    assert ("delete", "contact", made.person) in gone
    assert all(set(one.old.values()) <= {made.person, None} for one in changes)
    (listed,) = list_erasures(store)
    assert (listed["record"], listed["reason"], listed["counts"]) == (made.person, "letter of [erased]", done.erased)
    with pytest.raises(ErasureStaysError, match="erased a person's data for good"):
        undo(store, done.operation_id, MARIA)


def test_undoing_what_was_done_before_brings_nothing_back(erased: tuple[Store, Marked, Erasure]) -> None:
    """Every operation of before is undone, the newest first: what was erased is refused, the rest is taken back."""
    store, made, done = erased
    before = {entity: len(rows) for entity, rows in business_content(store).items()}
    refused = []
    for number in range(done.operation_id - 1, 0, -1):
        try:
            refused += undo(store, number, MARIA).refused
        except (AlreadyUndoneError, NotFoundError):
            continue
        assert places(store) == []
    assert {one.why for one in refused} >= {"its data were erased"}
    assert before["contact"] == 1
    with store.read() as connection:
        assert list(connection.scalars(sa.select(store.table("contact").c.id))) in ([], [made.other])
        assert check(store) == []


def test_who_set_a_value_of_a_record_that_named_the_person_can_still_be_told(
    erased: tuple[Store, Marked, Erasure],
) -> None:
    store, made, _ = erased
    lines = blame(store, "contact", made.other)
    assert [(one.field, one.old, one.new) for one in lines if one.field == "reports_to_id"][-1][1:] == (None, None)
    with pytest.raises(NotFoundError):
        blame(store, "contact", made.person)


def test_search_goes_on(erased: tuple[Store, Marked, Erasure]) -> None:
    store, made, _ = erased
    assert found(store, "Quaxxington") == []
    assert found(store, "Ordinary") == [made.other]


def found(store: Store, words: str) -> list[int]:
    with store.read() as connection:
        return [hit.record_id for hit in search(store, connection, words)]


def test_a_plan_and_a_dry_run_say_what_an_erasure_does_and_do_nothing(marked: tuple[Store, Marked]) -> None:
    store, made = marked
    before = places(store)
    with store.read() as connection:
        plan = plan_erasure(store, connection, "contact", str(made.person))
    tried = erase(store, "contact", str(made.person), MARIA, KEY, dry_run=True)
    assert places(store) == before
    done = erase(store, "contact", str(made.person), MARIA, KEY)
    assert (plan.counts, tried.erased, tried.texts, tried.log_rows) == (
        done.erased,
        done.erased,
        done.texts,
        done.log_rows,
    )


def test_of_a_record_that_was_undone_the_log_is_emptied(store: Store) -> None:
    with operation(store, "add", MARIA) as op:
        (number,) = op.insert("contact", [{"family_name": "Quaxxington"}])
        op.insert("email_address", [{"party_id": number, "value": "q@qxmail.example", "standard": "q@qxmail.example"}])
    with operation(store, "set", MARIA) as later:
        later.update("contact", {number: {"job_title": "Xyzzy"}})
    undo(store, later.id, MARIA)
    undo(store, op.id, MARIA)
    assert {table for table, _ in places(store)} == {"change"}
    erase(store, "contact", str(number), MARIA, KEY)
    assert places(store) == []
    with pytest.raises(NotFoundError):
        erase(store, "contact", str(number), MARIA, KEY)


@pytest.mark.parametrize("entity", ["lead", "contact"])
def test_a_lead_that_became_a_contact_is_the_same_person(store: Store, entity: str) -> None:
    with operation(store, "add", MARIA) as op:
        (contact,) = op.insert("contact", [{"family_name": "Quaxxington"}])
        op.insert("lead", [{"family_name": "Quaxxington"}])  # of the same name, and somebody else
        (lead,) = op.insert("lead", [{"family_name": "Quaxxby", "converted_contact_id": contact}])
    op_ids = {"lead": lead, "contact": contact}
    done = erase(store, entity, str(op_ids[entity]), MARIA, KEY)
    assert (done.entity, done.erased["contact"], done.erased["lead"]) == (entity, 1, 1)
    assert [row["family_name"] for row in business_content(store)["lead"]] == ["Quaxxington"]


def test_a_record_that_was_deleted_before_is_erased_too(store: Store) -> None:
    with operation(store, "add", MARIA) as op:
        (number,) = op.insert("contact", [{"family_name": "Quaxxington"}])
    with operation(store, "delete", MARIA) as op:
        op.delete("contact", [number])
    erase(store, "contact", str(number), MARIA, KEY)
    assert places(store) == []


def test_a_lead_is_a_person_and_an_account_is_none(store: Store) -> None:
    with operation(store, "add", MARIA) as op:
        (lead,) = op.insert("lead", [{"family_name": "Quaxxington", "email": "q@qxmail.example"}])
        op.insert("activity", [{"subject": "Quaxxington called", "lead_id": lead}])
        (account,) = op.insert("account", [{"name": "Acme"}])
    done = erase(store, "lead", str(lead), MARIA, KEY)
    assert places(store) == []
    assert done.tombstones == {"email": 1}
    with pytest.raises(NotAPersonError):
        erase(store, "account", str(account), MARIA, KEY)
