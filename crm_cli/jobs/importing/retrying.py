"""The rejected rows of a batch once more: with a better mapping, or after what they needed has come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from crm_cli.errors import UsageError
from crm_cli.history import Author, Operation
from crm_cli.importers import Row, Table, Understood
from crm_cli.importers.mapping import Mapping
from crm_cli.jobs.importing.batches import Batch, read_batch, source_of_batch
from crm_cli.jobs.importing.drafts import MEND_ROW
from crm_cli.jobs.importing.options import ImportOptions
from crm_cli.jobs.importing.result import ImportResult
from crm_cli.jobs.importing.run import Delivered, ImportRun, import_tables
from crm_cli.store import Store

__all__ = ["retry_batch"]


@dataclass(frozen=True, slots=True)
class _Kept:
    """A rejected row as its batch keeps it."""

    id: int
    number: int
    cells: dict[str, str | None]
    faults: Sequence[dict[str, Any]]


def retry_batch(
    store: Store, number: int, author: Author, options: ImportOptions | None = None, run: ImportRun | None = None
) -> ImportResult:
    """Import the rejected rows of a batch again, as rows of its source, by its mapping unless `options` have another.

    What is taken now is created or updated; what is not is rejected with the new batch, and nothing is lost. A row that
    could not be read stays rejected: its cells are not known. Raises `NotFoundError` for an unknown batch, `UsageError`
    for one without rejected rows, and what an import raises.
    """
    batch, run = read_batch(store, number), run or ImportRun()
    rows = _rejected(store, number)
    if not rows:
        raise UsageError(f"batch {number} has no rejected rows", hint=f"crm batch show {number}")
    given = options or ImportOptions()
    mapping = given.mapping or Mapping.from_json(batch.mapping, f"as in batch {batch.id}")
    whole = replace(
        given, into=mapping.into, mapping=mapping, key=given.key or mapping.key, as_of=given.as_of or batch.as_of,
        source_name=source_of_batch(store, number), accept_columns=True, ignore_gate=True,
    )  # fmt: skip
    delivered = Delivered(batch.source, f"batch {number}", [_table(batch, rows)])

    def mark(op: Operation) -> None:
        op.update("import_row", {row.id: {"status": "retried"} for row in rows})

    return import_tables(store, delivered, author, whole, replace(run, and_then=mark))


def _rejected(store: Store, number: int) -> list[_Kept]:
    table = store.table("import_row")
    query = sa.select(table).where(table.c.batch_id == number, table.c.status == "rejected").order_by(table.c.id)
    with store.read() as connection:
        found = connection.execute(query)
        return [_Kept(row.id, row.row_number, row.cells or {}, row.faults or ()) for row in found]


def _table(batch: Batch, rows: Sequence[_Kept]) -> Table:
    """The rows as a table with the columns of their source, in the order of its mapping."""
    header = list(dict.fromkeys([*batch.mapping["columns"], *(name for row in rows for name in row.cells)]))

    def produce() -> Iterator[Row]:
        for row in rows:
            unreadable = next((one["reason"] for one in row.faults if one.get("hint") == MEND_ROW), None)
            values = [row.cells.get(name) for name in header]
            yield Row(row.number, f"row {row.number} of batch {batch.id}", values, unreadable)

    return Table(batch.source, header, Understood("batch"), produce, header)
