"""Delete and restore records: a deleted one keeps its row and everything that hangs on it, and is not shown."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from crm_cli.dictionary import Entity, EntityRole
from crm_cli.history import Operation
from crm_cli.records.standing import refuse_merged
from crm_cli.store import Store, in_chunks

__all__ = ["delete", "referring_counts", "restore"]


def delete(op: Operation, entity: Entity, ids: Sequence[int]) -> list[int]:
    """Delete these records; return those that were not deleted before.

    Raises `ChangedMeanwhileError` for one that was merged away since it was chosen: its survivor is another record.
    """
    refuse_merged(op, entity, ids)
    return op.delete(entity.name, ids)


def restore(op: Operation, entity: Entity, ids: Sequence[int]) -> list[int]:
    """Bring deleted records back; return those that were deleted."""
    return op.restore(entity.name, ids)


def referring_counts(store: Store, connection: sa.Connection, entity: Entity, ids: Sequence[int]) -> dict[str, int]:
    """Return how many living records of other entities refer to these, by plural: what a deletion leaves dangling."""
    found: dict[str, int] = {}
    for other, one in store.dictionary.references_to(entity.name):
        if other.role is not EntityRole.RECORD or one.reference is None or one.reference.entity is None:
            continue
        table = store.table(other.name)
        for chunk in in_chunks(ids):
            living = sa.and_(table.c[one.name].in_(chunk), table.c.deleted_at.is_(None))
            count = connection.scalar(sa.select(sa.func.count()).select_from(table).where(living)) or 0
            if count:
                found[other.plural] = found.get(other.plural, 0) + count
    return found
