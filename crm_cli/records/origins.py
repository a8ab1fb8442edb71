"""Where a record comes from and how fresh it is: merged records, sources and batches, confirmations by group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import MASK, Entity, is_shown, shown_as
from crm_cli.history import ALL_CARRIED, OF_ONE_POINT
from crm_cli.records.titles import titles_of
from crm_cli.store import Store, in_chunks

__all__ = ["confirmations_of", "merged_into", "sources_of"]

Row = dict[str, Any]
_NAMED = "name:"  # how the id of an account begins that a source has only by name
_UNMAPPED = ("extra", "ignore")  # a column that fills no field, and so is nothing but a key


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
    merges = _merges(store, connection, entity, found)
    nothing = {"merged_at": None, "operation": None, "by": None}
    return [{"id": one, "title": titles[one], **merges.get(one, nothing)} for one in found]


def _merges(store: Store, connection: sa.Connection, entity: Entity, ids: Sequence[int]) -> dict[int, Row]:
    """Return, of records that were merged away, when that was, by which operation, and by whom."""
    merge, operation = store.table("merge"), store.table("operation")
    query = (
        sa.select(merge.c.record_id, operation.c.started_at, operation.c.id, operation.c.actor)
        .join(operation, operation.c.id == merge.c.operation_id)
        .where(merge.c.entity == entity.name)
        .order_by(merge.c.id)
    )
    found: dict[int, Row] = {}
    for chunk in in_chunks(ids):
        for number, when, made, actor in connection.execute(query.where(merge.c.record_id.in_(chunk))):
            found[number] = {"merged_at": when, "operation": made, "by": actor}
    return found


def sources_of(store: Store, connection: sa.Connection, entity: Entity, number: int) -> list[Row]:
    """Return under which ids which sources know the record, when they last had it, and in which file."""
    ref, source, batch = store.table("external_ref"), store.table("source_system"), store.table("import_batch")
    query = (
        sa.select(
            source.c.name.label("source"),
            ref.c.external_id,
            ref.c.last_seen_at,
            batch.c.source_name.label("file"),
            batch.c.into,
            batch.c.mapping,
        )
        .join(source, source.c.id == ref.c.source_system_id)
        .outerjoin(batch, batch.c.id == ref.c.batch_id)
        .where(ref.c.entity == entity.name, ref.c.record_id == number)
        .order_by(ref.c.id)
    )
    return [
        {
            "source": row.source, "external_id": _shown_id(store, entity, row), "last_seen_at": row.last_seen_at,
            "file": row.file,
        }
        for row in connection.execute(query)
    ]  # fmt: skip


def _shown_id(store: Store, entity: Entity, row: Any) -> str:
    """The id as a view may show it: a source may know its records by what is masked here, such as an e-mail address."""
    if not store.dictionary.is_masked:
        return str(row.external_id)
    if str(row.external_id).startswith(_NAMED):
        return str(shown_as(entity, "name", row.external_id))
    mapping = row.mapping or {}
    target = mapping.get("columns", {}).get(mapping.get("key"), _UNMAPPED[0])
    known = target in _UNMAPPED or is_shown(store.dictionary, (row.into or entity.name).split("+"), target)
    return str(row.external_id) if known else MASK


def confirmations_of(store: Store, connection: sa.Connection, entity: Entity, number: int) -> list[Row]:
    """Return, per freshness group, when and how it was last found valid or dead, and by whom or from which file.

    An import confirms what it carried. `valid_at` is when the group last held, if it was ever confirmed.
    """
    confirmation, batch, operation = (store.table(name) for name in ("confirmation", "import_batch", "operation"))
    query = (
        sa.select(confirmation, batch.c.groups, batch.c.source_name, operation.c.actor)
        .outerjoin(batch, batch.c.id == confirmation.c.batch_id)
        .outerjoin(operation, operation.c.id == confirmation.c.operation_id)
        .where(confirmation.c.entity == entity.name, confirmation.c.record_id == number)
        .where(confirmation.c.result.not_in(OF_ONE_POINT))
        .order_by(confirmation.c.confirmed_at, confirmation.c.id)
    )
    newest: dict[str, Row] = {}
    for row in connection.execute(query).mappings():
        groups = row["groups"] or [] if row["freshness_group"] == ALL_CARRIED else [row["freshness_group"]]
        for group in groups:
            held = row["confirmed_at"] if row["result"] == "valid" else newest.get(group, {}).get("valid_at")
            newest[group] = {
                "group": group, "confirmed_at": row["confirmed_at"], "method": row["method"], "result": row["result"],
                "source": row["source"] or row["source_name"], "by": row["actor"], "valid_at": held,
            }  # fmt: skip
    return [newest[group] for group in sorted(newest)]
