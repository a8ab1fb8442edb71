"""The profile as one HTML page: no script, nothing loaded from elsewhere, readable in the dark and on a telephone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from crm_cli.audits.profiling import Bin, ColumnProfile, Counted, DuplicateHint, Finding, TableProfile
from crm_cli.exporters import REPORT_STYLE, bar, code_cell, histogram, number_cell, page_head, table_head
from crm_cli.jobs.profiling import rows
from crm_cli.jobs.profiling.subject import Profile

__all__ = ["page_lines"]

_STYLE = (
    REPORT_STYLE
    + """
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: .5rem 0; }
dt { opacity: .75; } dd { margin: 0; overflow-wrap: anywhere; }
section.column { border-top: 1px solid var(--line); margin-top: 1.5rem; }
section.column > h3 { margin: .8rem 0 .2rem; }
figure { margin: .8rem 0; } figcaption { font-size: .9em; opacity: .85; }
.value { white-space: pre-wrap; } nav ul { columns: 12rem; padding-left: 1.2rem; }
"""
)


def page_lines(profile: Profile) -> Iterator[str]:
    """Yield the lines of the page. What comes from the data is escaped everywhere."""
    yield page_head(f"Profile of {profile.of}", _STYLE)
    yield f"<p>As of {profile.day.isoformat()}.</p>"
    for number, table in enumerate(profile.tables, start=1):
        yield from _table(table, f"t{number}")
    yield "</body>\n</html>"


def _table(table: TableProfile, mark: str) -> Iterator[str]:
    yield f"<h2>{escape(rows.headline(table))}</h2>\n<p>{escape(rows.keys(table))}.</p>"
    yield from _overview(table, mark)
    yield from _duplicates(table.duplicates)
    for place, column in enumerate(table.columns):
        yield f'<section class="column" id="{mark}c{place}">'
        yield from _column(column, table.rows)
        yield "</section>"


def _overview(table: TableProfile, mark: str) -> Iterator[str]:
    yield table_head(("column", "type", "holds", "filled", "", "distinct", "worth a look"))
    for place, one in enumerate(table.columns):
        problems = ", ".join(dict.fromkeys(str(finding.problem).replace("_", " ") for finding in one.findings))
        yield (
            f'<tr><td class="text"><a href="#{mark}c{place}">{escape(one.name)}</a></td>'
            f'<td class="text">{escape(rows.kind(one))}</td><td>{escape(str(one.role))}</td>'
            f"{number_cell(f'{one.filled / max(table.rows, 1):.1%}')}<td>{bar(one.filled, table.rows)}</td>"
            f'{number_cell(rows.distinct(one))}<td class="text">{escape(problems)}</td></tr>'
        )
    yield "</table>"


def _duplicates(hints: Sequence[DuplicateHint]) -> Iterator[str]:
    if not hints:
        return
    yield "<h3>Rows that repeat others</h3>"
    yield table_head(("the same", "rows", "such as", "what finds them all"))
    for one in hints:
        shown = "<br>".join(escape(rows.counted(each)) for each in one.examples)
        number = f"about {one.rows}" if one.error else one.rows
        yield (
            f'<tr><td class="text">{escape(" + ".join(one.by))}</td>{number_cell(number)}'
            f'<td class="text">{shown}</td>{code_cell(one.next)}</tr>'
        )
    yield "</table>"


def _column(column: ColumnProfile, total: int) -> Iterator[str]:
    yield f"<h3>{escape(column.name)}</h3>"
    yield from _facts(column, total)
    if column.findings:
        yield from _findings(column.findings)
    if column.numbers:
        yield from _figure(column.numbers.histogram, "numbers", column.name)
    if column.dates:
        yield from _figure(column.dates.histogram, "dates", column.name)
    if column.top and not column.is_key:
        yield from _bars("the most frequent values", [(one.value, one.count) for one in column.top])
    if column.patterns:
        yield from _bars("patterns", [(f"{one.pattern}  ({one.example})", one.count) for one in column.patterns])


def _facts(column: ColumnProfile, total: int) -> Iterator[str]:
    facts = [
        ("type", rows.kind(column) or "masked"), ("holds", f"{column.role} – {column.why}"),
        ("filled", f"{column.filled} of {total}"), ("distinct", rows.distinct(column)),
        ("key", "yes" if column.is_key else ""), ("figures", rows.figures(column)),
    ]  # fmt: skip
    if numbers := column.numbers:
        note = "" if numbers.exact else ", of a random sample of the rows"
        quartiles = f"{numbers.lower_quartile:.6g}, {numbers.median:.6g}, {numbers.upper_quartile:.6g}{note}"
        facts.append(("quartiles", quartiles))
    if column.top_error:
        facts.append(("counts", f"of the most frequent values may be too low by up to {column.top_error}"))
    yield "<dl>" + "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in facts if text) + "</dl>"


def _findings(findings: Sequence[Finding]) -> Iterator[str]:
    yield table_head(("worth a look", "cells", "what", "such as", "what goes further"))
    for one in findings:
        examples = "<br>".join(_example(each) for each in one.examples)
        yield (
            f'<tr><td class="warn">{escape(str(one.problem).replace("_", " "))}</td>{number_cell(one.count)}'
            f'<td class="text">{escape(one.message)}</td><td class="text">{examples}</td>{code_cell(one.next)}</tr>'
        )
    yield "</table>"


def _example(one: Counted) -> str:
    return f'<span class="value">{escape(rows.counted(one))}</span>'


def _figure(bins: Sequence[Bin], what: str, name: str) -> Iterator[str]:
    if len(bins) < 2:
        return
    label = f"{what} of {name}, {bins[0].start} to {bins[-1].end}"
    yield f"<figure>{histogram([one.count for one in bins], label)}"
    inner = ""
    if len(bins) > 2:
        inner = f"; the bars between the outer ones go from {bins[0].end} to {bins[-1].start}"
    yield f"<figcaption>{escape(f'{bins[0].start} to {bins[-1].end}{inner}')}</figcaption></figure>"


def _bars(heading: str, values: Sequence[tuple[str, int]]) -> Iterator[str]:
    longest = max(count for _, count in values)
    yield table_head((heading, "cells", ""))
    for value, count in values:
        yield (
            f'<tr><td class="text"><span class="value">{escape(value)}</span></td>{number_cell(count)}'
            f"<td>{bar(count, longest)}</td></tr>"
        )
    yield "</table>"
