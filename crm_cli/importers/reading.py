"""The way in: from a path, `-`, a URL or an open source to its tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from crm_cli.importers.interface import Importer
from crm_cli.importers.model import ReadOptions, Table
from crm_cli.importers.registry import importer_for
from crm_cli.importers.source import Source

__all__ = ["Reading", "open_source", "read_tables"]


@dataclass(slots=True)
class Reading:
    """A source with the importer that reads it. `tables()` reads as much as is needed to understand the source."""

    source: Source
    importer: Importer
    options: ReadOptions
    _tables: Sequence[Table] | None = field(default=None, repr=False)

    def tables(self) -> Sequence[Table]:
        """Return the tables of the source; raise ReadError where it can't be read."""
        if self._tables is None:
            self._tables = self.importer.tables(self.source, self.options)
        return self._tables


def open_source(what: str | Path | Source, options: ReadOptions | None = None) -> Reading:
    """Return the reading of a path, of standard input (`-`) or of a source; raise ReadError where there is none."""
    source = what if isinstance(what, Source) else Source.of(what)
    chosen = options or ReadOptions()
    return Reading(source, importer_for(source, chosen), chosen)


def read_tables(what: str | Path | Source, options: ReadOptions | None = None) -> list[Table]:
    """Return the tables of a source."""
    return list(open_source(what, options).tables())
