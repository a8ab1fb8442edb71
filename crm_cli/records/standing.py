"""A record that stood when it was read may be merged away before the write: that is refused, not lost with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import Entity
from crm_cli.history import ChangedMeanwhileError, Operation
from crm_cli.records.references import targets_of
from crm_cli.store import in_chunks

__all__ = ["refuse_merged", "refuse_merged_targets"]


def refuse_merged(op: Operation, entity: Entity, ids: Iterable[int], *, shared: bool = False) -> None:
    """Lock these records until the operation ends; raise `ChangedMeanwhileError` when one was merged away.

    A merge that is under way is waited for. `shared` is for records that are only referred to.
    """
    table = op.store.table(entity.name)
    if "merged_into_id" not in table.c:
        return
    for chunk in in_chunks(sorted(set(ids))):
        query = sa.select(table.c.id, table.c.merged_into_id).where(table.c.id.in_(chunk)).order_by(table.c.id)
        for number, survivor in op.connection.execute(query.with_for_update(read=shared, key_share=shared)):
            if survivor is not None:
                message = f"{entity.noun} {number} was merged into {survivor} meanwhile"
                hint = f"nothing was written; do it again with {entity.noun} {survivor}"
                raise ChangedMeanwhileError(message, hint=hint, entity=entity.name, record_id=number)


def refuse_merged_targets(op: Operation, entity: Entity, rows: Iterable[Mapping[str, Any]]) -> None:
    """Do the same for every record that the `rows` of `entity` refer to."""
    found = list(rows)
    for one in entity.references:
        wanted = {row[one.name] for row in found if row.get(one.name) is not None}
        for target in targets_of(op.store.dictionary, one) if wanted else ():
            refuse_merged(op, target, wanted, shared=True)
