"""Reading a file of hand-overs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from crm_cli.errors import UsageError
from crm_cli.importers import Table, read_tables

__all__ = ["HandoverFile", "PairRow", "read_pairs"]

_RECORDS, _USERS = ("record", "owner"), ("from", "to")
_HINT = "the header is record,owner or entity,record,owner – or from,to for pairs of users"


@dataclass(frozen=True, slots=True)
class PairRow:
    """A row of the file: its number, all its cells, and the words that count; blanks are empty texts."""

    number: int
    cells: tuple[str | None, ...]
    entity: str
    first: str  # the record, or who gives
    second: str  # the owner, or who takes


@dataclass(frozen=True)
class HandoverFile:
    """A file that was read as far as its header: what kind of pairs it has."""

    table: Table
    of_users: bool

    def rows(self) -> Iterator[PairRow]:
        """Yield the rows that are not blank."""
        header = [name.strip().lower() for name in self.table.header]
        first, second = (header.index(name) for name in (_USERS if self.of_users else _RECORDS))
        entity = header.index("entity") if "entity" in header else None
        for row in self.table.rows():
            cells = tuple(row.values)
            words = [(cells[place] or "").strip() for place in (first, second)]
            said = "" if entity is None else (cells[entity] or "").strip()
            if any(words):
                yield PairRow(row.number, cells, said, *words)


def read_pairs(path: Path) -> HandoverFile:
    """Return the file of pairs; `UsageError` where its header is none of those that are understood, or has no table."""
    tables = read_tables(path)
    if not tables:
        raise UsageError(f"{path.name} has no rows", hint=_HINT)
    header = {name.strip().lower() for name in tables[0].header}
    for names in (_RECORDS, _USERS):
        if header >= set(names):
            return HandoverFile(tables[0], of_users=names == _USERS)
    raise UsageError(f"{path.name}: the header is {', '.join(tables[0].header)}", hint=_HINT, header=tables[0].header)
