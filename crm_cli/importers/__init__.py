"""Reading sources: files of any format become tables of rows of text cells, each row with its place in the source.

This room reads and understands; mapping, standardizing and writing are the work of others. The face is small:
`read_tables` (or `open_source`) gives tables, `Table.rows()` streams, `Table.understood` says what was found out.

To add a format, write one file with a class derived from `Importer`: name, suffixes, `recognizes` (by the first
bytes), `tables` (streamed rows with their place). Then name it in `registry._BUILT_IN`, or from another package in
the entry point group `crm_cli.importers`: both go through the same door. Add a test with a file that someone else made.
"""

from __future__ import annotations

from crm_cli.importers.faults import AmbiguousSourceError, HostileSourceError, ReadError, UnknownFormatError
from crm_cli.importers.interface import Importer
from crm_cli.importers.model import Question, ReadOptions, Row, Table, Understood, unique_header
from crm_cli.importers.parse_only import Conversion, parse_only
from crm_cli.importers.reading import Reading, open_source, read_tables
from crm_cli.importers.registry import format_names
from crm_cli.importers.source import Source

__all__ = [
    "AmbiguousSourceError",
    "Conversion",
    "HostileSourceError",
    "Importer",
    "Question",
    "ReadError",
    "ReadOptions",
    "Reading",
    "Row",
    "Source",
    "Table",
    "Understood",
    "UnknownFormatError",
    "format_names",
    "open_source",
    "parse_only",
    "read_tables",
    "unique_header",
]
