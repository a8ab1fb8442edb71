"""Workbooks that are filled in and handed back: locked and open cells, lists to choose from, and a hidden sheet.

A form knows nothing of records: whoever makes one says what stands in its cells, and what is kept beside each row.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, BinaryIO

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError, XlsxWriterException
from xlsxwriter.utility import xl_col_to_name

from crm_cli.exporters.model import ExportError
from crm_cli.exporters.xlsx import MAX_ROWS, write_text

__all__ = ["Form", "FormColumn", "FormRow", "write_form"]

_WIDTH, _NARROW = 18, 10
_GREY, _PALE = "#7F7F7F", "#EFEFEF"
_PIECE = 30_000  # characters of what is kept beside a row in one cell; a cell holds 32 767
_LISTS = "_crm_lists"
_ALLOWED = {"format_columns": True, "format_rows": True, "sort": True, "autofilter": True, "insert_rows": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class FormColumn:
    """A column: its header, what its cells take (`note`), and the values to choose from; `strict` allows no other."""

    name: str
    locked: bool = False
    note: str = ""
    choices: Sequence[str] = ()
    strict: bool = False
    as_text: bool = True  # cells are texts: 00123 stays as it is typed
    as_day: bool = False


@dataclass(frozen=True, slots=True)
class FormRow:
    """A row: its cells, the places of those that are locked beyond their column, and the text to keep beside it."""

    cells: Sequence[str | Decimal | date | None]
    locked: frozenset[int]
    kept: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What the form consists of. `kept_as` names the hidden sheet, whose first line is `head`; `mark` is a property of
    the document by which it is known even when that sheet is gone. `spare` rows are open below the last."""

    sheet: str
    columns: Sequence[FormColumn]
    kept_as: str
    head: str
    mark: tuple[str, str]
    spare: int = 200
    properties: Mapping[str, Any] = field(default_factory=dict)


def write_form(form: Form, rows: Iterable[FormRow], stream: BinaryIO) -> int:
    """Write the workbook, row by row; return how many rows. Raises `ExportError` where a sheet cannot hold them."""
    with tempfile.TemporaryDirectory(prefix="crm-form-", ignore_cleanup_errors=True) as folder:
        book = xlsxwriter.Workbook(stream, {"constant_memory": True, "tmpdir": folder})
        book.set_properties(dict(form.properties))
        book.set_custom_property(*form.mark)
        try:
            count = _Writer(book, form).fill(rows)
            book.close()
        except FileCreateError as error:
            raise OSError(str(error)) from error
        except XlsxWriterException as error:
            raise ExportError(f"the workbook can't be written: {error}", hint="export to CSV instead") from error
    return count


class _Writer:
    """The workbook while it is filled: the sheet that is seen, the lists, and what is kept beside the rows."""

    def __init__(self, book: Any, form: Form) -> None:
        self.form = form
        self.sheet = book.add_worksheet(form.sheet)
        self.lists = book.add_worksheet(_LISTS)
        self.kept = book.add_worksheet(form.kept_as)
        self.plain = book.add_format()
        self.header = book.add_format({"bold": True, "bg_color": "#DDEBF7", "bottom": 1})
        self.locked_header = book.add_format({"bold": True, "bg_color": _PALE, "font_color": _GREY, "bottom": 1})
        self.locked = book.add_format({"num_format": "@", "bg_color": _PALE, "font_color": _GREY})
        self.locked_value = book.add_format({"bg_color": _PALE, "font_color": _GREY})
        self.locked_day = book.add_format({"bg_color": _PALE, "font_color": _GREY, "num_format": "yyyy-mm-dd"})
        self.text = book.add_format({"num_format": "@", "locked": False})
        self.value = book.add_format({"locked": False})
        self.day = book.add_format({"num_format": "yyyy-mm-dd", "locked": False})

    def fill(self, rows: Iterable[FormRow]) -> int:
        """Write everything; return how many rows."""
        self._write_header()
        for piece, text in enumerate(_pieces(self.form.head)):
            self.kept.write_string(0, piece, text)
        count = 0
        for count, row in enumerate(rows, start=1):
            if count >= MAX_ROWS:
                raise ExportError(f"more than {MAX_ROWS - 1:,} rows, which is all that a sheet holds", hint="--where")
            self._write_row(count, row)
        self._finish(count)
        return count

    def _write_header(self) -> None:
        self.sheet.freeze_panes(1, sum(1 for one in self.form.columns[:2] if one.locked))
        for place, column in enumerate(self.form.columns):
            shape = None if column.locked else self._open(column)
            self.sheet.set_column(place, place, _NARROW if column.locked and place < 2 else _WIDTH, shape)
            self.sheet.write_string(0, place, column.name, self.locked_header if column.locked else self.header)
            if column.note:
                self.sheet.write_comment(0, place, column.note, {"x_scale": 2})

    def _open(self, column: FormColumn) -> Any:
        return self.day if column.as_day else self.text if column.as_text else self.value

    def _write_row(self, number: int, row: FormRow) -> None:
        for place, (column, value) in enumerate(zip(self.form.columns, row.cells, strict=True)):
            locked = column.locked or place in row.locked
            if isinstance(value, str) and value:
                write_text(self.sheet, (number, place), value, self.locked if locked else self.text, self.plain)
            elif isinstance(value, date):
                self.sheet.write_datetime(number, place, value, self.locked_day if locked else self.day)
            elif isinstance(value, Decimal):
                self.sheet.write_number(number, place, float(value), self.locked_value if locked else self.value)
            elif locked:
                self.sheet.write_blank(number, place, None, self.locked)
            else:
                self.sheet.write_blank(number, place, None, self._open(column))
        for piece, text in enumerate(_pieces(row.kept)):
            self.kept.write_string(number, piece, text)

    def _finish(self, count: int) -> None:
        longest = max((len(one.choices) for one in self.form.columns), default=0)
        chosen = [one for one in self.form.columns if one.choices and not one.locked]
        for row in range(longest):  # row by row: the sheet keeps no row that is behind
            for place, column in enumerate(chosen):
                if row < len(column.choices):
                    self.lists.write_string(row, place, column.choices[row])
        for place, column in enumerate(chosen):
            self._offer(column, place, count + self.form.spare)
        self.sheet.autofilter(0, 0, max(count, 1), len(self.form.columns) - 1)
        self.sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
        self.sheet.protect("", _ALLOWED)
        for hidden in (self.lists, self.kept):
            hidden.protect()
            hidden.hide()
        self.sheet.activate()

    def _offer(self, column: FormColumn, place: int, last: int) -> None:
        """Let the cells of a column be chosen from its list."""
        letter = xl_col_to_name(place)
        at = list(self.form.columns).index(column)
        rule = {
            "validate": "list", "source": f"='{_LISTS}'!${letter}$1:${letter}${len(column.choices)}",
            "error_type": "stop" if column.strict else "warning", "error_title": column.name[:32],
            "error_message": "Not in the list.",
        }  # fmt: skip
        self.sheet.data_validation(1, at, min(last, MAX_ROWS - 1), at, rule)


def _pieces(text: str) -> Iterator[str]:
    for start in range(0, max(len(text), 1), _PIECE):
        yield text[start : start + _PIECE]
