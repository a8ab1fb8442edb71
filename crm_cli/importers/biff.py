"""Workbooks of Excel 2, 3 and 4: streams of binary records from before there were containers, read record by record.

Sources: the record numbers and layouts in "OpenOffice.org's Documentation of the Microsoft Excel File Format".
"""

from __future__ import annotations

import datetime
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from crm_cli.importers.cells import is_date_format
from crm_cli.importers.faults import ReadError
from crm_cli.importers.sheets import GridRow, RawSheet, cell_text
from crm_cli.importers.source import Source

__all__ = ["is_old_workbook", "read_old_workbook"]

# The number and the length of the first record (BOF) of the three versions.
_BEGINNINGS = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00")
_MOST_BYTES = 64 << 20  # 16,384 rows of 256 columns fill less
_MOST_COLUMNS = 256
_CODE_PAGES = {0x8000: "mac-roman", 0x8001: "cp1252", 10000: "mac-roman"}
_EPOCHS = (datetime.datetime(1899, 12, 30), datetime.datetime(1904, 1, 1))
_MOST_DAYS = 2_958_466  # the year 10000


@dataclass(slots=True)
class _Sheet:
    """The cells of a sheet by row and column."""

    name: str
    cells: dict[int, dict[int, str]] = field(default_factory=dict)

    def rows(self) -> Iterator[GridRow]:
        for number in sorted(self.cells):
            row = self.cells[number]
            yield number, 1, [row.get(column, "") for column in range(max(row) + 1)]


@dataclass(slots=True)
class _Reader:
    """What the records so far have said."""

    source: str
    version: int
    codec: str = "cp1252"
    epoch: datetime.datetime = _EPOCHS[0]
    dates: list[bool] = field(default_factory=list)
    styles: list[int] = field(default_factory=list)
    sheets: list[_Sheet] = field(default_factory=list)
    awaited: tuple[int, int] | None = None

    def take(self, kind: int, data: bytes) -> None:
        """Take a record in; those that say nothing of cells are passed over. The high byte of a number is a version."""
        low = kind & 0xFF
        if kind == 0x2F:
            raise ReadError(f"{self.source} is protected by a password", hint="save it without one", source=self.source)
        if kind == 0x8F:
            self.sheets.append(_Sheet(self._text(data[5 : 5 + data[4]])))
        elif kind == 0x42:
            page = struct.unpack_from("<H", data)[0]
            self.codec = _CODE_PAGES.get(page, f"cp{page}")
        elif kind == 0x22:
            self.epoch = _EPOCHS[data[0] & 1]
        elif kind in {0x1E, 0x41E}:
            start = 3 if kind == 0x41E else 1
            self.dates.append(is_date_format(self._text(data[start : start + data[start - 1]])))
        elif kind in {0x43, 0x243, 0x443}:
            self.styles.append(data[2] & 0x3F if kind == 0x43 else data[1])
        elif low == 0x07 and self.awaited:
            start = 1 if self.version == 2 else 2
            self._put(*self.awaited, self._text(data[start : start + int.from_bytes(data[:start], "little")]))
            self.awaited = None
        elif kind in {0x02, 0x03, 0x04, 0x05, 0x06, 0x203, 0x204, 0x205, 0x206, 0x406, 0x27E}:
            self._cell(low, data)

    def _cell(self, low: int, data: bytes) -> None:
        row, column = struct.unpack_from("<HH", data)
        at = 7 if self.version == 2 else 6
        if low == 0x02:
            self._put(row, column, self._number(float(struct.unpack_from("<H", data, at)[0]), data))
        elif low == 0x03:
            self._put(row, column, self._number(struct.unpack_from("<d", data, at)[0], data))
        elif low == 0x04:
            size = 1 if self.version == 2 else 2
            length = int.from_bytes(data[at : at + size], "little")
            self._put(row, column, self._text(data[at + size : at + size + length]))
        elif low == 0x05:
            self._put(row, column, "" if data[at + 1] else cell_text(bool(data[at])))
        elif low == 0x06 and data[at + 6 : at + 8] == b"\xff\xff":
            self.awaited = (row, column) if data[at] == 0 else None
            if data[at] == 1:
                self._put(row, column, cell_text(bool(data[at + 2])))
        elif low == 0x06:
            self._put(row, column, self._number(struct.unpack_from("<d", data, at)[0], data))
        else:
            self._put(row, column, self._number(_packed(struct.unpack_from("<i", data, at)[0]), data))

    def _number(self, value: float, data: bytes) -> str:
        style = data[4] & 0x3F if self.version == 2 else struct.unpack_from("<H", data, 4)[0]
        shown = data[5] & 0x3F if self.version == 2 else self.styles[style] if style < len(self.styles) else 0
        if shown < len(self.dates) and self.dates[shown] and 0 <= value < _MOST_DAYS:
            return cell_text(self.epoch + datetime.timedelta(days=value))
        return cell_text(value)

    def _text(self, raw: bytes) -> str:
        try:
            return raw.decode(self.codec, "replace")
        except LookupError:
            return raw.decode("cp1252", "replace")

    def _put(self, row: int, column: int, text: str) -> None:
        if column >= _MOST_COLUMNS:
            raise ReadError(f"{self.source} is damaged: it names column {column + 1}", hint="get the file again")
        if not self.sheets:
            self.sheets.append(_Sheet("Sheet1"))
        if text:
            self.sheets[-1].cells.setdefault(row + 1, {})[column] = text


def is_old_workbook(head: bytes) -> bool:
    """Tell a workbook of Excel 2 to 4 by its first record."""
    return head.startswith(_BEGINNINGS)


def read_old_workbook(source: Source) -> list[RawSheet]:
    """Return the sheets of a workbook of Excel 2 to 4; raise ReadError for one that is damaged or protected."""
    name, content = source.name, source.head(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise ReadError(f"{name} is too large for a workbook of its age", hint="see whether it is one", source=name)
    reader = _Reader(name, {0: 2, 2: 3, 4: 4}[content[1]])
    at = 0
    try:
        while at + 4 <= len(content):
            kind, length = struct.unpack_from("<HH", content, at)
            reader.take(kind, content[at + 4 : at + 4 + length])
            at += 4 + length
    except (struct.error, IndexError) as error:
        raise ReadError(f"{name} is damaged: {error}", hint="get the file again", source=name) from error
    return [RawSheet(sheet.name, visible=True, rows=sheet.rows) for sheet in reader.sheets]


def _packed(raw: int) -> float:
    """Return the number of an RK value: 30 bits of a float or an integer, perhaps a hundredfold."""
    value = float(raw >> 2) if raw & 2 else struct.unpack("<d", struct.pack("<q", (raw & ~3) << 32))[0]
    return value / 100 if raw & 1 else value
