"""The formats by name; those of other distributions come through the same door as our own."""

from __future__ import annotations

import difflib
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from crm_cli.errors import UsageError
from crm_cli.exporters.base import Exporter
from crm_cli.exporters.model import ExportOptions

__all__ = ["exporter_for", "format_names", "is_compressed"]

GROUP = "crm_cli.exporters"
_OWN = {
    "csv": "csv_file:Csv",
    "tsv": "csv_file:Tsv",
    "tab": "csv_file:Tsv",
    "xlsx": "xlsx:Xlsx",
    "jsonl": "jsonl:JsonLines",
    "ndjson": "jsonl:JsonLines",
    "parquet": "parquet:Parquet",
    "db": "sqlite_file:SqliteFile",
    "sqlite": "sqlite_file:SqliteFile",
    "sqlite3": "sqlite_file:SqliteFile",
    "vcf": "vcard:VCard",
    "vcard": "vcard:VCard",
}
STANDARD_OUTPUT = "-"


def exporter_for(target: str | Path, format_name: str | None = None, options: ExportOptions | None = None) -> Exporter:
    """Return the exporter for a format's name, else for a target by its suffix (`.gz` behind it is looked through).

    Raises UsageError when the format is unknown, or standard output is given no format.
    """
    wanted = format_name or _suffix(target)
    if not wanted:
        where = "standard output" if str(target) == STANDARD_OUTPUT else f"a file name without suffix: {target}"
        raise UsageError(f"no format known for {where}", hint=f"name it by --format: {', '.join(format_names())}")
    door = _doors().get(wanted.lower())
    if door is None:
        raise UsageError(f"unknown export format: {wanted}", hint=_guess(wanted), format=wanted)
    kind: type[Exporter] = door.load()
    return kind(options)


def format_names() -> list[str]:
    """Return the names of all formats, those of other distributions among them."""
    return sorted(_doors())


def is_compressed(target: str | Path) -> bool:
    """Whether the name of a target asks for gzip."""
    return str(target).lower().endswith(".gz")


def _suffix(target: str | Path) -> str:
    path = Path(target)
    return Path(path.stem if is_compressed(target) else path.name).suffix.removeprefix(".")


def _doors() -> dict[str, EntryPoint]:
    # Loaded only when used: a format's library must not be imported to write another one.
    own = {name: EntryPoint(name, f"{GROUP}.{where}", GROUP) for name, where in _OWN.items()}
    return {door.name.lower(): door for door in entry_points(group=GROUP)} | own


def _guess(wanted: str) -> str:
    names = format_names()
    close = difflib.get_close_matches(wanted.lower(), names, n=1)
    return f"did you mean {close[0]}?" if close else f"formats: {', '.join(names)}"
