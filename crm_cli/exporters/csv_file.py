"""CSV and TSV."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, BinaryIO, ClassVar

from crm_cli.exporters.base import Exporter, converted
from crm_cli.exporters.formulas import guarded
from crm_cli.exporters.model import ExportColumn, Row, Value
from crm_cli.exporters.text_columns import column_texts
from crm_cli.exporters.values import as_text

__all__ = ["Csv", "Tsv"]

_AT_ONCE = 2_000  # rows converted together


class Csv(Exporter):
    """Comma-separated values (RFC 4180): UTF-8, a header, lines ended by CR LF.

    Can't tell an empty text from none: both are an empty field.
    """

    name: ClassVar[str] = "csv"
    suffixes: ClassVar[tuple[str, ...]] = (".csv",)
    delimiter: ClassVar[str] = ","

    def write(self, rows: Iterable[Row], columns: Sequence[ExportColumn], stream: BinaryIO) -> None:
        """Write header and rows; `for_excel` puts a byte-order mark before them."""
        convert: Callable[[Value], str | None] = _guarded_text if self.options.guard_formulas else as_text
        stream.write(codecs.BOM_UTF8 if self.options.for_excel else b"")
        stream.write(self._lines([[convert(column.name) for column in columns]]))
        for first, batch in _batches(rows):
            stream.write(self._lines(self._texts(first, batch, columns, convert)))

    def _lines(self, rows: Iterable[Sequence[Any]]) -> bytes:
        # A new buffer for every batch: one that is emptied writes slower, as does a text stream over the file.
        lines = io.StringIO(newline="")
        # CR LF, since older csv modules quote a lone CR only if the line ending contains one.
        csv.writer(lines, delimiter=self.delimiter, lineterminator="\r\n").writerows(rows)
        return lines.getvalue().encode()

    def _texts(
        self, first: int, batch: Sequence[Row], columns: Sequence[ExportColumn], convert: Callable[[Any], str | None]
    ) -> Iterable[Sequence[Any]]:
        """Return the rows of a batch as texts: column by column, or where something is refused, row by row."""
        try:
            held = list(zip(*batch, strict=True))
            made = [column_texts(values, convert, guard=self.options.guard_formulas) for values in held]
        except ValueError:  # which row and column it is, the slow way says
            return converted(batch, columns, [convert] * len(columns), first)
        if len(made) != len(columns):
            return converted(batch, columns, [convert] * len(columns), first)
        return zip(*made, strict=True)


class Tsv(Csv):
    """Tab-separated values; fields with tabs, quotes or line breaks are quoted as in CSV."""

    name: ClassVar[str] = "tsv"
    suffixes: ClassVar[tuple[str, ...]] = (".tsv", ".tab")
    delimiter: ClassVar[str] = "\t"


def _guarded_text(value: Value) -> str | None:
    text = as_text(value)
    # Only text can be dangerous; a negative number must stay one.
    return guarded(text) if text and isinstance(value, str) else text


def _batches(rows: Iterable[Row]) -> Iterator[tuple[int, list[Row]]]:
    """Yield the rows some at a time, each list with the number of its first row."""
    iterator, first = iter(rows), 1
    while batch := list(islice(iterator, _AT_ONCE)):
        yield first, batch
        first += len(batch)
