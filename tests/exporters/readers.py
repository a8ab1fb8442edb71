"""Read exports back with other programs' libraries, as exactly as each format allows."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import openpyxl

_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def read_csv(data: bytes, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter, strict=True))


def read_jsonl(data: bytes) -> list[dict[str, Any]]:
    lines = data.decode().split("\n")
    assert lines.pop() == "", "the last line is ended too"
    return [json.loads(line, parse_float=Decimal) for line in lines]


def read_xlsx(path: Path) -> list[list[Any]]:
    """All cells, header included; texts with Excel's escapes undone, which openpyxl leaves to its caller."""
    sheet = openpyxl.load_workbook(path).active
    return [[_unescaped(cell.value) for cell in row] for row in sheet.iter_rows()]


def _unescaped(value: Any) -> Any:
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), value) if isinstance(value, str) else value


def raw_numbers(path: Path) -> list[str]:
    """The digits of every number cell, as they stand in the file."""
    with zipfile.ZipFile(path) as archive:
        root = ET.fromstring(archive.read("xl/worksheets/sheet1.xml"))
    return [cell.findtext(f"{_MAIN}v") or "" for cell in root.iter(f"{_MAIN}c") if "t" not in cell.attrib]


def time_of(serial: str) -> datetime:
    """A time from Excel's count of days, to the microsecond."""
    return datetime(1899, 12, 30, tzinfo=UTC) + timedelta(microseconds=round(Fraction(float(serial)) * 86_400_000_000))


def unfolded(data: bytes) -> list[str]:
    """The logical lines of vCards (RFC 6350, section 3.2)."""
    return data.decode().replace("\r\n ", "").removesuffix("\r\n").split("\r\n")
