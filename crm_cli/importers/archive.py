"""Compressed sources: gzip, bzip2, xz, and ZIP archives of the other formats. No path inside an archive is trusted."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, BinaryIO, cast

from crm_cli.importers.faults import HostileSourceError, ReadError, UnknownFormatError
from crm_cli.importers.interface import Importer
from crm_cli.importers.model import ReadOptions, Table
from crm_cli.importers.source import Source
from crm_cli.importers.zip_guard import MOST_RATIO, RATIO_FROM, guarded_zip, refuse_path_tricks

__all__ = ["Compressed", "ZipArchive"]

MOST_UNPACKED = 4 << 30
_SIGNATURES: dict[bytes, Callable[[BinaryIO], Any]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ": lzma.open,
}
_DAMAGED = (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile)
_NO_DATA = ("__MACOSX/", ".DS_Store", "Thumbs.db")


class Compressed(Importer):
    """One compressed file (.gz, .bz2, .xz): read as what is inside."""

    name = "gz"
    suffixes = (".gz", ".bz2", ".xz")

    def recognizes(self, head: bytes, name: str) -> bool:  # noqa: ARG002
        """Recognize the signatures."""
        return head.startswith(tuple(_SIGNATURES))

    def tables(self, source: Source, options: ReadOptions) -> Sequence[Table]:
        """Return the tables of the file inside."""
        head = source.head(8)
        unpack = next((opener for mark, opener in _SIGNATURES.items() if head.startswith(mark)), None)
        if unpack is None:
            raise ReadError(f"{source.name} is no compressed file", hint="name its format with --source-format")
        inner = source.name
        for suffix in self.suffixes:
            inner = inner.removesuffix(suffix)
        with source.open() as packed:
            stream = _Watched(cast("BinaryIO", unpack(packed)), packed, source.name)
            return _inside(_spooled(inner, cast("BinaryIO", stream), source.name), options)


@dataclass(slots=True)
class _Watched:
    """A stream being unpacked, ended where it grows out of all proportion to what was read of the packed one."""

    unpacked: BinaryIO
    packed: BinaryIO
    name: str
    size: int = 0

    def read(self, size: int) -> bytes:
        block = self.unpacked.read(size)
        self.size += len(block)
        if self.size > RATIO_FROM and self.size > MOST_RATIO * max(self.packed.tell(), 1):
            raise HostileSourceError(
                f"{self.name} is refused: {self.packed.tell():,} bytes unpack to over {self.size:,}",
                hint="if you trust it, unpack it first",
                source=self.name,
            )
        return block

    def __enter__(self) -> _Watched:
        return self

    def __exit__(self, *exc: object) -> None:
        self.unpacked.close()


class ZipArchive(Importer):
    """A ZIP of readable files: the tables of all of them, named after their file."""

    name = "zip"
    suffixes = (".zip",)

    def recognizes(self, head: bytes, name: str) -> bool:  # noqa: ARG002 - office files were asked before
        """Recognize the signature."""
        return head.startswith((b"PK\x03\x04", b"PK\x05\x06"))

    def tables(self, source: Source, options: ReadOptions) -> Sequence[Table]:
        """Return the tables of every readable member; raise ReadError where none is."""
        tables: list[Table] = []
        skipped: list[str] = []
        with guarded_zip(source) as archive:
            refuse_path_tricks(source, archive)
            for entry in archive.infolist():
                if entry.is_dir() or any(mark in entry.filename for mark in _NO_DATA):
                    continue
                try:
                    with archive.open(entry) as member:
                        inner = _spooled(entry.filename, cast("BinaryIO", member), source.name, entry.file_size)
                    tables += [_named(table, entry.filename) for table in _inside(inner, options)]
                except UnknownFormatError:
                    skipped.append(entry.filename)
                except (RuntimeError, NotImplementedError) as error:
                    raise ReadError(
                        f"{source.name}: {entry.filename} is encrypted or packed in an unknown way: {error}",
                        hint="unpack it first",
                    ) from error
        if not tables and skipped:
            raise ReadError(f"{source.name} holds nothing readable: {', '.join(skipped[:5])}", hint="unpack it first")
        for table in tables:
            table.understood.skipped_sheets += skipped
        return tables


def _named(table: Table, member: str) -> Table:
    return replace(
        table, name=member if table.name in {member, member.rsplit("/", 1)[-1]} else f"{member}/{table.name}"
    )


def _spooled(name: str, stream: BinaryIO, outer: str, limit: int = MOST_UNPACKED) -> Source:
    try:
        with stream:
            return Source.spooled(name, stream, limit=limit)
    except _DAMAGED as error:
        raise ReadError(f"{outer} is damaged: {error}", hint="get the file again", source=outer) from error


def _inside(inner: Source, options: ReadOptions) -> Sequence[Table]:
    """Read what was inside; archives in archives are how bombs are built."""
    from crm_cli.importers.registry import importer_for  # the registry names this file

    found = importer_for(inner, replace(options, format=None) if options.format in {"gz", "zip"} else options)
    if isinstance(found, (Compressed, ZipArchive)):
        raise HostileSourceError(f"{inner.name} is an archive inside an archive", hint="unpack the outer one first")
    return found.tables(inner, options)
