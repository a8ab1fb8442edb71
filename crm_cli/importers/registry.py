"""The formats there are: the built-in ones and those of other packages, through the same door.

A format is named in the entry point group `crm_cli.importers`. The built-in list below has the same form, `name =
module:class`, and is loaded the same way, so that no format can do what a plugged-in one can't.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from crm_cli.importers.faults import UnknownFormatError
from crm_cli.importers.interface import Importer
from crm_cli.importers.model import ReadOptions
from crm_cli.importers.source import Source

__all__ = ["GROUP", "format_names", "formats", "importer_for"]

GROUP = "crm_cli.importers"
# In the order of asking: signatures first, text last.
_BUILT_IN = (
    ("excel", "crm_cli.importers.workbook:Workbook"),
    ("zip", "crm_cli.importers.archive:ZipArchive"),
    ("gz", "crm_cli.importers.archive:Compressed"),
    ("access", "crm_cli.importers.access:Access"),
    ("database", "crm_cli.importers.database:Database"),
    ("parquet", "crm_cli.importers.parquet:Parquet"),
    ("sylk", "crm_cli.importers.sylk:Sylk"),
    ("fixed", "crm_cli.importers.fixed_width:FixedWidth"),
    ("dbase", "crm_cli.importers.dbase:DBase"),
    ("vcard", "crm_cli.importers.vcard:VCard"),
    ("ldif", "crm_cli.importers.ldif:Ldif"),
    ("jsonl", "crm_cli.importers.json_records:JsonLines"),
    ("json", "crm_cli.importers.json_records:Json"),
    ("html", "crm_cli.importers.markup:Markup"),
    ("sql", "crm_cli.importers.sql_dump:SqlDump"),
    ("csv", "crm_cli.importers.delimited:Delimited"),
)


def _entries() -> Iterator[EntryPoint]:
    yield from entry_points(group=GROUP)
    yield from (EntryPoint(name, target, GROUP) for name, target in _BUILT_IN)


@cache
def formats() -> tuple[Importer, ...]:
    """Return one importer of each format, plugged-in ones first; they have no state."""
    return tuple(entry.load()() for entry in _entries())


def format_names() -> list[str]:
    """Return the names that `--format` takes."""
    return [importer.name for importer in formats()]


def importer_for(source: Source, options: ReadOptions) -> Importer:
    """Return the importer that the user named or that recognizes the source; raise UnknownFormatError."""
    if options.format or options.layout:
        return _named(options.format or "fixed")
    head = source.head()
    found = next((importer for importer in formats() if importer.recognizes(head, source.name)), None)
    if found is None:
        raise UnknownFormatError(
            f"{source.name} is of no format that can be read",
            hint=f"name it with --source-format: {', '.join(format_names())}",
            source=source.name,
        )
    return found


def _named(name: str) -> Importer:
    for importer in formats():
        if importer.name == name:
            return importer
    raise UnknownFormatError(f"there is no format {name}", hint=f"there are {', '.join(format_names())}", format=name)
