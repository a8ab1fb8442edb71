"""Joins: what another table of the same source holds for each row, put beside it as columns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Mapping as Map
from dataclasses import dataclass, field

from crm_cli.dictionary import fold
from crm_cli.importers.model import Table
from crm_cli.importers.profiles.model import Conditions, Join, letters

__all__ = ["ALL", "FURTHER", "SEPARATOR", "Joined", "holds", "places_of"]

FURTHER = "(further)"
SEPARATOR = "; "
Cells = Sequence[str | None]
ALL = "*"


def places_of(header: Sequence[str]) -> dict[str, int]:
    """Return the place of each column by its letters; of two that are alike the first."""
    found: dict[str, int] = {}
    for place, name in enumerate(header):
        found.setdefault(letters(name), place)
    return found


def holds(conditions: Conditions, header: Sequence[str], *, strict: bool = False) -> Callable[[Cells], bool]:
    """Return a test of rows: every condition holds. One on a column that is not there says nothing; `strict`: it holds
    where a blank cell would.
    """
    places = places_of(header)
    tests = [(places[letters(name)], wanted) for name, wanted in conditions.items() if letters(name) in places]
    if strict and any(letters(name) not in places and "" not in wanted for name, wanted in conditions.items()):
        return lambda cells: False  # noqa: ARG005 - the test of no row
    return lambda cells: all((fold(cells[place]) or "") in wanted for place, wanted in tests)


@dataclass
class Joined:
    """The columns that one join adds, and their cells by the cell that the rows are joined on.

    The other table is read once, when the first row asks; it is held in memory, cut to the columns taken.
    """

    join: Join
    table: Table
    through: Table | None = None
    header: list[str] = field(default_factory=list)
    _found: dict[str, list[list[str | None]]] | None = None

    def __post_init__(self) -> None:
        last = self.join.through or self.join
        self._last = self.through if self.join.through and self.through else self.table
        self._take = _taken(last, self._last)
        self.header = [name for _, name in self._take]
        if not self.join.together and ALL not in last.take:
            self.header += [f"{name} {FURTHER}" for name in self.header]

    def cells(self, value: str | None) -> list[str | None]:
        """Return the cells for a row that holds `value` in the column that it is joined on."""
        if self._found is None:
            self._found = self._read()
        rows = self._found.get((value or "").strip(), []) if value else []
        width = len(self._take)
        if not rows:
            return [None] * len(self.header)
        columns = [list(dict.fromkeys(one for row in rows if (one := row[place]))) for place in range(width)]
        if self.join.together:
            return [SEPARATOR.join(column) or None for column in columns]
        first = [column[0] if column else None for column in columns]
        return first if len(self.header) == width else [*first, *(SEPARATOR.join(one[1:]) or None for one in columns)]

    def _read(self) -> dict[str, list[list[str | None]]]:
        """Read the table that joins, through the other one if there is one; preferred rows first."""
        far = self._read_far()
        preferred = holds(self.join.first, self.table.header, strict=True)
        ranked: dict[str, list[tuple[bool, list[str | None]]]] = defaultdict(list)
        for value, row in _rows(self.join, self.table):
            rank = not (self.join.first and preferred(row))
            ranked[value] += [(rank, cells) for cells in far(row)]
        return {value: [cells for _, cells in sorted(found, key=lambda one: one[0])] for value, found in ranked.items()}

    def _read_far(self) -> Callable[[Cells], list[list[str | None]]]:
        through = self.join.through
        wanted = [place for place, _ in self._take]
        if through is None or self.through is None:
            return lambda row: [[row[place] for place in wanted]]
        by_value: dict[str, list[list[str | None]]] = defaultdict(list)
        for value, row in _rows(through, self.through):
            by_value[value].append([row[place] for place in wanted])
        here = places_of(self.table.header)[letters(through.on[0])]
        return lambda row: by_value.get((row[here] or "").strip(), [])


def _rows(join: Join, table: Table) -> Iterator[tuple[str, Cells]]:
    """Yield the rows that meet the conditions, with the cell that they are joined on."""
    there = places_of(table.header)[letters(join.on[1])]
    wanted = holds(join.where, table.header, strict=True)
    width = len(table.header)
    for row in table.rows():
        cells = row.values if len(row.values) >= width else [*row.values, *[None] * (width - len(row.values))]
        if (value := (cells[there] or "").strip()) and wanted(cells):
            yield value, cells


def _taken(join: Join, table: Table) -> list[tuple[int, str]]:
    places = places_of(table.header)
    found = [(places[letters(theirs)], ours) for theirs, ours in _named(join.take) if letters(theirs) in places]
    if ALL in join.take:
        known = {place for place, _ in found} | {places.get(letters(join.on[1]), -1)}
        found += [(place, name) for place, name in enumerate(table.header) if place not in known]
    return found


def _named(take: Map[str, str]) -> list[tuple[str, str]]:
    return [(theirs, ours) for theirs, ours in take.items() if theirs != ALL]
