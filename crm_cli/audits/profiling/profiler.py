"""Takes the rows of a table batch by batch, gives its profile: one pass, and memory that doesn't grow with the rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import zip_longest
from typing import TypeAlias

import numpy as np
import polars as pl

from crm_cli.audits.profiling.column import ColumnStream, Room
from crm_cli.audits.profiling.distinct import DistinctHashes, Hashes
from crm_cli.audits.profiling.judging import judge_column
from crm_cli.audits.profiling.keys import NO_KEY_PART, PairSample
from crm_cli.audits.profiling.model import ColumnProfile, DataType, Finding, Problem, TableProfile
from crm_cli.audits.profiling.repeats import Repeats, within_room
from crm_cli.dictionary.recognition import Role, recognize_columns

__all__ = ["Cells", "Profiler", "batch_size", "columns_of"]

Cells: TypeAlias = Sequence[pl.Series]

_HASHES = 7_000_000  # different values, rows and duplicates' keys that are counted exactly, 8 bytes each
_BATCH_CELLS = 200_000
_LOOKED_AT = 20_000  # most frequent values a column that rules are tried on
_MIX = np.uint64(0xD6E8FEB86659FD93)


def batch_size(width: int) -> int:
    """Return how many rows of so many columns are best given at once."""
    return max(100, _BATCH_CELLS // max(width, 1))


def columns_of(rows: Sequence[Sequence[str | None]], width: int) -> list[pl.Series]:
    """Return the columns of some rows; what a row has too few of is blank, what it has too many of is left out."""
    columns = list(zip_longest(*rows))[:width] if rows else []
    columns += [(None,) * len(rows)] * (width - len(columns))
    return [_series(column) for column in columns]


def _series(cells: Sequence[str | None]) -> pl.Series:
    try:
        made = pl.Series(cells, dtype=pl.String)
    except UnicodeEncodeError:  # lone surrogates, which no encoding can write
        sound = [None if one is None else one.encode("utf-8", "replace").decode("utf-8") for one in cells]
        made = pl.Series(sound, dtype=pl.String)
    return made.set(made == "", None)


class Profiler:
    """`add` the columns of some rows, as often as there are more; then `profile`."""

    def __init__(self, name: str, header: Sequence[str]) -> None:
        self.name = name
        self.header = list(header)
        self.rows = 0
        room = Room.of_one(len(header))
        self._columns = [ColumnStream(room) for _ in header]
        self._whole_rows = DistinctHashes()
        self._pairs = PairSample(len(header))
        self._counted = [one.repeats for one in self._columns]

    def add(self, columns: Cells) -> None:
        """Count some rows, given by column."""
        hashes = [one.hash(seed=0).to_numpy() for one in columns]
        for stream, cells, marks in zip(self._columns, columns, hashes, strict=True):
            stream.add(cells, marks)
        if columns:
            self.rows += len(columns[0])
            self._whole_rows.add(_mixed(hashes))
            self._pairs.add(hashes, [one.null_count() > 0 for one in columns])
        within_room(self._counted, self._whole_rows, _HASHES)

    def share_room(self, counted: Iterable[Repeats]) -> None:
        """Let what else counts values of the same rows have a part of the room."""
        self._counted += counted

    def values(self, place: int) -> dict[str, int]:
        """Return the most frequent values of a column with their counts, the most frequent first."""
        return dict(self._columns[place].values.frame().head(_LOOKED_AT).iter_rows())

    def roles(self) -> list[Role]:
        """Return what the columns hold, by their names and the first rows."""
        return [one.role for one in recognize_columns(self._samples())]

    def _samples(self) -> dict[str, list[str | None]]:
        return {name: one.sample for name, one in zip(self.header, self._columns, strict=True)}

    def profile(self, today: date) -> TableProfile:
        """Return what was counted; dates after `today` are to come."""
        found = recognize_columns(self._samples())
        columns = [
            judge_column(name, stream, recognition, self.rows, today)
            for name, stream, recognition in zip(self.header, self._columns, found, strict=True)
        ]
        self._note_copies(columns)
        distinct, error = self._whole_rows.count()
        repeated = max(0, self.rows - distinct)
        made = TableProfile(self.name, self.rows, repeated, error * distinct / max(repeated, 1), columns)
        if not made.keys and self.rows:
            left_out = {place for place, one in enumerate(columns) if one.role in NO_KEY_PART}
            made.pair_keys = [(self.header[one], self.header[other]) for one, other in self._pairs.keys(left_out)]
            made.pair_rows = min(self.rows, self._pairs.rows)
        return made

    def _note_copies(self, columns: Sequence[ColumnProfile]) -> None:
        """Say of a column that another before it has the same cells."""
        first: dict[int, str] = {}
        for column, stream in zip(columns, self._columns, strict=True):
            if column.type is DataType.EMPTY:
                continue
            original = first.setdefault(stream.fingerprint, column.name)
            if original != column.name:
                message = f"the same in every row as the column {original}"
                column.findings.insert(0, Finding(Problem.COPY, message, column.filled))


def _mixed(hashes: Sequence[Hashes]) -> Hashes:
    """One hash a row: it depends on each cell and its place."""
    mixed = np.zeros(len(hashes[0]), dtype=np.uint64)
    for one in hashes:
        mixed = (mixed ^ one) * _MIX
        mixed ^= mixed >> np.uint64(32)
    return mixed
