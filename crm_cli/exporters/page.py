"""What the HTML pages of reports share: a head that lets the browser load nothing, whatever the data; style; tables."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

__all__ = ["REPORT_STYLE", "code_cell", "number_cell", "page_head", "table_head"]

# https://www.w3.org/TR/CSP3/: styles of the page itself and pictures written in it; no script, nothing from elsewhere.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"

# Readable in the dark and on a telephone: nothing but tables may be wider than the screen, and these scroll.
REPORT_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; --line: #8884; --ink: #1d6f8f;
  --good: #2a7d46; --fair: #8a6100; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #6cc3e0; --good: #6fcf8e; --fair: #e0b64a; --bad: #ff8a80; } }
* { box-sizing: border-box; }
body { max-width: 70rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; line-height: 1.2; } h2 { font-size: 1.2rem; margin-top: 2rem; }
.cards { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(14rem, 1fr)); padding: 0; }
.card { border: 1px solid var(--line); border-radius: .5rem; padding: .6rem .9rem; list-style: none; }
.card h3 { margin: 0; font-size: 1rem; text-transform: capitalize; }
.score { font-size: 1.9rem; font-weight: 600; font-variant-numeric: tabular-nums; line-height: 1.3; }
.A, .B, .ok { color: var(--good); } .C, .D, .warn { color: var(--fair); } .F, .error { color: var(--bad); }
svg.trend { display: block; width: 100%; height: auto; }
svg.trend polyline { fill: none; stroke: var(--ink); stroke-width: 2; } svg.trend circle { fill: var(--ink); }
svg.trend .grid { stroke: var(--line); }
svg.histogram { display: block; width: 100%; max-width: 30rem; height: auto; fill: var(--ink); }
svg.histogram .grid { stroke: var(--line); }
svg.bar { width: 5rem; height: .7rem; fill: var(--ink); }
table { border-collapse: collapse; display: block; max-width: 100%; overflow-x: auto; }
th, td { padding: .2rem .8rem .2rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th, td { overflow-wrap: normal; } th, td.number { white-space: nowrap; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
td.text { min-width: 9rem; overflow-wrap: anywhere; } code { font-size: .9em; }
details { border-top: 1px solid var(--line); padding: .5rem 0; } summary { cursor: pointer; }
"""


def page_head(title: str, style: str) -> str:
    """Return the page from its start to its first heading, which is the title.

    Args:
        title: plain text; it is escaped here.
        style: CSS, written as it is; nothing of it may come from the data.
    """
    name = escape(title)
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{name}</title>\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n<link rel="icon" href="data:,">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<style>{style}</style>\n</head>\n<body>\n<h1>{name}</h1>"
    )


def table_head(names: Sequence[str]) -> str:
    """Return the start of a table with a row of headings."""
    return "<table>\n<tr>" + "".join(f"<th>{escape(name)}</th>" for name in names) + "</tr>"


def number_cell(value: int | str) -> str:
    """Return a cell with a number, set to the right."""
    return f'<td class="number">{escape(str(value))}</td>'


def code_cell(text: str) -> str:
    """Return a cell with a command or another text to be copied."""
    return f'<td class="text"><code>{escape(text)}</code></td>'
