"""CSV and TSV."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, BinaryIO, ClassVar, NamedTuple, TypeAlias

from crm_cli.exporters.base import Exporter, converted
from crm_cli.exporters.formulas import guarded
from crm_cli.exporters.model import ColumnBatches, ExportColumn, Row, Value
from crm_cli.exporters.text_columns import column_texts
from crm_cli.exporters.values import as_text

__all__ = ["Csv", "Tsv"]

_AT_ONCE = 2_000  # rows converted together
_END = "\r\n"


class _Ragged(NamedTuple):
    """Rows of which not all have as many values as there are columns."""

    rows: list[Row]


Held: TypeAlias = Sequence[Sequence[Value]] | _Ragged


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
        first = 1
        for held, count in _batches(rows, len(columns)):
            stream.write(self._block(first, held, columns, convert))
            first += count

    def _lines(self, rows: Iterable[Sequence[Any]]) -> bytes:
        # A new buffer every time: one that is emptied writes slower, as does a text stream over the file.
        lines = io.StringIO(newline="")
        # CR LF, since older csv modules quote a lone CR only if the line ending contains one.
        csv.writer(lines, delimiter=self.delimiter, lineterminator=_END).writerows(rows)
        return lines.getvalue().encode()

    def _joined(self, columns: Sequence[Sequence[Any]]) -> bytes:
        """Return the lines of rows that are given as columns of texts: as `_lines` does, in half the time."""
        if len(columns) == 1:  # the csv module quotes an empty field that stands alone
            return self._lines(zip(*columns, strict=True))
        special = re.compile(f'["\r\n{re.escape(self.delimiter)}]').search
        fields = [_fields(values, special) for values in columns]
        return (_END.join(map(self.delimiter.join, zip(*fields, strict=True))) + _END).encode()

    def _block(
        self, first: int, held: Held, columns: Sequence[ExportColumn], convert: Callable[[Any], str | None]
    ) -> bytes:
        """Return the lines of some rows: column by column, or where something is refused or missing, row by row."""
        if isinstance(held, _Ragged):
            return self._lines(converted(held.rows, columns, [convert] * len(columns), first))
        try:
            made = [column_texts(values, convert, guard=self.options.guard_formulas) for values in held]
        except ValueError:  # which row and column it is, the slow way says
            return self._lines(converted(zip(*held, strict=True), columns, [convert] * len(columns), first))
        return self._joined(made)


class Tsv(Csv):
    """Tab-separated values; fields with tabs, quotes or line breaks are quoted as in CSV."""

    name: ClassVar[str] = "tsv"
    suffixes: ClassVar[tuple[str, ...]] = (".tsv", ".tab")
    delimiter: ClassVar[str] = "\t"


def _fields(values: Sequence[Any], special: Callable[[str], Any]) -> Sequence[str]:
    """Return texts, numbers and blanks as fields, quoted where they must be: one look at all says whether any must."""
    kinds = set(map(type, values)) - {str}
    texts = values
    if kinds == {type(None)}:
        texts = [value or "" for value in values]
    elif kinds:
        texts = ["" if value is None else str(value) for value in values]
    if special("\0".join(texts)):
        return [_quoted(text) if special(text) else text for text in texts]
    return texts


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _guarded_text(value: Value) -> str | None:
    text = as_text(value)
    # Only text can be dangerous; a negative number must stay one.
    return guarded(text) if text and isinstance(value, str) else text


def _batches(rows: Iterable[Row], width: int) -> Iterator[tuple[Held, int]]:
    """Yield the columns of some rows at a time, and how many rows they are."""
    if isinstance(rows, ColumnBatches):
        for held in rows.batches():
            yield held, len(held[0])
        return
    iterator = iter(rows)
    while batch := list(islice(iterator, _AT_ONCE)):
        is_even = all(len(row) == width for row in batch)
        yield list(zip(*batch, strict=True)) if is_even else _Ragged(batch), len(batch)
