"""Where the data of an import come from: named, known by their content, or called like an earlier file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import fold
from crm_cli.errors import UsageError
from crm_cli.history import Operation
from crm_cli.importers import Table
from crm_cli.jobs.importing.drafts import SOURCE_COLUMN, note_columns
from crm_cli.jobs.importing.identity import Strangers
from crm_cli.jobs.importing.options import ImportOptions, UnsettledError
from crm_cli.store import Store

__all__ = ["Origin", "check_origin", "find_origin", "more_trusted_operations", "named_in_rejects", "source_system_of"]

_SAMPLE_ROWS = 1_000


@dataclass(frozen=True)
class Origin:
    """The source system of an import."""

    id: int
    name: str
    assumed: bool = False  # nobody named it: an earlier file was called the same
    folder: str = ""


def named_in_rejects(tables: Sequence[Table]) -> str | None:
    """Return the source that a file of rejected rows names; the mended rows are records of that source."""
    names: set[str] = set()
    for table in tables:
        if SOURCE_COLUMN in note_columns(table.header):
            place = table.header.index(SOURCE_COLUMN)
            rows = next(table.batches(_SAMPLE_ROWS), [])
            names |= {name for row in rows if place < len(row.values) and (name := row.values[place])}
    if len(names) > 1:
        raise UsageError(
            f"the rows come from several sources: {', '.join(sorted(names))}", hint="import each source's rows apart"
        )
    return names.pop() if names else None


def find_origin(
    store: Store, connection: sa.Connection, source: Any, options: ImportOptions, in_rejects: str | None
) -> tuple[str, Origin | None]:
    """Return the name of the source system – named, known by the same content, else called like the file – and what
    is known of it, None for a new one.
    """
    name = options.source_name or (options.mapping.source if options.mapping else None) or in_rejects
    table, batch = store.table("source_system"), store.table("import_batch")
    path = Path(source.name)
    if name is None:
        query = (
            sa.select(table.c.id, table.c.name)
            .join(batch, batch.c.source_system_id == table.c.id)
            .where(batch.c.fingerprint == source.fingerprint, batch.c.status == "applied")
        )
        known = connection.execute(query.order_by(batch.c.id).limit(1)).one_or_none()
        if known is not None:
            return known.name, Origin(known.id, known.name)
    called = (name or path.name)[:255]
    key = store.dictionary.entity("source_system").field("name").key_column
    found = connection.scalar(sa.select(table.c.id).where(table.c[key] == fold(called)))
    if found is None:
        return called, None
    return called, Origin(int(found), called, assumed=name is None, folder=path.parent.name)


def source_system_of(op: Operation, source: Any, options: ImportOptions, in_rejects: str | None) -> Origin:
    """Return the source system, which is made when it is new."""
    called, known = find_origin(op.store, op.connection, source, options, in_rejects)
    if known is not None:
        return known
    # not logged: the batch stays listed when it is undone, and so does where it came from
    return Origin(op.insert("source_system", [{"name": called}], covered=True)[0], called)


def more_trusted_operations(op: Operation, source_id: int) -> frozenset[int]:
    """Return the operations by which sources were imported that are trusted more than this one."""
    source, batch = op.store.table("source_system"), op.store.table("import_batch")
    own = sa.select(source.c.trust).where(source.c.id == source_id).scalar_subquery()
    query = (
        sa.select(batch.c.operation_id)
        .join(source, source.c.id == batch.c.source_system_id)
        .where(source.c.trust > own, batch.c.operation_id.is_not(None))
        .distinct()
    )
    return frozenset(op.connection.scalars(query))


def check_origin(origin: Origin, table: str, found: Strangers) -> None:
    """Refuse to update the records of another system, whose file happened to be called the same."""
    if not found.are_most:
        return
    other = f"{origin.folder}/{origin.name}" if origin.folder else f"another {origin.name}"
    raise UnsettledError(
        f"{table}: {len(found.others)} of {found.known} records that {origin.name!r} brought before under these keys "
        f"are somebody else: {'; '.join(found.others[:3])}",
        hint=f"name the source: --source {origin.name} if these are the same records, else --source with another name",
        flag="--source",
        choices=((origin.name, "the same records, which change"), (other, "another source, with records of its own")),
    )
