"""Run a report: its statement in the database's words, its parameters bound, read-only, amounts in major units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import hide
from crm_cli.errors import did_you_mean
from crm_cli.query.money import major_units
from crm_cli.reports.definition import Chart, Definition, ReportError
from crm_cli.reports.guarding import read_only
from crm_cli.reports.masking import masked_places
from crm_cli.reports.narrowing import narrowed
from crm_cli.reports.statement import executable, parsed
from crm_cli.store import Store

__all__ = ["Report", "plain_value", "run_report"]


@dataclass(frozen=True)
class Report:
    """What a report says: columns and rows, the same on every database."""

    name: str
    title: str
    columns: list[str]
    rows: list[dict[str, Any]]
    chart: Chart | None
    parameters: dict[str, Any]


def run_report(
    store: Store, definition: Definition, given: Mapping[str, str], today: date, where: str | None = None
) -> Report:
    """Run a report with the values `given` (as texts) as of `today`; columns that show a masked field come as `•••`.

    With `where` only those records of the report's subject are looked at that fit the condition. Raises `ReportError`
    for an unknown parameter or a report without a subject, and what a wrong condition raises.
    """
    values = _values(definition, given, today)
    tree = parsed(definition, store.backend)
    if where is None:
        statement = executable(tree, store.backend)
    else:
        narrow = narrowed(store, definition, tree, where)
        statement = narrow.into(executable(narrow.tree, store.backend))
    bound = {name: value for name, value in {**values, "today": today}.items() if name in statement._bindparams}
    try:
        with store.read() as connection, read_only(connection):
            result = connection.execute(statement, bound)
            columns = list(result.keys())
            rows = [_shown(definition, columns, row) for row in result]
            hidden = masked_places(store.dictionary, tree, columns)
    except sa.exc.DBAPIError as fault:
        raise ReportError(
            f"{definition.path}: the database refuses the report: {fault.orig}",
            hint=f"crm report run {definition.name} --sql shows the statement",
        ) from fault
    for name in {columns[place] for place in hidden}:
        rows = [{**row, name: hide(row[name])} for row in rows]
    return Report(definition.name, definition.title, columns, rows, definition.chart, values)


def _values(definition: Definition, given: Mapping[str, str], today: date) -> dict[str, Any]:
    known = {one.name: one for one in definition.parameters}
    for name in given:
        if name not in known:
            hint = did_you_mean(name, list(known)) or f"its parameters: {', '.join(known) or 'none'}"
            raise ReportError(f"report {definition.name} takes no {name!r}", hint=hint, parameter=name)
    return {name: one.value(given.get(name), today) for name, one in known.items()}


def _shown(definition: Definition, columns: Sequence[str], row: Sequence[Any]) -> dict[str, Any]:
    values = {name: plain_value(value) for name, value in zip(columns, row, strict=True)}
    currency = values.get(definition.currency) if definition.currency else None
    for name in definition.money:
        if values.get(name) is not None:
            minor = Decimal(str(values[name])).quantize(Decimal(1), rounding=ROUND_HALF_EVEN)
            values[name] = major_units(int(minor), currency)
    return values


def plain_value(value: Any) -> Any:
    """Return what the drivers give differently – Decimal, int, float – as one."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() and value.as_tuple().exponent == 0 else float(value)
    return value
