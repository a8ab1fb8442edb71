"""Batches: what was imported when, from where, and with what outcome; rejected rows again as a file; undo."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import MASK, Dictionary, is_shown
from crm_cli.errors import NotFoundError
from crm_cli.history import Author, UndoResult, undo
from crm_cli.jobs.importing.drafts import REJECT_COLUMNS, SOURCE_COLUMN
from crm_cli.store import Store

__all__ = [
    "Batch",
    "batch_rejects",
    "list_batches",
    "read_batch",
    "source_of_batch",
    "undo_batch",
    "write_batch_rejects",
]

_FOOTER = "was taken for a footer"  # followed by what stood in the row


@dataclass(frozen=True)
class Batch:
    """One imported table as `crm batch` shows it."""

    id: int
    source: str
    into: str
    status: str
    started_at: datetime
    as_of: datetime | None
    rows: int
    created: int
    updated: int
    unchanged: int
    rejected: int
    conflicts: int
    suspected: int
    operation_id: int
    mapping: dict[str, Any]
    understood: dict[str, Any]


def list_batches(store: Store, *, limit: int = 20) -> list[Batch]:
    """Return the newest batches, newest first."""
    table = store.table("import_batch")
    with store.read() as connection:
        rows = connection.execute(sa.select(table).order_by(table.c.id.desc()).limit(limit)).all()
    return [_shown(store.dictionary, _batch(row)) for row in rows]


def read_batch(store: Store, number: int) -> Batch:
    """Return one batch; `NotFoundError` when there is none of this number."""
    table = store.table("import_batch")
    with store.read() as connection:
        row = connection.execute(sa.select(table).where(table.c.id == number)).one_or_none()
    if row is None:
        raise NotFoundError(f"there is no batch {number}", hint="crm batch list shows them", batch=number)
    return _shown(store.dictionary, _batch(row))


def _shown(dictionary: Dictionary, batch: Batch) -> Batch:
    """The batch without what it holds of masked values: constants of its mapping, and rows that were no records."""
    if not dictionary.is_masked:
        return batch
    given: dict[str, str] = batch.mapping.get("constants") or {}
    into = batch.into.split("+")
    constants = {name: value if is_shown(dictionary, into, name) else MASK for name, value in given.items()}
    warnings = [f"{text.partition(_FOOTER)[0]}{_FOOTER}" if _FOOTER in text else text for text in _warnings(batch)]
    understood = {**batch.understood, **({"warnings": warnings} if warnings else {})}
    mapping = {**batch.mapping, **({"constants": constants} if constants else {})}
    return replace(batch, mapping=mapping, understood=understood)


def _warnings(batch: Batch) -> list[str]:
    return batch.understood.get("warnings") or []


def batch_rejects(store: Store, number: int, *, limit: int | None = None, blank: bool = False) -> list[dict[str, Any]]:
    """Return the rejected rows of a batch: original cells, then row, column, reason and cure.

    Cells that filled a masked field, or what nobody knows, come as `•••`; with `blank` as none, for a file.
    """
    hide = _Hiding.of(store, read_batch(store, number), None if blank else MASK)
    table = store.table("import_row")
    query = sa.select(table).where(table.c.batch_id == number, table.c.status == "rejected").order_by(table.c.id)
    with store.read() as connection:
        return [{**hide.cells(row.cells or {}), **hide.notes(row)} for row in connection.execute(query.limit(limit))]


def write_batch_rejects(store: Store, number: int, target: Path) -> int:
    """Write the rejected rows of a batch as a file to mend and import again; return how many.

    Masked cells are blank in it.
    """
    from crm_cli.exporters import ExportColumn, export_rows

    source = source_of_batch(store, number)
    found = [{**row, SOURCE_COLUMN: source} for row in batch_rejects(store, number, blank=True)]
    names = list(dict.fromkeys(name for row in found for name in row if name not in REJECT_COLUMNS))
    columns = [*names, *REJECT_COLUMNS]
    export_rows(
        ([row.get(name) for name in columns] for row in found), [ExportColumn(name) for name in columns], target
    )
    return len(found)


def source_of_batch(store: Store, number: int) -> str | None:
    """Return the name of the source system of a batch; its rejects keep it, so that mended rows are its rows."""
    batch, source = store.table("import_batch"), store.table("source_system")
    query = sa.select(source.c.name).join(batch, batch.c.source_system_id == source.c.id).where(batch.c.id == number)
    with store.read() as connection:
        return connection.scalar(query)


def undo_batch(store: Store, number: int, author: Author, *, dry_run: bool = False, wait: float = 0.0) -> UndoResult:
    """Undo the import that the batch belongs to, with all batches of the same run."""
    return undo(store, read_batch(store, number).operation_id, author, dry_run=dry_run, wait=wait)


@dataclass(frozen=True)
class _Hiding:
    """What of the rows of a batch may be shown: `targets` say what its columns filled."""

    dictionary: Dictionary
    into: tuple[str, ...]
    targets: Mapping[str, str]
    instead: str | None

    @classmethod
    def of(cls, store: Store, batch: Batch, instead: str | None) -> _Hiding:
        return cls(store.dictionary, tuple(batch.into.split("+")), batch.mapping.get("columns", {}), instead)

    def _is_shown(self, column: str) -> bool:
        return is_shown(self.dictionary, self.into, self.targets.get(column, column))

    def cells(self, cells: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value if not value or self._is_shown(name) else self.instead for name, value in cells.items()}

    def notes(self, row: Any) -> dict[str, str]:
        faults = row.faults or []
        reasons = [one["reason"] if self._is_shown(one["column"]) else f"{one['column']} is masked" for one in faults]
        return {
            "_row": str(row.row_number),
            "_column": "; ".join(one["column"] for one in faults if one["column"]),
            "_reason": "; ".join(reasons),
            "_hint": "; ".join(dict.fromkeys(one["hint"] for one in faults if one["hint"])),
        }


def _batch(row: Any) -> Batch:
    return Batch(
        row.id, row.source_name, row.into, row.status, row.started_at, row.as_of, row.rows, row.created, row.updated,
        row.unchanged, row.rejected, row.conflicts, row.suspected, row.operation_id, row.mapping or {},
        row.understood or {},
    )  # fmt: skip
