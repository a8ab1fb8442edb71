"""A simulation as one HTML page: no script, nothing loaded from elsewhere, readable in the dark and on a telephone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from crm_cli.dictionary import Dictionary
from crm_cli.exporters import REPORT_STYLE, bar, number_cell, page_head, table_head
from crm_cli.jobs.territories.rows import fairness_rows, work_rows
from crm_cli.territories import Compared, Simulation

__all__ = ["page_lines"]

_NUMBERS = ("before", "lost", "gained", "after")
_TEXTS = ("leads", "opportunities", "activities", "pipeline")


def page_lines(dictionary: Dictionary, found: Simulation) -> Iterator[str]:
    """Yield the lines of the page. What comes from the data is escaped everywhere."""
    yield page_head(f"Territories: {found.plan}", REPORT_STYLE)
    yield f"<p>{escape(_summary(found))}</p>"
    yield from _structure(found)
    yield from _work(dictionary, "Territories", "territory", found.territories)
    yield from _work(dictionary, "Owners", "owner", found.owners)
    yield from _fairness(found)
    yield "</body>\n</html>"


def _summary(found: Simulation) -> str:
    moved = ", ".join(f"{count} {entity}" for entity, count in found.moved.items()) or "nothing"
    followed = ", ".join(f"{count} {entity}" for entity, count in found.followed.items())
    more = f" With them goes what hangs on them: {followed}." if followed else ""
    return f"What the plan would do on {found.day}; nothing was written. Moved: {moved}.{more}"


def _structure(found: Simulation) -> Iterator[str]:
    items = [f"{count} {what}" for what, count in found.structure.items()]
    items += [f"nobody works {name}: its records keep their owners" for name in found.unmanned]
    if items:
        yield "<ul>" + "".join(f"<li>{escape(one)}</li>" for one in items) + "</ul>"


def _work(dictionary: Dictionary, heading: str, what: str, compared: Sequence[Compared]) -> Iterator[str]:
    yield f"<h2>{escape(heading)}</h2>"
    if not compared:
        yield "<p>There are none.</p>"
        return
    yield table_head((what, "accounts before", "lost", "gained", "after", "", *_TEXTS))
    longest = max(max(one.before.accounts, one.after.accounts) for one in compared)
    for one, row in zip(compared, work_rows(dictionary, what, compared), strict=True):
        yield _line(what, one, row, longest)
    yield "</table>"


def _line(what: str, one: Compared, row: Mapping[str, Any], longest: int) -> str:
    bars = f"{bar(one.before.accounts, longest)}<br>{bar(one.after.accounts, longest)}"
    return (
        f'<tr><td class="text">{escape(str(row[what]))}</td>'
        + "".join(number_cell(row[name]) for name in _NUMBERS)
        + f"<td>{bars}</td>"
        + "".join(number_cell(row[name]) for name in _TEXTS)
        + "</tr>"
    )


def _fairness(found: Simulation) -> Iterator[str]:
    rows = fairness_rows(found.fairness)
    yield "<h2>How evenly it is spread</h2>"
    if not rows:
        yield "<p>There is nothing to spread.</p>"
        return
    yield (
        "<p>Coefficient of variation (Pearson 1896) and Gini coefficient (Gini 1912): 0 is even. max/mean says how "
        "much more than a fair part the busiest has: 1 is even.</p>"
    )
    yield table_head(tuple(rows[0]))
    for row in rows:
        yield "<tr>" + "".join(number_cell(str(value)) for value in row.values()) + "</tr>"
    yield "</table>"
