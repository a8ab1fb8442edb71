"""Workbooks of Excel 2, 3 and 4, written here record by record."""

from __future__ import annotations

import struct

import pytest

from crm_cli.importers import ReadError
from tests.importers.conftest import table, values

Record = tuple[int, bytes]


def stream(*records: Record) -> bytes:
    return b"".join(struct.pack("<HH", kind, len(data)) + data for kind, data in records)


def excel_2(*cells: Record) -> bytes:
    formats = [(0x1E, bytes([7]) + b"General"), (0x1E, bytes([8]) + b"dd.mm.yy")]
    return stream((0x09, struct.pack("<HH", 2, 0x10)), (0x42, struct.pack("<H", 0x8001)), *formats, *cells, (0x0A, b""))


def excel_4(*cells: Record) -> bytes:
    formats = [(0x41E, bytes([0, 0, 7]) + b"General"), (0x41E, bytes([0, 0, 8]) + b"dd.mm.yy")]
    styles = [(0x443, bytes([0, shown, *[0] * 10])) for shown in (0, 1)]
    head = (0x409, struct.pack("<HHH", 0, 0x10, 0))
    return stream(head, (0x42, struct.pack("<H", 1250)), *formats, *styles, *cells, (0x0A, b""))


def label_2(row: int, column: int, text: str) -> Record:
    return 0x04, struct.pack("<HH3xB", row, column, len(text)) + text.encode("cp1252")


def label_4(row: int, column: int, text: str) -> Record:
    return 0x204, struct.pack("<HHHH", row, column, 0, len(text)) + text.encode("cp1250")


def test_excel_2_is_read_with_numbers_dates_and_letters() -> None:
    found = table(
        excel_2(
            *(label_2(0, 0, "Name"), label_2(0, 1, "Orders"), label_2(0, 2, "Since")),
            *(label_2(1, 0, "Jörg Müller"), (0x02, struct.pack("<HH3xH", 1, 1, 12))),
            (0x03, struct.pack("<HHBBBd", 1, 2, 0, 1, 0, 44256.0)),
            *(
                label_2(2, 0, "Ann"),
                (0x03, struct.pack("<HH3xd", 2, 1, 1.5)),
                (0x05, struct.pack("<HH3xBB", 2, 2, 7, 1)),
            ),
        ),
        "people.xls",
    )
    assert found.header == ["Name", "Orders", "Since"]
    assert values(found) == [["Jörg Müller", "12", "2021-03-01"], ["Ann", "1.5", None]]


def test_excel_4_is_read_with_packed_numbers_and_formulas() -> None:
    text = b"\x00\x00\x00\x00\x00\x00\xff\xff"
    found = table(
        excel_4(
            *(label_4(0, 0, "Jméno"), label_4(0, 1, "Částka"), label_4(0, 2, "Od"), label_4(0, 3, "Město")),
            *(label_4(1, 0, "Růžička"), (0x27E, struct.pack("<HHHi", 1, 1, 0, (1250 << 2) | 3))),
            (0x27E, struct.pack("<HHHi", 1, 2, 1, (44256 << 2) | 2)),
            *(
                (0x406, struct.pack("<HHH", 1, 3, 0) + text + b"\x00\x00"),
                (0x207, struct.pack("<H", 5) + "Plzeň".encode("cp1250")),
            ),
        ),
        "people.xls",
    )
    assert found.header == ["Jméno", "Částka", "Od", "Město"]
    assert values(found) == [["Růžička", "12.5", "2021-03-01", "Plzeň"]]


def test_protected_and_damaged_ones_say_so() -> None:
    with pytest.raises(ReadError, match="password"):
        table(excel_4((0x2F, b"\x01\x02\x03\x04")), "people.xls")
    with pytest.raises(ReadError, match="damaged"):
        table(excel_4((0x204, b"\x00")), "people.xls")
    with pytest.raises(ReadError, match="column 40001"):
        table(excel_4(label_4(0, 40_000, "x")), "people.xls")
