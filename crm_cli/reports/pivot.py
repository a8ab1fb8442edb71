"""Cross tables of records: groups down and across, a figure in each cell.

Rows are read as a stream and counted here, so that the figures are the same on every database.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from crm_cli.dictionary import MASK, SemanticType
from crm_cli.query import Path, Selection, resolve, select_records
from crm_cli.reports.definition import ReportError
from crm_cli.reports.running import Report, plain_value
from crm_cli.store import Store

__all__ = ["FIGURES", "PERIODS", "Measure", "Pivot", "pivot_records"]

_NOTHING = "(none)"
_TOTAL = "\0total"  # no value is called so
_NUMERIC = {SemanticType.MONEY, SemanticType.INTEGER, SemanticType.NUMBER}
_MOST_COLUMNS = 200
PERIODS: dict[str, Callable[[date], str]] = {
    "day": lambda day: day.isoformat(),
    "week": lambda day: "{}-W{:02}".format(*day.isocalendar()[:2]),  # ISO 8601
    "month": lambda day: f"{day:%Y-%m}",
    "quarter": lambda day: f"{day.year}-Q{(day.month + 2) // 3}",
    "year": lambda day: f"{day.year}",
}
FIGURES = ("count", "sum", "avg", "min", "max")


@dataclass(frozen=True)
class Measure:
    """What stands in a cell: `count`, or `sum`, `avg`, `min`, `max` of a path."""

    figure: str = "count"
    path: str | None = None

    @classmethod
    def read(cls, text: str) -> Measure:
        """Read `count` or `sum:amount`; `ReportError` says what can be written."""
        figure, _, path = text.partition(":")
        if figure not in FIGURES or bool(path) == (figure == "count"):
            raise ReportError(f"not a figure: {text}", hint="count, or sum:FIELD, avg:FIELD, min:FIELD, max:FIELD")
        return cls(figure, path or None)


@dataclass(frozen=True)
class Pivot:
    """A cross table: paths down, one path across (or none), the measure. A date may have `:month` behind it."""

    entity: str
    rows: tuple[str, ...]
    across: str | None = None
    measure: Measure = field(default_factory=Measure)
    where: str | None = None


@dataclass
class _Cell:
    """The figures of one cell while rows pass."""

    count: int = 0
    total: Decimal = Decimal(0)
    least: Any = None
    greatest: Any = None

    def add(self, value: Any) -> None:
        self.count += 1
        if isinstance(value, int | float | Decimal):
            self.total += Decimal(str(value))
        self.least = value if self.least is None or value < self.least else self.least
        self.greatest = value if self.greatest is None or value > self.greatest else self.greatest

    def figure(self, name: str, *, money: bool) -> Any:
        """Return the figure; of amounts as a decimal with the digits that the currency has."""
        if name == "count":
            return self.count
        if name in ("min", "max"):
            return self.least if name == "min" else self.greatest
        made = self.total if name == "sum" else self.total / self.count
        return made.quantize(self.total, ROUND_HALF_EVEN) if money else plain_value(made)


def pivot_records(store: Store, pivot: Pivot) -> Report:
    """Return the cross table; the last column is the figure of the whole row.

    Sums and averages of amounts are by currency, which becomes a part of the rows. Values of masked fields are `•••`,
    and so are figures of them. Raises `UnknownFieldError`, `ReportError` for what can't be grouped or added, and what
    a wrong condition raises.
    """
    entity = store.dictionary.entity(pivot.entity)
    groups = [
        _Group.read(store, entity.name, text) for text in (*pivot.rows, *([pivot.across] if pivot.across else []))
    ]
    measure = _measured(store, pivot)
    currency = [_currency_of(measure.text)] if measure and measure.field.type is SemanticType.MONEY else []
    currency = [one for one in currency if one not in pivot.rows]  # it is a part of the rows already
    columns = [*(one.path.text for one in groups), *currency, *([measure.text] if measure else [])]
    down = len(pivot.rows)
    table: dict[tuple[str, ...], dict[str, _Cell]] = {}
    with store.read() as connection:
        for row in select_records(store, connection, Selection(entity=entity.name, columns=columns, where=pivot.where)):
            value = row[-1] if measure else 1
            if value is None:
                continue
            names = [group.name(cell, store.zone) for group, cell in zip(groups, row, strict=False)]
            money = [str(row[len(groups)] or _NOTHING)] if currency else []
            line = table.setdefault((*names[:down], *money), {})
            for at in {names[down] if pivot.across else _TOTAL, _TOTAL}:
                line.setdefault(at, _Cell()).add(value)
    heads = [*pivot.rows, *(["currency"] if currency else [])]
    return _report(pivot, heads, groups, table, measure)


def _report(
    pivot: Pivot,
    heads: Sequence[str],
    groups: Sequence[_Group],
    table: dict[tuple[str, ...], dict[str, _Cell]],
    measure: Path | None,
) -> Report:
    across = sorted({name for line in table.values() for name in line} - {_TOTAL}, key=groups[-1].place)
    if len(across) > _MOST_COLUMNS:
        hint = "choose a field with fewer values, a period such as :year, or narrow it by --where"
        raise ReportError(f"{pivot.across} has {len(across)} values, too many for columns", hint=hint)
    whole = "total" if "total" not in (*heads, *across) else "(total)"
    columns = [*heads, *across, whole]
    hidden = measure is not None and measure.masked
    money = measure is not None and measure.field.type is SemanticType.MONEY
    rows = []
    down = groups[: len(pivot.rows)]
    for key in sorted(table, key=lambda key: [*map(_Group.place, down, key), (0, key[-1])]):
        row: dict[str, Any] = dict(zip(heads, key, strict=True))
        for name in (*across, _TOTAL):
            cell = table[key].get(name)
            figure = None if cell is None else MASK if hidden else cell.figure(pivot.measure.figure, money=money)
            row[whole if name == _TOTAL else name] = figure
        rows.append(row)
    what = pivot.measure.figure if measure is None else f"{pivot.measure.figure} of {measure.text}"
    by = ", ".join([*pivot.rows, *([pivot.across] if pivot.across else [])])
    return Report("pivot", f"{what[0].upper()}{what[1:]} of {pivot.entity} by {by}", columns, rows, None, {})


@dataclass(frozen=True)
class _Group:
    """A path that records are grouped by, and for dates the period."""

    path: Path
    period: Callable[[date], str] | None = None

    @classmethod
    def read(cls, store: Store, entity: str, text: str) -> _Group:
        name, _, period = text.partition(":")
        path = resolve(store.dictionary, store.dictionary.entity(entity), name)
        if not period:
            return cls(path)
        if period not in PERIODS or path.field.type not in (SemanticType.DATE, SemanticType.TIMESTAMP):
            hint = f"a date may have one of: {', '.join(f':{one}' for one in PERIODS)}"
            raise ReportError(f"not a period of a date: {text}", hint=hint)
        return cls(path, PERIODS[period])

    def place(self, name: str) -> tuple[int, str]:
        """Where a group stands: choices as they are declared, all else by the alphabet."""
        choices = self.path.field.values
        return (choices.index(name) if name in choices else len(choices), name)

    def name(self, value: Any, zone: tzinfo) -> str:
        if value is None or value == "":
            return _NOTHING
        if self.path.masked:
            return MASK
        if self.period is not None:
            return self.period(value.astimezone(zone).date() if isinstance(value, datetime) else value)
        return str(value)


def _measured(store: Store, pivot: Pivot) -> Path | None:
    if pivot.measure.path is None:
        return None
    path = resolve(store.dictionary, store.dictionary.entity(pivot.entity), pivot.measure.path)
    if pivot.measure.figure in ("sum", "avg") and path.field.type not in _NUMERIC:
        raise ReportError(f"{path.text} holds no numbers: nothing to add", hint="count, min:FIELD or max:FIELD")
    return path


def _currency_of(amount: str) -> str:
    """The path of the currency beside an amount."""
    return ".".join([*amount.split(".")[:-1], "currency"])
