"""Small charts as inline SVG, drawn here: the libraries for it bring a script of megabytes or fetch one."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

__all__ = ["bar", "histogram", "trend_line"]

_WIDTH, _HEIGHT, _MARGIN = 240, 64, 4


def trend_line(scores: Sequence[float | None], label: str) -> str:
    """Return a line from 0 to 100 over equal steps, a dot at its end; `label` says it for screen readers."""
    step = (_WIDTH - 2 * _MARGIN) / max(len(scores) - 1, 1)
    points = [(_MARGIN + place * step, _y(score)) for place, score in enumerate(scores) if score is not None]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    grid = "".join(
        f'<line class="grid" x1="0" x2="{_WIDTH}" y1="{_y(at):.1f}" y2="{_y(at):.1f}"/>' for at in (0, 50, 100)
    )
    dot = f'<circle cx="{points[-1][0]:.1f}" cy="{points[-1][1]:.1f}" r="3.5"/>' if points else ""
    return (
        f'<svg class="trend" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(label)}">'
        f'{grid}<polyline points="{line}"/>{dot}</svg>'
    )


def bar(value: float, longest: float) -> str:
    """Return a bar as long as the value's part of the longest."""
    width = 100 * value / longest if longest else 0
    return (
        '<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect width="{width:.1f}" height="10"/></svg>'
    )


def histogram(heights: Sequence[int], label: str) -> str:
    """Return columns side by side, the highest as high as the chart; `label` says it for screen readers.

    What is there is seen: a column of one is drawn a pixel high beside one of a million.
    """
    highest = max(heights, default=0)
    step = _WIDTH / max(len(heights), 1)
    columns = [(place * step, max(1.0, _HEIGHT * height / highest)) for place, height in enumerate(heights) if height]
    drawn = "".join(
        f'<rect x="{x + step * 0.04:.1f}" y="{_HEIGHT - high:.1f}" width="{step * 0.92:.1f}" height="{high:.1f}"/>'
        for x, high in columns
    )
    return (
        f'<svg class="histogram" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(label)}">'
        f'{drawn}<line class="grid" x1="0" x2="{_WIDTH}" y1="{_HEIGHT}" y2="{_HEIGHT}"/></svg>'
    )


def _y(score: float) -> float:
    return _MARGIN + (_HEIGHT - 2 * _MARGIN) * (1 - min(max(score, 0.0), 100.0) / 100)
