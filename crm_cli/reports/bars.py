"""Bars of text: a report's chart on a terminal."""

from __future__ import annotations

from crm_cli.dictionary import MASK
from crm_cli.reports.running import Report

__all__ = ["bar_lines"]

_WIDTH = 40
_LABEL_WIDTH = 28


def bar_lines(report: Report) -> list[tuple[str, str]]:
    """Return (label, bar) a row of the report's chart, the longest bar 40 characters; empty without a chart.

    Labels are customer data: whoever shows them escapes them.
    """
    if report.chart is None:
        return []
    if any(row.get(report.chart.value) == MASK for row in report.rows):
        return []
    values = [float(row.get(report.chart.value) or 0) for row in report.rows]
    longest = max((abs(value) for value in values), default=0.0)
    if not longest:
        return []
    labels = [_label(report, row) for row in report.rows]
    return [(label, "█" * round(_WIDTH * abs(value) / longest)) for label, value in zip(labels, values, strict=True)]


def _label(report: Report, row: dict[str, object]) -> str:
    chart = report.chart
    text = str(row.get(chart.label) if chart else "")
    currency = row.get("currency")
    return f"{text} {currency}"[:_LABEL_WIDTH] if currency else text[:_LABEL_WIDTH]
