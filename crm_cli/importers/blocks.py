"""Several tables in one text file: where the width changes for good and a new header stands.

A ragged row or a title is no new table: a block needs several rows of equal width under a row of labels.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crm_cli.importers.cells import filled, is_label

__all__ = ["Block", "table_starts"]

_LEAST_ROWS = 3
_MOST_TABLES = 100
_SMALL = 10


@dataclass(slots=True)
class Block:
    """A run of rows of equal width: the line it begins on, how many rows, and does it begin with labels."""

    line: int
    width: int
    rows: int
    labelled: bool

    @property
    def cells(self) -> int:
        """The size of the block."""
        return self.width * self.rows


def table_starts(records: Iterable[tuple[int, Sequence[str]]]) -> list[int]:
    """Return the line of each table but the first; none where the file holds one table."""
    blocks = _merged([block for block in _runs(records) if block.rows >= _LEAST_ROWS and block.width > 1])
    largest = max((block.cells for block in blocks), default=0)
    while len(blocks) > 1 and blocks[0].rows < _SMALL and blocks[0].cells < largest / 20:
        blocks.pop(0)  # a few lines of particulars above the table
    starts = [block.line for block in blocks[1:] if block.labelled]
    return starts if len(starts) < _MOST_TABLES else []


def _runs(records: Iterable[tuple[int, Sequence[str]]]) -> list[Block]:
    blocks: list[Block] = []
    for line, cells in records:
        if not cells or not filled(cells):
            continue
        if blocks and blocks[-1].width == len(cells):
            blocks[-1].rows += 1
        else:
            labelled = filled(cells) > 1 and all(is_label(cell) for cell in cells)
            blocks.append(Block(line, len(cells), 1, labelled))
    return blocks


def _merged(blocks: Sequence[Block]) -> list[Block]:
    """Join neighbours of equal width: only a ragged row stood between them."""
    merged: list[Block] = []
    for block in blocks:
        if merged and (merged[-1].width == block.width or not block.labelled):
            merged[-1].rows += block.rows
        else:
            merged.append(block)
    return merged
