"""What a format has to say and do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from crm_cli.importers.model import ReadOptions, Table
from crm_cli.importers.source import Source

__all__ = ["Importer"]


class Importer(ABC):
    """A source format: how it is called, recognized and read. One file a format; see the room's docstring."""

    name: ClassVar[str]
    suffixes: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def recognizes(self, head: bytes, name: str) -> bool:
        """Tell from the first 64 KB (and, if it must, the file name) whether a source is of this format."""

    @abstractmethod
    def tables(self, source: Source, options: ReadOptions) -> Sequence[Table]:
        """Return the tables of a source, in its order; raise ReadError where it can't be read."""
