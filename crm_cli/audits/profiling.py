"""Profile columns: what is in them, before anybody trusts them. Streams; memory is bounded by what it remembers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from crm_cli.dictionary.recognition import Recognition, Role, recognize_columns

__all__ = ["ColumnProfile", "Profiler", "TableProfile", "as_rows", "pattern"]

_REMEMBERED = 200_000  # different values counted a column; beyond it the count is a lower bound
_SAMPLE = 1_000
_TOP = 5
_CLASSES = (("a", re.compile(r"[^\W\d_]+")), ("9", re.compile(r"\d+")))


@dataclass
class ColumnProfile:
    """What one column holds."""

    name: str
    role: Role = Role.UNKNOWN
    why: str = ""
    filled: int = 0
    distinct: int = 0
    distinct_exact: bool = True
    shortest: int = 0
    longest: int = 0
    least: str | None = None
    greatest: str | None = None
    top: list[tuple[str, int]] = field(default_factory=list)
    patterns: list[tuple[str, int]] = field(default_factory=list)
    rare_patterns: list[tuple[str, str]] = field(default_factory=list)  # (pattern, an example): worth a look
    is_key: bool = False
    not_understood: list[tuple[str, int]] = field(default_factory=list)


@dataclass
class TableProfile:
    """What a table holds: rows, repeats, columns."""

    name: str
    rows: int
    repeated_rows: int
    columns: list[ColumnProfile]


@dataclass
class _Counting:
    values: Counter[str] = field(default_factory=Counter)
    overflowed: bool = False
    filled: int = 0
    shapes: Counter[str] = field(default_factory=Counter)
    example: dict[str, str] = field(default_factory=dict)
    sample: list[str | None] = field(default_factory=list)

    def add(self, value: str | None) -> None:
        if len(self.sample) < _SAMPLE:
            self.sample.append(value)
        if not value:
            return
        self.filled += 1
        known = value in self.values
        if known or len(self.values) < _REMEMBERED:
            self.values[value] += 1
            if not known:
                shape = pattern(value)
                self.shapes[shape] += 1
                self.example.setdefault(shape, value)
        else:
            self.overflowed = True


class Profiler:
    """Takes rows, gives a profile: `add` each row's cells, then `profile`."""

    def __init__(self, name: str, header: Sequence[str]) -> None:
        self.name = name
        self.header = list(header)
        self.rows = 0
        self._columns = [_Counting() for _ in header]
        self._seen: set[int] = set()
        self._repeated = 0

    def add(self, cells: Sequence[str | None]) -> None:
        """Count one row."""
        self.rows += 1
        for column, value in zip(self._columns, cells, strict=False):
            column.add(value)
        mark = hash(tuple(cells))
        if mark in self._seen:
            self._repeated += 1
        elif len(self._seen) < 10 * _REMEMBERED:
            self._seen.add(mark)

    def values(self, place: int) -> Iterable[tuple[str, int]]:
        """Return the different values of a column with their counts, the most frequent first."""
        return self._columns[place].values.most_common()

    def profile(self) -> TableProfile:
        """Return what was counted."""
        found = recognize_columns({name: one.sample for name, one in zip(self.header, self._columns, strict=True)})
        columns = [
            self._column(name, one, recognition)
            for name, one, recognition in zip(self.header, self._columns, found, strict=True)
        ]
        return TableProfile(self.name, self.rows, self._repeated, columns)

    def _column(self, name: str, one: _Counting, recognition: Recognition) -> ColumnProfile:
        made = ColumnProfile(name, recognition.role, recognition.why, one.filled, len(one.values), not one.overflowed)
        if not one.values:
            return made
        lengths = [len(value) for value in one.values]
        made.shortest, made.longest = min(lengths), max(lengths)
        made.least, made.greatest = _extremes(one.values)
        made.top = one.values.most_common(_TOP)
        made.patterns = one.shapes.most_common(_TOP)
        made.rare_patterns = _rare(one)
        made.is_key = made.distinct_exact and made.distinct == made.filled == self.rows > 1
        return made


def pattern(value: str) -> str:
    """Return the shape of a value: runs of letters become `a`, of digits `9`; the rest stands as it is."""
    for mark, run in _CLASSES:
        value = run.sub(mark, value)
    return value[:60]


def _extremes(values: Counter[str]) -> tuple[str, str]:
    numbers: list[tuple[float, str]] = []
    for value in values:
        try:
            numbers.append((float(value), value))
        except ValueError:
            break
    if len(numbers) == len(values):
        return min(numbers)[1], max(numbers)[1]
    return min(values), max(values)


def _rare(one: _Counting) -> list[tuple[str, str]]:
    """Patterns of a few values in a column that otherwise has one or two: the outliers."""
    total = one.shapes.total()
    common = sum(count for _, count in one.shapes.most_common(2))
    if total < 20 or common < 0.9 * total:
        return []
    rare = [shape for shape, count in one.shapes.items() if count <= max(1, total // 100)]
    return [(shape, one.example[shape]) for shape in rare[:_TOP]]


def as_rows(profile: TableProfile) -> list[dict[str, Any]]:
    """Return a row a column, as a screen shows it."""
    return [
        {
            "column": one.name, "holds": str(one.role), "filled": f"{one.filled / max(profile.rows, 1):.0%}",
            "distinct": f"{'' if one.distinct_exact else '≥ '}{one.distinct}", "key": "yes" if one.is_key else "",
            "top": "; ".join(f"{value} ({count})" for value, count in one.top[:3]),
            "patterns": "; ".join(shape for shape, _ in one.patterns[:3]),
            "odd": "; ".join(example for _, example in one.rare_patterns[:3]),
            "not_understood": "; ".join(f"{value} ({count})" for value, count in one.not_understood[:3]),
        }
        for one in profile.columns
    ]  # fmt: skip
