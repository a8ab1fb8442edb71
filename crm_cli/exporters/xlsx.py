"""Excel workbooks."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, BinaryIO, ClassVar

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError, XlsxWriterException
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet as Page

from crm_cli.dictionary.types import SemanticType
from crm_cli.exporters.base import RefusalError, TableExporter, converted, refused
from crm_cli.exporters.model import ExportColumn, ExportError, Row, Table, UnfitValueError, Value
from crm_cli.exporters.values import as_text, check_text, number_text, utc

__all__ = ["MAX_ROWS", "MAX_TEXT", "Worksheet", "Xlsx", "write_text", "write_workbook"]

# Excel's limits (Microsoft, "Excel specifications and limits"); xlsxwriter passes over what exceeds them in silence.
MAX_ROWS = 1_048_576
MAX_COLUMNS = 16_384
MAX_TEXT = 32_767  # UTF-16 units in a cell
MAX_DIGITS = 15

_COLUMN_WIDTH = 18
# Fixed, so that the same data gives the same bytes.
_CREATED = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_EPOCH = datetime(1899, 12, 30, tzinfo=UTC)
_FIRST_DAY = date(1900, 1, 1)
_DAY_AFTER_LEAP = date(1900, 3, 1)  # Excel counts a 29 February 1900 that never was
_KEPT_AS_TEXT = {SemanticType.IDENTIFIER, SemanticType.PHONE, SemanticType.POSTAL_CODE}
# Excel writes a control character as _x0007_, and xlsxwriter escapes a text that looks like it; it fails where two such
# looks overlap, and inside what it takes for its own markup. Nor has XML the two noncharacters at all.
_MARKUP = re.compile(r"<r>.*</r>", re.DOTALL)
_BEYOND_ESCAPE = re.compile(r"_x[0-9A-Fa-f]{4}_x[0-9A-Fa-f]{4}_|[\ufffe\uffff]")
_ESCAPED = re.compile(r"_x[0-9A-Fa-f]{4}_|[\x00-\x08\x0b-\x1f]")
_OTHER_FORMAT = "export to CSV or JSONL, or leave the column out by --columns"


class _Number(float):
    """A number that xlsxwriter writes with all its digits instead of 16, which would change some."""

    def __format__(self, _: str) -> str:
        return repr(float(self)).removesuffix(".0")


class _Day(_Number):
    """A date as Excel counts it."""


class _Time(_Number):
    """A time as Excel counts it: days and a fraction, in UTC."""


class Xlsx(TableExporter):
    """Excel workbook, a sheet a table: typed cells, header frozen and with filters, no formulas at all.

    Text stays text, also if it looks like a number, a formula or an address. Times are in UTC, exact to the
    microsecond in the file, though most readers round them to the millisecond. Refused: text over
    32 767 UTF-16 units, numbers over 15 digits, dates before 1900, more rows or columns than a sheet has. Can't tell
    an empty text from none.
    """

    name: ClassVar[str] = "xlsx"
    suffixes: ClassVar[tuple[str, ...]] = (".xlsx",)
    seeks: ClassVar[bool] = True

    def write_tables(self, tables: Iterable[Table], stream: BinaryIO) -> None:
        """Write a sheet a table; a row is held in memory only until the next one comes."""
        write_workbook(tables, stream)


Worksheet = Table


def write_workbook(sheets: Iterable[Table], stream: BinaryIO) -> int:
    """Write a workbook of these sheets, as `Xlsx` writes one; return how many rows all have."""
    written = 0
    # A folder of our own, so that an export that fails leaves no customer data among the temporary files.
    with tempfile.TemporaryDirectory(prefix="crm-xlsx-", ignore_cleanup_errors=True) as folder:
        workbook = xlsxwriter.Workbook(stream, {"constant_memory": True, "tmpdir": folder})
        workbook.set_properties({"created": _CREATED})
        try:
            for name, columns, rows in sheets:
                if len(columns) > MAX_COLUMNS:
                    raise ExportError(f"{len(columns)} columns; a sheet has {MAX_COLUMNS}", hint=_OTHER_FORMAT)
                written += _Sheet(workbook, workbook.add_worksheet(name), columns).fill(rows)
            workbook.close()
        except FileCreateError as error:
            raise OSError(str(error)) from error
        except XlsxWriterException as error:
            raise ExportError(f"the workbook can't be written: {error}", hint=_OTHER_FORMAT) from error
    return written


class _Sheet:
    """One worksheet while it is filled."""

    def __init__(self, workbook: Any, sheet: Page, columns: Sequence[ExportColumn]) -> None:
        self.sheet = sheet
        self.columns = columns
        self.header: Format = workbook.add_format({"bold": True})
        self.day: Format = workbook.add_format({"num_format": "yyyy-mm-dd"})
        self.time: Format = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        text: Format = workbook.add_format({"num_format": "@"})
        self.plain: Format = workbook.add_format()
        # Formatted as text, so that editing "00123" in Excel doesn't make it 123. Not every column: Excel shows long
        # texts of that format as ####.
        self.texts = [text if column.type in _KEPT_AS_TEXT else None for column in columns]

    def fill(self, rows: Iterable[Row]) -> int:
        last = len(self.columns) - 1
        self.sheet.set_column(0, last, _COLUMN_WIDTH)
        self.sheet.freeze_panes(1, 0)
        for position, column in enumerate(self.columns):
            self.sheet.write_string(0, position, check_text(column.name), self.header)
        number = 0
        for number, cells in enumerate(converted(rows, self.columns, [_cell] * len(self.columns)), start=1):
            self._write_row(number, cells)
        self._offer_choices(number)
        self.sheet.autofilter(0, 0, number, last)
        self.sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
        return number

    def _offer_choices(self, last_row: int) -> None:
        for position, column in enumerate(self.columns):
            if column.choices and last_row:
                offered = {"validate": "list", "source": list(column.choices)}
                self.sheet.data_validation(1, position, last_row, position, offered)

    def _write_row(self, number: int, cells: Sequence[Any]) -> None:
        if number >= MAX_ROWS:
            message = f"more than {MAX_ROWS - 1:,} rows, which is all that a sheet holds"
            raise ExportError(message, hint="export to CSV, or filter by --where", row=number)
        for position, cell in enumerate(cells):
            # xlsxwriter truncates or drops what Excel can't hold, and says so only by this number.
            if cell is not None and self._write_cell(number, position, cell):
                raise self._dropped(number, position, cell)

    def _write_cell(self, number: int, position: int, cell: Any) -> Any:
        if isinstance(cell, str):
            return self._write_text(number, position, cell)
        if isinstance(cell, bool):
            return self.sheet.write_boolean(number, position, cell)
        shape = self.day if isinstance(cell, _Day) else self.time if isinstance(cell, _Time) else None
        return self.sheet.write_number(number, position, cell, shape)

    def _write_text(self, number: int, position: int, text: str) -> Any:
        return write_text(self.sheet, (number, position), text, self.texts[position], self.plain)

    def _dropped(self, number: int, position: int, cell: Any) -> UnfitValueError:
        fault = RefusalError(f"a text over {MAX_TEXT} UTF-16 units does not fit in a cell", _OTHER_FORMAT)
        return refused(number, self.columns[position], cell, fault)


def write_text(sheet: Page, place: tuple[int, int], text: str, shape: Format | None, plain: Format) -> Any:
    """Write a text as it is; returns what xlsxwriter does: 0, or the number of a fault."""
    if _MARKUP.fullmatch(text):
        # xlsxwriter takes such a text for its own markup and writes it unescaped; in two pieces it doesn't.
        return sheet.write_rich_string(*place, text[0], plain, text[1:], *([shape] if shape else []))
    return sheet.write_string(*place, text, shape)


def _cell(value: Value) -> str | bool | _Number | None:
    """Turn a value into what is written; an empty text is a blank cell."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, (int, float, Decimal)):
        return _number(value)
    if isinstance(value, datetime):
        return _time(value)
    return _day(value) if isinstance(value, date) else as_text(value)


def _text(value: str) -> str | None:
    if _BEYOND_ESCAPE.search(check_text(value)) or (_MARKUP.fullmatch(value) and _ESCAPED.search(value)):
        raise RefusalError("characters that can't be told from Excel's own escapes", _OTHER_FORMAT)
    return value or None


def _number(value: float | Decimal) -> _Number:
    text = number_text(value)
    number = float(value)
    if isinstance(value, float) or (_digits(text) <= MAX_DIGITS and Decimal(repr(number)) == value):
        return _Number(number)
    raise RefusalError(f"Excel keeps only {MAX_DIGITS} digits of a number", _OTHER_FORMAT)


def _digits(text: str) -> int:
    return len(text.replace("-", "").replace(".", "").strip("0"))


def _day(value: date) -> _Day:
    if value < _FIRST_DAY:
        raise RefusalError("Excel has no dates before 1900", _OTHER_FORMAT)
    days = (value - _EPOCH.date()).days
    return _Day(days if value >= _DAY_AFTER_LEAP else days - 1)


def _time(value: datetime) -> _Time:
    moment = utc(value)
    if moment.date() < _DAY_AFTER_LEAP:
        raise RefusalError("Excel has no times before 1900", _OTHER_FORMAT)
    return _Time((moment - _EPOCH) / timedelta(days=1))
