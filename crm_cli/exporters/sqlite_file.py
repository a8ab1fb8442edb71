"""SQLite database files."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

from crm_cli.dictionary.types import SemanticType
from crm_cli.exporters.base import RefusalError, TableExporter, converted
from crm_cli.exporters.model import ExportColumn, Table, Value
from crm_cli.exporters.tabular import renamed
from crm_cli.exporters.values import as_text, check_text, number_text

__all__ = ["SqliteFile"]

_DIGITS = 15  # of a number that SQLite keeps exactly in eight bytes
_INT64 = 2**63
_TYPES = {
    SemanticType.INTEGER: "INTEGER",
    SemanticType.REFERENCE: "INTEGER",
    SemanticType.BOOLEAN: "INTEGER",
    SemanticType.NUMBER: "REAL",
    SemanticType.MONEY: "NUMERIC",
}
_OTHER_FORMAT = "export to CSV or JSONL, or leave the column out by --columns"


class SqliteFile(TableExporter):
    """A SQLite database, a table an entity: numbers as numbers, dates and times as ISO 8601, true and false as 1 and 0.

    Refused: integers over 64 bits, numbers over 15 digits.
    """

    name: ClassVar[str] = "sqlite"
    suffixes: ClassVar[tuple[str, ...]] = (".db", ".sqlite", ".sqlite3")

    def write_tables(self, tables: Iterable[Table], stream: BinaryIO) -> None:
        """Write the database beside, in a folder of its own, and copy it into the stream when it is whole."""
        with tempfile.TemporaryDirectory(prefix="crm-sqlite-", ignore_cleanup_errors=True) as folder:
            path = Path(folder, "export.db")
            with closing(sqlite3.connect(path, isolation_level=None)) as connection:
                for pragma in ("journal_mode=OFF", "synchronous=OFF", "page_size=4096"):
                    connection.execute(f"PRAGMA {pragma}")
                connection.execute("BEGIN")
                for table in tables:
                    _write_table(connection, table)
                connection.execute("COMMIT")
            with path.open("rb") as whole:
                shutil.copyfileobj(whole, stream, 1 << 20)


def _write_table(connection: sqlite3.Connection, table: Table) -> None:
    columns = renamed(table.columns)
    declared = ", ".join(f"{_quoted(one.name)} {_TYPES.get(one.type, 'TEXT')}" for one in columns)
    connection.execute(f"CREATE TABLE {_quoted(table.name)} ({declared})")
    marks = ", ".join("?" * len(columns))
    rows = converted(table.rows, table.columns, [_converter(one) for one in columns])
    connection.executemany(f"INSERT INTO {_quoted(table.name)} VALUES ({marks})", rows)  # noqa: S608 - quoted


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _converter(column: ExportColumn) -> Callable[[Any], Any]:
    return _number if _TYPES.get(column.type) in ("REAL", "NUMERIC") else _value


def _value(value: Value) -> str | int | float | None:
    if value is None or isinstance(value, bool):
        return None if value is None else int(value)
    if isinstance(value, str):
        return check_text(value)
    if isinstance(value, int):
        if not -_INT64 <= value < _INT64:
            raise RefusalError("an integer over 64 bits", _OTHER_FORMAT)
        return value
    if isinstance(value, (float, Decimal)):
        return _number(value)
    return as_text(value)


def _number(value: Value) -> str | int | float | None:
    """Return a number that SQLite keeps exactly; anything else as `_value` does."""
    if isinstance(value, (bool, str, date, datetime)) or not isinstance(value, (int, float, Decimal)):
        return _value(value)
    if isinstance(value, float):
        number_text(value)
        return value
    text = number_text(value)
    if len(text.strip("-").replace(".", "").strip("0")) > _DIGITS:
        raise RefusalError(f"SQLite keeps only {_DIGITS} digits of a number", _OTHER_FORMAT)
    return int(value) if value == int(value) else float(value)
