"""Changes of contact points: what setting slots does to the rows that a party has – planned on copies, then written.

Setting a slot changes the row that it reads. A value that the party has already elsewhere is not stored twice: its row
becomes the primary one, or takes over the kind. Of each detail exactly one row stays primary.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from crm_cli.history import Operation
from crm_cli.records.given import SlotValue
from crm_cli.records.points import by_place, new_row, points_of, slot_row, values_of
from crm_cli.store import Store

__all__ = ["PointChanges", "plan_points"]

Row = dict[str, Any]
_GONE = "@gone"  # on a copy: the row is to be deleted, at a moment that only the operation knows


@dataclass
class PointChanges:
    """What is to be written to contact points, by detail: updates by row id, rows to delete, new rows."""

    updates: dict[str, dict[int, Row]] = field(default_factory=lambda: defaultdict(dict))
    deletions: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    inserts: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    touched: set[int] = field(default_factory=set)
    parties: dict[tuple[str, int], int] = field(default_factory=dict)
    versions: dict[tuple[str, int], int] = field(default_factory=dict)

    def apply(self, op: Operation) -> None:
        """Write it all; each party's points are undone together with the party."""
        for detail in sorted({*self.updates, *self.deletions}):
            rows = {**self.updates[detail]}
            for number in self.deletions[detail]:
                rows[number] = {**rows.get(number, {}), "deleted_at": op.started_at}
            units = {number: self.parties[detail, number] for number in rows}
            versions = {number: self.versions[detail, number] for number in rows}
            op.update(detail, rows, units=units, versions=versions)
        for detail, new in self.inserts.items():
            op.insert(detail, new, units=[row["party_id"] for row in new])


def plan_points(store: Store, connection: sa.Connection, slots: Mapping[int, Sequence[SlotValue]]) -> PointChanges:
    """Return what setting `slots` (party id → slots) changes; nothing is written."""
    plan = PointChanges()
    for detail in sorted({one.slot.detail for given in slots.values() for one in given}):
        rows = points_of(store, connection, detail, sorted(slots))
        for party, given in slots.items():
            before = rows.get(party, [])
            after = _after(detail, before, [one for one in given if one.slot.detail == detail])
            _note_differences(plan, detail, party, before, after)
    return plan


def _after(detail: str, before: Sequence[Row], given: Sequence[SlotValue]) -> list[Row]:
    """Return copies of a party's rows as they are to be, new ones without an id last."""
    rows = [dict(row) for row in before]
    for (_, kind), group in by_place(given).items():
        living = [row for row in rows if not row.get(_GONE)]
        current = slot_row(living, kind)
        values = values_of(detail, current or {}, group)
        if not values["standard"]:
            if current is not None:
                current[_GONE] = True
        else:
            _put(rows, living, current, values, new_row(detail, kind, group))
        _keep_one_primary([row for row in rows if not row.get(_GONE)])
    return rows


def _put(rows: list[Row], living: list[Row], current: Row | None, values: Row, new: Row) -> None:
    """Let the slot's row hold `values`; `new` is the row to add when there is none, and says primary or kind."""
    twin = next((row for row in living if row["standard"] == values["standard"]), None)
    if twin is not None and twin is current:
        return  # the same value, perhaps written otherwise: what is known of it stays
    if twin is not None:
        _use_twin(twin, current, new)
    elif current is not None:
        current.update(values)
    else:
        _demote(living, primary=new["is_primary"])
        rows.append({**values, "kind": new["kind"], "is_primary": new["is_primary"]})


def _use_twin(twin: Row, current: Row | None, new: Row) -> None:
    if new["is_primary"]:
        if current is not None:
            current["is_primary"] = False
        twin["is_primary"] = True
        return
    twin["kind"] = new["kind"]
    if current is not None:
        twin["is_primary"] = twin["is_primary"] or current["is_primary"]
        current[_GONE] = True


def _demote(rows: Sequence[Row], *, primary: bool) -> None:
    for row in rows if primary else ():
        row["is_primary"] = False


def _keep_one_primary(living: Sequence[Row]) -> None:
    """Where the primary row went, the next takes its place."""
    if living and not any(row["is_primary"] for row in living):
        living[0]["is_primary"] = True


def _note_differences(plan: PointChanges, detail: str, party: int, before: Sequence[Row], after: Sequence[Row]) -> None:
    for old, new in zip(before, after, strict=False):
        gone = new.pop(_GONE, False)
        if gone:
            new["is_primary"] = False
            plan.deletions[detail].append(old["id"])
        changed = {name: value for name, value in new.items() if old[name] != value}
        if changed:
            plan.updates[detail][old["id"]] = changed
        if changed or gone:
            plan.parties[detail, old["id"]], plan.versions[detail, old["id"]] = party, old["row_version"]
            plan.touched.add(party)
    for row in after[len(before) :]:
        if not row.pop(_GONE, False):
            plan.inserts[detail].append({**row, "party_id": party})
            plan.touched.add(party)
