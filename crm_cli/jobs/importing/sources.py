"""What a delivery is made of: files, folders, patterns, archives, databases, standard input."""

from __future__ import annotations

import glob
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from crm_cli.importers import ReadError, ReadOptions, Source, Table, UnknownFormatError, open_source

__all__ = ["Delivery", "files_of", "open_delivery"]

_PATTERN = frozenset("*?[")
_BESIDE = re.compile(r"-(?:wal|shm|journal)$")


@dataclass
class Delivery:
    """The tables that came together, each with the source that it stands in; and what could not be read."""

    tables: list[tuple[Table, Source]] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def open_delivery(sources: Sequence[str | Path], options: ReadOptions, own: str | None = None) -> Delivery:
    """Open every source; of a folder the files in it, in the order of their names, of a pattern the files it fits.

    A file in a folder that is of no known format is skipped and named; `own`, the file of the database that is written
    to, is no source. Raises `ReadError` for what cannot be read.
    """
    delivery = Delivery()
    for source, named in _sources(sources, delivery.skipped):
        if not named and _is_own(source, own):
            continue
        try:
            reading = open_source(source, options)
            delivery.tables += [(table, reading.source) for table in reading.tables()]
        except UnknownFormatError as fault:
            if named:
                raise
            delivery.skipped.append(fault.message)
    return delivery


def files_of(sources: Sequence[str | Path], own: str | None = None) -> list[str | Path]:
    """Return the sources with folders and patterns written out: their files, in the order of the names.

    `own`, the file of the database that is written to, is no source.
    """
    return [one for one, named in _sources(sources, []) if named or not _is_own(one, own)]


def _is_own(source: str | Path, own: str | None) -> bool:
    """Whether a file is the database that is written to, or one that SQLite keeps beside it."""
    if own is None:
        return False
    path = Path(source).resolve()
    return path.with_name(_BESIDE.sub("", path.name)) == Path(own).resolve()


def _sources(sources: Sequence[str | Path], skipped: list[str]) -> Iterator[tuple[str | Path, bool]]:
    """Yield each source, and whether it was named itself."""
    for one in sources:
        if isinstance(one, str) and (one == "-" or "://" in one):
            yield one, True
            continue
        path = Path(one)
        if path.is_dir():
            yield from ((inner, False) for inner in _files(path, skipped))
        elif path.exists() or not _PATTERN & set(str(path)):
            yield path, True
        else:
            yield from ((found, False) for found in _fitting(path))


def _files(folder: Path, skipped: list[str]) -> list[Path]:
    inside = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    skipped += [f"{path.name}: a folder in the folder" for path in inside if path.is_dir()]
    files = [path for path in inside if path.is_file()]
    if not files:
        raise ReadError(
            f"the folder {folder} holds no file", hint="name the folder with the export", source=str(folder)
        )
    return files


def _fitting(pattern: Path) -> list[Path]:
    found = sorted(Path(name) for name in glob.glob(str(pattern)))  # noqa: PTH207 - the pattern may be absolute
    if not found:
        raise ReadError(f"no file fits {pattern}", hint="check the pattern", source=str(pattern))
    return [path for path in found if path.is_file()]
