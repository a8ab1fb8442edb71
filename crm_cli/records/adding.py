"""Add one record, by the rules that hold in bulk."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from crm_cli.history import Operation, confirm
from crm_cli.records.erased import refuse_erased
from crm_cli.records.given import Given
from crm_cli.records.identification import refuse_unidentified
from crm_cli.records.listing import fields_of
from crm_cli.records.points import new_points
from crm_cli.records.standing import refuse_merged_targets
from crm_cli.records.titles import titles_of
from crm_cli.records.uniqueness import refuse_taken

__all__ = ["Added", "add"]


@dataclass(frozen=True)
class Added:
    """A new record: ids, title, fields and contact slots as they stand now, and remarks on what was given."""

    entity: str
    id: int
    public_id: str
    title: str
    values: dict[str, Any]
    remarks: list[str] = field(default_factory=list)


def add(op: Operation, given: Given) -> Added:
    """Insert the record that `given` describes, with its contact points; return what became of it.

    What standardizing changed is kept in `extra` under `@original`. The groups that were given count as confirmed by
    this edit. Raises `WrongValueError` for what is missing, `AlreadyTakenError` for a unique value in use,
    `ChangedMeanwhileError` when a record that it refers to was merged away since it was read, `ErasedPersonError` for a
    person whose data were erased.
    """
    entity = given.entity
    refuse_unidentified(entity, given)
    refuse_taken(op.store, op.connection, entity, given.values)
    refuse_merged_targets(op, entity, [given.values])
    refuse_erased(op, given)
    (number,) = op.allocate(entity.name, 1)
    (public_id,) = op.store.mint(1)
    row: dict[str, Any] = {"id": number, "public_id": public_id, **given.table_values}
    row["custom"] = {name: value for name, value in given.custom.items() if value is not None} or None
    row["extra"] = {"@original": given.originals} if given.originals else None
    op.insert(entity.name, [row])
    for detail, points in new_points(given.slots.values()).items():
        op.insert(detail, [{"party_id": number, **point} for point in points], covered=True)
    confirm(op, entity.name, [number], given.groups, method="edit")
    shown = fields_of(op.store, op.connection, entity.name, number)
    values = {name: value for name, value in shown.items() if value is not None and name != "id"}
    title = titles_of(op.store, op.connection, entity.name, [number])[number]
    return Added(entity.name, number, public_id, title, values, given.remarks)
