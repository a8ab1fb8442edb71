"""Where a record comes from and how fresh it is: merged records, sources and batches, confirmations by group."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import Entity
from crm_cli.history import ALL_CARRIED
from crm_cli.records.titles import titles_of
from crm_cli.store import Store

__all__ = ["confirmations_of", "merged_into", "sources_of"]

Row = dict[str, Any]


def merged_into(store: Store, connection: sa.Connection, entity: Entity, number: int) -> list[Row]:
    """Return the records that were merged into this one, directly or through others."""
    table = store.table(entity.name)
    found: list[int] = []
    pending = [number]
    while pending:
        query = sa.select(table.c.id).where(table.c.merged_into_id.in_(pending)).order_by(table.c.id)
        pending = [one for one in connection.scalars(query) if one not in found]
        found += pending
    titles = titles_of(store, connection, entity.name, found)
    return [{"id": one, "title": titles[one]} for one in found]


def sources_of(store: Store, connection: sa.Connection, entity: Entity, number: int) -> list[Row]:
    """Return under which ids which sources know the record, when they last had it, and in which file."""
    ref, source, batch = store.table("external_ref"), store.table("source_system"), store.table("import_batch")
    query = (
        sa.select(
            source.c.name.label("source"), ref.c.external_id, ref.c.last_seen_at, batch.c.source_name.label("file")
        )
        .join(source, source.c.id == ref.c.source_system_id)
        .outerjoin(batch, batch.c.id == ref.c.batch_id)
        .where(ref.c.entity == entity.name, ref.c.record_id == number)
        .order_by(ref.c.id)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def confirmations_of(store: Store, connection: sa.Connection, entity: Entity, number: int) -> list[Row]:
    """Return, per freshness group, when and how it was last found valid or dead; an import confirms what it carried."""
    confirmation, batch = store.table("confirmation"), store.table("import_batch")
    query = (
        sa.select(confirmation, batch.c.groups)
        .outerjoin(batch, batch.c.id == confirmation.c.batch_id)
        .where(confirmation.c.entity == entity.name, confirmation.c.record_id == number)
        .order_by(confirmation.c.confirmed_at, confirmation.c.id)
    )
    newest: dict[str, Row] = {}
    for row in connection.execute(query).mappings():
        groups = row["groups"] or [] if row["freshness_group"] == ALL_CARRIED else [row["freshness_group"]]
        for group in groups:
            newest[group] = {
                "group": group, "confirmed_at": row["confirmed_at"], "method": row["method"], "result": row["result"],
                "source": row["source"],
            }  # fmt: skip
    return [newest[group] for group in sorted(newest)]
