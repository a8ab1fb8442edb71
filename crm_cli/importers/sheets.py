"""Workbooks as calamine sees them, turned into numbered rows of text. Runs in this process or in a guarded child."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from crm_cli.importers.faults import ReadError

__all__ = ["GridRow", "RawSheet", "cell_text", "padded_text", "read_sheets", "streamed_rows"]

DAMAGED_FROM = 10**15


# (1-based row, 1-based first column, cells)
GridRow = tuple[int, int, list[str]]


@dataclass(slots=True)
class RawSheet:
    """A sheet: is it a visible grid, and its rows; `rows()` loads the sheet anew."""

    name: str
    visible: bool
    rows: Callable[[], Iterator[GridRow]]


def read_sheets(path: str, wanted: str | None = None) -> list[RawSheet]:
    """Return the sheets of a workbook; only visible grids and the one wanted by name have rows. Raise ReadError."""
    import python_calamine as calamine  # NOTE: only where a workbook is read

    with _readable(path):
        book = calamine.load_workbook(path)
        sheets = []
        for meta in book.sheets_metadata:
            shown = meta.visible == calamine.SheetVisibleEnum.Visible or meta.name == wanted
            visible = shown and meta.typ == calamine.SheetTypeEnum.WorkSheet
            sheets.append(RawSheet(meta.name, visible, _Loaded(book, meta.name, path) if visible else _no_rows))
        return sheets


def _no_rows() -> Iterator[GridRow]:
    return iter(())


@dataclass(slots=True)
class _Loaded:
    """The rows of a sheet. It stays loaded from the look at its beginning until it has been read to the end."""

    book: Any
    name: str
    path: str
    sheet: Any = None

    def __call__(self) -> Iterator[GridRow]:
        with _readable(self.path):
            self.sheet = self.sheet or self.book.get_sheet_by_name(self.name)
            rows = self.sheet.iter_rows()
            first_row, first_column = self.sheet.start or (0, 0)
        for number, row in enumerate(rows, start=first_row + 1):
            yield number, first_column + 1, [cell_text(cell) for cell in row]
        self.sheet = None


def streamed_rows(path: str, name: str) -> Iterator[GridRow]:
    """Yield the rows of a sheet that is too large to be loaded: many times slower, in little memory."""
    import openpyxl  # NOTE: only for giants

    with _readable(path):
        book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
        sheet = book[name]
        sheet.reset_dimensions()  # what the file declares may be a lie
        for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
            yield number, 1, ["" if cell is None else cell_text(cell) for cell in row]
        book.close()


@contextmanager
def _readable(path: str) -> Iterator[None]:
    """Turn whatever goes wrong inside calamine into a ReadError; its panics are no Exceptions."""
    import python_calamine as calamine

    name = Path(path).name
    try:
        yield
    except (KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError):
        raise
    except calamine.PasswordError as error:
        raise ReadError(f"{name} is protected by a password", hint="save it without one", source=name) from error
    except BaseException as error:
        raise ReadError(
            f"{name} can't be read as a workbook: {error}", hint="open it in a spreadsheet program and save it anew"
        ) from error


def cell_text(value: Any) -> str:
    """Return the text of a cell: whole numbers without `.0`, dates and times in ISO form, truth as TRUE or FALSE."""
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return _number_text(value)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime.datetime):
        midnight = value.hour == value.minute == value.second == value.microsecond == 0
        return value.date().isoformat() if midnight else value.isoformat(sep=" ")
    if isinstance(value, datetime.timedelta):
        sign, seconds = "-" * (value.total_seconds() < 0), abs(round(value.total_seconds()))
        return f"{sign}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return value.isoformat() if isinstance(value, (datetime.date, datetime.time)) else str(value)


def _number_text(value: float) -> str:
    """Return up to 15 significant digits, as many as Excel keeps, and no exponent for whole numbers."""
    if abs(value) < DAMAGED_FROM:
        return str(int(value)) if value.is_integer() else f"{value:.15g}"
    return str(int(Decimal(f"{value:.15g}"))) if abs(value) < 1e25 else f"{value:.15g}"


def padded_text(text: str, pattern: str) -> str:
    """Return digits as a number format of zeros shows them: 7030 under `00000` is 07030."""
    if not text.isdigit() or len(text) > pattern.count("0"):
        return text
    digits = iter(text.zfill(pattern.count("0")))
    return "".join(next(digits) if char == "0" else char for char in pattern)
