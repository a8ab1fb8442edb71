"""Microsoft Access databases, read by the programs of mdbtools where they are installed."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crm_cli.errors import MissingExtraError
from crm_cli.importers.faults import HostileSourceError, ReadError
from crm_cli.importers.interface import Importer
from crm_cli.importers.model import ReadOptions, Row, Table, Understood, unique_header
from crm_cli.importers.source import Source
from crm_cli.importers.textlines import MOST_CHARS

__all__ = ["Access"]

_MARKS = (b"Standard Jet DB", b"Standard ACE DB")
MOST_SECONDS = 60


class Access(Importer):
    """mdb and accdb files: a table for each user table."""

    name = "access"
    suffixes = (".mdb", ".accdb")

    def recognizes(self, head: bytes, name: str) -> bool:  # noqa: ARG002
        """Recognize the signature behind the first four bytes."""
        return head[4:19] in _MARKS

    def tables(self, source: Source, options: ReadOptions) -> Sequence[Table]:
        """Return the tables, or the one that `sheet` names; raise MissingExtraError without mdbtools."""
        path = str(source.local_path())
        names = [name for name in _run("mdb-tables", "-1", path).splitlines() if name]
        if options.sheet is not None and options.sheet not in names:
            raise ReadError(f"{source.name} has no table {options.sheet}", hint=f"it has {', '.join(names)}")
        chosen = [name for name in names if options.sheet in {None, name}]
        return [_table(path, name) for name in chosen]


def _table(path: str, name: str) -> Table:
    rows = _Exported(path, name)
    header = next(rows.records(), [])
    return Table(name, unique_header(header), Understood("access", "utf-8"), rows, header)


@dataclass(slots=True)
class _Exported:
    path: str
    table: str

    def records(self) -> Iterator[list[str]]:
        """Yield the header and the rows that mdb-export writes; dates always in ISO form, whatever the locale."""
        csv.field_size_limit(MOST_CHARS)
        options = ("-D", "%Y-%m-%d", "-T", "%Y-%m-%d %H:%M:%S", "-b", "strip", "-B")
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace", newline="") as output:
            _run("mdb-export", *options, self.path, self.table, output=output.fileno())
            output.seek(0)
            yield from csv.reader(line.replace("\0", "") for line in output)

    def __call__(self) -> Iterator[Row]:
        records = self.records()
        header = next(records, [])
        for number, cells in enumerate(records, start=1):
            fault = None if len(cells) == len(header) else f"{len(cells)} cells for {len(header)} columns"
            values = [_midnight_dropped(cell) if cell and not cell.isspace() else None for cell in cells]
            yield Row(number, f"table {self.table} row {number}", values, fault)


def _midnight_dropped(cell: str) -> str:
    """Return a date without the time 00:00:00 that Access keeps with every date."""
    return cell[:10] if len(cell) == 19 and cell.endswith(" 00:00:00") else cell


def _run(program: str, *arguments: str, output: int | None = None) -> str:
    if shutil.which(program) is None:
        raise MissingExtraError(
            f"reading Access databases needs the program {program}",
            hint="install mdbtools (a package of most Linux systems), or export the tables as CSV from Access",
        )
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "MDB_JET3_CHARSET": "cp1252"}
    try:
        done = subprocess.run(
            [program, *arguments],
            stdout=subprocess.PIPE if output is None else output,
            stderr=subprocess.PIPE,
            env=environment,
            timeout=MOST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise HostileSourceError(
            f"{program} needed more than {MOST_SECONDS} seconds", hint="export the table as CSV from Access"
        ) from error
    if done.returncode:
        reason = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise ReadError(
            f"{program} can't read the database: {reason[0] if reason else done.returncode}",
            hint="open it in Access and export the tables as CSV",
        )
    return done.stdout.decode("utf-8", "replace") if output is None else ""
