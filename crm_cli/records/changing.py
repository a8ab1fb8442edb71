"""Set fields of records: what would change is planned, shown, and then written if nobody changed it meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import Entity, Freshness, SemanticType, shown, shown_as
from crm_cli.history import Operation, confirm
from crm_cli.records.given import Given, Reader, SlotValue
from crm_cli.records.identification import refuse_unidentifying
from crm_cli.records.point_changes import PointChanges, plan_points
from crm_cli.records.points import points_of, slot_row
from crm_cli.records.standing import refuse_merged, refuse_merged_targets
from crm_cli.records.uniqueness import AlreadyTakenError, refuse_taken
from crm_cli.store import Store, in_chunks

__all__ = ["ChangePlan", "apply_changes", "plan_changes"]

_BY_COUNTRY = {
    SemanticType.PHONE, SemanticType.POSTAL_CODE, SemanticType.REGION, SemanticType.STREET, SemanticType.MONEY,
}  # fmt: skip
Row = dict[str, Any]


@dataclass
class ChangePlan:
    """What setting values would change: of which records, which fields (old and new), and remarks on what was given.

    `differences` holds, for every record that changes, its fields as (old, new) texts of what will be stored: what
    stands there already is masked as the dictionary says, what the user gave is not.
    """

    entity: Entity
    ids: list[int]
    updates: dict[int, Row] = field(default_factory=dict)
    versions: dict[int, int] = field(default_factory=dict)
    points: PointChanges = field(default_factory=PointChanges)
    groups: list[Freshness] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    differences: dict[int, dict[str, tuple[Any, Any]]] = field(default_factory=dict)

    @property
    def changed(self) -> list[int]:
        """The records that really change, in the order of their ids."""
        return sorted(set(self.updates) | self.points.touched)


def plan_changes(
    reader: Reader, ids: Sequence[int], given: Mapping[str, str], *, version: int | None = None
) -> ChangePlan:
    """Return what setting `given` (name → text, blank to clear) on these records changes; nothing is written.

    `version` is the one that the user saw (of a single record); without it, it is the one read now.
    Values are read by each record's own country and currency, as an import of it would. Raises what `Reader.read`
    raises, `AlreadyTakenError` when a unique value would be given to several records, and `WrongValueError` when a
    record would be left without anything that tells it apart.
    """
    rows = _rows(reader.store, reader.connection, reader.entity, ids)
    plan = ChangePlan(reader.entity, sorted(rows))
    read = _remembering(reader, given)
    slots: dict[int, Sequence[SlotValue]] = {}
    settings = _settings(reader, rows, given)
    for number, row in rows.items():
        values = read(settings.get(number, (None, None)))
        _plan_record(plan, number, row, values)
        slots[number] = list(values.slots.values())
        if version is not None:
            plan.versions[number] = version
        plan.groups = values.groups
        plan.remarks = list(dict.fromkeys([*plan.remarks, *values.remarks]))
    plan.points = plan_points(reader.store, reader.connection, slots)
    refuse_unidentifying(reader.store, reader.connection, reader.entity, rows, plan.updates, plan.points)
    _note_point_differences(plan, slots, reader)
    _refuse_shared(reader, plan, given)
    plan.groups = _still_held(plan, given)
    return plan


def apply_changes(op: Operation, plan: ChangePlan) -> list[int]:
    """Write the plan; return the ids that changed. What was set counts as confirmed, changed or not.

    Raises `ChangedMeanwhileError` when somebody changed or merged a record since the plan was made.
    """
    refuse_merged(op, plan.entity, plan.ids)
    refuse_merged_targets(op, plan.entity, plan.updates.values())
    op.update(plan.entity.name, plan.updates, versions=plan.versions, units={number: number for number in plan.updates})
    plan.points.apply(op)
    confirm(op, plan.entity.name, plan.ids, plan.groups, method="edit")
    return plan.changed


def _rows(store: Store, connection: sa.Connection, entity: Entity, ids: Sequence[int]) -> dict[int, Row]:
    table = store.table(entity.name)
    found: dict[int, Row] = {}
    for chunk in in_chunks(sorted(set(ids))):
        query = sa.select(table).where(table.c.id.in_(chunk)).order_by(table.c.id)
        found.update({row["id"]: dict(row) for row in connection.execute(query).mappings()})
    return found


Settings = tuple[str | None, str | None]  # country and currency that a record's values are read by


def _settings(reader: Reader, rows: Mapping[int, Row], given: Mapping[str, str]) -> dict[int, Settings]:
    """Return the country and currency of each record, when a value that depends on them is set."""
    entity = reader.entity
    kinds = {one.type for one in entity.fields if one.name in given}
    kinds |= {one.type for one in entity.slots if one.name in given}
    if not kinds & _BY_COUNTRY:
        return {}
    countries: dict[int, str | None] = {number: row.get("country") for number, row in rows.items()}
    if "country" in entity.slot_by_name:
        for party, points in points_of(reader.store, reader.connection, "postal_address", list(rows)).items():
            countries[party] = next((one["country"] for one in points if one["is_primary"]), None)
    return {number: (countries.get(number), row.get("currency")) for number, row in rows.items()}


def _remembering(reader: Reader, given: Mapping[str, str]) -> Callable[[Settings], Given]:
    """Read the values once per country and currency, not once per record."""
    known: dict[Settings, Given] = {}

    def read(settings: Settings) -> Given:
        if settings not in known:
            country, currency = settings
            record = {name: text for name, text in (("country", country), ("currency", currency)) if text}
            known[settings] = reader.read(given, record=record)
        return known[settings]

    return read


def _plan_record(plan: ChangePlan, number: int, row: Row, given: Given) -> None:
    custom = row.get("custom") or {}
    changed: Row = {}
    for name, value in given.values.items():
        old = custom.get(name) if plan.entity.by_name[name].custom else row[name]
        if old != value:
            changed[name] = value
            plan.differences.setdefault(number, {})[name] = (shown_as(plan.entity, name, old), value)
    if changed:
        extra = _with_originals(row.get("extra"), changed, given.originals)
        plan.updates[number] = changed if extra == row.get("extra") else {**changed, "extra": extra}
        plan.versions[number] = row["row_version"]


def _with_originals(extra: Row | None, changed: Row, originals: Mapping[str, str]) -> Row | None:
    """Return `extra` with the originals of the fields that change now; those of earlier values go."""
    kept = {name: text for name, text in ((extra or {}).get("@original") or {}).items() if name not in changed}
    kept |= {name: text for name, text in originals.items() if name in changed}
    rest = {name: value for name, value in (extra or {}).items() if name != "@original"}
    return {**rest, "@original": kept} if kept else (rest or None)


def _note_point_differences(plan: ChangePlan, slots: Mapping[int, Sequence[SlotValue]], reader: Reader) -> None:
    """Say per slot what the party had there, for the preview."""
    touched = plan.points.touched
    for detail in sorted({one.slot.detail for given in slots.values() for one in given}):
        rows = points_of(reader.store, reader.connection, detail, sorted(touched))
        for number in sorted(touched):
            for one in slots[number]:
                if one.slot.detail == detail:
                    held = slot_row(rows.get(number, []), one.slot.kind)
                    old = held[one.slot.column] if held else None
                    new = one.standard or one.given
                    if old != new:
                        plan.differences.setdefault(number, {})[one.slot.name] = (shown(one.slot, old), new)


def _refuse_shared(reader: Reader, plan: ChangePlan, given: Mapping[str, str]) -> None:
    """A unique value can be given to one record only, and to none when another has it."""
    unique = [one.name for one in reader.entity.fields if one.unique and given.get(one.name)]
    if unique and len(plan.ids) > 1:
        raise AlreadyTakenError(
            f"{unique[0]} is unique: it cannot be set on {len(plan.ids)} records", hint="name one record"
        )
    for number, values in plan.updates.items():
        refuse_taken(reader.store, reader.connection, reader.entity, values, own=number)


def _still_held(plan: ChangePlan, given: Mapping[str, str]) -> list[Freshness]:
    """The groups that were given a value: clearing a field confirms nothing."""
    entity = plan.entity
    filled = [name for name, text in given.items() if text.strip()]
    found = [entity.by_name.get(name) or entity.slot_by_name.get(name) for name in filled]
    return sorted({one.freshness for one in found if one is not None and one.freshness is not None})
