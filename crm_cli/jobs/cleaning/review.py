"""The pairs that cleaning was not sure of, as a workbook to decide in, and the decisions read back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from crm_cli.dictionary import SemanticType
from crm_cli.errors import StalePlanError, UsageError
from crm_cli.exporters import ExportColumn, ExportOptions, export_rows
from crm_cli.importers import ReadOptions, read_tables
from crm_cli.jobs.cleaning.sheet import Sheet

__all__ = ["Decisions", "UnsurePair", "read_decisions", "write_review"]

_FIXED = ("decision", "probability", "row A", "row B", "fingerprint")
_YES = {"y", "yes", "same", "duplicate", "1", "true", "ja", "x"}
_NO = {"n", "no", "different", "0", "false", "nein", "h", "c", "household", "company"}


@dataclass(frozen=True, slots=True)
class UnsurePair:
    """Two rows (places in the sheet) and the probability that they are the same."""

    left: int
    right: int
    probability: float


@dataclass
class Decisions:
    """What a person decided, as pairs of the source's row numbers."""

    same: list[tuple[int, int]] = field(default_factory=list)
    different: list[tuple[int, int]] = field(default_factory=list)
    undecided: int = 0


def write_review(sheet: Sheet, pairs: Sequence[UnsurePair], fingerprint: str, target: Path) -> int:
    """Write a workbook, one row a pair with both records side by side; `decision` is to be filled with y or n.

    Every row carries the fingerprint of source and settings, so that a decided sheet cannot be applied to another file.
    """
    compared = [name for place, name in enumerate(sheet.header) if any(sheet.columns[place])]
    columns = [
        ExportColumn("decision"),
        ExportColumn("probability", SemanticType.NUMBER),
        ExportColumn("row A"),
        ExportColumn("row B"),
    ]
    columns += [ExportColumn(f"{name} {side}") for name in compared for side in "AB"]
    places = [sheet.header.index(name) for name in compared]
    rows = (
        [
            None, round(one.probability, 4), str(sheet.numbers[one.left]), str(sheet.numbers[one.right]),
            *(sheet.columns[place][which] for place in places for which in (one.left, one.right)), fingerprint,
        ]
        for one in pairs
    )  # fmt: skip
    options = ExportOptions(overwrite=True, sheet="Review")
    return export_rows(rows, [*columns, ExportColumn("fingerprint")], target, options).rows


def read_decisions(path: Path, fingerprint: str) -> Decisions:
    """Read a decided workbook (or CSV). Raises `StalePlanError` when it was made for another source or other settings,
    `UsageError` for a decision that is neither yes nor no."""
    found = Decisions()
    for table in read_tables(path, ReadOptions()):
        header = [name.casefold() for name in table.header]
        missing = [name for name in ("decision", "row a", "row b", "fingerprint") if name not in header]
        if missing:
            raise UsageError(f"{path} is not a review sheet: no column {missing[0]!r}", hint="--review FILE writes one")
        places = [header.index(name) for name in ("decision", "row a", "row b", "fingerprint")]
        for row in table.rows():
            decision, left, right, mark = (row.values[place] for place in places)
            if mark != fingerprint:
                hint = "make a new review of this source with these settings"
                raise StalePlanError(
                    f"{path}, {row.place}: it was made for another source or other settings", hint=hint
                )
            _take(found, path, row.place, decision, (int(left or 0), int(right or 0)))
    return found


def _take(found: Decisions, path: Path, place: str, decision: str | None, pair: tuple[int, int]) -> None:
    word = (decision or "").strip().casefold()
    if not word:
        found.undecided += 1
    elif word in _YES:
        found.same.append(pair)
    elif word in _NO:
        found.different.append(pair)
    else:
        raise UsageError(f"{path}, {place}: {decision!r} is not a decision", hint="y (the same) or n (different)")
