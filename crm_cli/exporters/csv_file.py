"""CSV and TSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from typing import BinaryIO, ClassVar

from crm_cli.exporters.base import Exporter, converted
from crm_cli.exporters.formulas import guarded
from crm_cli.exporters.model import ExportColumn, Row, Value
from crm_cli.exporters.values import as_text

__all__ = ["Csv", "Tsv"]


class Csv(Exporter):
    """Comma-separated values (RFC 4180): UTF-8, a header, lines ended by CR LF.

    Can't tell an empty text from none: both are an empty field.
    """

    name: ClassVar[str] = "csv"
    suffixes: ClassVar[tuple[str, ...]] = (".csv",)
    delimiter: ClassVar[str] = ","

    def write(self, rows: Iterable[Row], columns: Sequence[ExportColumn], stream: BinaryIO) -> None:
        """Write header and rows; `for_excel` puts a byte-order mark before them."""
        encoding = "utf-8-sig" if self.options.for_excel else "utf-8"
        text = io.TextIOWrapper(stream, encoding=encoding, newline="")
        try:
            convert: Callable[[Value], str | None] = _guarded_text if self.options.guard_formulas else as_text
            # CR LF, since older csv modules quote a lone CR only if the line ending contains one.
            writer = csv.writer(text, delimiter=self.delimiter, lineterminator="\r\n")
            writer.writerow([convert(column.name) for column in columns])
            writer.writerows(converted(rows, columns, [convert] * len(columns)))
        finally:
            text.detach()  # flushes; the stream itself belongs to the caller


class Tsv(Csv):
    """Tab-separated values; fields with tabs, quotes or line breaks are quoted as in CSV."""

    name: ClassVar[str] = "tsv"
    suffixes: ClassVar[tuple[str, ...]] = (".tsv", ".tab")
    delimiter: ClassVar[str] = "\t"


def _guarded_text(value: Value) -> str | None:
    text = as_text(value)
    # Only text can be dangerous; a negative number must stay one.
    return guarded(text) if text and isinstance(value, str) else text
