"""The measures of the Pollock benchmark (Vitagliano et al., "Pollock: A Data Loading Benchmark", VLDB 2023).

Ten points a file: loaded at all, then precision, recall and F1 of header cells, records and data cells as multisets.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Hashable, Sequence
from pathlib import Path


def rows_of(path: Path) -> list[list[str]]:
    csv.field_size_limit(1 << 30)
    with path.open(encoding="utf-8", errors="replace", newline="") as stream:
        return [[cell.strip().lower() for cell in row] for row in csv.reader(stream) if row]


def score(clean: Sequence[Sequence[str]], loaded: Sequence[Sequence[str]], *, header: bool = True) -> float:
    """Return the points (0..10) of a loaded file; the first loaded row counts as its header."""
    if loaded and loaded[0] == ["application error"]:
        return 0.0
    split = 1 if header else 0
    return (
        1.0
        + _overlap([cell for row in clean[:split] for cell in row], [cell for row in loaded[:1] for cell in row])
        + _overlap([tuple(row) for row in clean[split:]], [tuple(row) for row in loaded[1:]])
        + _overlap([cell for row in clean[split:] for cell in row], [cell for row in loaded[1:] for cell in row])
    )


def _overlap(wanted: Sequence[Hashable], found: Sequence[Hashable]) -> float:
    if not wanted:
        return 3.0
    common = sum((Counter(wanted) & Counter(found)).values())
    if not common:
        return 0.0
    precision, recall = common / len(wanted), common / len(found)
    return precision + recall + 2 * precision * recall / (precision + recall)
