"""What a delivery is made of: files, folders, patterns, archives, databases, standard input."""

from __future__ import annotations

import glob
import re
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path

from crm_cli.importers import ReadError, ReadOptions, Source, Table, UnknownFormatError, open_source
from crm_cli.store import Store

__all__ = ["Delivery", "files_of", "open_delivery", "own_files"]

_PATTERN = frozenset("*?[")
_BESIDE = re.compile(r"-(?:wal|shm|journal)$")


@dataclass
class Delivery:
    """The tables that came together, each with the source that it stands in; and what could not be read."""

    tables: list[tuple[Table, Source]] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def open_delivery(sources: Sequence[str | Path], options: ReadOptions, own: Sequence[Path] = ()) -> Delivery:
    """Open every source; of a folder the files in it, in the order of their names, of a pattern the files it fits.

    A file in a folder that is of no known format is skipped and named; the files in `own` (see `own_files`) are no
    sources unless they are named. Raises `ReadError` for what cannot be read.
    """
    delivery = Delivery()
    for source, named in _sources(sources, own, delivery.skipped):
        try:
            reading = open_source(source, options)
            delivery.tables += [(table, reading.source) for table in reading.tables()]
        except UnknownFormatError as fault:
            if named:
                raise
            delivery.skipped.append(fault.message)
    return delivery


def files_of(sources: Sequence[str | Path], own: Sequence[Path] = ()) -> list[str | Path]:
    """Return the sources with folders and patterns written out: their files without `own`, in the order of the names.

    Raises `ReadError` for a folder or a pattern without any.
    """
    return [one for one, _ in _sources(sources, own, [])]


def own_files(store: Store, project: Path | None = None) -> list[Path]:
    """Return the files that are no customers' data: the database that is written to, if it is one, and the settings."""
    database = store.engine.url.database if store.engine.dialect.name == "sqlite" else None
    return [Path(one) for one in (database, project) if one]


def _sources(
    sources: Sequence[str | Path], own: Sequence[Path], skipped: list[str]
) -> Iterator[tuple[str | Path, bool]]:
    """Yield each source, and whether it was named itself."""
    ours = {path.resolve() for path in own}
    for one in sources:
        if isinstance(one, str) and (one == "-" or "://" in one):
            yield one, True
            continue
        path = Path(one)
        if path.is_dir():
            yield from ((inner, False) for inner in _files(path, ours, skipped))
        elif path.exists() or not _PATTERN & set(str(path)):
            yield path, True
        else:
            yield from ((found, False) for found in _fitting(path, ours))


def _foreign(paths: Iterable[Path], ours: Set[Path]) -> list[Path]:
    """Return the files that are neither ours nor kept by SQLite beside ours."""

    def base(path: Path) -> Path:
        return path.with_name(_BESIDE.sub("", path.name)).resolve()

    return [path for path in paths if path.is_file() and base(path) not in ours]


def _files(folder: Path, ours: Set[Path], skipped: list[str]) -> list[Path]:
    inside = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    skipped += [f"{path.name}: a folder in the folder" for path in inside if path.is_dir()]
    files = _foreign(inside, ours)
    if not files:
        raise ReadError(
            f"the folder {folder} holds no file to import", hint="name the folder with the export", source=str(folder)
        )
    return files


def _fitting(pattern: Path, ours: Set[Path]) -> list[Path]:
    found = _foreign(sorted(Path(name) for name in glob.glob(str(pattern))), ours)  # noqa: PTH207 - it may be absolute
    if not found:
        raise ReadError(f"no file fits {pattern}", hint="check the pattern", source=str(pattern))
    return found
