"""Dump files of databases (mysqldump, pg_dump in text form, the .dump of SQLite): every table that has rows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from crm_cli.importers.encoding import Encoding, detect_encoding
from crm_cli.importers.interface import Importer
from crm_cli.importers.model import ReadOptions, Row, Table, Understood, unique_header
from crm_cli.importers.source import Source
from crm_cli.importers.sql_text import column_names, insert_head, statements, table_name, tuples
from crm_cli.importers.textlines import open_text

__all__ = ["SqlDump"]

_SQL = re.compile(
    rb"^[ \t]*(?:CREATE\s+(?:\w+\s+)?TABLE|INSERT\s+INTO|COPY\s+\S+\s*\(|BEGIN\s+TRANSACTION|PRAGMA\s|SET\s+\w+\s*="
    rb"|DROP\s+(?:TABLE|DATABASE))\b",
    re.IGNORECASE | re.MULTILINE,
)
# Only MySQL and MariaDB take a backslash in a string for an escape.
_MYSQL = re.compile(
    rb"ENGINE\s*=|-- (?:MySQL|MariaDB) dump|LOCK TABLES|/\*!\d{5}|INSERT INTO `|CREATE TABLE `", re.IGNORECASE
)
_COPY = re.compile(r"\s*COPY\s+(?P<table>\S+)\s*(?:\((?P<columns>[^)]*)\))?\s+FROM\s+stdin", re.IGNORECASE)
_COPY_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "v": "\v"}


class SqlDump(Importer):
    """SQL text with CREATE TABLE, INSERT and COPY statements. It is parsed, never run."""

    name = "sql"
    suffixes = (".sql", ".dump")

    def recognizes(self, head: bytes, name: str) -> bool:
        """Recognize statements that make tables at the start of lines."""
        return _SQL.search(head) is not None and (name.lower().endswith(self.suffixes) or b";" in head)

    def tables(self, source: Source, options: ReadOptions) -> Sequence[Table]:
        """Return the tables in the order of the dump; `sheet` picks one."""
        encoding = Encoding(options.encoding) if options.encoding else detect_encoding(source)
        dump = _Dump(source, encoding, _MYSQL.search(source.head(1 << 20)) is not None)
        understood = Understood("sql", encoding.name, encoding.confidence)
        columns = dump.columns()
        return [
            Table(name, unique_header(names), understood, _Rows(dump, name, len(names)), names)
            for name, names in columns.items()
            if options.sheet in {None, name}
        ]


@dataclass(slots=True)
class _Dump:
    source: Source
    encoding: Encoding
    backslashes: bool
    last: dict[str, int] = field(default_factory=dict)

    def statements(self) -> Iterator[tuple[int, str]]:
        with open_text(self.source, self.encoding) as stream:
            yield from statements(stream, backslashes=self.backslashes)

    def columns(self) -> dict[str, list[str]]:
        """Return the columns of every table that has rows: as inserted, as created, or numbered."""
        created: dict[str, list[str]] = {}
        filled: dict[str, list[str]] = {}
        for offset, statement in self.statements():
            if made := column_names(statement):
                created[made[0]] = made[1]
                continue
            found = _table_and_columns(statement)
            if found is None:
                continue
            name, names = found
            self.last[name] = offset
            filled.setdefault(name, names or created.get(name) or self._numbered(statement))
        return filled

    def _numbered(self, statement: str) -> list[str]:
        head = insert_head(statement)
        first = next(tuples(statement, head[2], backslashes=self.backslashes), []) if head else []
        return [f"column_{place}" for place in range(1, len(first) + 1)]


def _table_and_columns(statement: str) -> tuple[str, list[str]] | None:
    if head := insert_head(statement):
        return head[0], head[1]
    if copy := _COPY.match(statement[statement.find("COPY") :] if "COPY" in statement[:5000] else ""):
        return table_name(copy["table"]), [part.strip().strip('"') for part in (copy["columns"] or "").split(",")]
    return None


@dataclass(slots=True)
class _Rows:
    dump: _Dump
    table: str
    width: int

    def __call__(self) -> Iterator[Row]:
        number = 0
        for offset, statement in self.dump.statements():
            if offset > self.dump.last[self.table]:
                return
            for values in self._values(statement):
                number += 1
                fault = None if len(values) == self.width else f"{len(values)} values for {self.width} columns"
                filled = [value if value and not value.isspace() else None for value in values]
                yield Row(number, f"table {self.table} row {number}", filled, fault)

    def _values(self, statement: str) -> Iterator[list[str | None]]:
        head = insert_head(statement)
        if head is not None:
            return tuples(statement, head[2], backslashes=self.dump.backslashes) if head[0] == self.table else iter(())
        found = _table_and_columns(statement)
        return _copied(statement) if found and found[0] == self.table else iter(())


def _copied(statement: str) -> Iterator[list[str | None]]:
    """Yield the rows of a COPY block: tab-separated, `\\N` for nothing, backslash escapes."""
    _, _, data = statement.partition(";")
    for line in data.lstrip("\r\n").splitlines():
        if line in {"\\.", "\\"}:  # the end mark, whole or cut at the dot; a backslash in data is doubled
            return
        yield [None if cell == "\\N" else _copy_text(cell) for cell in line.split("\t")]


def _copy_text(cell: str) -> str:
    if "\\" not in cell:
        return cell
    return re.sub(r"\\(.)", lambda found: _COPY_ESCAPES.get(found[1], found[1]), cell)
