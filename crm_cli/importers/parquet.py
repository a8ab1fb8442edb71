"""Parquet files, read in slices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crm_cli.importers.faults import ReadError
from crm_cli.importers.interface import Importer
from crm_cli.importers.model import ReadOptions, Row, Table, Understood, unique_header
from crm_cli.importers.source import Source
from crm_cli.importers.typed import value_text

__all__ = ["Parquet"]

_SLICE = 20_000


class Parquet(Importer):
    """Columnar files of data platforms."""

    name = "parquet"
    suffixes = (".parquet", ".pq")

    def recognizes(self, head: bytes, name: str) -> bool:  # noqa: ARG002
        """Recognize the signature."""
        return head.startswith(b"PAR1")

    def tables(self, source: Source, options: ReadOptions) -> Sequence[Table]:  # noqa: ARG002
        """Return the one table; raise ReadError for a damaged file."""
        import polars as pl  # NOTE: heavy, only where a Parquet file is read

        path = str(source.local_path())
        try:
            names = pl.scan_parquet(path).collect_schema().names()
        except (pl.exceptions.PolarsError, OSError) as error:
            raise ReadError(f"{source.name} is a damaged Parquet file: {error}", hint="get the file again") from error
        return [Table(source.name, unique_header(names), Understood("parquet"), _Slices(source.name, path), names)]


@dataclass(slots=True)
class _Slices:
    name: str
    path: str

    def __call__(self) -> Iterator[Row]:
        import polars as pl

        frame, start = pl.scan_parquet(self.path), 0
        while True:
            try:
                rows = frame.slice(start, _SLICE).collect().rows()
            except (pl.exceptions.PolarsError, OSError) as error:
                raise ReadError(f"{self.name} is damaged after row {start}: {error}", hint="get it again") from error
            for number, row in enumerate(rows, start=start + 1):
                yield Row(number, f"row {number}", [value_text(value) for value in row])
            if len(rows) < _SLICE:
                return
            start += _SLICE
