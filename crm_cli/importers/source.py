"""A named input that can be opened again and again: a file, standard input, bytes from an archive."""

from __future__ import annotations

import hashlib
import io
import re
import sys
import tempfile
from pathlib import Path
from typing import BinaryIO, cast

from crm_cli.importers.faults import ReadError
from crm_cli.urls import hide_passwords

__all__ = ["Source"]

_URL = re.compile(r"[A-Za-z][\w+.-]+://")
_BLOCK = 1 << 20
_IN_MEMORY = 16 << 20


class Source:
    """A named input. `name` is for people (a file name, `<stdin>`, `a.zip/b.csv`), `open()` gives its bytes.

    Every `open()` starts at the first byte: standard input and archive members are spooled once.
    """

    def __init__(
        self, name: str, *, path: Path | None = None, spooled: BinaryIO | None = None, url: str | None = None
    ) -> None:
        self.name = name
        self.path = path
        self.url = url
        self._spooled = spooled
        self._fingerprint: str | None = None

    @classmethod
    def of(cls, what: str | Path) -> Source:
        """Make a source of a path, or of standard input for `-`; raise ReadError where there is nothing to read."""
        if str(what) == "-":
            return cls.spooled("<stdin>", sys.stdin.buffer)
        if isinstance(what, str) and _URL.match(what):
            return cls(hide_passwords(what, whole=True), spooled=io.BytesIO(b""), url=what)
        path = Path(what)
        try:
            if path.is_dir():
                raise ReadError(f"{path} is a folder, not a file", hint="name the files in it", source=str(path))
            with path.open("rb"):
                pass
        except (OSError, ValueError) as error:
            raise _unopened(path, error) from error
        return cls(path.name, path=path)

    @classmethod
    def spooled(cls, name: str, stream: BinaryIO, *, limit: int | None = None) -> Source:
        """Copy `stream` aside, so that it can be read repeatedly; more than `limit` bytes raise ReadError."""
        spool = cast("BinaryIO", tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY))  # noqa: SIM115
        size = 0
        while block := stream.read(_BLOCK):
            size += len(block)
            if limit is not None and size > limit:
                spool.close()
                raise ReadError(f"{name} unpacks to more than {limit:,} bytes", hint="unpack it first", source=name)
            spool.write(block)
        return cls(name, spooled=spool)

    @classmethod
    def from_bytes(cls, name: str, content: bytes) -> Source:
        """Make a source of bytes in memory."""
        return cls(name, spooled=io.BytesIO(content))

    def open(self) -> BinaryIO:
        """Return a binary stream at the first byte. The caller closes it; closing leaves the source usable."""
        if self._spooled is not None:
            return cast("BinaryIO", io.BufferedReader(_Shared(self._spooled), _BLOCK))
        return cast("Path", self.path).open("rb", buffering=_BLOCK)

    def head(self, size: int = 65536) -> bytes:
        """Return the first `size` bytes."""
        with self.open() as stream:
            return stream.read(size)

    def local_path(self) -> Path:
        """Return a path for readers that can't take a stream; what was spooled is written to a temporary file."""
        if self.path is None:
            suffix = Path(self.name).suffix
            with tempfile.NamedTemporaryFile(prefix="crm-", suffix=suffix, delete=False) as copy, self.open() as stream:
                while block := stream.read(_BLOCK):
                    copy.write(block)
            self.path = Path(copy.name)
        return self.path

    @property
    def size(self) -> int:
        """The number of bytes."""
        with self.open() as stream:
            return stream.seek(0, io.SEEK_END)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the bytes in hex: the same content has the same fingerprint under any name."""
        if self._fingerprint is None:
            with self.open() as stream:
                self._fingerprint = hashlib.file_digest(cast("io.BufferedReader", stream), "sha256").hexdigest()
        return self._fingerprint


class _Shared(io.RawIOBase):
    """A view of a spooled file with a position of its own, so that several readers don't disturb each other."""

    def __init__(self, spool: BinaryIO) -> None:
        self._spool = spool
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence == io.SEEK_END:
            self._at = self._spool.seek(offset, whence)
        else:
            self._at = offset + (self._at if whence == io.SEEK_CUR else 0)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        self._spool.seek(self._at)
        data = self._spool.read(len(buffer))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


def _unopened(path: Path, error: OSError | ValueError) -> ReadError:
    if isinstance(error, FileNotFoundError):
        return ReadError(f"there is no file {path}", hint="check the path", source=str(path))
    reason = getattr(error, "strerror", None) or str(error)
    return ReadError(f"{path} can't be opened: {reason}", hint="check the path and its permissions", source=str(path))
