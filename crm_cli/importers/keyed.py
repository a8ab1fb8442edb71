"""Sources whose records name their values (JSON, vCard, LDIF, …): a first pass finds the columns, then rows stream."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from crm_cli.importers.faults import HostileSourceError
from crm_cli.importers.model import Row, Table, Understood, unique_header

__all__ = ["KeyedRecord", "add_value", "keyed_table"]

MOST_COLUMNS = 20_000


class KeyedRecord(NamedTuple):
    """One record: where it begins, its values by name, and why it can't be trusted, if so."""

    number: int
    place: str
    values: dict[str, str]
    fault: str | None = None


Records = Callable[[], Iterable[KeyedRecord]]


def add_value(values: dict[str, str], name: str, value: str) -> None:
    """Add a value; a repeated name gets a number: `Email`, `Email 2`."""
    place, number = name, 1
    while place in values:
        number += 1
        place = f"{name} {number}"
    values[place] = value


def keyed_table(name: str, records: Records, understood: Understood) -> Table | None:
    """Return a table with a column for every name that occurs, in the order of appearance; None without records."""
    columns: dict[str, int] = {}
    count, first = 0, 1
    for record in records():
        first = record.number if not count else first
        count += 1
        for key in record.values:
            columns.setdefault(key, len(columns))
        if len(columns) > MOST_COLUMNS:
            raise HostileSourceError(
                f"{name}: its records have more than {MOST_COLUMNS:,} different names", hint="is it a list of records?"
            )
    if not count:
        return None
    header = list(columns)
    return Table(name, unique_header(header), understood, _KeyedRows(records, header), header, first)


@dataclass(slots=True)
class _KeyedRows:
    records: Records
    header: list[str] = field(default_factory=list)

    def __call__(self) -> Iterator[Row]:
        for record in self.records():
            values = [record.values.get(name) for name in self.header]
            yield Row(record.number, record.place, [_filled(value) for value in values], record.fault)


def _filled(value: str | None) -> str | None:
    return value if value and not value.isspace() else None
