"""Which records somebody changed since a source last brought them: these are compared again, others are not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import Entity
from crm_cli.history import Operation
from crm_cli.jobs.importing.resolving import KnownRef
from crm_cli.store import in_chunks

__all__ = ["ChangeWatch"]


@dataclass
class ChangeWatch:
    """Reads the log of changes. Where nothing was written since, which is the rule, that costs one question a batch."""

    operation: Operation
    _quiet: dict[tuple[int | None, str], bool] = field(default_factory=dict)

    def changed(self, entity: Entity, refs: Sequence[KnownRef]) -> set[int]:
        """Return the ids of those references whose record somebody else changed since the batch that they name."""
        by_batch: dict[int | None, list[KnownRef]] = defaultdict(list)
        for ref in refs:
            by_batch[ref.batch_id].append(ref)
        found: set[int] = set()
        for batch, mine in by_batch.items():
            if batch is None:
                found |= {ref.id for ref in mine}
            elif not self._is_quiet(batch, entity):
                for chunk in in_chunks(mine):
                    found |= self._changed(batch, entity, chunk)
        return found

    def _later(self, batch: int) -> sa.Select[Any]:
        """The operations that were finished after the one of the batch began, that one and this one apart."""
        table, batches = self.operation.store.table("operation"), self.operation.store.table("import_batch")
        own = table.alias()
        begun = (
            sa.select(own.c.started_at)
            .join(batches, batches.c.operation_id == own.c.id)
            .where(batches.c.id == batch)
            .scalar_subquery()
        )
        of_batch = sa.select(batches.c.operation_id).where(batches.c.id == batch).scalar_subquery()
        return sa.select(table.c.id).where(
            table.c.finished_at >= begun, table.c.id != of_batch, table.c.id != self.operation.id
        )

    def _is_quiet(self, batch: int, entity: Entity) -> bool:
        key = (batch, entity.name)
        if key not in self._quiet:
            change = self.operation.store.table("change")
            names = [entity.name, "external_ref", *sorted({slot.detail for slot in entity.slots})]
            query = sa.select(change.c.id).where(
                change.c.operation_id.in_(self._later(batch)), change.c.entity.in_(names)
            )
            self._quiet[key] = self.operation.connection.scalar(query.limit(1)) is None
        return self._quiet[key]

    def _changed(self, batch: int, entity: Entity, refs: Sequence[KnownRef]) -> set[int]:
        change, store = self.operation.store.table("change"), self.operation.store
        ids = [ref.record_id for ref in refs]
        later = change.c.operation_id.in_(self._later(batch))
        records = set(
            self._scalars(change.c.record_id, change.c.entity == entity.name, change.c.record_id.in_(ids), later)
        )
        for detail in {slot.detail for slot in entity.slots}:
            table = store.table(detail)
            query = (
                sa.select(table.c.party_id)
                .join(change, sa.and_(change.c.entity == detail, change.c.record_id == table.c.id))
                .where(table.c.party_id.in_(ids), later)
            )
            records |= set(self.operation.connection.scalars(query))
        moved = self._scalars(
            change.c.record_id,
            change.c.entity == "external_ref",
            change.c.record_id.in_([ref.id for ref in refs]),
            later,
        )
        return {ref.id for ref in refs if ref.record_id in records} | set(moved)

    def _scalars(self, column: sa.ColumnElement[int], *tests: sa.ColumnElement[bool]) -> Sequence[int]:
        return self.operation.connection.scalars(sa.select(column).where(*tests)).all()
