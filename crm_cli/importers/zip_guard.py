"""Looking into a ZIP container before anything unpacks it: bombs, document types and giants are refused here."""

from __future__ import annotations

import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from crm_cli.importers.faults import HostileSourceError, ReadError
from crm_cli.importers.source import Source

__all__ = [
    "MOST_RATIO",
    "RATIO_FROM",
    "guarded_zip",
    "member_bytes",
    "member_chunks",
    "refuse_document_types",
    "refuse_path_tricks",
]

MOST_UNPACKED = 2 << 30
MOST_ENTRIES = 20_000
# Sheets of repeated numbers reach 1:100 honestly; deflate ends at about 1:1030.
MOST_RATIO = 300
RATIO_FROM = 32 << 20
_CHUNK = 1 << 20
# What may stand before a document type: marks, the declaration, comments, instructions. One that does not end hides it.
_PROLOG = re.compile(rb"(?:[\s\xef\xbb\xbf\xff\xfe]+|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError, KeyError)


@contextmanager
def guarded_zip(source: Source) -> Iterator[zipfile.ZipFile]:
    """Open a ZIP after checking the sizes it declares; raise HostileSourceError or ReadError."""
    with source.open() as stream:
        try:
            archive = zipfile.ZipFile(stream)
        except _DAMAGED as error:
            raise ReadError(
                f"{source.name} is a damaged ZIP container: {error}", hint="get the file again", source=source.name
            ) from error
        with archive:
            _refuse_bombs(source, archive)
            yield archive


def _refuse_bombs(source: Source, archive: zipfile.ZipFile) -> None:
    entries = archive.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    packed = max(1, sum(entry.compress_size for entry in entries))
    worst = max((entry.file_size / max(1, entry.compress_size) for entry in entries), default=0)
    if len(entries) > MOST_ENTRIES or unpacked > MOST_UNPACKED:
        reason = f"{len(entries):,} entries of {unpacked:,} bytes together"
    elif unpacked > RATIO_FROM and max(worst, unpacked / packed) > MOST_RATIO:
        reason = f"{packed:,} bytes would unpack to {unpacked:,}"
    else:
        return
    raise HostileSourceError(
        f"{source.name} is refused: {reason}", hint="if you trust it, unpack it and save it as CSV", source=source.name
    )


def member_chunks(source: Source, archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """Yield the unpacked bytes of a member; never more than it declares, whatever its data say."""
    left = archive.getinfo(name).file_size
    try:
        with archive.open(name) as member:
            while left >= 0 and (chunk := member.read(_CHUNK)):
                left -= len(chunk)
                yield chunk
    except _DAMAGED as error:
        raise ReadError(
            f"{source.name}: its part {name} is damaged or encrypted: {error}", hint="get the file again", part=name
        ) from error


def member_bytes(source: Source, archive: zipfile.ZipFile, name: str, limit: int = 64 << 20) -> bytes:
    """Return the unpacked bytes of a small member (empty where there is none)."""
    if name not in archive.NameToInfo or archive.getinfo(name).file_size > limit:
        return b""
    return b"".join(member_chunks(source, archive, name))


def refuse_path_tricks(source: Source, archive: zipfile.ZipFile) -> None:
    """Raise HostileSourceError where an entry is a link, or its name leads out of the archive.

    Nothing is ever unpacked to its name here; but such an archive was made to do harm, and a link holds no list.
    """
    for entry in archive.infolist():
        parts = re.split(r"[/\\]", entry.filename)
        if ".." in parts or not parts[0] or parts[0].endswith(":") or stat.S_ISLNK(entry.external_attr >> 16):
            raise HostileSourceError(
                f"{source.name} is refused: its entry {entry.filename} leads out of the archive",
                hint="if you trust it, unpack it first",
                source=source.name,
            )


def refuse_document_types(source: Source, archive: zipfile.ZipFile) -> None:
    """Raise HostileSourceError where an XML part declares a document type: office files never do, attacks must."""
    for entry in archive.infolist():
        if not entry.filename.lower().endswith((".xml", ".rels", ".vml")):
            continue
        head = next(member_chunks(source, archive, entry.filename), b"").replace(b"\0", b"")
        prolog = _PROLOG.match(head)
        if head.startswith((b"<!DOCTYPE", b"<!ENTITY", b"<!--", b"<?"), prolog.end() if prolog else 0):
            raise HostileSourceError(
                f"{source.name} is refused: its part {entry.filename} declares a document type",
                hint="an office file never needs one; save it anew from the program that made it",
                source=source.name,
            )
