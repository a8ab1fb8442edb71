"""Shape a table of a known system: rows filtered, ids in one spelling, joined and routed columns beside its own.

The source's own columns stay in front, what is added comes behind. So a rejected row can be mended and imported again
with the same profile: what is there already is not joined a second time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from crm_cli.dictionary import fold
from crm_cli.importers.model import Row, Table
from crm_cli.importers.profiles.ids import one_spelling
from crm_cli.importers.profiles.joins import ALL, FURTHER, SEPARATOR, Joined, holds, places_of
from crm_cli.importers.profiles.model import Join, Profile, Route, TableLayout, letters
from crm_cli.importers.profiles.recognition import expanded, stem

__all__ = ["FIRST", "ShapedTable", "shape"]

FIRST = "(first)"
_LIST = ";"
Step = Callable[[list[str | None]], None]


@dataclass(slots=True)
class ShapedTable(Table):
    """A table with its layout; what the layout adds to the header stands behind the table's own columns.

    `skipped` counts the rows of the last reading that the layout leaves out, by the column that says so, `filled` are
    the added columns that held something. `missing` names the tables that it would join and the delivery has not.
    """

    profile: Profile | None = None
    layout: TableLayout | None = None
    skipped: Counter[str] = field(default_factory=Counter)
    missing: list[str] = field(default_factory=list)
    filled: set[str] = field(default_factory=set)
    own: int = 0  # how many columns are the table's own

    @property
    def unused(self) -> set[str]:
        """The added columns that stayed blank in the last reading."""
        return set(self.header[self.own :]) - self.filled


def shape(profile: Profile, layout: TableLayout, table: Table, delivery: Sequence[Table] = ()) -> ShapedTable:
    """Return the table as the layout describes it; `delivery` are the tables that it may be joined with."""
    shaped = ShapedTable(
        table.name, list(table.header), replace(table.understood, warnings=list(table.understood.warnings)),
        table.produce, table.found_header, table.first_data_row, profile, layout,
    )  # fmt: skip
    by_name = {stem(one.name): one for one in delivery}
    steps = [step for join in layout.joins for step in _joined(join, shaped, by_name)]
    steps += _spellings(profile.ids, layout, shaped.header)
    steps += [step for route in layout.routes for step in _routed(route, shaped.header)]
    steps += _lists(layout, shaped.header)
    shaped.own = len(table.header)
    shaped.produce = _Rows(table, layout, shaped.header, steps, shaped.skipped, shaped.filled)
    return shaped


@dataclass(slots=True)
class _Rows:
    """Reads the rows of a table and shapes them, each time from the top."""

    table: Table
    layout: TableLayout
    header: list[str]
    steps: list[Step]
    skipped: Counter[str]
    filled: set[str]

    def __call__(self) -> Iterator[Row]:
        self.skipped.clear()
        self.filled.clear()
        own = len(self.table.header)
        blank = set(range(own, len(self.header)))
        wanted = holds(self.layout.where, self.header)
        left_out = [(name, holds({name: cells}, self.header)) for name, cells in self.layout.skip.items()]
        left_out = [(name, test) for name, test in left_out if letters(name) in places_of(self.header)]
        for row in self.table.rows():
            cells = [*row.values[:own], *[None] * (own - len(row.values))]
            for step in self.steps:
                step(cells)
            if not wanted(cells):
                continue
            reason = next((name for name, test in left_out if test(cells)), None)
            if reason is not None:
                self.skipped[reason] += 1
                continue
            if blank and (now := [place for place in blank if cells[place] is not None]):
                blank.difference_update(now)
                self.filled.update(self.header[place] for place in now)
            yield row._replace(values=[*cells, *row.values[own:]])


def _joined(join: Join, shaped: ShapedTable, tables: dict[str, Table]) -> list[Step]:
    """Add the columns of a join; none where the header has them already or a table is missing."""
    needed = [join.table, *([join.through.table] if join.through else [])]
    places = places_of(shaped.header)
    here = places.get(letters(join.on[0]))
    if here is None or all(letters(name) in places for name in (join.through or join).take.values()):
        return []
    missing = [name for name in needed if name.casefold() not in tables]
    if missing:
        shaped.missing += [name for name in missing if ALL not in join.take]  # custom fields: there may be none
        return []
    joined = Joined(
        join, tables[join.table.casefold()], tables[join.through.table.casefold()] if join.through else None
    )
    shaped.header += _free(joined.header, shaped.header)
    return [lambda cells: cells.extend(joined.cells(cells[here]))]


def _free(names: Sequence[str], header: Sequence[str]) -> list[str]:
    """Return names that the header has not yet."""
    taken = {name.casefold() for name in header}
    return [name if name.casefold() not in taken else f"{name} (joined)" for name in names]


def _spellings(form: str, layout: TableLayout, header: list[str]) -> list[Step]:
    """Bring the ids of a row into their one spelling, in place."""
    if not form:
        return []
    places = places_of(header)
    routed = [route.column for route in layout.routes]
    names = [name for name in (*layout.key, *layout.references, *routed) if letters(name) in places]
    wanted = sorted({places[letters(name)] for name in names})

    def spell(cells: list[str | None]) -> None:
        for place in wanted:
            if (cell := cells[place]) is not None:
                cells[place] = one_spelling(form, cell.strip())

    return [spell]


def _routed(route: Route, header: list[str]) -> list[Step]:
    """Add a column for each word of a route."""
    steps = []
    for number, name in expanded(route.column, places_of(header)):
        places = places_of(header)
        words = list(dict.fromkeys([*route.prefixes.values(), *route.words.values(), route.otherwise]))
        column = header[places[letters(name)]]
        by = places.get(letters(route.by.replace("#", number))) if route.by else None
        there = [places.get(letters(f"{column} ({word})")) for word in words]
        for spot, word in enumerate(words):
            if there[spot] is None:
                there[spot] = len(header)
                header.append(f"{column} ({word})")
        steps.append(_route_step(route, places[letters(name)], by, dict(zip(words, there, strict=True)), len(header)))
    return steps


def _route_step(route: Route, here: int, by: int | None, there: dict[str, int | None], width: int) -> Step:
    def step(cells: list[str | None]) -> None:
        cells.extend([None] * (width - len(cells)))
        cell = cells[here]
        if cell is None:
            return
        if route.prefixes:
            word = next((word for start, word in route.prefixes.items() if cell.startswith(start)), route.otherwise)
        else:
            said = (fold(cells[by]) or "").removeprefix("* ") if by is not None else ""
            word = route.words.get(said, route.otherwise)
        place = there[word]
        if place is not None:
            cells[place] = cell

    return step


def _lists(layout: TableLayout, header: list[str]) -> list[Step]:
    """Add, for a column that lists ids, one with the first and one with the further ones."""
    steps = []
    for name, reference in layout.references.items():
        here = places_of(header).get(letters(name))
        if here is None or not reference.several:
            continue
        column = header[here]
        header += [f"{column} {FIRST}", f"{column} {FURTHER}"]
        steps.append(_list_step(here, len(header)))
    return steps


def _list_step(here: int, width: int) -> Step:
    def step(cells: list[str | None]) -> None:
        parts = [part.strip() for part in (cells[here] or "").split(_LIST) if part.strip()]
        cells.extend([None] * (width - 2 - len(cells)))
        cells += [parts[0] if parts else None, SEPARATOR.join(parts[1:]) or None]

    return step
