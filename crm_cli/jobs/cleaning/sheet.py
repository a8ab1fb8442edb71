"""A source in columns: what cleaning works on."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from crm_cli.errors import UsageError
from crm_cli.importers import ReadOptions, Row, open_source

__all__ = ["MERGED_ROWS", "Sheet", "read_sheet"]

MERGED_ROWS = "_source_rows"  # the column of a cleaned file that names the rows of the source


@dataclass
class Sheet:
    """The rows of one table by column; `numbers` are their rows in the source, `faulty` what cannot be trusted.

    `unread` holds, for the place of a column, the places of its cells that no rule could read. `origins` names the rows
    that each row was made of: of a file that was cleaned already those of the first source, else its own number.
    """

    name: str
    fingerprint: str
    header: list[str]
    columns: list[list[str | None]]
    numbers: list[int]
    faulty: list[Row] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    unread: dict[int, set[int]] = field(default_factory=dict)
    origins: list[str] = field(default_factory=list)
    origin_column: int | None = None

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.numbers)

    def row(self, place: int) -> list[str | None]:
        """Return the cells of one row."""
        return [column[place] for column in self.columns]

    @property
    def given_header(self) -> list[str]:
        """The header of the source, with the column of a cleaned one that names its origins."""
        place = len(self.header) if self.origin_column is None else self.origin_column
        names = [] if self.origin_column is None else [MERGED_ROWS]
        return [*self.header[:place], *names, *self.header[place:]]

    def column(self, name: str) -> list[str | None]:
        """Return one column."""
        return self.columns[self.header.index(name)]


def read_sheet(source: str | Path, options: ReadOptions) -> Sheet:
    """Read the first table of `source` (or the one that the options name); raises as reading does."""
    reading = open_source(source, options)
    tables = reading.tables()
    if not tables:
        raise UsageError(f"{source} has no table with data", hint="crm import --explain shows what was understood")
    table = tables[0]
    header = [name for name in table.header if name != MERGED_ROWS]
    sheet = Sheet(table.name, reading.source.fingerprint, header, [[] for _ in header], [])
    if MERGED_ROWS in table.header:
        sheet.origin_column = table.header.index(MERGED_ROWS)
    for row in table.rows():
        if row.fault:
            sheet.faulty.append(row)
            continue
        _append(sheet, row)
    sheet.warnings = list(table.understood.warnings)
    sheet.warnings += [f"table {one.name} was left out: clean takes one, name it with --sheet" for one in tables[1:]]
    return sheet


def _append(sheet: Sheet, row: Row) -> None:
    values: list[str | None] = list(row.values)
    origin = None
    if sheet.origin_column is not None and sheet.origin_column < len(values):
        origin = values.pop(sheet.origin_column)
    for place, column in enumerate(sheet.columns):
        column.append(values[place] if place < len(values) else None)
    sheet.numbers.append(row.number)
    sheet.origins.append(origin or str(row.number))
