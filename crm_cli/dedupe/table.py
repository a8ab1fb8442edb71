"""What the engine is given: a table of records, each column with its name and, where the caller knows it, its role."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from crm_cli.dictionary.recognition import Role
from crm_cli.errors import CrmError

__all__ = ["MatchColumn", "MatchTable", "MatchTableError"]


class MatchTableError(CrmError):
    """The columns that were given cannot be matched together."""

    code = "match-table"


@dataclass(frozen=True, slots=True)
class MatchColumn:
    """One column: String, or List(String) for several values a record (contact points); `role` None: recognize it."""

    name: str
    values: pl.Series
    role: Role | None = None

    @property
    def several(self) -> bool:
        """Whether a record may have several values."""
        return isinstance(self.values.dtype, pl.List)


@dataclass(frozen=True, slots=True)
class MatchTable:
    """Records to match: `rows` of them, in `columns` of equal length with different names."""

    rows: int
    columns: tuple[MatchColumn, ...]

    @classmethod
    def of(
        cls, frame: pl.DataFrame, *, roles: Mapping[str, Role] | None = None, leave_out: Iterable[str] = ()
    ) -> MatchTable:
        """Make a table of a data frame; columns that are neither text nor lists of texts are matched as texts."""
        known, without = roles or {}, set(leave_out)
        columns = [
            MatchColumn(s.name, _as_text(s), known.get(s.name)) for s in frame.get_columns() if s.name not in without
        ]
        return cls.checked(frame.height, columns)

    @classmethod
    def checked(cls, rows: int, columns: Iterable[MatchColumn]) -> MatchTable:
        """Make a table; raises MatchTableError for columns of other lengths, or two of one name."""
        given = tuple(columns)
        for column in given:
            if len(column.values) != rows:
                message = f"column {column.name!r} has {len(column.values)} values for {rows} records"
                raise MatchTableError(message, column=column.name, rows=rows)
        names = [column.name for column in given]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise MatchTableError(f"two columns are called {twice[0]!r}", hint="rename one of them", column=twice[0])
        return cls(rows, given)

    @classmethod
    def stacked(cls, tables: Sequence[MatchTable]) -> MatchTable:
        """The records of all tables one after the other, in the columns that the first has; others may lack some."""
        rows = sum(table.rows for table in tables)
        made = []
        for column in tables[0].columns:
            parts = [table.column(column.name) for table in tables]
            several = any(part is not None and part.several for part in parts)
            dtype = pl.List(pl.String) if several else pl.String
            values = [
                pl.Series([None] * table.rows, dtype=dtype) if part is None else _as(part.values, dtype)
                for part, table in zip(parts, tables, strict=True)
            ]
            made.append(MatchColumn(column.name, pl.concat(values).alias(column.name), column.role))
        return cls.checked(rows, made)

    def column(self, name: str) -> MatchColumn | None:
        """The column of this name, or None."""
        return next((each for each in self.columns if each.name == name), None)

    @property
    def names(self) -> list[str]:
        """Names of the columns, in order."""
        return [column.name for column in self.columns]


def _as_text(series: pl.Series) -> pl.Series:
    if isinstance(series.dtype, pl.List):
        return series if series.dtype.inner == pl.String else series.cast(pl.List(pl.String))
    return series if series.dtype == pl.String else series.cast(pl.String)


def _as(values: pl.Series, dtype: pl.DataType | type[pl.DataType]) -> pl.Series:
    """Texts as lists of one text where lists are wanted."""
    if values.dtype == dtype:
        return values
    return pl.Series([None if text is None else [text] for text in values.to_list()], dtype=pl.List(pl.String))
