"""Write what is held about a person: as JSON for programs, as a page for the person."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from html import escape
from pathlib import Path
from typing import Any, BinaryIO

from crm_cli.errors import UsageError
from crm_cli.exporters import REPORT_STYLE, Exported, check_place, page_head, table_head, write_whole
from crm_cli.jobs.privacy.report import PersonReport

__all__ = ["check_report_file", "report_document", "write_person_report"]

Writer = Callable[[PersonReport, BinaryIO], int]
_HIDDEN_ON_PAGE = ("row_version",)


def check_report_file(path: Path, *, overwrite: bool) -> None:
    """Raise `UsageError` now for what could not be written later."""
    _writer(path)
    check_place(path, overwrite=overwrite)


def write_person_report(report: PersonReport, path: Path, *, overwrite: bool = False) -> Exported:
    """Write the report to `.html` or `.json`, whole or not at all, readable by its owner alone.

    Raises `UsageError` for another name or a file that is there already, `ExportError` when it can't be written.
    """
    writer = _writer(path)
    return write_whole(path, lambda stream: writer(report, stream), overwrite=overwrite)


def _writer(path: Path) -> Writer:
    found = WRITERS.get(path.suffix.lower())
    if found is None or path.name == "-":
        what = path.suffix or "such file"
        hint = f"one of: {', '.join(WRITERS)}; --json writes to the standard output"
        raise UsageError(f"a report about a person is no {what}", hint=hint)
    return found


def report_document(report: PersonReport) -> dict[str, Any]:
    """Return the report as one document."""
    subject = {"entity": report.entity, "id": report.id, "title": report.title}
    about = {"subject": subject, "made_at": report.made_at, "database": report.database, "masked": report.masked}
    return {**about, **({"remark": report.remark} if report.remark else {}), "held": report.parts}


def _json(report: PersonReport, stream: BinaryIO) -> int:
    text = json.dumps(report_document(report), ensure_ascii=False, indent=2, default=_plain)
    stream.write(f"{text}\n".encode())
    return sum(report.counts.values())


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def _page(report: PersonReport, stream: BinaryIO) -> int:
    for line in _lines(report):
        stream.write(f"{line}\n".encode())
    return sum(report.counts.values())


def _lines(report: PersonReport) -> Iterator[str]:
    """Yield the lines of the page. What comes from the data is escaped everywhere."""
    yield page_head(f"What is held about {report.title}", REPORT_STYLE)
    moment = report.made_at.strftime("%Y-%m-%d %H:%M UTC")
    yield f"<p>{escape(report.entity)} {report.id}. As of {moment}, in {escape(Path(report.database).name)}.</p>"
    if report.remark:
        yield f"<p>{escape(report.remark)}</p>"
    if report.masked:
        yield "<p>Values shown as ••• are masked for whoever made this page.</p>"
    yield table_head(("what", "rows"))
    for heading, count in report.counts.items():
        yield f'<tr><td class="text">{escape(heading)}</td><td class="number">{count}</td></tr>'
    yield "</table>"
    for heading, rows in report.parts.items():
        yield f"<h2>{escape(heading.capitalize())}</h2>"
        yield from _records(rows) if len(rows) <= 3 else _table(rows)
    yield "</body>\n</html>"


def _records(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """A few rows, each as a list of what it holds."""
    for row in rows:
        yield table_head(("field", "value"))
        for name, value in row.items():
            if name not in _HIDDEN_ON_PAGE:
                head, cell = escape(_words(name)), escape(_text(value))
                yield f'<tr><th scope="row">{head}</th><td class="text">{cell}</td></tr>'
        yield "</table>"


def _table(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    names = [name for name in dict.fromkeys(name for row in rows for name in row) if name not in _HIDDEN_ON_PAGE]
    yield table_head([_words(name) for name in names])
    for row in rows:
        cells = "".join(f'<td class="text">{escape(_text(row.get(name)))}</td>' for name in names)
        yield f"<tr>{cells}</tr>"
    yield "</table>"


def _words(name: str) -> str:
    return name.replace("_", " ")


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S UTC")
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {_text(one)}" for name, one in value.items())
    return ", ".join(map(_text, value)) if isinstance(value, list) else str(value)


WRITERS: Mapping[str, Writer] = {".html": _page, ".json": _json}
