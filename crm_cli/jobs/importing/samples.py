"""Samples of what an import does: a few rows of each kind, to be looked at before anything is written for good."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import Dictionary, EntityRole, shown_as
from crm_cli.history import Operation
from crm_cli.jobs.importing.drafts import Draft
from crm_cli.records import titles_of

__all__ = ["Sample", "SampleKeeper", "rows_of"]

_MOST = 5  # of each kind
_LOOKED_AT = 200  # changes
_NOT_SHOWN = ("extra", "updated_at", "row_version", "is_primary", "party_id", "standard")


@dataclass(frozen=True, slots=True)
class Sample:
    """One row of the source and what becomes of it.

    `what` is create, update, conflict, duplicate (suspected) or reject; `now` is what stands in the record, `source`
    what the row says (of a conflict it is not taken), of a reject why it cannot be taken.
    """

    what: str
    row: int | None
    record: str = ""
    field: str = ""
    now: Any = None
    source: Any = None


@dataclass
class SampleKeeper:
    """Collects samples while a table is imported."""

    kept: list[Sample] = field(default_factory=list)

    def wants(self, what: str) -> bool:
        """Whether there are too few of a kind."""
        return sum(one.what == what for one in self.kept) < _MOST

    def conflict(self, row: int, record: str, name: str, now: Any, source: Any) -> None:
        """Take note of a value that is left as it is."""
        if self.wants("conflict"):
            self.kept.append(Sample("conflict", row, record, name, now, source))

    def suspect(self, row: int, record: str, title: str, source: Any) -> None:
        """Take note of a new record that resembles one that is there."""
        if self.wants("duplicate"):
            self.kept.append(Sample("duplicate", row, record, "", title, source))

    def reject(self, drafts: Iterable[Draft]) -> None:
        """Take note of rows that cannot be taken."""
        for draft in drafts:
            for fault in draft.faults:
                if self.wants("reject"):
                    self.kept.append(Sample("reject", draft.row.number, "", fault.column, fault.value, fault.reason))

    def written(self, op: Operation) -> list[Sample]:
        """Return the samples, with those of what the operation has written; what was created comes first."""
        op.flush()
        found = [*_created(op), *_updated(op)]
        return [*found, *sorted(self.kept, key=lambda one: one.what)]


def _created(op: Operation) -> Iterator[Sample]:
    change = op.store.table("change")
    made = [one for one in op.store.dictionary.records if op.counts[f"{one.name}.insert"]]
    for entity in made:
        query = (
            sa.select(change.c.record_id, change.c.source_row)
            .where(change.c.operation_id == op.id, change.c.action == "insert", change.c.source_row.is_not(None))
            .where(change.c.entity == entity.name)
            .order_by(change.c.id)
            .limit(_MOST if len(made) == 1 else _MOST // 2 + 1)
        )
        rows = op.connection.execute(query).all()
        titles = titles_of(op.store, op.connection, entity.name, [number for number, _ in rows])
        for number, row in rows:
            yield Sample("create", row, entity.noun, "", None, titles.get(number, ""))


def _updated(op: Operation) -> list[Sample]:
    change = op.store.table("change")
    query = (
        sa.select(change.c.entity, change.c.record_id, change.c.unit, change.c.source_row, change.c.old, change.c.new)
        .where(change.c.operation_id == op.id, change.c.action == "update", change.c.entity != "external_ref")
        .order_by(change.c.id)
        .limit(_LOOKED_AT)
    )
    found: list[Sample] = []
    for row in op.connection.execute(query).all():
        old, new = row.old or {}, row.new or {}
        names = [name for name in new if name not in _NOT_SHOWN and not name.endswith("_key")]
        if len(names) > 1 and "value" in names:  # of an address its parts say it better
            names.remove("value")
        for name in names:
            if len(found) < _MOST:
                record = _record(op.store.dictionary, row.entity, row.record_id, row.unit)
                now = shown_as(op.store.dictionary.entity(row.entity), name, old.get(name))
                found.append(Sample("update", row.source_row, record, name, now, new[name]))
    return found


def _record(dictionary: Dictionary, entity: str, number: int, unit: int | None) -> str:
    """`contact 7`; of a part of a record `postal address of 7`."""
    declared = dictionary.entity(entity)
    noun = declared.noun.replace("_", " ")
    return f"{noun} of {unit}" if declared.role is EntityRole.DETAIL else f"{noun} {number}"


def rows_of(samples: Sequence[Sample]) -> list[dict[str, Any]]:
    """Return samples as rows to be shown."""
    names = ("what", "row", "record", "field", "now", "source")
    return [{name: getattr(one, name) for name in names} for one in samples]
