"""Values that only one record may have: rows that need a taken one are kept aside, not a crash of the whole import."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import Entity, Field, fold
from crm_cli.history import Operation
from crm_cli.jobs.importing.drafts import Draft, Fault
from crm_cli.store import in_chunks

__all__ = ["drop_taken", "refuse_taken"]


def refuse_taken(operation: Operation, entity: Entity, drafts: Sequence[Draft]) -> list[Draft]:
    """Return the drafts whose unique values are free; the others get a fault that names the record in the way."""
    for one in _unique(entity):
        given = [(draft, _key(one, draft.values.get(entity.name, {}).get(one.name))) for draft in drafts]
        holders = _holders(operation, entity, one, {key for _, key in given if key is not None})
        met: set[Any] = set()
        for draft, key in given:
            if key is None:
                continue
            if key in holders or key in met:
                draft.faults.append(_fault(entity, one, draft.values[entity.name][one.name], holders.get(key)))
            met.add(key)
    return [draft for draft in drafts if not draft.faults]


def drop_taken(operation: Operation, entity: Entity, updates: dict[int, dict[str, Any]]) -> int:
    """Take unique values that another record has out of the updates; return how many."""
    dropped = 0
    for one in _unique(entity):
        keys = {number: _key(one, values.get(one.name)) for number, values in updates.items()}
        holders = _holders(operation, entity, one, {key for key in keys.values() if key is not None})
        for number, key in keys.items():
            if key is not None and holders.setdefault(key, number) != number:
                del updates[number][one.name]
                dropped += 1
    return dropped


def _unique(entity: Entity) -> list[Field]:
    return [one for one in entity.fields if one.unique and not one.custom]


def _key(one: Field, value: Any) -> Any:
    return fold(value) if one.has_key and isinstance(value, str) else value


def _holders(operation: Operation, entity: Entity, one: Field, keys: set[Any]) -> dict[Any, int]:
    table = operation.store.table(entity.name)
    column = table.c[one.key_column if one.has_key else one.name]
    found: dict[Any, int] = {}
    for chunk in in_chunks(sorted(keys)):
        query = sa.select(column, table.c.id).where(column.in_(chunk))
        found.update({row[0]: row[1] for row in operation.connection.execute(query)})
    return found


def _fault(entity: Entity, one: Field, value: Any, holder: int | None) -> Fault:
    who = f"{entity.noun} {holder} has it" if holder else "an earlier row has it"
    return Fault(one.name, str(value), f"{one.name} {value!r} is taken: {who}", "give another, or merge the two")
