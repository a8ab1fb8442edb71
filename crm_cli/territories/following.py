"""What hangs on a record that got another owner goes with it: open work of the owner before, and nobody else's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TypeAlias

import sqlalchemy as sa

from crm_cli.history import Operation, assign
from crm_cli.query import Scope
from crm_cli.territories.ownership import FOLLOWS, OPEN, OWNED, alive
from crm_cli.territories.sorting import conditioned

__all__ = ["Taken", "follow"]

Taken: TypeAlias = Mapping[int, tuple[int | None, int | None]]
"""Record → its owner before and the new one."""
_AT_ONCE = 5_000


def follow(operation: Operation, entity: str, taken: Taken, today: date) -> dict[str, int]:
    """Give what hangs on the records of `entity` to their new owners; return how many records of each entity went.

    Only what the owner before had goes, and of leads, opportunities and activities only what is open
    (`ownership.OPEN`); the nearest of several parents decides (`ownership.FOLLOWS`).
    """
    went: dict[str, dict[int, tuple[int | None, int | None]]] = {entity: dict(taken)}
    counts: dict[str, int] = {}
    for child in OWNED[OWNED.index(entity) + 1 :]:
        parents = [(name, went[parent]) for name, parent in FOLLOWS[child] if went.get(parent)]
        if parents:
            found = _following(operation, child, parents, today)
            went[child] = found
            pairs = ((number, new) for number, (_, new) in found.items())
            counts[child] = assign(operation, child, "owner_id", pairs)
    return {name: count for name, count in counts.items() if count}


def _following(
    operation: Operation, child: str, parents: list[tuple[str, dict[int, tuple[int | None, int | None]]]], today: date
) -> dict[int, tuple[int | None, int | None]]:
    store = operation.store
    declared = store.dictionary.entity(child)
    scope = Scope(store, declared)
    row = scope.root.c
    names = [name for name, _ in parents]
    tests = [*alive(scope), sa.or_(*(row[name].is_not(None) for name in names))]
    if child in OPEN:
        tests.append(conditioned(store, declared, OPEN[child], scope, today))
    columns = [row[name].label(f"parent{place}") for place, name in enumerate(names)]
    query = sa.select(row.id, row.owner_id, *columns).select_from(scope.source).where(*tests).order_by(row.id)
    found: dict[int, tuple[int | None, int | None]] = {}
    for part in operation.connection.execute(query.execution_options(yield_per=_AT_ONCE)).partitions(_AT_ONCE):
        for number, owner, *keys in part:
            near = next((taken[key] for (_, taken), key in zip(parents, keys, strict=True) if key in taken), None)
            if near is not None and near[0] == owner:
                found[number] = near
    return found
