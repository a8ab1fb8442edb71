"""Unique values: refused in words before the database refuses them in its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import Entity, fold
from crm_cli.errors import CrmError
from crm_cli.store import Store

__all__ = ["AlreadyTakenError", "refuse_taken"]


class AlreadyTakenError(CrmError):
    """Another record has this unique value."""

    code = "already-taken"


def refuse_taken(
    store: Store, connection: sa.Connection, entity: Entity, values: Mapping[str, Any], *, own: int | None = None
) -> None:
    """Raise `AlreadyTakenError` where another record than `own` has a unique value; deleted records keep theirs."""
    table = store.table(entity.name)
    for one in entity.fields:
        value = values.get(one.name)
        if not one.unique or one.custom or value is None:
            continue
        same = table.c[one.key_column] == fold(value) if one.has_key else table.c[one.name] == value
        query = sa.select(table.c.id, table.c.deleted_at).where(same, table.c.id != (own or 0))
        taken = connection.execute(query.limit(1)).one_or_none()
        if taken is not None:
            gone = taken.deleted_at is not None
            hint = f"crm {entity.noun} {'restore' if gone else 'show'} {taken.id}"
            who = f"{entity.noun} {taken.id}{', which is deleted,' if gone else ''}"
            raise AlreadyTakenError(f"{who} has {one.name} {value!r} already", hint=hint, record_id=taken.id)
