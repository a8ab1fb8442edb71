"""Rejected rows: kept with the batch, and written to a file that can be mended and imported again."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Any

from crm_cli.history import Operation
from crm_cli.jobs.importing.drafts import REJECT_COLUMNS, Draft, source_cells
from crm_cli.store import bulk_insert

__all__ = ["REJECT_COLUMNS", "RejectSpool", "keep_rejects"]

_SPOOL_IN_MEMORY = 8 << 20


class RejectSpool:
    """Collects rejected rows aside, so that a bad million-row file needs no memory; writes the file in the end."""

    def __init__(self) -> None:
        self.source = ""  # the name of the source system, which the mended rows come from too
        self._file = tempfile.SpooledTemporaryFile(_SPOOL_IN_MEMORY, mode="w+", encoding="utf-8")  # noqa: SIM115
        self.count = 0

    def __enter__(self) -> RejectSpool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, header: Sequence[str], draft: Draft) -> None:
        """Keep a rejected row with every one of its faults."""
        faults = draft.faults
        cells = source_cells(header, draft.row)
        notes = (
            str(draft.row.number),
            "; ".join(one.column for one in faults if one.column),
            "; ".join(one.reason for one in faults),
            "; ".join(dict.fromkeys(one.hint for one in faults if one.hint)),
        )
        self._file.write(json.dumps([cells, notes], ensure_ascii=False) + "\n")
        self.count += 1

    def columns(self, others: Sequence[RejectSpool] = ()) -> list[str]:
        """Return the columns of all rejected rows, then those that say why."""
        names: dict[str, None] = {}
        for one in (self, *others):
            for cells, _ in one._entries():
                names |= dict.fromkeys(cells)
        return [*(name for name in names if name not in REJECT_COLUMNS), *REJECT_COLUMNS]

    def rows(self, columns: Sequence[str]) -> Iterator[list[str | None]]:
        """Yield the rows for these columns."""
        for cells, notes in self._entries():
            cells |= dict(zip(REJECT_COLUMNS, (*notes, self.source), strict=True))
            yield [cells.get(name) for name in columns]

    def _entries(self) -> Iterator[tuple[dict[str, str | None], list[str]]]:
        self._file.seek(0)
        for line in self._file:
            cells, notes = json.loads(line)
            yield cells, notes
        self._file.seek(0, 2)

    def write(self, target: Path, others: Sequence[RejectSpool] = ()) -> None:
        """Write the rejects file: original columns, row, column at fault, reason, how to mend it, and the source.

        The rows of `others` follow.
        """
        from crm_cli.exporters import ExportColumn, ExportOptions, export_rows

        columns = self.columns(others)
        shown = [ExportColumn(name) for name in columns]
        rows = chain.from_iterable(one.rows(columns) for one in (self, *others))
        export_rows(rows, shown, target, ExportOptions(overwrite=True))


def keep_rejects(operation: Operation, batch_id: int, header: Sequence[str], drafts: Sequence[Draft]) -> None:
    """Keep rejected rows with their batch, raw cells and faults."""
    ids = operation.allocate("import_row", len(drafts))
    rows: list[tuple[Any, ...]] = [
        (
            number, batch_id, draft.row.number, "rejected", source_cells(header, draft.row),
            [fault.as_json() for fault in draft.faults],
        )
        for number, draft in zip(ids, drafts, strict=True)
    ]  # fmt: skip
    columns = ("id", "batch_id", "row_number", "status", "cells", "faults")
    bulk_insert(operation.connection, operation.store.table("import_row"), columns, rows)
