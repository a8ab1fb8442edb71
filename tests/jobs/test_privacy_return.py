"""Erased persons do not come back by an import or by hand, unless somebody allows it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import sqlalchemy as sa

from crm_cli.errors import ExitCode
from crm_cli.history import ErasedPersonError, NoTombstoneKeyError, operation
from crm_cli.jobs.importing import ImportOptions, ImportResult, ImportRun, import_source
from crm_cli.jobs.privacy import allow, erase, list_erasures
from crm_cli.records import Reader, add
from crm_cli.standardize import Context
from crm_cli.store import Store
from tests.jobs.privacy_person import KEY, MARIA

HEADER = "No,First Name,Last Name,Email,Phone,Birthday\n"
ROW = "7,Zoe,Quaxxington,zoe@qxmail.example,030 77712345,1931-03-17\n"
OTHER = "8,Otto,Ordinary,otto@other.example,030 5556677,1970-02-01\n"


@pytest.fixture
def erased(store: Store, tmp_path: Path) -> Store:
    """A store from which Zoe was erased, and Otto was not."""
    load(store, tmp_path, ROW + OTHER)
    erase(store, "contact", "zoe@qxmail.example", MARIA, KEY)
    store.privacy_key = lambda: KEY
    return store


def load(
    store: Store, folder: Path, rows: str, header: str = HEADER, source: str = "fair", **run: Path
) -> ImportResult:
    path = folder / "people.csv"
    path.write_text(header + rows, encoding="utf-8")
    options = ImportOptions(into=("contact",), source_name=source, key="No" if "No" in header else None, country="DE")
    return import_source(store, path, MARIA, options, ImportRun(**run))


def names(store: Store) -> list[str]:
    table = store.table("contact")
    with store.read() as connection:
        return list(connection.scalars(sa.select(table.c.family_name).order_by(table.c.id)))


@pytest.mark.parametrize(
    ("row", "what"),
    [
        (ROW, "e-mail address"),
        ("9,Zoë,Other,ZOE@QXMAIL.example,,\n", "e-mail address"),
        ("9,Z,Q,,+49 30 77712345,\n", "telephone number"),
        ("7,Z,Q,,,\n", "id of the source"),
        ("9,zoe,QUAXXINGTON,,,17.03.1931\n", "name and date of birth"),
    ],
)
def test_a_row_of_an_erased_person_is_refused_and_not_kept(erased: Store, tmp_path: Path, row: str, what: str) -> None:
    result = load(erased, tmp_path, row + "10,Ann,New,ann@new.example,,\n", rejects=tmp_path / "rejects.csv")
    assert result.exit_code is ExitCode.PARTIAL
    assert (result.counts["rejected"], result.counts["created"]) == (1, 1)
    assert names(erased) == ["Ordinary", "New"]
    with erased.read() as connection:
        (kept,) = connection.execute(sa.select(erased.table("import_row"))).all()
    assert kept.faults[0]["reason"].startswith(f"the data of the person with this {what} were erased on request")
    assert set(kept.cells.values()) == {None}
    written = (tmp_path / "rejects.csv").read_text(encoding="utf-8")
    assert f"this {what}" in written
    assert "crm privacy allow 1" in written
    assert "axxington" not in written.casefold()


def test_others_are_taken_as_before(erased: Store, tmp_path: Path) -> None:
    result = load(erased, tmp_path, "8,Otto,Ordinary,otto@new.example,030 5556677,1970-02-01\n9,Zoe,Quaxxington,,,\n")
    assert (result.counts["updated"], result.counts["created"], result.counts["rejected"]) == (1, 1, 0)


def test_a_source_without_ids_is_recognized_by_the_row(store: Store, tmp_path: Path) -> None:
    header, row = "First Name,Last Name,Job Title\n", "Zoe,Quaxxington,Head\n"
    load(store, tmp_path, row, header)
    erase(store, "contact", "Quaxxington", MARIA, KEY)
    store.privacy_key = lambda: KEY
    assert load(store, tmp_path, row, header).counts["rejected"] == 1


@pytest.mark.parametrize("entity", ["contact", "lead"])
def test_an_erased_person_is_not_added_by_hand(erased: Store, entity: str) -> None:
    with pytest.raises(ErasedPersonError) as refused:
        given(erased, entity, family_name="Q", phone="030 777 123 45")
    assert refused.value.exit_code is ExitCode.FINDINGS
    assert refused.value.hint == "if the person wants to be known again: crm privacy allow 1"
    given(erased, entity, family_name="Q", phone="030 777 123 46")


def given(store: Store, entity: str, **values: str) -> None:
    with operation(store, "add", MARIA) as op:
        reader = Reader(store, op.connection, store.dictionary.entity(entity), Context(country="DE"))
        add(op, reader.read(values))


def test_without_the_key_nothing_is_let_in(erased: Store, tmp_path: Path) -> None:
    erased.privacy_key = bytes
    with pytest.raises(NoTombstoneKeyError):
        load(erased, tmp_path, OTHER)
    with pytest.raises(NoTombstoneKeyError):
        given(erased, "contact", family_name="Q")


def test_with_another_key_nothing_is_let_in_and_nobody_erased(erased: Store, tmp_path: Path) -> None:
    """Another key would recognize nobody; after the tombstones are gone it may be used."""
    other = b"another key, as long as the first"
    erased.privacy_key = lambda: other
    with pytest.raises(NoTombstoneKeyError, match="erasure 1 is another than the one that is here"):
        load(erased, tmp_path, OTHER)
    with pytest.raises(NoTombstoneKeyError):
        erase(erased, "contact", "Ordinary", MARIA, other)
    assert names(erased) == ["Ordinary"]
    allow(erased, 1, MARIA)
    erase(erased, "contact", "Ordinary", MARIA, other)
    assert load(erased, tmp_path, OTHER).counts["rejected"] == 1


def test_the_hashes_are_those_of_the_key(erased: Store) -> None:
    """HMAC-SHA-256 of kind and value, as RFC 2104 has it, reckoned here with two hashes by hand."""
    block = KEY.ljust(64, b"\0")
    inner = hashlib.sha256(bytes(each ^ 0x36 for each in block) + b"email\0zoe@qxmail.example").digest()
    outer = hashlib.sha256(bytes(each ^ 0x5C for each in block) + inner).hexdigest()
    table = erased.table("erasure_key")
    with erased.read() as connection:
        assert outer in connection.scalars(sa.select(table.c.hash).where(table.c.kind == "email")).all()


def test_who_is_allowed_comes_back(erased: Store, tmp_path: Path) -> None:
    allow(erased, 1, MARIA)
    assert [(one["id"], one["tombstones"]) for one in list_erasures(erased)] == [(1, {})]
    assert load(erased, tmp_path, ROW).counts["created"] == 1


def test_what_a_relative_has_too_stops_nobody(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path, ROW + "8,Max,Quaxxington,zoe@qxmail.example,030 77712345,1970-02-01\n")
    done = erase(store, "contact", "1", MARIA, KEY)
    store.privacy_key = lambda: KEY
    assert done.tombstones == {"external_id": 1, "name_and_birth": 1}
    assert {(one.entity, one.record_id, one.what) for one in done.shared} == {
        ("contact", 2, "e-mail address"),
        ("contact", 2, "telephone number"),
    }
    assert (
        load(store, tmp_path, "8,Max,Quaxxington,zoe@qxmail.example,030 77712345,1970-02-02\n").counts["updated"] == 1
    )


@pytest.mark.parametrize("value", ["none", "n/a"])
def test_a_word_in_place_of_an_address_stops_nobody(store: Store, value: str) -> None:
    with operation(store, "add", MARIA) as op:
        (number,) = op.insert("contact", [{"family_name": "Quaxxington"}])
        for detail in ("email_address", "phone_number"):
            op.insert(detail, [{"party_id": number, "value": value, "standard": value}])
    assert erase(store, "contact", str(number), MARIA, KEY).tombstones == {}
