"""Backup and restore: SQLite as a consistent copy of the file, servers as a portable dump (see `dumps.py`)."""

from __future__ import annotations

import gzip
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import URL

from crm_cli.dictionary import shipped
from crm_cli.errors import NotFoundError
from crm_cli.store.dumps import BackupError, read_dump, write_dump
from crm_cli.store.engine import create_engine, normal_url, shown_url
from crm_cli.store.integrity import Fault, check
from crm_cli.store.migrate import create, current_revision
from crm_cli.store.schema import build_metadata
from crm_cli.store.store import NoDatabaseError, Store

__all__ = ["BackupError", "Fault", "check", "restore", "save"]

_SQLITE_MAGIC = b"SQLite format 3\0"
_GZIP_MAGIC = b"\x1f\x8b"
_LOG_SUFFIXES = ("-wal", "-shm")  # SQLite keeps the newest changes there until they are written back


def save(where: Store | URL | str | Path, target: str | Path) -> Path:
    """Write a backup of the database to the new file `target` (mode 600), whole or not at all; return its path.

    SQLite gives a database file, a server a dump; both at any schema revision, as before a migration. Raises
    `BackupError` when `target` exists or can't be written, `NoDatabaseError` when there is nothing to save.
    """
    url, path = _url(where), Path(target)
    if path.exists():
        raise BackupError(f"{path} exists already", hint="name another file", path=str(path))
    write = _copy_file if url.get_backend_name() == "sqlite" else _dump_server
    try:
        with _whole_file(path) as unfinished:
            write(url, unfinished)
    except OSError as fault:
        raise BackupError(f"cannot write {path}: {fault.strerror or fault}", path=str(path)) from fault
    return path


def restore(source: str | Path, where: URL | str | Path) -> Path | None:
    """Make the database at `where` what the backup `source` holds; return where the old SQLite file was moved to.

    A dump goes into any database, a SQLite file only to a SQLite file. A server's database must be empty. Raises
    `NotFoundError` without a backup, `BackupError` when it is damaged, of another schema, or the target not empty;
    the target is then as it was.
    """
    path, url = Path(source), _url(where)
    if not path.is_file():
        raise NotFoundError(f"there is no backup {path}", hint="crm db backup FILE makes one", path=str(path))
    with path.open("rb") as file:
        magic = file.read(len(_SQLITE_MAGIC))
    is_sqlite = url.get_backend_name() == "sqlite"
    if magic.startswith(_GZIP_MAGIC):
        if is_sqlite:
            return _replace_sqlite(url, path, _load_new)
        _load_server(path, url)
        return None
    if magic == _SQLITE_MAGIC and is_sqlite:
        return _replace_sqlite(url, path, _copy_checked)
    hint = "a SQLite backup goes back to a SQLite file" if magic == _SQLITE_MAGIC else "crm db backup FILE makes one"
    raise BackupError(f"{path} is no backup for {shown_url(url)}", hint=hint, path=str(path))


def _url(where: Store | URL | str | Path) -> URL:
    if isinstance(where, Store):
        return where.url
    return where if isinstance(where, URL) else normal_url(where)


@contextmanager
def _whole_file(path: Path) -> Iterator[Path]:
    """Yield the name of an empty file beside `path` that becomes it at the end, or vanishes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # readable by its owner alone
    os.close(handle)
    unfinished = Path(name)
    try:
        yield unfinished
        with unfinished.open("rb+") as file:
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        for suffix in ("", *_LOG_SUFFIXES):
            Path(f"{unfinished}{suffix}").unlink(missing_ok=True)


def _copy_file(url: URL, target: Path) -> None:
    # VACUUM INTO is one consistent snapshot; the page-wise backup starves while others write
    source = Path(str(url.database))
    if not source.is_file():
        raise NoDatabaseError(f"there is no database {source}", hint="crm init makes one")
    try:
        with closing(sqlite3.connect(source, timeout=30)) as connection:
            connection.execute("VACUUM INTO ?", (str(target),))
    except sqlite3.DatabaseError as fault:
        raise BackupError(f"cannot copy {source}: {fault}", path=str(source)) from fault


def _dump_server(url: URL, target: Path) -> None:
    # repeatable read: one snapshot for all tables, without what others write meanwhile
    with (
        _engine(url) as engine,
        engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection,
        connection.begin(),
        gzip.open(target, "wt", encoding="utf-8", compresslevel=6, newline="\n") as file,
    ):
        write_dump(connection, file)


@contextmanager
def _engine(url: URL) -> Iterator[sa.Engine]:
    """Yield an engine and give its connections back at the end."""
    engine = create_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


def _replace_sqlite(url: URL, backup: Path, fill: Callable[[Path, Path], None]) -> Path | None:
    """Fill a new file from the backup, then put it where the old one is moved away from."""
    target = Path(str(url.database))
    with _whole_file(target) as unfinished:
        fill(backup, unfinished)
        return _move_aside(target)


def _copy_checked(backup: Path, unfinished: Path) -> None:
    shutil.copyfile(backup, unfinished)
    try:
        with closing(sqlite3.connect(unfinished)) as connection:
            found = connection.execute("PRAGMA integrity_check").fetchone()[0]
            connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.DatabaseError as fault:
        raise BackupError(f"{backup} is damaged or no crm database: {fault}", path=str(backup)) from fault
    if found != "ok":
        raise BackupError(f"{backup} is damaged: {found}", hint="take another backup", path=str(backup))


def _load_new(backup: Path, unfinished: Path) -> None:
    unfinished.unlink()
    url = create(unfinished)
    _load(backup, url)
    with closing(sqlite3.connect(unfinished)) as connection:  # one file again, without the log beside it
        connection.execute("PRAGMA journal_mode=DELETE")


def _move_aside(target: Path) -> Path | None:
    if not target.is_file():
        return None
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
    aside = target.with_name(f"{target.name}.before-restore-{stamp}")
    for suffix in (*_LOG_SUFFIXES, ""):
        part = Path(f"{target}{suffix}")
        if part.exists():
            part.replace(f"{aside}{suffix}")
    return aside


def _load_server(backup: Path, url: URL) -> None:
    with _engine(url) as engine, engine.connect() as connection:
        ours = {table.name for table in build_metadata(shipped()).sorted_tables}
        if current_revision(connection) is not None or ours & set(sa.inspect(connection).get_table_names()):
            hint = "make a new, empty database and restore there"
            raise BackupError(f"{shown_url(url)} is not empty", hint=hint)
    create(url)
    try:
        _load(backup, url)
    except BaseException:
        _drop_tables(url)  # the database was empty: leave it so
        raise


def _load(backup: Path, url: URL) -> None:
    with (
        _engine(url) as engine,
        engine.begin() as connection,
        gzip.open(backup, "rt", encoding="utf-8", newline="\n") as file,
    ):
        read_dump(connection, file)


def _drop_tables(url: URL) -> None:
    with _engine(url) as engine, engine.begin() as connection:
        build_metadata(shipped()).drop_all(connection)
        connection.execute(sa.text("DROP TABLE alembic_version"))
