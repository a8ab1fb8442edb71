"""Cells of a workbook that was filled in and handed back: what each holds and where it stands, sheet by sheet.

An ordinary import wants texts; here it matters whether a cell was a text or a number, a formula, or an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from crm_cli.importers.faults import ReadError
from crm_cli.importers.sheet_scan import scan_workbook
from crm_cli.importers.sheets import cell_text
from crm_cli.importers.source import Source
from crm_cli.importers.zip_guard import guarded_zip, member_bytes

__all__ = ["BLANK", "FormBook", "FormCell", "has_mark"]

_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
# Where office programs keep the properties that a document was given: Excel's format, and OpenDocument.
_PROPERTIES = ("docProps/custom.xml", "meta.xml", "xl/workbook.xml")


@dataclass(frozen=True, slots=True)
class FormCell:
    """What a cell holds, as text; `number` when it is a number, `fault` when its content cannot be taken."""

    text: str
    number: Decimal | None = None
    fault: str = ""


BLANK = FormCell("")


def has_mark(path: Path, *marks: str) -> bool:
    """Return whether a file is a workbook with one of these marks: a property of the document, the name of a sheet."""
    try:
        source = Source.of(path)
        if not source.head(4).startswith(b"PK"):
            return False
        with guarded_zip(source) as archive:
            parts = [member_bytes(source, archive, name) for name in _PROPERTIES]
            return any(mark.encode() in part for part in parts for mark in marks)
    except ReadError:  # said by the ordinary import, which knows more formats
        return False


class FormBook:
    """An open workbook. `titles` are its sheets, `hidden` those that are not seen."""

    def __init__(self, path: Path, book: Any) -> None:
        self.path = path
        self._book = book
        self.titles: list[str] = list(book.sheetnames)
        self.hidden = [name for name in self.titles if book[name].sheet_state != "visible"]

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> Iterator[FormBook]:
        """Open an xlsx file, after a look into it; raises `ReadError` and `HostileSourceError`."""
        import openpyxl

        scan_workbook(Source.of(path))
        with _readable(path):
            book = openpyxl.load_workbook(path, read_only=True, keep_links=False)
            opened = cls(path, book)
        try:
            yield opened
        finally:
            book.close()

    def rows(self, title: str) -> Iterator[tuple[int, Sequence[FormCell]]]:
        """Yield the rows of a sheet that hold something, each with its number."""
        sheet = self._book[title]
        sheet.reset_dimensions()  # what the file declares may be a lie
        with _readable(self.path):
            for number, row in enumerate(sheet.iter_rows(), start=1):
                cells = [_cell(one) for one in row]
                if any(one.text or one.fault for one in cells):
                    yield number, cells


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except (KeyError, ValueError, TypeError, AttributeError, IndexError, OSError, EOFError, SyntaxError) as error:
        hint = "open it in a spreadsheet program and save it anew"
        raise ReadError(f"{path.name} can't be read as a workbook: {error}", hint=hint, source=path.name) from error


def _cell(cell: Any) -> FormCell:
    value, kind = cell.value, cell.data_type
    if value is None:
        return BLANK
    if kind == "f":
        return FormCell(str(value), fault="it holds a formula; paste its value instead")
    if kind == "e":
        return FormCell(str(value), fault=f"it holds the error {value}")
    if isinstance(value, str):
        return FormCell(_ESCAPE.sub(lambda match: chr(int(match[1], 16)), value))
    if isinstance(value, bool):
        return FormCell("true" if value else "false")
    if isinstance(value, int | float):
        return FormCell(cell_text(value), number=Decimal(repr(value)))
    if isinstance(value, datetime) and value.tzinfo is None and value.time() == datetime.min.time():
        return FormCell(value.date().isoformat())
    return FormCell(value.isoformat() if isinstance(value, date) else cell_text(value))
