"""Dumps: a database's rows as portable text, out of any of the three databases and into any.

The text is JSON Lines: a header (format, schema revision), then for each table, parents before children, one line that
names its columns and one line a row, and an end line without which the dump is known to be cut off.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import IO, Any

import sqlalchemy as sa

from crm_cli.dictionary import shipped
from crm_cli.errors import CrmError
from crm_cli.store.bulk import bulk_insert
from crm_cli.store.columns import UtcDateTime
from crm_cli.store.migrate import current_revision, head_revision
from crm_cli.store.schema import build_metadata
from crm_cli.store.store import NoDatabaseError

__all__ = ["BackupError", "read_dump", "write_dump"]

_FORMAT = "crm-dump-1"
_ROWS_AT_ONCE = 2_000
_VERSION_TABLE = "alembic_version"
Line = dict[str, Any] | list[Any]


class BackupError(CrmError):
    """A backup can't be written, read, or restored where it was asked for."""

    code = "backup"


def write_dump(connection: sa.Connection, file: IO[str]) -> None:
    """Write every row that the transaction of `connection` sees; `NoDatabaseError` when there are no crm tables."""
    revision = current_revision(connection)
    if revision is None:
        raise NoDatabaseError("this database holds no crm tables", hint="crm init makes them")
    _write(file, {"format": _FORMAT, "revision": revision, "made_at": datetime.now(UTC).isoformat()})
    for table in _present_tables(connection):
        _write(file, {"table": table.name, "columns": [column.name for column in table.columns]})
        query = sa.select(table).order_by(*table.primary_key.columns)
        for row in connection.execute(query.execution_options(yield_per=_ROWS_AT_ONCE)):
            _write(file, [_plain(value) for value in row])
    _write(file, {"end": True})


def _present_tables(connection: sa.Connection) -> list[sa.Table]:
    """Return the tables as they stand in the database, of whatever revision, parents first.

    Where we know a column it gets our type, so that moments, truth values and JSON read alike everywhere.
    """
    found = sa.MetaData()
    found.reflect(connection, only=lambda name, _: name != _VERSION_TABLE)
    known = build_metadata(shipped()).tables
    for table in found.tables.values():
        for column in table.columns:
            if table.name in known and column.name in known[table.name].c:
                column.type = known[table.name].c[column.name].type
    return list(found.sorted_tables)


def _write(file: IO[str], line: Line) -> None:
    file.write(json.dumps(line, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def read_dump(connection: sa.Connection, file: IO[str]) -> int:
    """Insert every row of a dump into the empty tables of `connection`; return how many.

    Raises `BackupError` when the dump is damaged, cut off, or of another schema revision than the tables.
    """
    lines = _lines(file)
    _check_header(next(lines, None))
    tables = build_metadata(shipped()).tables
    connection.execute(tables["id_allocation"].delete())  # counters were seeded with the tables
    total = 0
    head = next(lines, None)
    while isinstance(head, dict) and "table" in head:
        table, columns = tables.get(str(head["table"])), [str(name) for name in head["columns"]]
        if table is None or not set(columns) <= set(table.c.keys()):
            raise BackupError(f"the dump has a table {head['table']!r} that this program does not know")
        rows = _TableRows(lines)
        total += _insert(connection, table, columns, rows)
        head = rows.following
    if head != {"end": True}:
        raise BackupError("the dump ends before its end: it was cut off", hint="take another backup")
    return total


def _check_header(header: Line | None) -> None:
    if not isinstance(header, dict) or header.get("format") != _FORMAT:
        raise BackupError("the file is no dump of crm", hint="crm db backup FILE makes one")
    if header["revision"] != head_revision():
        raise BackupError(
            f"the dump has schema {header['revision']}, this program makes {head_revision()}",
            hint="restore it with the program that wrote it, then crm db upgrade",
        )


def _lines(file: IO[str]) -> Iterator[Line]:
    try:
        for number, line in enumerate(file, start=1):
            yield _parsed(line, number)
    except (EOFError, OSError, UnicodeDecodeError) as fault:
        raise BackupError(f"the dump is damaged: {fault}", hint="take another backup") from fault


def _parsed(line: str, number: int) -> Line:
    try:
        value: Line = json.loads(line)
    except ValueError as fault:
        raise BackupError(f"the dump is damaged in line {number}", hint="take another backup", line=number) from fault
    return value


class _TableRows:
    """The rows of one table; `following` is then the line after them."""

    def __init__(self, lines: Iterator[Line]) -> None:
        self._lines = lines
        self.following: Line | None = None

    def __iter__(self) -> Iterator[list[Any]]:
        for line in self._lines:
            if not isinstance(line, list):
                self.following = line
                return
            yield line


def _insert(connection: sa.Connection, table: sa.Table, columns: list[str], rows: Iterable[list[Any]]) -> int:
    typed = [(place, _reader(table.c[name])) for place, name in enumerate(columns)]
    readers = [(place, read) for place, read in typed if read is not None]
    inner = [columns.index(name) for name in _own_parents(table) if name in columns]
    later: list[tuple[Any, ...]] = []

    def prepared() -> Iterator[list[Any]]:
        for row in rows:
            for place, read in readers:
                row[place] = None if row[place] is None else read(row[place])
            if any(row[place] is not None for place in inner):
                # a row may come before the one that it names: such references are filled in at the end
                later.append((row[columns.index("id")], *(row[place] for place in inner)))
                for place in inner:
                    row[place] = None
            yield row

    total = bulk_insert(connection, table, columns, prepared())
    _fill_in(connection, table, [columns[place] for place in inner], later)
    return total


def _reader(column: sa.Column[Any]) -> Any:
    if isinstance(column.type, UtcDateTime):
        return datetime.fromisoformat
    return date.fromisoformat if isinstance(column.type, sa.Date) else None


def _own_parents(table: sa.Table) -> list[str]:
    return sorted({key.parent.name for key in table.foreign_keys if key.column.table is table})


def _fill_in(connection: sa.Connection, table: sa.Table, names: list[str], later: list[tuple[Any, ...]]) -> None:
    if later:
        update = table.update().where(table.c.id == sa.bindparam("the_id"))
        update = update.values({name: sa.bindparam(f"new_{name}") for name in names})
        keys = ["the_id", *(f"new_{name}" for name in names)]
        connection.execute(update, [dict(zip(keys, row, strict=True)) for row in later])
