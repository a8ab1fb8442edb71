"""What stands in the panes of the review screen, as texts with styles: values are shown, never read as markup."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from rich.text import Text

from crm_cli.cells import cell

if TYPE_CHECKING:
    from crm_cli.jobs.matching import Board, BoardLine, Candidate, Review, Waterfall

__all__ = ["BAR_BITS", "bars", "headings", "origins", "progress", "row", "title"]

BAR_BITS = 12.0  # bits that fill a bar; more are cut
_BAR = 20  # characters
_CLASSES = {"same_household": "household", "same_company": "company", "related": "related"}
_FAINT = 0.05  # a class less probable is not named


def title(review: Review, pair: Candidate, board: Board) -> Text:
    """The line above all: where we are, how sure the engine is, and of what else."""
    text = Text(f"pair {review.place + 1} of {review.total}", style="bold")
    text.append(f"   probability {pair.probability:.3f}", style="bold")
    for name, word in _CLASSES.items():
        if (share := pair.classes.get(name, 0.0)) >= _FAINT:
            text.append(f"   {word} {share:.2f}", style="cyan")
    if len(board.members) > 2 or board.left_out:
        text.append(f"   {len(board.members) + board.left_out} records in the cluster", style="magenta")
    if board.left_out:
        text.append(f", {board.left_out} not shown")
    if pair.rule:
        text.append(f"   rule: {cell(pair.rule)}", style="green")
    return text


def headings(board: Board) -> list[Text]:
    """The heading of each record's column: its place, id, and whether it survives."""
    found = []
    for place, number in enumerate(board.members, 1):
        text = Text(f"{place}: {number}", style="bold" if place <= 2 else "dim")
        if number == board.survivor:
            text.append(" survives", style="green")
        found.append(text)
    return found


def row(line: BoardLine, members: int, width: int) -> list[Text]:
    """Mark, field, and the value of each record; `>` stands before the value that survives."""
    style = {"!": "bold yellow", "=": "dim"}.get(line.mark, "")
    mark = {"!": "≠", "=": "="}.get(line.mark, " ")
    cells = [Text(mark, style=style), Text(line.field.replace("_", " "), style=style)]
    for place in range(members):
        value = cell(line.values[place])
        survives = line.is_choosable and line.chosen == place and value
        text = Text(">" if survives else " ", style="bold green")
        text.append(value if len(value) < width else value[: width - 2] + "…", style="green" if survives else style)
        cells.append(text)
    return cells


def origins(line: BoardLine, board: Board, local: Callable[[datetime], datetime]) -> Text:
    """Of the field under the cursor: the whole value of each record, who gave it when, and when it was confirmed."""
    text = Text(line.field.replace("_", " "), style="bold")
    for place, number in enumerate(board.members):
        value = cell(line.values[place])
        if not value:
            continue
        text.append(f"\n{place + 1}: {number}  ", style="bold")
        text.append(value)
        origin = line.origins[place] if place < len(line.origins) else None
        if origin is not None:
            text.append(f"\n   from {cell(origin.given_by)}, {local(origin.given_at):%Y-%m-%d}", style="dim")
            text.append(f", confirmed {local(origin.confirmed_at):%Y-%m-%d}", style="dim")
    return text


def bars(waterfall: Waterfall | None) -> Text:
    """Why: a bar for each comparison, to the right for the same, to the left against it, in bits."""
    if waterfall is None:
        return Text("nothing that could be compared")
    text = Text("why, in bits: left is against, right is for the same", style="bold")
    width = max((len(one.comparison) for one in waterfall.steps), default=0)
    for one in waterfall.steps:
        if not one.bits:
            continue
        text.append(f"\n{cell(one.comparison.replace('_', ' ')):<{width}} {one.bits:>+6.1f} ")
        text.append(_bar(one.bits), style="green" if one.bits > 0 else "red")
        text.append(f" {cell(one.level)}", style="dim")
    text.append(f"\n{'before':<{width}} {waterfall.prior:>+6.1f}", style="dim")
    text.append(f"\n{'together':<{width}} {waterfall.total:>+6.1f}", style="bold")
    if waterfall.against_related < waterfall.total - 1:
        text.append(f"   against relatives {waterfall.against_related:+.1f}", style="cyan")
    if waterfall.rule:
        text.append(f"\nrule: {cell(waterfall.rule)}", style="green")
    return text


def _bar(bits: float) -> str:
    half = _BAR // 2
    filled = min(half, max(1, round(abs(bits) / BAR_BITS * half))) if bits else 0
    left = "█" * filled if bits < 0 else ""
    right = "█" * filled if bits > 0 else ""
    return f"{left:>{half}}│{right:<{half}}"


def progress(review: Review) -> Text:
    """What was decided in this review, and how much is left."""
    done = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in sorted(review.counts.items()) if count > 0)
    left = max(review.total - review.place, 0)
    share = review.place / review.total if review.total else 1.0
    filled = round(share * _BAR)
    text = Text("█" * filled, style="green")
    text.append("░" * (_BAR - filled), style="dim")
    text.append(f" {left} left; {done or 'nothing decided yet'}")
    return text
