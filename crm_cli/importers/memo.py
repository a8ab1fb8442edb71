"""Memo files of dBase (.dbt) and FoxPro (.fpt): long texts by block number."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

from crm_cli.importers.source import Source

__all__ = ["Memo", "memo_of"]

_MOST = 16 << 20
_FOXPRO = {0x30, 0x31, 0x32, 0xF5, 0xFB, 0xE5}


@dataclass(slots=True)
class Memo:
    """A memo file. `kind` is how a text is delimited: `fpt` (8-byte head), `dbt4` (the same), `dbt3` (end mark)."""

    path: Path
    kind: str
    block: int

    def text(self, reference: bytes) -> bytes | None:
        """Return the text that a field refers to: four bytes binary, or ten digits. None where there is none."""
        number = _number(reference)
        if not number:
            return None
        with self.path.open("rb") as stream:
            stream.seek(number * self.block)
            if self.kind == "dbt3":
                return stream.read(_MOST).split(b"\x1a", 1)[0]
            head = stream.read(8)
            if len(head) < 8:
                return None
            if self.kind == "fpt":
                return stream.read(min(_MOST, struct.unpack(">I", head[4:])[0]))
            if head[:4] == b"\xff\xff\x08\x00":
                return stream.read(min(_MOST, max(0, struct.unpack("<I", head[4:])[0] - 8)))
            return (head + stream.read(65536)).split(b"\x1a", 1)[0]


def _number(reference: bytes) -> int:
    if len(reference) == 4:
        return int(struct.unpack("<I", reference)[0])
    digits = reference.strip(b"\0 ")
    return int(digits) if digits.isdigit() else 0


def memo_of(source: Source, version: int) -> Memo | None:
    """Return the memo file next to a table, under the same name in either case; None where it is missing."""
    if source.path is None:
        return None
    for suffix in (".fpt", ".dbt", ".FPT", ".DBT", ".Fpt", ".Dbt"):
        path = source.path.with_suffix(suffix)
        if path.is_file():
            return _opened(path, version)
    return None


def _opened(path: Path, version: int) -> Memo:
    head = path.open("rb").read(32)
    if path.suffix.lower() == ".fpt" or version in _FOXPRO:
        return Memo(path, "fpt", struct.unpack(">H", head[6:8])[0] or 512)
    if version in {0x8B, 0x8C, 0xCB, 0x7B, 0x04}:
        return Memo(path, "dbt4", struct.unpack("<H", head[20:22])[0] or 512)
    return Memo(path, "dbt3", 512)
