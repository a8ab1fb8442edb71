"""What stands in the records that a source speaks of, and by whose word; locked from reading to writing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import Entity
from crm_cli.history import ALL_CARRIED, Operation
from crm_cli.jobs.importing.edits import Edits, read_edits
from crm_cli.store import in_chunks

__all__ = ["NO_GROUP", "Standing", "read_standings"]

NO_GROUP = ""  # fields that go stale with no other: they are known as of the last import that carried the record
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass
class Standing:
    """One record as it stands."""

    row: dict[str, Any]
    edits: Edits = field(default_factory=Edits)
    moments: dict[str, datetime] = field(default_factory=dict)  # freshness group → when it was last known to hold
    refs: list[tuple[int, str | None, int | None]] = field(default_factory=list)  # by sources: id, word, batch

    @property
    def shared(self) -> bool:
        """Whether several rows speak of it: they were merged, or several sources have it."""
        return len(self.refs) > 1

    def known(self, group: str) -> datetime:
        """Return when the fields of a group were last known to hold."""
        return self.moments.get(group, _LONG_AGO)


def read_standings(
    operation: Operation, entity: Entity, ids: Iterable[int], *, edits: bool = True, moments: bool = False,
    trusted: frozenset[int] = frozenset(),
) -> dict[int, Standing]:  # fmt: skip
    """Return what stands in these records. They stay locked: nobody edits them between this and the update.

    `trusted` are the operations whose values are to be told from others (`Edits.is_trusted`).
    """
    table = operation.store.table(entity.name)
    found: dict[int, Standing] = {}
    for chunk in in_chunks(sorted(set(ids))):
        query = sa.select(table).where(table.c.id.in_(chunk)).order_by(table.c.id).with_for_update()
        found.update({row["id"]: Standing(dict(row)) for row in operation.connection.execute(query).mappings()})
        _read_refs(operation, entity.name, chunk, found)
        if moments:
            _read_moments(operation, entity.name, chunk, found)
    if edits:
        rows = {number: one.row for number, one in found.items()}
        for number, one in read_edits(operation, entity, rows, trusted).items():
            if number in found:
                found[number].edits = one
    return found


def _read_refs(operation: Operation, entity: str, ids: Sequence[int], found: dict[int, Standing]) -> None:
    table = operation.store.table("external_ref")
    query = sa.select(table.c.record_id, table.c.id, table.c.content_hash, table.c.batch_id).where(
        table.c.entity == entity, table.c.record_id.in_(ids)
    )
    for number, ref, content, batch in operation.connection.execute(query):
        found[number].refs.append((ref, content, batch))


def _read_moments(operation: Operation, entity: str, ids: Sequence[int], found: dict[int, Standing]) -> None:
    table = operation.store.table("confirmation")
    query = sa.select(table.c.record_id, table.c.freshness_group, table.c.batch_id, table.c.confirmed_at).where(
        table.c.entity == entity, table.c.record_id.in_(ids), table.c.result == "valid"
    )
    rows = operation.connection.execute(query).all()
    carried = _carried(operation, {row.batch_id for row in rows if row.freshness_group == ALL_CARRIED})
    for row in rows:
        moments = found[row.record_id].moments
        for group in carried[row.batch_id] if row.freshness_group == ALL_CARRIED else (row.freshness_group,):
            moments[group] = max(row.confirmed_at, moments.get(group, row.confirmed_at))


def _carried(operation: Operation, batches: Iterable[int]) -> dict[int, list[str]]:
    """Return the groups that these batches carried."""
    table = operation.store.table("import_batch")
    found: dict[int, list[str]] = {}
    for chunk in in_chunks(sorted(batches)):
        rows = operation.connection.execute(sa.select(table.c.id, table.c.groups).where(table.c.id.in_(chunk)))
        found.update({number: [*(groups or ()), NO_GROUP] for number, groups in rows})
    return found
