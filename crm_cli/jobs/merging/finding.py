"""Finding a merge again by a record that was in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from crm_cli.errors import NotFoundError
from crm_cli.store import Store

__all__ = ["PastMerge", "last_merge_of"]


@dataclass(frozen=True, slots=True)
class PastMerge:
    """One cluster that was merged: by which operation, who survived, who was merged away."""

    operation_id: int
    survivor: int
    merged: tuple[int, ...]
    merged_at: datetime
    actor: str


def last_merge_of(store: Store, entity: str, number: int) -> PastMerge:
    """Return the last merge, not undone, that took record `number` away, else the last that it survived.

    Raises `NotFoundError` where there is none.
    """
    declared = store.dictionary.entity(entity)
    table, operation = store.table("merge"), store.table("operation")
    of_entity = sa.select(table).where(table.c.entity == declared.name).order_by(table.c.id.desc()).limit(1)
    with store.read() as connection:
        row = (
            connection.execute(of_entity.where(table.c.record_id == number)).one_or_none()
            or connection.execute(of_entity.where(table.c.survivor_id == number)).one_or_none()
        )  # fmt: skip
        if row is None:
            hint = f"crm {declared.noun} show {number} names the records that were merged into it"
            raise NotFoundError(f"{declared.noun} {number} was in no merge", hint=hint, record_id=number)
        done = connection.execute(sa.select(operation).where(operation.c.id == row.operation_id)).one()
        cluster = sa.select(table.c.record_id).where(
            table.c.operation_id == row.operation_id, table.c.entity == declared.name,
            table.c.survivor_id == row.survivor_id,
        )  # fmt: skip
        merged = tuple(connection.scalars(cluster.order_by(table.c.record_id)))
    return PastMerge(done.id, row.survivor_id, merged, done.started_at, done.actor)
