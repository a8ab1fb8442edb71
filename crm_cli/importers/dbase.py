"""dBase, FoxPro and Clipper tables with their memo files. Dates come as ISO, deleted records are left out.

The layout is that of the published dBase and Visual FoxPro file structures: a 32-byte head, 32-byte field descriptors,
records of fixed length; memo text in a second file (.dbt, .fpt).
"""

from __future__ import annotations

import datetime
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from crm_cli.importers.encoding import CONFIDENT, Encoding, decoder_name, detect_encoding
from crm_cli.importers.faults import ReadError
from crm_cli.importers.interface import Importer
from crm_cli.importers.memo import Memo, memo_of
from crm_cli.importers.model import ReadOptions, Row, Table, Understood, unique_header
from crm_cli.importers.source import Source

__all__ = ["DBase"]

_VERSIONS = {0x02, 0x03, 0x04, 0x05, 0x30, 0x31, 0x32, 0x43, 0x63, 0x7B, 0x83, 0x8B, 0x8C, 0x8E, 0xCB, 0xE5, 0xF5, 0xFB}
# The language byte (offset 29) and the code page that it stands for.
_CODE_PAGES = {
    0x01: "cp437", 0x02: "cp850", 0x03: "cp1252", 0x04: "mac_roman", 0x08: "cp865", 0x09: "cp437", 0x0A: "cp850",
    0x0B: "cp437", 0x0D: "cp437", 0x0E: "cp850", 0x0F: "cp437", 0x10: "cp850", 0x11: "cp437", 0x12: "cp850",
    0x13: "cp932", 0x14: "cp850", 0x15: "cp437", 0x16: "cp850", 0x17: "cp865", 0x18: "cp437", 0x19: "cp437",
    0x1A: "cp850", 0x1B: "cp437", 0x1C: "cp863", 0x1D: "cp850", 0x1F: "cp852", 0x22: "cp852", 0x23: "cp852",
    0x24: "cp860", 0x25: "cp850", 0x26: "cp866", 0x37: "cp850", 0x40: "cp852", 0x4D: "cp936", 0x4E: "cp949",
    0x4F: "cp950", 0x50: "cp874", 0x57: "cp1252", 0x58: "cp1252", 0x59: "cp1252", 0x64: "cp852", 0x65: "cp866",
    0x66: "cp865", 0x67: "cp861", 0x6A: "cp737", 0x6B: "cp857", 0x6C: "cp863", 0x78: "cp950", 0x79: "cp949",
    0x7A: "cp936", 0x7B: "cp932", 0x7C: "cp874", 0x7D: "cp1255", 0x7E: "cp1256", 0x86: "cp737", 0x87: "cp852",
    0x88: "cp857", 0x96: "mac_cyrillic", 0x97: "mac_latin2", 0x98: "mac_greek", 0xC8: "cp1250", 0xC9: "cp1251",
    0xCA: "cp1254", 0xCB: "cp1253", 0xCC: "cp1257",
}  # fmt: skip
_JULIAN_OF_DAY_0 = 1721425  # the Julian day before 0001-01-01


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    type: str
    offset: int
    length: int
    decimals: int


@dataclass(slots=True)
class _Head:
    version: int
    records: int
    size: int
    record_size: int
    language: int
    fields: list[_Field] = field(default_factory=list)


class DBase(Importer):
    """Tables of dBase II to 7, FoxPro, Clipper."""

    name = "dbase"
    suffixes = (".dbf",)

    def recognizes(self, head: bytes, name: str) -> bool:
        """Recognize a plausible head: version, month and day, sizes that fit."""
        if len(head) < 32 or head[0] not in _VERSIONS or not (head[2] <= 12 and head[3] <= 31):
            return False
        size, record_size = struct.unpack_from("<HH", head, 8)
        return name.lower().endswith(self.suffixes) or (size % 32 in {1, 8} and size > 64 and 0 < record_size < 65500)

    def tables(self, source: Source, options: ReadOptions) -> Sequence[Table]:
        """Return the one table; memo fields are blank, with a warning, where the memo file is missing."""
        head = _head(source)
        found = Encoding(options.encoding or _CODE_PAGES.get(head.language, ""))
        if not found.name:
            found = _guessed(source, head)
        encoding = decoder_name(found.name)
        understood = Understood("dbase", encoding, round(found.confidence, 2))
        if found.confidence < 1:
            understood.warn(f"the table names no code page: {encoding} is assumed (--encoding settles it)")
        memo = memo_of(source, head.version)
        memos = [_decoded(item.name, encoding) for item in head.fields if item.type == "M"]
        if memos and memo is None:
            understood.warn(f"the memo file is missing: {', '.join(memos)} stay blank")
        names = [_decoded(item.name, encoding) for item in head.fields]
        rows = _Records(source, head, encoding, memo, understood)
        return [Table(Path(source.name).stem, unique_header(names), understood, rows, names)]


def _decoded(name: str, encoding: str) -> str:
    """Return the name of a field, kept as Latin-1 until the encoding is known; it may end within a character."""
    return name.encode("latin-1").decode(encoding, "ignore")


def _guessed(source: Source, head: _Head) -> Encoding:
    """Guess the encoding from the names of the fields and the character fields of the first records."""
    texts = [item for item in head.fields if item.type == "C"]
    with source.open() as stream:
        stream.seek(head.size)
        raws = [stream.read(head.record_size) for _ in range(min(head.records, 500))]
    sample = b"\n".join(raw[item.offset : item.offset + item.length] for raw in raws for item in texts)
    sample += b"\n" + "\n".join(item.name for item in head.fields).encode("latin-1")
    found = detect_encoding(Source.from_bytes("sample", sample.replace(b"\0", b" ")))
    return found if found.confidence >= CONFIDENT else Encoding("cp1252", 0.3)


def _head(source: Source) -> _Head:
    raw = source.head(65536)
    version, records, size, record_size = raw[0], *struct.unpack_from("<IHH", raw, 4)
    head = _Head(version, records, size, record_size, raw[29])
    step = 48 if version == 0x04 and len(raw) > 116 and _is_dbase7(raw) else 32
    at, offset = (68 if step == 48 else 32), 1
    while at + step <= min(size, len(raw)) and raw[at] not in {0x0D, 0x00}:
        found = _descriptor(raw, at, step, offset)
        offset += found.length
        if not _is_system(raw, at, step, version):
            head.fields.append(found)
        at += step
    if not head.fields or record_size < 2 or offset > record_size + 1:
        raise ReadError(f"{source.name}: its head is damaged", hint="get the file again", source=source.name)
    return head


def _is_dbase7(raw: bytes) -> bool:
    """Tell the longer descriptors of dBase 7 by a field type where they have it."""
    return chr(raw[68 + 32]) in "CNLDMFBGI@+OT" and chr(raw[32 + 11]) not in "CNLDMFBGI@+OT"


def _is_system(raw: bytes, at: int, step: int, version: int) -> bool:
    return step == 32 and version in {0x30, 0x31, 0x32} and bool(raw[at + 18] & 1)


def _descriptor(raw: bytes, at: int, step: int, offset: int) -> _Field:
    width = 32 if step == 48 else 11
    name = raw[at : at + width].split(b"\0")[0].decode("latin-1").strip(" ")
    kind = chr(raw[at + width])
    length, decimals = (raw[at + 33], raw[at + 34]) if step == 48 else (raw[at + 16], raw[at + 17])
    if kind == "C" and step == 32 and decimals and raw[0] not in {0x30, 0x31, 0x32}:
        length, decimals = length + 256 * decimals, 0  # Clipper and FoxPro keep long character fields so
    return _Field(name, kind, offset, length, decimals)


@dataclass(slots=True)
class _Records:
    source: Source
    head: _Head
    encoding: str
    memo: Memo | None
    understood: Understood

    def __call__(self) -> Iterator[Row]:
        with self.source.open() as stream:
            stream.seek(self.head.size)
            yield from self._rows(stream)

    def _rows(self, stream: BinaryIO) -> Iterator[Row]:
        for number in range(1, self.head.records + 1):
            raw = stream.read(self.head.record_size)
            if raw[:1] in {b"", b"\x1a"}:
                self.understood.warn(f"the file ends after {number - 1} of {self.head.records} records")
                return
            if raw[:1] == b"*":
                self.understood.warn("records that are marked as deleted were left out")
                continue
            fault = None if len(raw) == self.head.record_size else "the record is cut off"
            values = [self._value(item, raw[item.offset : item.offset + item.length]) for item in self.head.fields]
            yield Row(number, f"record {number}", values, fault)

    def _value(self, item: _Field, raw: bytes) -> str | None:
        if item.type == "M":
            text = self.memo.text(raw) if self.memo else None
            return (text.decode(self.encoding, "replace").strip("\0 \r\n\t") or None) if text else None
        if item.type in "GPQ0W":
            return None
        if item.type in _BINARY and len(raw) == _BINARY[item.type]:
            return _binary(item, raw)
        text_value = raw.split(b"\0")[0].decode(self.encoding, "replace").strip()
        return _plain(item.type, text_value) or None


_BINARY = {"I": 4, "+": 4, "B": 8, "O": 8, "Y": 8, "T": 8, "@": 8}


def _binary(item: _Field, raw: bytes) -> str | None:
    if item.type == "I":
        return str(struct.unpack("<i", raw)[0])
    if item.type == "+":
        return str(struct.unpack(">I", raw)[0] & 0x7FFFFFFF)
    if item.type == "Y":
        cents = struct.unpack("<q", raw)[0]
        return f"{'-' if cents < 0 else ''}{abs(cents) // 10000}.{abs(cents) % 10000:04}"
    if item.type in "T@":
        return _moment(*struct.unpack("<ii", raw))
    return f"{struct.unpack('<d', raw)[0]:.15g}"


def _moment(julian: int, milliseconds: int) -> str | None:
    """Return the ISO date and time of a Julian day and the milliseconds since midnight."""
    if not julian:
        return None
    try:
        day = datetime.datetime.combine(datetime.date.fromordinal(julian - _JULIAN_OF_DAY_0), datetime.time())
        moment = day + datetime.timedelta(seconds=round(milliseconds / 1000))
    except (ValueError, OverflowError):
        return None
    return moment.date().isoformat() if moment.time() == datetime.time() else moment.isoformat(sep=" ")


def _plain(kind: str, text: str) -> str:
    if kind == "D":
        return f"{text[:4]}-{text[4:6]}-{text[6:8]}" if len(text) == 8 and text.isdigit() else text
    if kind == "L":
        return {"T": "TRUE", "Y": "TRUE", "F": "FALSE", "N": "FALSE"}.get(text.upper(), "")
    return "" if kind in "NF" and set(text) <= {"*", "."} else text
