"""The report as an Excel workbook: scores, policies, and every finding with the command that mends it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import astuple, fields
from typing import Any, BinaryIO

from crm_cli.exporters import ExportColumn, ExportError, Row
from crm_cli.jobs.auditing.gathering import AuditReport, FindingRow
from crm_cli.jobs.auditing.scorecard import dimension_rows, policy_rows

__all__ = ["write_workbook_of"]

_UNFIT = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")  # not in XML 1.0, or an escape in Excel
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")  # looks like one of Excel's own escapes
_LONGEST = 16_000  # characters; a cell holds 32 767 UTF-16 units


def write_workbook_of(report: AuditReport, stream: BinaryIO) -> int:
    """Write the workbook; return how many findings are in it. Raises `ExportError` for more than a sheet holds."""
    from crm_cli.exporters.xlsx import MAX_ROWS, Worksheet, write_workbook  # NOTE: xlsxwriter, only a workbook needs it

    found = sum(report.standing.shown(one) for one in report.standing.worst)
    if found >= MAX_ROWS:
        hint = "name some policies, add --since last, or write .json"
        raise ExportError(f"{found} findings; a sheet holds {MAX_ROWS - 1}", hint=hint, findings=found)
    scores, policies = dimension_rows(report), policy_rows(report)
    columns = [ExportColumn(one.name) for one in fields(FindingRow)]
    sheets = [Worksheet("Scores", *_sheet(scores))]
    if policies:
        sheets += [Worksheet("Policies", *_sheet(policies)), Worksheet("Findings", columns, _findings(report))]
    return write_workbook(sheets, stream) - len(scores) - len(policies)


def _findings(report: AuditReport) -> Iterator[Row]:
    for one in report.standing.worst:
        for row in report.findings(one):
            yield [_carried(value) if isinstance(value, str) else value for value in astuple(row)]


def _carried(text: str) -> str:
    """Return a text as a cell can hold it: one odd title must not keep the whole workbook from being written."""
    return _ESCAPE.sub("_ ", _UNFIT.sub("\ufffd", text))[:_LONGEST]


def _sheet(rows: Sequence[dict[str, Any]]) -> tuple[Sequence[ExportColumn], Sequence[Row]]:
    return [ExportColumn(name) for name in rows[0]], [tuple(row.values()) for row in rows]
