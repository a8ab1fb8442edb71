"""What an import says of itself: what became of each table, and of all together."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crm_cli.errors import ExitCode
from crm_cli.importers.mapping import Mapping
from crm_cli.jobs.importing.missing import Absent
from crm_cli.jobs.importing.plan import Plan
from crm_cli.jobs.importing.samples import Sample

__all__ = ["BatchResult", "ImportResult"]


@dataclass
class BatchResult:
    """What became of one table: its counts (rows, created, updated, unchanged, rejected, …) and what was noticed."""

    id: int
    name: str
    mapping: Mapping
    counts: Counter[str]
    warnings: list[str]
    not_understood: Counter[tuple[str, str]]
    understood: dict[str, Any]
    filled: Counter[str] = field(default_factory=Counter)  # rows that have a value, by field; for a gate that asks
    rows_before: int | None = None  # of the delivery of the same kind before
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)  # rejected rows by column and kind of reason


@dataclass
class ImportResult:
    """What an import did: the operation to undo it by, a batch a table, and where the rejected rows went."""

    operation_id: int
    batches: list[BatchResult] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    rejects: Path | None = None
    samples: list[Sample] = field(default_factory=list)
    source: str = ""  # the name of the source system
    plan: Plan | None = None  # of what was done, where one was asked for
    absent: list[Absent] = field(default_factory=list)  # what the delivery lacks, by entity, where that was asked

    @property
    def counts(self) -> Counter[str]:
        """The counts of all batches together."""
        return sum((batch.counts for batch in self.batches), Counter())

    @property
    def exit_code(self) -> ExitCode:
        """0, or 4 when rows were rejected."""
        return ExitCode.PARTIAL if self.counts["rejected"] else ExitCode.DONE
