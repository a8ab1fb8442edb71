"""A case of the manifest, what was read of its file, and a check with its outcome."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from crm_cli.errors import CrmError
from crm_cli.importers import ReadOptions, Row, Table, read_tables

__all__ = ["Case", "Check", "Seen", "SeenTable", "Verdict", "manifest"]


class Check(NamedTuple):
    """Something that is stated, in words, and whether it holds."""

    what: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Case:
    """One line of the manifest."""

    folder: Path
    path: str
    group: str
    tests: str
    expected: str
    expected_file: str

    @property
    def file(self) -> Path:
        """The file itself."""
        return self.folder / self.path

    @property
    def stated(self) -> Path:
        """The file that says what should come out."""
        return self.folder / self.expected_file


def manifest(folder: Path) -> list[Case]:
    """Return the cases in the order of the manifest."""
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as stream:
        return [
            Case(folder, line["path"], line["group"], line["tests"], line["expected"], line["expected_file"])
            for line in csv.DictReader(stream)
        ]


@dataclass(slots=True)
class SeenTable:
    """A table with its rows in memory."""

    table: Table
    rows: list[Row]

    @property
    def matrix(self) -> list[list[str]]:
        """The header as found (if any) and the rows, blanks as empty texts."""
        header = [] if self.table.found_header is None else [self.table.found_header]
        return [*header, *([cell or "" for cell in row.values] for row in self.rows)]

    @property
    def labels(self) -> list[str]:
        """The header as found, trimmed; empty where there is none."""
        return [" ".join(cell.split()) for cell in self.table.found_header or ()]

    def line(self, number: int) -> list[str]:
        """Return the cells of a row by its number in the sheet: the header or a data row."""
        if number in self.table.understood.header_rows:
            return list(self.table.found_header or ())
        return next(([cell or "" for cell in row.values] for row in self.rows if row.number == number), [])


@dataclass
class Seen:
    """What was read of a file: its tables, or the error that refused it."""

    file: Path
    options: ReadOptions = field(default_factory=ReadOptions)

    @cached_property
    def outcome(self) -> list[SeenTable] | CrmError:
        """Read the file to its end."""
        try:
            return [SeenTable(table, list(table.rows())) for table in read_tables(self.file, self.options)]
        except CrmError as error:
            return error

    @property
    def refused(self) -> CrmError | None:
        """The error, where the file was refused."""
        return self.outcome if isinstance(self.outcome, CrmError) else None

    @property
    def tables(self) -> list[SeenTable]:
        """The tables; none where the file was refused."""
        return [] if isinstance(self.outcome, CrmError) else self.outcome

    @property
    def rows(self) -> list[Row]:
        """The data rows of all tables."""
        return [row for table in self.tables for row in table.rows]

    @property
    def warnings(self) -> list[str]:
        """What the reader warned of."""
        return [text for table in self.tables for text in table.table.understood.warnings]

    @property
    def titles(self) -> list[str]:
        """What stands above the tables."""
        return [title for table in self.tables for title in table.table.understood.titles]

    def cells(self) -> Iterator[str]:
        """Yield the text of every cell, headers included."""
        return (cell for table in self.tables for row in table.matrix for cell in row if cell)

    def with_options(self, options: ReadOptions) -> Seen:
        """Return the reading under other options."""
        return self if options == self.options else Seen(self.file, options)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement of a case. `traceback` is set where something other than a CrmError came out."""

    path: str
    group: str
    checks: tuple[Check, ...] = ()
    refused: str = ""
    traceback: str = ""
    seconds: float = 0.0

    @property
    def states_nothing(self) -> bool:
        """Whether nothing could be checked."""
        return not self.checks and not self.traceback

    @property
    def holds(self) -> bool:
        """Whether everything that is stated holds."""
        return bool(self.checks) and not self.traceback and all(check.holds for check in self.checks)

    @property
    def broken(self) -> list[str]:
        """What doesn't hold, in words."""
        return [check.what for check in self.checks if not check.holds]
