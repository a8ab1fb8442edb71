"""The report as one HTML page: no script, nothing loaded from elsewhere, readable in the dark and on a telephone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from crm_cli.audits import DimensionScore, PolicyResult
from crm_cli.exporters import REPORT_STYLE, bar, code_cell, number_cell, page_head, table_head, trend_line
from crm_cli.jobs.auditing.gathering import AuditReport
from crm_cli.jobs.auditing.scorecard import command_of, dimension_rows

__all__ = ["page_lines"]

_SHOWN = 25  # findings of a policy on the page
_MOST = 1_000  # findings on the page
_GROUPS = 15


def page_lines(report: AuditReport) -> Iterator[str]:
    """Yield the lines of the page. What comes from the data is escaped everywhere."""
    standing = report.standing
    yield page_head(f"Data audit of {standing.run_day}", REPORT_STYLE)
    yield f"<p>{escape(_summary(report))}</p>"
    yield from _cards(report)
    yield from _policies(report)
    yield from _groups("Findings by owner of the record", "owner", report.by_owner)
    yield from _groups("Findings by source of the record", "source", report.by_source)
    yield from _findings(report)
    yield "</body>\n</html>"


def _summary(report: AuditReport) -> str:
    standing = report.standing
    counts = [sum(one.level == level for one in standing.results) for level in ("error", "warn", "ok")]
    said = "Run {} by {}. {} policies are errors, {} warn, {} are met.".format(
        standing.run_id, standing.actor or "unknown", *counts
    )
    if standing.since is None:
        return said
    since = "the run before" if standing.since == "last" else str(standing.since)
    return f"{said} Only what was found since {since} is judged and shown."


def _cards(report: AuditReport) -> Iterator[str]:
    yield '<h2>Scores</h2>\n<ul class="cards">'
    for one, row in zip(report.standing.dimensions, dimension_rows(report), strict=True):
        yield _card(report, one, row)
    yield "</ul>"


def _card(report: AuditReport, one: DimensionScore, row: Mapping[str, Any]) -> str:
    trend = report.standing.trend(one.dimension)
    points = trend.points if trend else ()
    score = "–" if row["score"] is None else f"{one.grade} {row['score']}"
    span = f"{points[0][0]} to {points[-1][0]}" if points else "no run yet"
    change = f", {row['change']} since the run before" if row["change"] else ""
    drawn = trend_line([score for _, _, score in points], f"score of {one.dimension}, {span}") if points else ""
    said = f"{row['findings']} findings{change}"
    return (
        f'<li class="card"><h3>{escape(one.dimension)}</h3>'
        f'<div class="score {escape(one.grade)}">{escape(score)}</div>{drawn}'
        f"<div>{escape(said)}<br><small>{escape(span)}</small></div></li>"
    )


def _policies(report: AuditReport) -> Iterator[str]:
    worst = report.standing.worst
    yield "<h2>Policies with findings, the worst first</h2>"
    if not worst:
        yield "<p>There are none.</p>"
        return
    heads = ("level", "policy", "share", "", "findings", "new", "accepted", "what mends it")
    yield table_head(heads)
    for one in worst:
        share = report.standing.shown(one) / one.counts.records
        yield (
            f'<tr><td class="{one.level.value}">{one.level.value}</td><td class="text">{escape(one.policy.name)}</td>'
            f'<td class="number">{share:.1%}</td><td>{bar(share, 1)}</td>{number_cell(report.standing.shown(one))}'
            f"{number_cell(one.counts.new)}{number_cell(one.counts.accepted)}{code_cell(command_of(one))}</tr>"
        )
    yield "</table>"


def _groups(heading: str, what: str, numbers: Mapping[str, int]) -> Iterator[str]:
    if not numbers:
        return
    yield f"<h2>{escape(heading)}</h2>"
    yield table_head((what, "findings", ""))
    shown = list(numbers.items())[:_GROUPS]
    longest = max(numbers.values())
    for name, number in shown:
        yield f'<tr><td class="text">{escape(name)}</td>{number_cell(number)}<td>{bar(number, longest)}</td></tr>'
    yield "</table>"
    if len(numbers) > len(shown):
        yield f"<p>{len(numbers) - len(shown)} more have fewer.</p>"


def _findings(report: AuditReport) -> Iterator[str]:
    left = _MOST
    if report.standing.worst:
        yield "<h2>Findings</h2>\n<p>The workbook, <code>crm audit report -o FILE.xlsx</code>, has all of them.</p>"
    for one in report.standing.worst:
        number = min(_SHOWN, left)
        yield from _of_policy(report, one, number)
        left -= min(number, report.standing.shown(one))


def _of_policy(report: AuditReport, one: PolicyResult, number: int) -> Iterator[str]:
    found = report.standing.shown(one)
    shown = f", the first {number}" if found > number else ""
    summary = f"{one.policy.name}: {found}{shown} – {one.policy.message}"
    yield f'<details>\n<summary><span class="{one.level.value}">{one.level.value}</span> {escape(summary)}</summary>'
    yield table_head(("record", "title", "since", "severity", "what mends it"))
    for row in report.findings(one, number):
        yield (
            f'<tr><td>{escape(row.entity)} {row.record}</td><td class="text">{escape(row.title)}</td>'
            f"<td>{row.since}</td><td>{escape(row.severity)}</td>{code_cell(row.fix)}</tr>"
        )
    yield "</table>\n</details>"
