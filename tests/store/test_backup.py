from __future__ import annotations

import gzip
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from crm_cli.errors import NotFoundError
from crm_cli.history import Author, operation
from crm_cli.store import NoDatabaseError, Store, backup
from crm_cli.store.migrate import create
from tests.dumps import business_content
from tests.query.conftest import found


def everything(store: Store) -> dict[str, list[object]]:
    with store.read() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(sa.select(table).order_by(table.c.id))]
            for table in store.metadata.sorted_tables
        }


@pytest.fixture
def filled(store: Store) -> Store:
    return fill(store)


@pytest.fixture
def filled_file(sqlite_url: str) -> Iterator[Store]:
    """A filled SQLite file: what is moved aside or damaged is a file, a server's database is never restored over."""
    create(make_url(sqlite_url))
    with Store.open(make_url(sqlite_url)) as store:
        yield fill(store)


def fill(store: Store) -> Store:
    found(store)
    with operation(store, "add", Author("test")) as op:  # names a team with a higher number than its own
        op.insert("team", [{"id": 20, "name": "Child", "parent_id": None}, {"id": 21, "name": "Pärent \x1b[31m"}])
        op.update("team", {20: {"parent_id": 21}})
    return store


@pytest.mark.all_databases
def test_a_backup_brings_every_row_back(filled: Store, new_database: Callable[[], str], tmp_path: Path) -> None:
    before = everything(filled)
    path = backup.save(filled, tmp_path / "sub" / "crm.backup")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["crm.backup"], "nothing unfinished is left beside it"
    where = new_database()
    assert backup.restore(path, where) is None
    with Store.open(where) as restored:
        assert everything(restored) == before
        assert business_content(restored) == business_content(filled)
        assert backup.check(restored) == []


@pytest.mark.all_databases
def test_a_dump_of_a_server_goes_into_a_sqlite_file_too(filled: Store, tmp_path: Path) -> None:
    path = backup.save(filled, tmp_path / "crm.backup")
    target = tmp_path / "new.db"
    backup.restore(path, target)
    with Store.open(target) as restored:
        assert everything(restored) == everything(filled)
    assert sorted(one.name for one in tmp_path.iterdir() if one.name.startswith((".", "new.db-"))) == []


def test_the_old_file_is_moved_aside(tmp_path: Path, filled_file: Store) -> None:
    path = backup.save(filled_file, tmp_path / "first")
    before = business_content(filled_file)
    with operation(filled_file, "set", Author("test")) as op:
        op.update("contact", {3: {"family_name": "Changed"}})
    changed = business_content(filled_file)
    filled_file.close()
    aside = backup.restore(path, filled_file.url)
    assert aside is not None
    with Store.open(filled_file.url) as restored, Store.open(aside) as old:
        assert business_content(restored) == before
        assert business_content(old) == changed


def test_a_backup_is_never_written_over(filled: Store, tmp_path: Path) -> None:
    path = backup.save(filled, tmp_path / "once")
    content = path.read_bytes()
    with pytest.raises(backup.BackupError, match="exists already"):
        backup.save(filled, path)
    assert path.read_bytes() == content


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(NoDatabaseError):
        backup.save(tmp_path / "none.db", tmp_path / "b")
    with pytest.raises(NotFoundError):
        backup.restore(tmp_path / "b", tmp_path / "none.db")
    (tmp_path / "b").write_text("hello")
    with pytest.raises(backup.BackupError, match="is no backup"):
        backup.restore(tmp_path / "b", tmp_path / "none.db")
    assert [one.name for one in tmp_path.iterdir()] == ["b"]


@pytest.mark.parametrize("damage", ["cut", "flipped"])
def test_a_damaged_file_is_refused_and_the_database_stays(filled_file: Store, tmp_path: Path, damage: str) -> None:
    path = backup.save(filled_file, tmp_path / "b")
    content = bytearray(path.read_bytes())
    if damage == "cut":
        content = content[: len(content) // 2]
    else:
        content[4096:12_288] = b"\xff" * 8_192
    path.write_bytes(content)
    before = business_content(filled_file)
    filled_file.close()
    with pytest.raises(backup.BackupError, match="damaged"):
        backup.restore(path, filled_file.url)
    with Store.open(filled_file.url) as still:
        assert business_content(still) == before


@pytest.mark.parametrize("lines", [1, 5, -1])
def test_a_dump_that_was_cut_off_is_refused(tmp_path: Path, lines: int) -> None:
    from crm_cli.store.dumps import write_dump
    from crm_cli.store.migrate import create

    create(tmp_path / "a.db")
    with (
        Store.open(tmp_path / "a.db") as store,
        store.read() as connection,
        gzip.open(tmp_path / "whole.gz", "wt", encoding="utf-8") as file,
    ):
        write_dump(connection, file)
    with gzip.open(tmp_path / "whole.gz", "rt", encoding="utf-8") as whole:
        text = whole.readlines()[:lines]
    with gzip.open(tmp_path / "cut.gz", "wt", encoding="utf-8") as file:
        file.writelines(text)
    with pytest.raises(backup.BackupError, match="cut off"):
        backup.restore(tmp_path / "cut.gz", tmp_path / "b.db")
    assert not (tmp_path / "b.db").exists()
    (tmp_path / "short.gz").write_bytes((tmp_path / "whole.gz").read_bytes()[:-20])
    with pytest.raises(backup.BackupError, match="damaged"):
        backup.restore(tmp_path / "short.gz", tmp_path / "b.db")


@pytest.mark.all_databases
def test_a_server_that_is_not_empty_is_left_alone(filled: Store, tmp_path: Path) -> None:
    if filled.backend == "sqlite":
        pytest.skip("a SQLite file is moved aside instead")
    path = backup.save(filled, tmp_path / "b")
    before = business_content(filled)
    with pytest.raises(backup.BackupError, match="not empty"):
        backup.restore(path, filled.url)
    assert business_content(filled) == before


@pytest.mark.all_databases
def test_check_names_what_does_not_hold_together(filled: Store) -> None:
    assert backup.check(filled) == []
    now = datetime(2026, 1, 1, tzinfo=UTC)
    with filled.write() as connection:
        link = {"row_version": 1, "created_at": now, "updated_at": now, "activity_id": 1}
        rows = [
            {"id": 1, "entity": "contact", "record_id": 999, **link},
            {"id": 2, "entity": "contact", "record_id": 3, **link},
            {"id": 3, "entity": "unicorn", "record_id": 1, **link},
        ]
        connection.execute(filled.table("activity_link").insert(), rows)
        contact = filled.table("contact")
        connection.execute(contact.update().where(contact.c.id == 7).values(merged_into_id=888))
        connection.execute(filled.table("party").insert().values(id=50, kind="contact"))
    assert [str(fault) for fault in backup.check(filled)] == [
        "party: has no contact: 1 rows (id 50)",
        "contact: merged into a missing contact: 1 rows (id 7)",
        "activity_link: record_id names a missing contact: 1 rows (id 1)",
        "activity_link: record_id names an unknown entity 'unicorn': 1 rows (id 3)",
    ]
