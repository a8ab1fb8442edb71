"""A report of an import or its rehearsal: what came, how it was understood, and what became of it, on one page.

The page is HTML of its own: no script, nothing that is loaded from elsewhere, readable in the dark and on a telephone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from crm_cli.errors import UsageError
from crm_cli.exporters import page_head, write_whole
from crm_cli.jobs.importing.result import BatchResult, ImportResult
from crm_cli.jobs.importing.samples import rows_of

__all__ = ["ReportHead", "check_report_target", "report_document", "write_report"]

_SUFFIXES = (".html", ".json")
_COUNTS = ("rows", "created", "updated", "unchanged", "conflicts", "suspected", "rejected")
_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.2rem; margin-top: 2rem; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { padding: .2rem .8rem .2rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid #8884; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
.bar { display: inline-block; height: .7rem; background: #2a7; vertical-align: middle; }
p.warning { color: #b40; }
"""
Rows = Sequence[dict[str, Any]]


@dataclass(frozen=True)
class ReportHead:
    """What stands above a report: the source as it was named, who made it when, and whether anything was written."""

    source: str
    made_by: str
    made_at: str
    rehearsed: bool


def check_report_target(path: Path, *, overwrite: bool) -> None:
    """Raise `UsageError` now for what could not be written after the import."""
    if path.suffix.lower() not in _SUFFIXES:
        raise UsageError(f"a report is no {path.suffix or 'such file'}", hint="--report FILE.html, or FILE.json")
    if path.exists() and not overwrite:
        raise UsageError(f"{path} is there already", hint="choose another name, or add --overwrite")
    if not path.parent.is_dir():
        raise UsageError(f"folder not found: {path.parent}", hint="make it first")


def write_report(path: Path, head: ReportHead, results: Sequence[ImportResult], *, overwrite: bool = False) -> None:
    """Write the report as `.html` or `.json`, whole or not at all, readable by its owner alone."""
    document = report_document(head, results)
    if path.suffix.lower() == ".json":
        text = json.dumps(document, ensure_ascii=False, indent=2, default=str) + "\n"
    else:
        text = "\n".join(_page(document)) + "\n"
    write_whole(path, lambda stream: min(1, stream.write(text.encode())), overwrite=overwrite)


def report_document(head: ReportHead, results: Sequence[ImportResult]) -> dict[str, Any]:
    """Return the report as plain data."""
    return {
        "source": head.source,
        "made_by": head.made_by,
        "made_at": head.made_at,
        "rehearsed": head.rehearsed,
        "tables": [_table(batch) for result in results for batch in result.batches],
        "missing": {absent.entity: len(absent.records) for result in results for absent in result.absent},
        "skipped": [one for result in results for one in result.skipped],
        "samples": rows_of([sample for result in results for sample in result.samples]),
    }


def _table(batch: BatchResult) -> dict[str, Any]:
    rows = batch.counts["rows"]
    columns = [
        {"column": one.column, "fills": one.target, "filled": _share(batch, one.column, rows), "why": one.why}
        for one in batch.mapping.columns
    ]
    unknown = [{"field": field, "rule": code, "values": count}
               for (field, code), count in batch.not_understood.most_common()]  # fmt: skip
    refused = [{"column": column, "reason": reason, "rows": count}
               for (column, reason), count in batch.refused.most_common()]  # fmt: skip
    return {
        "name": batch.name,
        "into": "+".join(batch.mapping.into),
        "key": batch.mapping.key,
        "understood": batch.understood,
        "counts": {name: batch.counts[name] for name in _COUNTS},
        "rows_before": batch.rows_before,
        "columns": columns,
        "not_understood": unknown,
        "rejected": refused,
        "warnings": batch.warnings,
    }


def _share(batch: BatchResult, column: str, rows: int) -> float | None:
    return round(batch.filled[column] / rows, 4) if rows and column in batch.filled else None


def _page(document: dict[str, Any]) -> Iterator[str]:
    what = "Rehearsal of an import" if document["rehearsed"] else "Import"
    yield page_head(f"{what}: {document['source']}", _STYLE)
    made = f"{document['made_at']} by {document['made_by']}."
    yield f"<p>{escape(made)} {'Nothing was written.' if document['rehearsed'] else ''}</p>"
    counts = [{"table": one["name"], "into": one["into"], **one["counts"]} for one in document["tables"]]
    yield from _section("What became of the rows", counts)
    for one in document["tables"]:
        yield f"<h2>{escape(one['name'])}</h2>"
        for warning in one["warnings"]:
            yield f'<p class="warning">{escape(warning)}</p>'
        yield from _rows(one["columns"])
        yield from _section("Why rows were rejected", one["rejected"], 3)
        yield from _section("Values that were not understood", one["not_understood"], 3)
        understood = {name: value for name, value in one["understood"].items() if name != "warnings"}
        yield from _section("What was understood of the file", [understood], 3)
    yield from _section("Samples", document["samples"])
    for skipped in document["skipped"]:
        yield f'<p class="warning">skipped {escape(skipped)}</p>'
    yield "</body>\n</html>"


def _section(heading: str, rows: Rows, level: int = 2) -> Iterator[str]:
    if rows:
        yield f"<h{level}>{escape(heading)}</h{level}>"
        yield from _rows(rows)


def _rows(rows: Rows) -> Iterator[str]:
    names = list(dict.fromkeys(name for row in rows for name in row))
    yield "<table>\n<tr>" + "".join(f"<th>{escape(name.replace('_', ' '))}</th>" for name in names) + "</tr>"
    for row in rows:
        yield "<tr>" + "".join(_cell(name, row.get(name)) for name in names) + "</tr>"
    yield "</table>"


def _cell(name: str, value: Any) -> str:
    if name == "filled" and isinstance(value, float):
        return f'<td><span class="bar" style="width:{value * 6:.2f}rem"></span> {value:.1%}</td>'
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f'<td class="number">{value}</td>'
    if isinstance(value, list):
        value = ", ".join(map(str, value))
    return f"<td>{'' if value is None else escape(str(value))}</td>"
