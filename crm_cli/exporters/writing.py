"""Write an export so that the target is there whole or not at all."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, cast

from crm_cli.errors import UsageError
from crm_cli.exporters.base import Exporter, TableExporter
from crm_cli.exporters.model import ColumnBatches, ExportColumn, Exported, ExportError, ExportOptions, Row, Table
from crm_cli.exporters.registry import STANDARD_OUTPUT, exporter_for, is_compressed

__all__ = [
    "check_place",
    "check_target",
    "export_rows",
    "export_tables",
    "holds_tables",
    "put_together",
    "write_whole",
]

Write = Callable[[BinaryIO], None]


def export_rows(
    rows: Iterable[Row],
    columns: Sequence[ExportColumn],
    target: Path | str,
    options: ExportOptions | None = None,
    *,
    format_name: str | None = None,
) -> Exported:
    """Stream rows (one value a column) into a file, or with `-` to standard output; returns what was written.

    The format is the one named, else that of the file's suffix; `.gz` behind it compresses. A file is written beside
    the target with mode 600 and renamed when it is complete, so that a full disk, a bad value or an interrupt leaves no
    half file. Raises UsageError for an unknown format or a file that is there already, UnfitValueError for a value
    that the format can't carry, ExportError when the system refuses to write.
    """
    options = options or ExportOptions()
    exporter = exporter_for(target, format_name, options)
    _check_columns(columns)
    counted = rows if isinstance(rows, ColumnBatches) else _Counted(rows)
    digest, path = _written(exporter, lambda stream: exporter.write(counted, columns, stream), target)
    return Exported(counted.number, digest, path)


def export_tables(
    tables: Sequence[Table],
    target: Path | str,
    options: ExportOptions | None = None,
    *,
    format_name: str | None = None,
) -> Exported:
    """Write several tables into one workbook or database file, or into the database that a URL names.

    As `export_rows` otherwise. Raises UsageError for a format that holds one table only.
    """
    options = options or ExportOptions()
    for one in tables:
        _check_columns(one.columns)
    if "://" in str(target):
        from crm_cli.exporters.database import write_database  # NOTE: SQLAlchemy costs 0.2 s

        return Exported(write_database(tables, str(target), overwrite=options.overwrite), "", None)
    exporter = exporter_for(target, format_name, options)
    if not isinstance(exporter, TableExporter):
        raise UsageError(f"{exporter.name} holds one table only", hint="write an .xlsx or .db file")
    counted = [_Counted(one.rows) for one in tables]
    ready = [Table(one.name, one.columns, rows) for one, rows in zip(tables, counted, strict=True)]
    digest, path = _written(exporter, lambda stream: exporter.write_tables(ready, stream), target)
    return Exported(sum(one.number for one in counted), digest, path)


def holds_tables(target: Path | str, format_name: str | None = None) -> bool:
    """Whether the format of a target holds several tables; raises what `exporter_for` raises."""
    return isinstance(exporter_for(target, format_name), TableExporter)


def _written(exporter: Exporter, write: Write, target: Path | str) -> tuple[str, Path | None]:
    """Let `write` fill the target; return the SHA-256, and the path where it is one."""
    if str(target) == STANDARD_OUTPUT:
        return _to_stream(exporter, write, sys.stdout.buffer), None
    path = Path(target)
    _check_target(path, exporter.options)
    with _errors_named(path):
        if path.exists() and not path.is_file():  # a pipe or device: nothing to rename
            with path.open("wb") as stream:
                return _to_stream(exporter, write, stream), path
        return _to_file(exporter, write, path), path


def put_together(
    parts: Sequence[tuple[Path, Callable[[Path], Exported]]], *, overwrite: bool = False
) -> list[Exported]:
    """Let each function write the file whose path it is given; then put all of them in their places.

    The files are written aside first: when one fails, none appears. Raises UsageError for a file that is there already.
    """
    for path, _ in parts:
        _check_target(path, ExportOptions(overwrite=overwrite))
    done: list[Exported] = []
    folders = {path.parent for path, _ in parts}
    if len(folders) > 1:
        raise ValueError("files of several folders cannot be put in place together")
    for folder in folders:
        with _errors_named(folder), tempfile.TemporaryDirectory(prefix=".crm-", suffix=".parts", dir=folder) as aside:
            for path, write in parts:
                made = write(Path(aside, path.name))
                done.append(Exported(made.rows, made.sha256, path))
            for path, _ in parts:
                _put_in_place(Path(aside, path.name), Path(os.path.realpath(path)), overwrite=overwrite)
    return done


def check_place(path: Path, *, overwrite: bool) -> None:
    """Raise now what writing there would raise after the work is done, whatever the format: `UsageError`."""
    _check_target(path, ExportOptions(overwrite=overwrite))


def check_target(path: Path, *, overwrite: bool = True) -> None:
    """Raise now what `export_rows` would raise for this file after the work is done: `UsageError`."""
    options = ExportOptions(overwrite=overwrite)
    exporter_for(path, None, options)
    _check_target(path, options)


class _Counted:
    """Rows that count themselves while they pass."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.rows = rows
        self.number = 0

    def __iter__(self) -> Iterator[Row]:
        for row in self.rows:
            self.number += 1
            yield row


def _check_columns(columns: Sequence[ExportColumn]) -> None:
    names = [column.name for column in columns]
    if not names:
        raise UsageError("nothing to export: no columns", hint="name some by --columns")
    if twice := sorted(name for name, number in Counter(names).items() if number > 1):
        raise UsageError(f"column given twice: {', '.join(twice)}", hint="name each column once", columns=twice)


def _check_target(path: Path, options: ExportOptions) -> None:
    if path.is_dir():
        raise UsageError(f"{path} is a folder", hint="name a file in it", path=str(path))
    if path.is_file() and not options.overwrite:
        raise _exists(path)
    if not path.parent.is_dir():
        raise UsageError(f"folder not found: {path.parent}", hint="make it first", path=str(path.parent))


def _exists(path: Path) -> UsageError:
    return UsageError(f"{path} is there already", hint="choose another name, or add --overwrite", path=str(path))


@contextlib.contextmanager
def _errors_named(path: Path) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise  # the reader has gone: no fault of ours; the program ends quietly
    except OSError as error:
        raise ExportError(f"could not write {path}: {error.strerror or error}", path=str(path)) from error


def write_whole(path: Path, write: Callable[[BinaryIO], int], *, overwrite: bool = False) -> Exported:
    """Let `write` fill a file, which appears whole or not at all; it returns how many rows it wrote.

    Raises `UsageError` for a file that is there already, `ExportError` when the system refuses to write.
    """
    options = ExportOptions(overwrite=overwrite)
    _check_target(path, options)
    counts: list[int] = []
    with _errors_named(path):
        digest = _filled(path, lambda stream: counts.append(write(stream)), overwrite=overwrite)
    return Exported(counts[0], digest, path)


def _to_file(exporter: Exporter, write: Write, path: Path) -> str:
    def fill(stream: BinaryIO) -> None:
        _write(exporter, write, stream, compress=is_compressed(path))

    return _filled(path, fill, overwrite=exporter.options.overwrite)


def _filled(path: Path, write: Write, *, overwrite: bool) -> str:
    target = Path(os.path.realpath(path))  # a symbolic link stays one: what it points to is replaced
    # mkstemp opens with mode 600, and the rename keeps it: customer data is nobody else's by default.
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "w+b") as stream:
            write(stream)
            stream.flush()
            os.fsync(stream.fileno())
            stream.seek(0)
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        _put_in_place(part, target, overwrite=overwrite)
    finally:
        part.unlink(missing_ok=True)  # after a rename there is nothing to remove
    return digest


def _put_in_place(part: Path, target: Path, *, overwrite: bool) -> None:
    if overwrite:
        part.replace(target)
        return
    # Somebody may have made the file meanwhile; a link, unlike a rename, fails then instead of replacing it.
    try:
        os.link(part, target)
    except FileExistsError:
        raise _exists(target) from None
    except OSError:  # no links on this file system: the best that is left
        if target.exists():
            raise _exists(target) from None
        part.replace(target)


def _write(exporter: Exporter, write: Write, stream: BinaryIO, *, compress: bool) -> None:
    if not compress:
        write(stream)
        return
    # Neither time nor name in the header: the same data gives the same bytes.
    with gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=stream, mtime=0) as packed:
        _write_forward(exporter, write, cast("BinaryIO", packed))


def _write_forward(exporter: Exporter, write: Write, stream: BinaryIO) -> None:
    """Write to what can't go back; a format that must is finished in a temporary file first."""
    if not exporter.seeks:
        write(stream)
        return
    with tempfile.TemporaryFile() as whole:
        write(whole)
        whole.seek(0)
        shutil.copyfileobj(whole, stream)


def _to_stream(exporter: Exporter, write: Write, stream: BinaryIO) -> str:
    hashing = _Hashing(stream)
    _write_forward(exporter, write, cast("BinaryIO", hashing))
    stream.flush()
    return hashing.digest.hexdigest()


class _Hashing:
    """The writing half of a binary stream, with the SHA-256 of what went through."""

    closed = False

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream
        self.digest = hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        return self.stream.write(data)

    def flush(self) -> None:
        self.stream.flush()

    def readable(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False
