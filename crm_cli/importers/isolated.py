"""Reading a workbook in a child process with a memory and a time limit: old binary formats can bring a library down.

The child is this module run with the interpreter; it writes one JSON document a line.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO

from crm_cli.errors import CrmError
from crm_cli.importers.faults import HostileSourceError, ReadError
from crm_cli.importers.sheets import GridRow, RawSheet, read_sheets

__all__ = ["read_sheets_isolated"]

MOST_MEMORY = 900 << 20
MOST_SECONDS = 18
UNREADABLE = 9


def read_sheets_isolated(path: str, wanted: str | None = None) -> list[RawSheet]:
    """Return what `read_sheets` yields, read by a child; raise HostileSourceError where it exceeds the limits."""
    result = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - lives as long as its rows are read
    command = [sys.executable, "-m", __name__, path, *([wanted] if wanted else [])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONIOENCODING": "utf-8"}
    try:
        done = subprocess.run(
            command, stdout=result, stderr=subprocess.DEVNULL, env=environment, timeout=MOST_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise _refused(path, f"reading took more than {MOST_SECONDS} seconds") from error
    if done.returncode == UNREADABLE:
        raise ReadError(_reason(result), hint="save the workbook anew as xlsx", source=Path(path).name)
    if done.returncode:
        raise _refused(path, "reading it needs too much memory or brings the reader down")
    result.seek(0)
    return _sheets(result)


def _reason(result: IO[str]) -> str:
    """Return the error that ends the child's answer."""
    result.seek(0)
    lines = result.read().splitlines()
    return str(json.loads(lines[-1])["error"])


def _refused(path: str, reason: str) -> HostileSourceError:
    name = Path(path).name
    return HostileSourceError(
        f"{name} is refused: {reason}", hint="save it as xlsx or CSV from the program that made it"
    )


def _sheets(result: IO[str]) -> list[RawSheet]:
    """Index the child's answer: sheet headings are read now, rows when they are asked for."""
    sheets: list[RawSheet] = []
    while line := result.readline():
        if line.startswith("{"):
            heading = json.loads(line)
            sheets.append(RawSheet(heading["name"], heading["visible"], partial(_rows, result, result.tell())))
    return sheets


def _rows(result: IO[str], start: int) -> Iterator[GridRow]:
    at = start
    while True:
        result.seek(at)
        line = result.readline()
        at = result.tell()
        if not line.startswith("["):
            return
        yield from json.loads(line)


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # not on Windows: there the time limit alone holds
        return
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _main(path: str, wanted: str | None) -> int:
    _limit_memory()
    write = sys.stdout.write
    try:
        for sheet in read_sheets(path, wanted):
            write(json.dumps({"name": sheet.name, "visible": sheet.visible}) + "\n")
            rows = sheet.rows()
            while batch := list(islice(rows, 200)):
                write(json.dumps(batch) + "\n")
    except CrmError as error:
        write(json.dumps({"error": error.message}) + "\n")
        return UNREADABLE
    return 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None))
