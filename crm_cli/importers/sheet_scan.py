"""What the XML of a workbook says before a library loads it: the used range, error cells, and padded number formats.

The library allocates the whole rectangle between the outermost cells: two cells in opposite corners are 17 billion.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field

from crm_cli.importers.faults import HostileSourceError
from crm_cli.importers.source import Source
from crm_cli.importers.zip_guard import guarded_zip, member_bytes, member_chunks, refuse_document_types

__all__ = ["WorkbookScan", "column_number", "scan_workbook"]

# What a loaded cell takes, in bytes: its place in the rectangle, and the content of a filled one (130 together).
_PER_PLACE, _PER_CELL = 32, 100
MOST_LOADED = 600 << 20
MOST_CELLS = 200_000_000
_SPARSE_FROM = 4_000_000
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*?\br=[\"'](\d{1,9})[\"']")
_ROWS = re.compile(rb"<(?:\w+:)?row\b")
_FAR = re.compile(rb"<(?:\w+:)?c\b[^>]*?\br=[\"']([A-Z]{2,3})\d+[\"'][^>]*(?<!/)>")
_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*)(?<!/)>")
_REFERENCE = re.compile(rb"\br=[\"']([A-Z]{1,3})(\d{1,9})[\"']")
_STYLE = re.compile(rb"\bs=[\"'](\d+)[\"']")
_PADDED = re.compile(r"0[0\-. /()\\]*0")


@dataclass(slots=True)
class WorkbookScan:
    """Facts per sheet part (`xl/worksheets/sheet1.xml`): error cells, pad patterns by cell; those too large to load."""

    errors: dict[str, int] = field(default_factory=dict)
    padded: dict[str, dict[tuple[int, int], str]] = field(default_factory=dict)
    parts: dict[str, str] = field(default_factory=dict)
    giants: set[str] = field(default_factory=set)


def scan_workbook(source: Source) -> WorkbookScan:
    """Return the facts of an xlsx or xlsm; raise HostileSourceError where loading it could exhaust the machine."""
    scan = WorkbookScan()
    with guarded_zip(source) as archive:
        refuse_document_types(source, archive)
        patterns = _pad_patterns(source, archive)
        scan.parts = _parts_of_sheets(source, archive)
        for name in archive.namelist():
            if _SHEET.fullmatch(name):
                _scan_sheet(source, archive, name, patterns, scan)
    return scan


def column_number(letters: str) -> int:
    """Return the 1-based number of a column: A is 1, XFD is 16384."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _scan_sheet(
    source: Source, archive: zipfile.ZipFile, name: str, patterns: dict[int, str], scan: WorkbookScan
) -> None:
    last_row = rows = far = errors = 0
    for chunk in _whole_cells(member_chunks(source, archive, name)):
        last_row = max(last_row, max(map(int, _ROW.findall(chunk)), default=0))
        rows += len(_ROWS.findall(chunk))
        far = max(far, max((column_number(found.decode()) for found in set(_FAR.findall(chunk))), default=0))
        errors += chunk.count(b't="e"')
    scan.errors[name] = errors
    area = max(last_row, rows) * max(far, 26)
    if area > _SPARSE_FROM or patterns:
        _scan_cells(source, archive, name, patterns, scan)


def _scan_cells(
    source: Source, archive: zipfile.ZipFile, name: str, patterns: dict[int, str], scan: WorkbookScan
) -> None:
    """Go over every cell that has content: exact used range, and cells with a pad pattern."""
    rows, columns, cells = 0, 0, 0
    padded: dict[tuple[int, int], str] = {}
    for chunk in _whole_cells(member_chunks(source, archive, name)):
        for attributes in _CELL.findall(chunk):
            cells += 1
            place = _REFERENCE.search(attributes)
            if place is None:
                continue
            row, column = int(place[2]), column_number(place[1].decode())
            rows, columns = max(rows, row), max(columns, column)
            style = _STYLE.search(attributes) if patterns else None
            if style and (pattern := patterns.get(int(style[1]))):
                padded[row, column] = pattern
    area = rows * columns
    if area > MOST_CELLS or (area > _SPARSE_FROM and area > 50 * cells):
        raise HostileSourceError(
            f"{source.name}: {name} spans {rows:,} rows × {columns:,} columns for {cells:,} filled cells",
            hint="delete the stray cells far from the table, or save the sheet as CSV",
            source=source.name,
        )
    if area * _PER_PLACE + cells * _PER_CELL > MOST_LOADED:
        scan.giants.add(name)
    scan.padded[name] = padded


def _whole_cells(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Join chunks so that no tag is cut in two."""
    rest = b""
    for chunk in chunks:
        joined = rest + chunk
        cut = joined.rfind(b"<")
        rest = joined[cut:] if cut >= 0 else b""
        yield joined[:cut] if cut >= 0 else joined
    yield rest


def _pad_patterns(source: Source, archive: zipfile.ZipFile) -> dict[int, str]:
    """Return the cell styles whose number format is all zeros, as `00000` for postal codes, by style index."""
    styles = member_bytes(source, archive, "xl/styles.xml").decode("utf-8", errors="replace")
    codes: dict[str, str] = {}
    for tag in re.findall(r"<(?:\w+:)?numFmt\b[^>]*>", styles):
        number, code = re.search(r'numFmtId="(\d+)"', tag), re.search(r'formatCode="([^"]*)"', tag)
        if number and code and _PADDED.fullmatch(code[1]) and code[1].count("0") > 2:
            codes[number[1]] = code[1].replace("\\", "")
    cell_styles = re.search(r"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", styles, re.DOTALL)
    if not codes or not cell_styles:
        return {}
    used = re.findall(r"<(?:\w+:)?xf\b[^>]*?numFmtId=\"(\d+)\"", cell_styles[0])
    return {index: codes[number] for index, number in enumerate(used) if number in codes and "." not in codes[number]}


def _parts_of_sheets(source: Source, archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the part of every sheet by the name that the workbook gives it."""
    from html import unescape

    book = member_bytes(source, archive, "xl/workbook.xml").decode("utf-8", errors="replace")
    links = member_bytes(source, archive, "xl/_rels/workbook.xml.rels").decode("utf-8", errors="replace")
    targets = {}
    for tag in re.findall(r"<(?:\w+:)?Relationship\b[^>]*>", links):
        identity, target = re.search(r'\bId="([^"]*)"', tag), re.search(r'\bTarget="([^"]*)"', tag)
        if identity and target:
            targets[identity[1]] = target[1] if target[1].startswith("/") else f"/xl/{target[1]}"
    parts = {}
    for tag in re.findall(r"<(?:\w+:)?sheet\b[^>]*>", book):
        name, identity = re.search(r'\bname="([^"]*)"', tag), re.search(r':id="([^"]*)"', tag)
        if name and identity and identity[1] in targets:
            parts[unescape(name[1])] = targets[identity[1]].lstrip("/")
    return parts
