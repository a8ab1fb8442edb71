"""The interface of a target format, and the one place that turns an unfit value into an error with its place."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, BinaryIO, ClassVar

from crm_cli.exporters.model import ExportColumn, ExportError, ExportOptions, Row, Table, UnfitValueError, Value

__all__ = ["Exporter", "RefusalError", "TableExporter", "converted", "refused"]

# Long enough to recognize a value by, short enough for one line on a screen.
_SHOWN = 60


class Exporter(ABC):
    """A target format: takes rows in their order and writes them to a binary stream, without keeping them.

    `name` is how people call it, `suffixes` what its files end in. `seeks` says that it must go back in what it wrote,
    which pipes don't allow. The same rows and columns give the same bytes.
    """

    name: ClassVar[str]
    suffixes: ClassVar[tuple[str, ...]]
    seeks: ClassVar[bool] = False

    def __init__(self, options: ExportOptions | None = None) -> None:
        self.options = options or ExportOptions()

    @abstractmethod
    def write(self, rows: Iterable[Row], columns: Sequence[ExportColumn], stream: BinaryIO) -> None:
        """Write all rows; raises UnfitValueError for the first value that the format can't carry."""


class TableExporter(Exporter):
    """A format that holds several tables; one alone is called as `ExportOptions.sheet` says."""

    @abstractmethod
    def write_tables(self, tables: Iterable[Table], stream: BinaryIO) -> None:
        """Write all tables; the rows of one are read when those before it are written. Raises as `write` does."""

    def write(self, rows: Iterable[Row], columns: Sequence[ExportColumn], stream: BinaryIO) -> None:
        """Write one table."""
        self.write_tables([Table(self.options.sheet, columns, rows)], stream)


class RefusalError(ValueError):
    """Why a value can't be carried, before its place is known; `hint` says what to do instead."""

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.hint = hint


def converted(
    rows: Iterable[Row],
    columns: Sequence[ExportColumn],
    converters: Sequence[Callable[[Any], Any]],
    first: int = 1,
) -> Iterator[list[Any]]:
    """Yield each row with its values converted, column by column; a refusal becomes an error that names the place.

    `first` is the number of the first of these rows.
    """
    for number, row in enumerate(rows, start=first):
        try:
            yield [convert(value) for convert, value in zip(converters, row, strict=True)]
        except ValueError as fault:
            if len(row) != len(columns):
                message = f"row {number} has {len(row)} values for {len(columns)} columns"
                raise ExportError(message, row=number) from fault
            raise _located(number, row, columns, converters) from fault


def _located(
    number: int, row: Row, columns: Sequence[ExportColumn], converters: Sequence[Callable[[Any], Any]]
) -> UnfitValueError:
    for column, convert, value in zip(columns, converters, row, strict=True):
        try:
            convert(value)
        except ValueError as fault:
            return refused(number, column, value, fault)
    raise AssertionError("a conversion failed once and then did not")


def refused(number: int, column: ExportColumn, value: Value, fault: ValueError) -> UnfitValueError:
    """Make the error for a value that can't be carried."""
    shown = ascii(value)
    shown = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
    hint = fault.hint if isinstance(fault, RefusalError) else ""
    message = f"row {number}, column {column.name}: {fault}: {shown}"
    return UnfitValueError(message, hint=hint, row=number, column=column.name, value=value)
