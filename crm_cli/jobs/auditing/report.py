"""Write the report in the form that the file's name says, whole or not at all, readable by its owner alone."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO

from crm_cli.errors import UsageError
from crm_cli.exporters import Exported, check_place, write_whole
from crm_cli.jobs.auditing.gathering import AuditReport
from crm_cli.jobs.auditing.junit import junit_text
from crm_cli.jobs.auditing.page import page_lines
from crm_cli.jobs.auditing.scorecard import scorecard
from crm_cli.jobs.auditing.workbook import write_workbook_of

__all__ = ["WRITERS", "check_report_target", "write_report"]

Writer = Callable[[AuditReport, BinaryIO], int]


def check_report_target(path: Path, *, overwrite: bool) -> None:
    """Raise `UsageError` now for what could not be written later."""
    _writer(path)
    check_place(path, overwrite=overwrite)


def write_report(report: AuditReport, path: Path, *, overwrite: bool = False) -> Exported:
    """Write the report to `.html`, `.xlsx`, `.xml` (JUnit) or `.json`; return what was written.

    Raises `UsageError` for another name or a file that is there already, `ExportError` when it can't be written.
    """
    writer = _writer(path)
    return write_whole(path, lambda stream: writer(report, stream), overwrite=overwrite)


def _writer(path: Path) -> Writer:
    if path.name == "-":
        raise UsageError("a report is written to a file", hint="--json and --junit write to the standard output")
    found = WRITERS.get(path.suffix.lower())
    if found is None:
        raise UsageError(f"a report is no {path.suffix or 'such file'}", hint=f"one of: {', '.join(WRITERS)}")
    return found


def _page(report: AuditReport, stream: BinaryIO) -> int:
    return sum(bool(stream.write(f"{line}\n".encode())) for line in page_lines(report))


def _junit(report: AuditReport, stream: BinaryIO) -> int:
    return min(1, stream.write(junit_text(report).encode()))


def _json(report: AuditReport, stream: BinaryIO) -> int:
    """Write the scorecard and every finding, these one after the other as they are read."""
    text = io.TextIOWrapper(stream, encoding="utf-8", newline="\n")
    head = json.dumps(scorecard(report), ensure_ascii=False, indent=2, default=str)
    text.write(f'{head[:-2]},\n  "findings": [')
    number = 0
    for one in report.standing.worst:
        for row in report.findings(one):
            text.write(f"{',' if number else ''}\n    {json.dumps(asdict(row), ensure_ascii=False, default=str)}")
            number += 1
    text.write("\n  ]\n}\n")
    text.detach()
    return number


WRITERS: Mapping[str, Writer] = {".html": _page, ".xlsx": write_workbook_of, ".xml": _junit, ".json": _json}
