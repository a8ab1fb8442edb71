"""Tables inside HTML (what many systems call an Excel export) and Excel's XML of 2003. Other XML is refused by name.

XML with a document type is refused before any parser sees it: that is where entity bombs and file thefts live.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from html.parser import HTMLParser
from typing import Any

from crm_cli.importers.cells import filled
from crm_cli.importers.encoding import Encoding, detect_encoding, known_encoding
from crm_cli.importers.faults import HostileSourceError, ReadError, UnknownFormatError
from crm_cli.importers.interface import Importer
from crm_cli.importers.layout import find_layout
from crm_cli.importers.model import ReadOptions, Row, Table, Understood, unique_header
from crm_cli.importers.source import Source
from crm_cli.importers.textlines import open_text

__all__ = ["Markup"]

Grid = list[list[str]]
_MOST_BYTES = 256 << 20
_SPREADSHEET = "{urn:schemas-microsoft-com:office:spreadsheet}"
_CHARSET = re.compile(rb"(?:charset|encoding)\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)


class Markup(Importer):
    """HTML tables and SpreadsheetML."""

    name = "html"
    suffixes = (".html", ".htm", ".xml")

    def recognizes(self, head: bytes, name: str) -> bool:
        """Recognize a document that begins with a tag of HTML or with an XML declaration."""
        text = head[:2048].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
        if text.startswith(b"<") and name.lower().endswith(self.suffixes):
            return True
        return text.startswith((b"<?xml", b"<!doctype", b"<html", b"<table", b"<!entity", b"<workbook")) or (
            text.startswith(b"<") and b"<table" in head.lower()
        )

    def tables(self, source: Source, options: ReadOptions) -> Sequence[Table]:
        """Return the tables with at least two rows; raise HostileSourceError for XML with a document type."""
        head = source.head().replace(b"\0", b"")
        if source.size > _MOST_BYTES:
            raise ReadError(f"{source.name} is too large for one document", hint="save it as CSV or xlsx")
        is_html = re.search(rb"<html|<table|<!doctype\s+html", head, re.IGNORECASE) is not None
        if not is_html and re.search(rb"<!(?:doctype|entity)", head, re.IGNORECASE):
            raise HostileSourceError(
                f"{source.name} is refused: it declares a document type", hint="save it anew without one"
            )
        if _SPREADSHEET[1:-1].encode() in head:
            return _tables(source, "excel-xml", _sheets(source), options)
        if not is_html:
            raise UnknownFormatError(f"{source.name} is an XML document, no table", hint="export it as CSV or xlsx")
        return _tables(source, "html", _html_grids(source, options, head), options)


def _tables(source: Source, kind: str, grids: list[tuple[str, Grid]], options: ReadOptions) -> list[Table]:
    tables = [_table(name, grid, Understood(kind), options) for name, grid in grids]
    return [table for table in tables if options.sheet in {None, table.name}] or _none(source, options)


def _none(source: Source, options: ReadOptions) -> list[Table]:
    if options.sheet is not None:
        raise ReadError(f"{source.name} has no table {options.sheet}", hint="its tables are table 1, table 2, …")
    return []


def _table(name: str, grid: Grid, understood: Understood, options: ReadOptions) -> Table:
    header = options.header - 1 if isinstance(options.header, int) else options.header
    layout = find_layout(grid[:300], header)
    width = max([layout.width, len(layout.header or ()), *map(len, grid)])
    understood.header_rows = [at + 1 for at in layout.header_rows]
    rows: Callable[[], Iterator[Row]] = partial(_rows, name, grid, layout.data_start, width)
    return Table(
        name, unique_header(layout.header or (), width), understood, rows, layout.header, layout.data_start + 1
    )


def _rows(name: str, grid: Grid, start: int, width: int) -> Iterator[Row]:
    for number, cells in enumerate(grid[start:], start=start + 1):
        if filled(cells):
            values = [cell if cell and not cell.isspace() else None for cell in cells]
            yield Row(number, f"{name} row {number}", values + [None] * (width - len(values)))


def _html_grids(source: Source, options: ReadOptions, head: bytes) -> list[tuple[str, Grid]]:
    declared = _CHARSET.search(head[:2048])
    encoding = Encoding(options.encoding) if options.encoding else detect_encoding(source)
    if not options.encoding and encoding.confidence < 1 and declared:
        encoding = Encoding(known_encoding(declared[1].decode(), encoding.name))
    parser = _TableParser()
    with open_text(source, encoding) as stream:
        while text := stream.read(1 << 16):
            parser.feed(text)
    grids = [grid for grid in parser.grids if sum(1 for row in grid if filled(row)) >= 2]
    return [(f"table {number}", grid) for number, grid in enumerate(grids, start=1)]


@dataclass(slots=True)
class _Open:
    """A table that is being read; `text` is None outside cells."""

    grid: Grid = field(default_factory=list)
    text: list[str] | None = None
    span: int = 1


class _TableParser(HTMLParser):
    """Collects the cells of all tables, nested ones on their own."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.grids: list[Grid] = []
        self._stack: list[_Open] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._stack.append(_Open())
            self.grids.append(self._stack[-1].grid)
            return
        if not self._stack:
            return
        top = self._stack[-1]
        if tag == "tr":
            self._close_cell(top)
            top.grid.append([])
        elif tag in {"td", "th"}:
            self._close_cell(top)
            span = dict(attrs).get("colspan") or "1"
            top.text, top.span = [], min(int(span), 1000) if span.isdigit() else 1
        elif tag in {"br", "p"} and top.text:
            top.text.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if self._stack and tag in {"td", "th", "tr", "table"}:
            self._close_cell(self._stack[-1])
            if tag == "table":
                self._stack.pop()

    def handle_data(self, data: str) -> None:
        if self._stack and self._stack[-1].text is not None:
            self._stack[-1].text.append(data)

    @staticmethod
    def _close_cell(top: _Open) -> None:
        if top.text is None:
            return
        if not top.grid:
            top.grid.append([])
        lines = (" ".join(line.split()) for line in "".join(top.text).split("\n"))
        top.grid[-1] += ["\n".join(line for line in lines if line), *[""] * (top.span - 1)]
        top.text = None


def _sheets(source: Source) -> list[tuple[str, Grid]]:
    """Read the worksheets of SpreadsheetML 2003."""
    from defusedxml import ElementTree
    from defusedxml.common import DefusedXmlException

    try:
        with source.open() as stream:
            book = ElementTree.parse(stream, forbid_dtd=True).getroot()
    except (ElementTree.ParseError, DefusedXmlException, ValueError) as error:
        raise ReadError(f"{source.name} is damaged: {error}", hint="save it anew as xlsx") from error
    return [
        (sheet.get(f"{_SPREADSHEET}Name", "sheet"), _sheet_grid(sheet))
        for sheet in book.iter(f"{_SPREADSHEET}Worksheet")
    ]


def _sheet_grid(sheet: Any) -> Grid:
    grid: Grid = []
    for row in sheet.iter(f"{_SPREADSHEET}Row"):
        skipped = int(row.get(f"{_SPREADSHEET}Index", len(grid) + 1)) - len(grid) - 1
        grid += [[] for _ in range(min(max(skipped, 0), 100_000))]
        cells: list[str] = []
        for cell in row.iter(f"{_SPREADSHEET}Cell"):
            gap = int(cell.get(f"{_SPREADSHEET}Index", len(cells) + 1)) - len(cells) - 1
            cells += [""] * min(max(gap, 0), 16_384)
            data = cell.find(f"{_SPREADSHEET}Data")
            cells.append("".join(data.itertext()) if data is not None else "")
        grid.append(cells)
    return grid
