"""Write a report to a file whose name says the form, whole or not at all, readable by its owner alone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

from crm_cli.dictionary import SemanticType
from crm_cli.exporters import (
    ExportColumn,
    Exported,
    ExportOptions,
    check_place,
    check_target,
    export_rows,
    write_whole,
)
from crm_cli.jobs.reporting.page import page_lines
from crm_cli.reports import Report

__all__ = ["check_report_file", "write_answer_file", "write_report_file"]

_PAGE, _DOCUMENT = ".html", ".json"
_OWN = (_PAGE, _DOCUMENT)


def check_report_file(path: Path, *, overwrite: bool) -> None:
    """Raise `UsageError` now for a file that could not be written after the work is done."""
    if path.suffix.lower() in _OWN:
        check_place(path, overwrite=overwrite)
    else:
        check_target(path, overwrite=overwrite)


def write_report_file(report: Report, path: Path, *, description: str = "", overwrite: bool = False) -> Exported:
    """Write a report to `.html`, `.json`, or a format of the exporters such as `.xlsx` and `.csv`.

    Raises `UsageError` for an unknown form or a file that is there already, `ExportError` when it can't be written.
    """
    form = path.suffix.lower()
    if form == _PAGE:
        return write_whole(path, lambda stream: _page(report, description, stream), overwrite=overwrite)
    if form == _DOCUMENT:
        return write_whole(path, lambda stream: _document(report, stream), overwrite=overwrite)
    columns = [ExportColumn(name, _type([row[name] for row in report.rows])) for name in report.columns]
    rows = [tuple(row[name] for name in report.columns) for row in report.rows]
    return export_rows(rows, columns, path, ExportOptions(overwrite=overwrite, sheet=report.name[:31]))


def write_answer_file(
    columns: Sequence[str], rows: Iterable[Sequence[Any]], path: Path, *, overwrite: bool = False
) -> Exported:
    """Write the rows that SQL gave: as text to what has no types, as a stream to all that can be streamed.

    Raises as `write_report_file` does.
    """
    if path.suffix.lower() in _OWN:
        answer = [dict(zip(columns, row, strict=True)) for row in rows]
        return write_report_file(Report("sql", "SQL", list(columns), answer, None, {}), path, overwrite=overwrite)
    texts = (tuple(_text(value) for value in row) for row in rows)
    return export_rows(texts, [ExportColumn(name) for name in columns], path, ExportOptions(overwrite=overwrite))


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _page(report: Report, description: str, stream: BinaryIO) -> int:
    for line in page_lines(report, description):
        stream.write(f"{line}\n".encode())
    return len(report.rows)


def _document(report: Report, stream: BinaryIO) -> int:
    document: Mapping[str, Any] = {
        "report": report.name, "title": report.title, "parameters": report.parameters, "rows": report.rows,
    }  # fmt: skip
    stream.write(json.dumps(document, ensure_ascii=False, indent=2, default=_plain).encode() + b"\n")
    return len(report.rows)


def _plain(value: object) -> object:
    return float(value) if isinstance(value, Decimal) else str(value)


def _type(values: Sequence[Any]) -> SemanticType:
    """Return what a column holds, told by its values: text where they differ."""
    kinds = {type(value) for value in values if value is not None}
    if kinds == {int}:
        return SemanticType.INTEGER
    if kinds and kinds <= {int, float, Decimal}:
        return SemanticType.NUMBER
    if kinds == {datetime}:
        return SemanticType.TIMESTAMP
    return SemanticType.DATE if kinds == {date} else SemanticType.TEXT
