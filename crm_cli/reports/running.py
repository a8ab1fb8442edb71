"""Run a report: its statement in the database's words, its parameters bound, read-only, amounts in major units."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import sqlalchemy as sa
import sqlglot
from sqlglot import exp

from crm_cli.dictionary import hide
from crm_cli.errors import did_you_mean
from crm_cli.query.money import major_units
from crm_cli.reports.definition import Chart, Definition, ReportError
from crm_cli.reports.masking import masked_places
from crm_cli.store import Store
from crm_cli.store.engine import READ_ONLY

__all__ = ["Report", "report_sql", "run_report"]

_DIALECTS = {"sqlite": "sqlite", "postgresql": "postgres", "mysql": "mysql", "mariadb": "mysql"}
_READING = (exp.Select, exp.SetOperation, exp.Subquery)
_WRITING = (exp.Insert, exp.Update, exp.Delete, exp.Create, exp.Drop, exp.Alter, exp.Command, exp.Into, exp.Merge)


@dataclass(frozen=True)
class Report:
    """What a report says: columns and rows, the same on every database."""

    name: str
    title: str
    columns: list[str]
    rows: list[dict[str, Any]]
    chart: Chart | None
    parameters: dict[str, Any]


def report_sql(definition: Definition, backend: str) -> str:
    """Return the statement in the words of the database; `ReportError` for anything but one SELECT."""
    return _parsed(definition, backend).transform(_named).sql(dialect=_DIALECTS[backend], pretty=True, comments=False)


def _parsed(definition: Definition, backend: str) -> exp.Expr:
    target = _DIALECTS[backend]
    try:
        statements = [
            one for one in sqlglot.parse(definition.sql, read=definition.dialect or target) if one is not None
        ]
    except sqlglot.errors.SqlglotError as fault:
        first = str(fault).splitlines()[0]
        raise ReportError(
            f"{definition.path}: not SQL that is understood: {first}", hint="say its dialect: -- dialect: …"
        ) from fault
    if len(statements) != 1 or not isinstance(statements[0], _READING) or statements[0].find(*_WRITING):
        raise ReportError(f"{definition.path}: a report is one SELECT", hint="crm report runs nothing that writes")
    return statements[0]


def _statement(definition: Definition, backend: str) -> sa.TextClause:
    """Return what is executed: in it only parameters are marked by a colon, not words within texts."""
    tree = _parsed(definition, backend).transform(_named).transform(_without_marks)
    return sa.text(tree.sql(dialect=_DIALECTS[backend], comments=False))


def _without_marks(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Literal) and node.is_string and ":" in node.this:
        return exp.Literal.string(node.this.replace(":", r"\:"))
    return node


def _named(node: exp.Expr) -> exp.Expr:
    """Write a parameter as `:name` for every database: each dialect would write its driver's own mark."""
    return exp.Var(this=f":{node.name}") if isinstance(node, exp.Placeholder) and node.name else node


def run_report(store: Store, definition: Definition, given: Mapping[str, str], today: date) -> Report:
    """Run a report with the values `given` (as texts) as of `today`; columns that show a masked field come as `•••`.

    Raises `ReportError` for an unknown parameter.
    """
    known = {one.name: one for one in definition.parameters}
    for name in given:
        if name not in known:
            hint = did_you_mean(name, list(known)) or f"its parameters: {', '.join(known) or 'none'}"
            raise ReportError(f"report {definition.name} takes no {name!r}", hint=hint, parameter=name)
    values = {name: one.value(given.get(name), today) for name, one in known.items()}
    statement = _statement(definition, store.backend)
    bound = {name: value for name, value in {**values, "today": today}.items() if name in statement._bindparams}
    try:
        with store.read() as connection, _read_only(connection):
            result = connection.execute(statement, bound)
            columns = list(result.keys())
            rows = [_shown(definition, columns, row) for row in result]
            hidden = masked_places(store.dictionary, _parsed(definition, store.backend), columns)
    except sa.exc.DBAPIError as fault:
        raise ReportError(
            f"{definition.path}: the database refuses the report: {fault.orig}",
            hint=f"crm report run {definition.name} --sql shows the statement",
        ) from fault
    for name in {columns[place] for place in hidden}:
        rows = [{**row, name: hide(row[name])} for row in rows]
    return Report(definition.name, definition.title, columns, rows, definition.chart, values)


@contextmanager
def _read_only(connection: sa.Connection) -> Iterator[None]:
    """Have the database itself refuse to write, for the block.

    A report within a script's outer transaction relies, on a server, on the check of the statement alone: that
    transaction must go on writing afterwards.
    """
    backend = connection.dialect.name
    ours = READ_ONLY.items() <= connection.get_execution_options().items()
    if backend == "postgresql":
        connection.exec_driver_sql("SET LOCAL TIME ZONE 'UTC'")
    if ours and backend != "sqlite":
        begin = "SET TRANSACTION READ ONLY" if backend == "postgresql" else "START TRANSACTION READ ONLY"
        connection.exec_driver_sql(begin)
    if backend != "sqlite":
        yield
        return
    connection.exec_driver_sql("PRAGMA query_only = ON")
    try:
        yield
    finally:
        connection.exec_driver_sql("PRAGMA query_only = OFF")  # the connection goes back to the pool


def _shown(definition: Definition, columns: Sequence[str], row: Sequence[Any]) -> dict[str, Any]:
    values = {name: _plain(value) for name, value in zip(columns, row, strict=True)}
    currency = values.get(definition.currency) if definition.currency else None
    for name in definition.money:
        if values.get(name) is not None:
            minor = Decimal(str(values[name])).quantize(Decimal(1), rounding=ROUND_HALF_EVEN)
            values[name] = major_units(int(minor), currency)
    return values


def _plain(value: Any) -> Any:
    """What the drivers give differently – Decimal, int, float – as one."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() and value.as_tuple().exponent == 0 else float(value)
    return value
