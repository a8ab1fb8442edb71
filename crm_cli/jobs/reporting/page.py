"""A report as one HTML page: no script, nothing loaded from elsewhere, readable in the dark and on a telephone."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from html import escape
from typing import Any

from crm_cli.dictionary import MASK
from crm_cli.exporters import REPORT_STYLE, bar, number_cell, page_head, table_head
from crm_cli.reports import Report

__all__ = ["page_lines"]

_NUMBERS = (int, float, Decimal)


def page_lines(report: Report, description: str = "") -> Iterator[str]:
    """Yield the lines of the page: a row each, with a bar where the report has a chart. All of the data is escaped."""
    yield page_head(report.title, REPORT_STYLE)
    if description:
        yield f"<p>{escape(description)}</p>"
    if given := {name: value for name, value in report.parameters.items() if value is not None}:
        yield f"<p>{escape(', '.join(f'{name}: {value}' for name, value in given.items()))}</p>"
    if not report.rows:
        yield "<p>There is nothing to show.</p>\n</body>\n</html>"
        return
    longest = _longest(report)
    yield table_head([*report.columns, *([""] if longest else [])])
    for row in report.rows:
        cells = "".join(_cell(row[name]) for name in report.columns)
        yield f"<tr>{cells}{_bar(report, row, longest)}</tr>"
    yield "</table>\n</body>\n</html>"


def _longest(report: Report) -> float:
    """Return the length of the longest bar, 0 where none can be drawn."""
    if report.chart is None:
        return 0.0
    values = [row.get(report.chart.value) for row in report.rows]
    if MASK in values:
        return 0.0
    return max((abs(float(value)) for value in values if isinstance(value, _NUMBERS)), default=0.0)


def _bar(report: Report, row: dict[str, Any], longest: float) -> str:
    if report.chart is None or not longest:
        return ""
    value = row.get(report.chart.value)
    return f"<td>{bar(abs(float(value)) if isinstance(value, _NUMBERS) else 0.0, longest)}</td>"


def _cell(value: Any) -> str:
    if isinstance(value, _NUMBERS) and not isinstance(value, bool):
        return number_cell(f"{value:,}")
    return f'<td class="text">{escape("" if value is None else str(value))}</td>'
