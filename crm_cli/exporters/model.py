"""What goes into an export and what comes out of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from crm_cli.dictionary.types import PersonalData, SemanticType
from crm_cli.errors import CrmError

__all__ = [
    "ColumnBatches",
    "ExportColumn",
    "ExportError",
    "ExportOptions",
    "Exported",
    "Row",
    "Table",
    "UnfitValueError",
    "Value",
]

# A datetime must be aware; a dict or list is the value of a JSON field.
Value: TypeAlias = str | int | float | Decimal | date | datetime | bool | dict[str, Any] | list[Any] | None
Row: TypeAlias = Sequence[Value]


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """One column: its header, what its values mean, how personal they are, and what a person may choose from.

    `choices` are offered where a format can do so, in a workbook.
    """

    name: str
    type: SemanticType = SemanticType.TEXT
    personal: PersonalData = PersonalData.NONE
    choices: tuple[str, ...] = ()


class ColumnBatches:
    """Rows that come some at a time and column by column, for formats that treat a column as a whole.

    For everybody else they are rows. `batches` can be read once, and counts itself in `number`.
    """

    def __init__(self, batches: Iterable[Sequence[Sequence[Value]]]) -> None:
        self._batches = batches
        self.number = 0

    def batches(self) -> Iterator[Sequence[Sequence[Value]]]:
        """Yield the columns of some rows, then of the next."""
        for columns in self._batches:
            self.number += len(columns[0])
            yield columns

    def __iter__(self) -> Iterator[Row]:
        for columns in self.batches():
            yield from zip(*columns, strict=True)


class Table(NamedTuple):
    """One table of several: its name (that of a worksheet, or in a database), columns and rows."""

    name: str
    columns: Sequence[ExportColumn]
    rows: Iterable[Row]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOptions:
    """How to write.

    `overwrite` allows to replace a file; `for_excel` marks text files as UTF-8 so that Excel shows every script;
    `guard_formulas` keeps text from being run as a formula by a spreadsheet (text formats only; others need no guard);
    `sheet` is the name of the worksheet or table, where a format has one.
    """

    overwrite: bool = False
    for_excel: bool = False
    guard_formulas: bool = True
    sheet: str = "Data"


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: rows without the header, the SHA-256 of the bytes, and where.

    `sha256` is empty for a database named by its URL; `path` is None for what is no file: that, or the standard output.
    """

    rows: int
    sha256: str
    path: Path | None


class ExportError(CrmError):
    """The target can't be written, or the format can't carry the data."""

    code = "export"


class UnfitValueError(ExportError):
    """One value can't be carried by the format; the facts name `row` (1-based, without the header) and `column`."""

    code = "export-unfit-value"
