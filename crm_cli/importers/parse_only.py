"""What was understood of a file, as plain comma CSV: for other programs, and to look at."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from crm_cli.errors import CrmError
from crm_cli.importers.model import ReadOptions, Table
from crm_cli.importers.reading import read_tables

__all__ = ["Conversion", "parse_only"]

FAILED = "Application Error"


@dataclass(frozen=True, slots=True)
class Conversion:
    """One file converted: what was written, how many data rows, and the error that prevented it."""

    source: Path
    target: Path
    rows: int = 0
    error: CrmError | None = None


def parse_only(
    paths: Iterable[str | Path], out_dir: str | Path, options: ReadOptions | None = None
) -> list[Conversion]:
    """Write `NAME_converted.csv` (NAME with its suffix) into `out_dir` for every path; return what happened to each.

    Plain comma CSV in UTF-8: the header as the file has it (none invented), then the data rows, of the first table. A
    file that cannot be read gets a file whose first line is `Application Error`.
    """
    folder = Path(out_dir)
    folder.mkdir(parents=True, exist_ok=True)
    return [_converted(Path(path), folder / f"{Path(path).name}_converted.csv", options) for path in paths]


def _converted(path: Path, target: Path, options: ReadOptions | None) -> Conversion:
    try:
        rows = _write(target, read_tables(path, options)[:1])
    except CrmError as error:
        target.write_text(f"{FAILED}\n{error.message}\n", encoding="utf-8")
        return Conversion(path, target, error=error)
    return Conversion(path, target, rows)


def _write(target: Path, tables: Sequence[Table]) -> int:
    count = 0
    with target.open("w", encoding="utf-8", errors="replace", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        for table in tables:
            if table.found_header is not None:
                writer.writerow(table.found_header)
            for row in table.rows():
                writer.writerow(row.values)
                count += 1
    return count
