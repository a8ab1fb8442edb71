"""Excel workbooks and OpenDocument spreadsheets: every visible sheet that holds something is a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Literal

from crm_cli.importers.biff import is_old_workbook, read_old_workbook
from crm_cli.importers.cells import date_order, extent, filled
from crm_cli.importers.faults import ReadError
from crm_cli.importers.interface import Importer
from crm_cli.importers.isolated import read_sheets_isolated
from crm_cli.importers.layout import find_layout
from crm_cli.importers.model import ReadOptions, Row, Table, Understood, unique_header
from crm_cli.importers.sheet_scan import WorkbookScan, scan_workbook
from crm_cli.importers.sheets import GridRow, RawSheet, padded_text, read_sheets, streamed_rows
from crm_cli.importers.source import Source
from crm_cli.importers.zip_guard import guarded_zip, refuse_document_types

__all__ = ["Workbook", "sheet_table"]

_SAMPLE_ROWS = 300
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_EXCEL_5 = b"\x09\x08"
_ODS = b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet"


class Workbook(Importer):
    """xlsx, xlsm and (in a guarded child process) xls, xlsb, ods."""

    name = "excel"
    suffixes = (".xlsx", ".xlsm", ".xltx", ".xltm", ".xlam", ".xls", ".xlsb", ".ods", ".ots")

    def recognizes(self, head: bytes, name: str) -> bool:
        """Recognize office containers by what they hold, old binary files by their signature."""
        if head.startswith(b"PK\x03\x04"):
            office = b"[Content_Types].xml" in head or b"xl/" in head or _ODS in head[:200]
            return office or name.lower().endswith(self.suffixes)
        is_named_so = name.lower().endswith((*self.suffixes, ".xlw"))
        return head.startswith(_OLE) or (is_named_so and (is_old_workbook(head) or head.startswith(_EXCEL_5)))

    def tables(self, source: Source, options: ReadOptions) -> Sequence[Table]:
        """Return a table for each visible sheet that is not blank, or for the sheet that the options name."""
        sheets, scan = _loaded(source, options.sheet)
        chosen = _chosen(source, sheets, options.sheet)
        skipped = [sheet.name for sheet in sheets if sheet not in chosen]
        tables = [sheet_table(sheet, scan, skipped, options) for sheet in chosen]
        return [table for table in tables if table is not None]


def _loaded(source: Source, wanted: str | None) -> tuple[list[RawSheet], WorkbookScan]:
    """Read xlsx here, behind the scan; everything else in a child."""
    path = str(source.local_path())
    head = source.head(8192)
    if is_old_workbook(head):
        return read_old_workbook(source), WorkbookScan()
    if not head.startswith(b"PK"):
        return read_sheets_isolated(path, wanted), WorkbookScan()
    with guarded_zip(source) as archive:
        if "xl/workbook.xml" not in archive.namelist():
            refuse_document_types(source, archive)
            return read_sheets_isolated(path, wanted), WorkbookScan()
    scan = scan_workbook(source)
    sheets = read_sheets(path, wanted)
    for sheet in sheets:
        if scan.parts.get(sheet.name) in scan.giants:
            sheet.rows = partial(streamed_rows, path, sheet.name)
    return sheets, scan


def _chosen(source: Source, sheets: Sequence[RawSheet], wanted: str | None) -> list[RawSheet]:
    if wanted is None:
        return [sheet for sheet in sheets if sheet.visible]
    found = [sheet for sheet in sheets if sheet.name == wanted]
    if not found and wanted.isdigit() and 0 < int(wanted) <= len(sheets):
        found = [sheets[int(wanted) - 1]]
    if not found:
        names = ", ".join(sheet.name for sheet in sheets)
        raise ReadError(f"{source.name} has no sheet {wanted}", hint=f"its sheets are {names}", sheet=wanted)
    return found


def sheet_table(sheet: RawSheet, scan: WorkbookScan, skipped: list[str], options: ReadOptions) -> Table | None:
    """Return the table of a sheet, None for a blank one; `skipped` are the sheets that were not taken."""
    part = scan.parts.get(sheet.name, "")
    grid_rows = _Grid(sheet.rows, scan.padded.get(part, {}))
    sample = list(islice(grid_rows(), _SAMPLE_ROWS))
    if not any(filled(cells) for _, cells in sample):
        return None
    grid = [cells[: extent(cells)] + [""] * (len(cells) - extent(cells)) for _, cells in sample]
    layout = find_layout(grid, _header_index(options, sample))
    width = _width(grid, layout.header)
    understood = Understood("excel", skipped_sheets=list(skipped))
    understood.header_rows = [sample[at][0] for at in layout.header_rows]
    understood.note_preamble(grid[: layout.header_rows[0] if layout.header_rows else layout.data_start])
    if scan.errors.get(part):
        understood.warn(f"{scan.errors[part]} cells hold an error such as #N/A: they count as blank")
    header = unique_header((layout.header or ())[:width], width)
    first = sample[layout.data_start][0] if layout.data_start < len(sample) else sample[-1][0] + 1
    _note_columns(understood, header, grid[layout.data_start :])
    rows = _SheetRows(sheet.name, grid_rows, width, first, understood)
    found = layout.header[:width] if layout.header is not None else None
    return Table(sheet.name, header, understood, rows, found, first)


def _header_index(options: ReadOptions, sample: Sequence[tuple[int, list[str]]]) -> int | Literal["none"] | None:
    if not isinstance(options.header, int):
        return options.header
    return next((at for at, (number, _) in enumerate(sample) if number >= options.header), 0)


def _width(grid: Sequence[Sequence[str]], header: Sequence[str] | None) -> int:
    """Return the width without columns that are blank in header and sample."""
    return max([extent(header or ()), *(extent(row) for row in grid)], default=0)


def _note_columns(understood: Understood, header: Sequence[str], body: Sequence[Sequence[str]]) -> None:
    for at, name in enumerate(header):
        column = [row[at] for row in body if at < len(row)]
        if order := date_order(column):
            understood.date_orders[name] = order
        if any(cell.isdigit() and len(cell) > 15 and not cell[15:].strip("0") for cell in column):
            understood.warn(f"{name}: numbers of more than 15 digits were already rounded when Excel stored them")


@dataclass(slots=True)
class _Grid:
    """The numbered rows of a sheet, with the zeros that number formats show put back."""

    rows: Callable[[], Iterator[GridRow]]
    padded: dict[tuple[int, int], str] = field(default_factory=dict)

    def __call__(self) -> Iterator[tuple[int, list[str]]]:
        for number, first, cells in self.rows():
            if self.padded:
                yield number, [self._shown(cell, number, column) for column, cell in enumerate(cells, start=first)]
            else:
                yield number, cells

    def _shown(self, cell: str, row: int, column: int) -> str:
        pattern = self.padded.get((row, column))
        return padded_text(cell, pattern) if pattern else cell


@dataclass(slots=True)
class _SheetRows:
    """The data rows of a sheet, blank ones left out."""

    sheet: str
    grid: _Grid
    width: int
    first: int
    understood: Understood

    def __call__(self) -> Iterator[Row]:
        prefix = f"sheet {self.sheet} row "
        for number, cells in self.grid():
            if number < self.first:
                continue
            values = [cell if cell and not cell.isspace() else None for cell in cells]
            if not any(values):
                continue
            fault = None
            if len(values) > self.width:
                fault = (
                    f"{extent(cells)} cells where the table has {self.width}" if extent(cells) > self.width else None
                )
                values = values if fault else values[: self.width]
            elif len(values) < self.width:
                values += [None] * (self.width - len(values))
            yield Row(number, f"{prefix}{number}", values, fault)
