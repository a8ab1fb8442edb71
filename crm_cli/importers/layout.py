"""Where in a grid of cells the table stands: preamble, header (of one or several rows, or none), first data row.

CSV files and spreadsheets share this: both are grids that people wrote titles, notes and group headings into.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from crm_cli.importers.cells import extent, filled, is_label, kind_of

__all__ = ["Layout", "find_layout"]

Grid = Sequence[Sequence[str]]
_TYPED = {"number", "date", "time", "email", "url"}
_SAMPLE = 200
_DASHES = re.compile(r"\s*(?:-{2,}|={2,})\s*")


@dataclass(slots=True)
class Layout:
    """Indexes into the sample: the header rows and the first data row. `width` is that of most rows.

    `header` is the header as the source writes it (several rows joined), None where there is none; `sure` is False
    where a header is as likely as not.
    """

    width: int
    data_start: int
    header_rows: list[int] = field(default_factory=list)
    header: list[str] | None = None
    typical: int = 1
    sure: bool = True


def find_layout(grid: Grid, header: int | Literal["none"] | None = None) -> Layout:
    """Return the layout of a sample of rows; `header` (an index into the sample, or "none") is taken as given."""
    width, typical, full = _shape(grid)
    if header == "none":
        return Layout(width, _first_filled(grid, 1), typical=typical)
    if header is not None:
        top = min(header, max(0, len(grid) - 1))
        return _with_header(grid, top, Layout(width, top + 1, typical=typical))
    top = _top(grid, width, full)
    body = [row for row in grid[top + 1 : top + _SAMPLE] if filled(row)]
    verdict = _header_evidence(grid[top], body) if top < len(grid) else 0.0
    layout = Layout(width, top, typical=typical, sure=abs(verdict) >= 0.5)
    if verdict > 0:
        return _with_header(grid, top, layout)
    layout.data_start = _first_record(grid, layout)
    return layout


def _first_record(grid: Grid, layout: Layout) -> int:
    """Return the first row that is no title where there is no header: records may be sparse, titles fill one cell."""
    rows = enumerate(grid[: layout.data_start])
    least = min(2, layout.typical)
    return next((at for at, row in rows if len(row) == layout.width and filled(row) >= least), layout.data_start)


def _shape(grid: Grid) -> tuple[int, int, int]:
    """Return the width of most rows, and how many of its cells the median row and a well-filled one have filled."""
    rows = [row for row in grid if filled(row)]
    if not rows:
        return max((len(row) for row in grid), default=0), 0, 0
    widths = Counter(len(row) for row in rows)
    width = max(widths, key=lambda size: (widths[size] * (1 if size > 1 else 0.5), size))
    first = rows[0]
    wider = any(extent(row) > len(first) for row in rows)
    if wider and widths[len(first)] == widths[width] and 1 < len(first) == filled(first) and _labels(first):
        width = len(first)  # as many rows of either width: a full header knows best
    if (
        len(rows) > 4
        and widths[width] < 0.6 * len(rows)
        and 2 < len(first) < width
        and filled(first) == len(first)
        and _labels(first)
    ):
        width = len(first)  # ragged throughout: a full header knows best
    counts = sorted(filled(row) for row in rows if len(row) == width)
    return width, counts[len(counts) // 2], counts[len(counts) * 4 // 5]


def _first_filled(grid: Grid, least: int) -> int:
    return next((place for place, row in enumerate(grid) if filled(row) >= least), len(grid))


def _top(grid: Grid, width: int, typical: int) -> int:
    """Return the first row of the table: as wide as the others and filled enough to be no title."""
    enough = max(1, -(-typical // 2)) if typical > 2 else typical
    for place, row in enumerate(grid):
        if filled(row) < enough or (len(row) != width and filled(row) < 0.8 * typical):
            continue
        if len(row) == width or _is_odd_header(grid, place, width):
            return place
    return _first_filled(grid, 1)


def _is_odd_header(grid: Grid, place: int, width: int) -> bool:
    """Tell a header that has other than the usual number of cells: labels, and data right below."""
    below = next((row for row in grid[place + 1 : place + 3] if filled(row)), None)
    if below is None or len(below) != width or not _labels(grid[place]):
        return False
    return not _labels(below) or len(grid[place]) == extent(below)


def _labels(row: Sequence[str]) -> bool:
    return all(is_label(cell) for cell in row)


def _header_evidence(row: Sequence[str], body: Grid) -> float:
    """Return the evidence that `row` is a header: positive for, negative against, near 0 where it could be either."""
    if not body:
        return 1.0 if _labels(row) else -0.2
    score = 0.0
    for place, cell in enumerate(row):
        column = [other[place] for other in body if place < len(other) and other[place].strip()]
        score += _column_evidence(cell, column)
    names = [cell.strip().casefold() for cell in row if cell.strip()]
    repeated = len(names) - len(set(names))
    score += 0.25 * len(names) if _labels(row) and not repeated else -0.25 * repeated
    return score / max(1, len(names))


def _column_evidence(cell: str, column: Sequence[str]) -> float:
    if not cell.strip() or not column:
        return 0.0
    kind, kinds = kind_of(cell), Counter(kind_of(other) for other in column)
    usual, count = kinds.most_common(1)[0]
    if usual in _TYPED and count >= 0.6 * len(column):
        return -1.0 if kind == usual else (1.0 if kind == "text" else 0.0)
    if kind in _TYPED:
        return -0.5
    if cell in column:
        return -0.5
    lengths = sorted(len(other) for other in column)
    return 0.2 if len(cell) < 2 * lengths[len(lengths) // 2] + 10 else -0.3


def _with_header(grid: Grid, top: int, layout: Layout) -> Layout:
    """Join the header rows: group labels above, and sub-labels below a header with blanks."""
    rows = [top]
    names = [cell.strip() for cell in grid[top]]
    above = grid[top - 1] if top else ()
    if _is_group_row(above, names):
        names = _joined(_spread(above, len(names)), names)
        rows.insert(0, top - 1)
    below = next((place for place in range(top + 1, min(top + 3, len(grid))) if filled(grid[place])), None)
    if below is not None and _is_sub_row(grid, below, names):
        names = _joined(_spread_over(names, grid[below]), grid[below])
        rows.append(below)
    layout.header_rows, layout.header, layout.data_start = rows, names, rows[-1] + 1
    if layout.data_start < len(grid) and _is_underline(grid[layout.data_start]):
        layout.data_start += 1
    if len(rows) == 1:
        layout.header = _without_surplus(grid[top], layout.width)
    return layout


def _is_underline(row: Sequence[str]) -> bool:
    """Tell the dashes that database shells write below a header."""
    return filled(row) > 0 and all(_DASHES.fullmatch(cell) for cell in row)


def _without_surplus(header: Sequence[str], width: int) -> list[str]:
    """Drop blank cells by which a header is wider than its data: a delimiter was typed twice."""
    names = list(header)
    while len(names) > width > 1 and "" in names:
        names.reverse()
        names.remove("")
        names.reverse()
    return names


def _is_group_row(above: Sequence[str], names: Sequence[str]) -> bool:
    """Tell a row of group labels: two or more, with blanks between them, over a full header."""
    groups = filled(above)
    inner = [cell for cell in above[1:] if cell.strip()]
    return bool(inner) and 2 <= groups < len(names) - 1 and _labels(above) and filled(names) >= len(names) - 1


def _is_sub_row(grid: Grid, place: int, names: Sequence[str]) -> bool:
    """Tell a second header row: labels only under blanks of the first row or at the start of a group."""
    row = grid[place]
    if filled(names) == len(names) or not _labels(row) or len(row) > len(names) or place + 1 >= len(grid):
        return False
    below = [at for at, cell in enumerate(row) if cell.strip()]
    starts = {at for at in range(len(names) - 1) if names[at] and not names[at + 1]}
    under_blank = [at for at in below if not names[at]]
    return bool(under_blank) and len(below) > 1 and all(not names[at] or at in starts for at in below)


def _spread(groups: Sequence[str], width: int) -> list[str]:
    """Let every group label stand over the blanks to its right."""
    result: list[str] = []
    for at in range(width):
        label = groups[at].strip() if at < len(groups) else ""
        result.append(label or (result[-1] if result else ""))
    return result


def _spread_over(names: Sequence[str], subs: Sequence[str]) -> list[str]:
    spread = _spread(names, len(names))
    return [spread[at] if at < len(subs) and subs[at].strip() else name for at, name in enumerate(names)]


def _joined(first: Sequence[str], second: Sequence[str]) -> list[str]:
    return [
        " ".join(part for part in (first[at], second[at].strip() if at < len(second) else "") if part)
        for at in range(len(first))
    ]
