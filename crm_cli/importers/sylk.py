"""SYLK, Microsoft's symbolic link format: a sheet as lines of text, from the time before workbooks travelled.

Records read here: P (a number format, counted from 0), F (a place, and the number format of the cell there), C (a cell:
X column, Y row, K value).
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from crm_cli.importers.cells import is_date_format
from crm_cli.importers.encoding import Encoding, detect_encoding
from crm_cli.importers.faults import HostileSourceError, ReadError
from crm_cli.importers.interface import Importer
from crm_cli.importers.model import ReadOptions, Table
from crm_cli.importers.sheet_scan import WorkbookScan
from crm_cli.importers.sheets import GridRow, RawSheet, cell_text
from crm_cli.importers.source import Source
from crm_cli.importers.textlines import bounded_lines, open_text
from crm_cli.importers.workbook import sheet_table

__all__ = ["Sylk"]

# A semicolon within a field is written twice.
_FIELD = re.compile(r";([A-Z])((?:[^;]|;;)*)")
_MOST_DAYS = 2_958_466  # the year 10000
_MOST_ROWS, _MOST_COLUMNS = 1_048_576, 16_384
_EPOCH = datetime.datetime(1899, 12, 30)
_ERROR = re.compile(r"#(?:NULL!|DIV/0!|VALUE!|REF!|NAME\?|NUM!|N/A)")


class Sylk(Importer):
    """One sheet as text."""

    name = "sylk"
    suffixes = (".slk", ".sylk")

    def recognizes(self, head: bytes, name: str) -> bool:  # noqa: ARG002 - its first record is telling
        """Recognize the ID record that begins every file (a CSV whose first label is ID has no `;P` after it)."""
        return head.startswith(b"ID;P")

    def tables(self, source: Source, options: ReadOptions) -> Sequence[Table]:
        """Return the table of the sheet."""
        encoding = Encoding(options.encoding) if options.encoding else detect_encoding(source)
        grid = _grid(source, encoding)

        def rows() -> Iterator[GridRow]:
            for number in sorted(grid):
                cells = grid[number]
                yield number, 1, [cells.get(column, "") for column in range(1, max(cells) + 1)]

        table = sheet_table(RawSheet(Path(source.name).stem, visible=True, rows=rows), WorkbookScan(), [], options)
        if table is None:
            return []
        table.understood.format = "sylk"
        table.understood.encoding = encoding.name
        return [table]


def _grid(source: Source, encoding: Encoding) -> dict[int, dict[int, str]]:
    """Return the cells by row and column; raise ReadError where a position is none."""
    grid: dict[int, dict[int, str]] = {}
    dates: list[bool] = []
    dated: set[tuple[int, int]] = set()
    row = column = 1
    with open_text(source, encoding) as stream:
        for number, line in enumerate(bounded_lines(stream, source.name), start=1):
            fields = dict(_FIELD.findall(line.rstrip("\r\n")))
            if line.startswith("P;P"):
                dates.append(is_date_format(fields["P"]))
            if line[:2] not in {"C;", "F;"}:
                continue
            try:
                row, column = int(fields.get("Y", row)), int(fields.get("X", column))
            except ValueError as error:
                raise ReadError(
                    f"{source.name}: line {number} names no place: {line.strip()[:60]}", hint="save it anew as xlsx"
                ) from error
            if not (0 < row <= _MOST_ROWS and 0 < column <= _MOST_COLUMNS):
                raise HostileSourceError(
                    f"{source.name} is refused: line {number} names row {row}, column {column}",
                    hint="no sheet is so large; save it anew as xlsx",
                )
            style = fields.get("P", "")
            if line[0] == "F" and style.isdigit() and int(style) < len(dates) and dates[int(style)]:
                dated.add((row, column))
            if line[0] == "C" and (text := _value(fields.get("K", ""), dated=(row, column) in dated)):
                grid.setdefault(row, {})[column] = text
    return grid


def _value(written: str, *, dated: bool) -> str:
    """Return a value: texts stand in quotes, dates are days since 1899, errors are blank as everywhere."""
    text = written.replace(";;", ";")
    if len(text) > 1 and text[0] == text[-1] == '"':
        return text[1:-1].replace('""', '"').replace("\x1b :", "\n")
    if dated and re.fullmatch(r"\d{1,7}(?:\.\d+)?", text) and float(text) < _MOST_DAYS:
        return cell_text(_EPOCH + datetime.timedelta(days=float(text)))
    return "" if _ERROR.fullmatch(text) else text
