"""Who took what out: a row for each file of records that was written, and where an extract goes on next time.

A row here is no change of a record, so it is no operation: `crm undo` must not find an export where it looks for the
last change.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crm_cli.errors import LockedError
from crm_cli.jobs.exporting.watermark import Watermark
from crm_cli.store import Store
from crm_cli.urls import hide_passwords

__all__ = ["Run", "note_run", "runs_of"]

_LONGEST = 500  # characters of a destination
_LITERAL = re.compile(r"'(?:[^']|'')*'")


@dataclass(frozen=True, kw_only=True)
class Run:
    """An export that was written. `document` is what its manifest says beyond these."""

    entity: str
    destination: str
    actor: str
    started_at: datetime
    finished_at: datetime
    rows: int
    sha256: str = ""
    extract: str = ""
    is_full: bool = True
    gone: int = 0
    watermark: Watermark = field(default_factory=Watermark)
    document: Mapping[str, Any] | None = None
    id: int = 0


def note_run(store: Store, run: Run) -> str:
    """Write a run down; return why that could not be done, empty when it was."""
    try:
        with store.write() as connection:
            number = store.allocate(connection, "export_run", 1)[0]
            connection.execute(store.table("export_run").insert().values(id=number, **_values(run)))
    except LockedError as error:
        return error.message
    except sa.exc.DatabaseError as error:
        return str(error.orig)
    return ""


def _values(run: Run) -> dict[str, Any]:
    document = {**(run.document or {}), "missing_operations": list(run.watermark.missing)}
    if isinstance(said := document.get("filter"), str):
        document["filter"] = _LITERAL.sub("?", said)  # what is written here outlives an erasure
    return {
        "extract": run.extract or None, "record_entity": run.entity, "actor": run.actor,
        "destination": hide_passwords(run.destination, whole=True)[-_LONGEST:],
        "kind": "full" if run.is_full else "changes", "watermark_id": run.watermark.operation or None,
        "rows": run.rows, "gone": run.gone, "sha256": run.sha256 or None, "manifest": document,
        "started_at": run.started_at, "finished_at": run.finished_at,
    }  # fmt: skip


def runs_of(store: Store, extract: str | None = None, limit: int = 20) -> list[Run]:
    """Return the last runs, the newest first: of one saved extract, or all."""
    table = store.table("export_run")
    query = sa.select(table).where(table.c.finished_at.is_not(None)).order_by(table.c.id.desc()).limit(limit)
    with store.read() as connection:
        rows = connection.execute(query if extract is None else query.where(table.c.extract == extract)).mappings()
        return [_run(row) for row in rows]


def _run(row: Any) -> Run:
    document = row["manifest"] or {}
    return Run(
        id=row["id"], entity=row["record_entity"], destination=row["destination"], actor=row["actor"],
        started_at=row["started_at"], finished_at=row["finished_at"], rows=row["rows"], sha256=row["sha256"] or "",
        extract=row["extract"] or "", is_full=row["kind"] == "full", gone=row["gone"],
        watermark=Watermark(row["watermark_id"] or 0, tuple(document.get("missing_operations", ()))), document=document,
    )  # fmt: skip
