"""What tells a record apart: at least one of the fields and slots that its entity names has a value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import Entity
from crm_cli.history import WrongValueError
from crm_cli.records.given import Given
from crm_cli.records.point_changes import PointChanges
from crm_cli.records.points import points_of
from crm_cli.store import Store

__all__ = ["refuse_unidentified", "refuse_unidentifying"]

Rows = Mapping[int, Mapping[str, Any]]


def refuse_unidentified(entity: Entity, given: Given) -> None:
    """Raise `WrongValueError` for a new record that nothing tells apart: no name, no e-mail address, no telephone."""
    filled = {name for name, value in given.values.items() if value is not None}
    reached = {value.slot.detail for value in given.slots.values() if value.given}
    if entity.identified_by and not reached & _details(entity) and not filled & set(entity.identified_by):
        raise _nameless(f"a {entity.noun}", entity)


def refuse_unidentifying(
    store: Store, connection: sa.Connection, entity: Entity, rows: Rows, updates: Rows, points: PointChanges
) -> None:
    """Raise `WrongValueError` where planned changes take the last name, address and number from a record.

    `rows` are the records as they are, `updates` and `points` what is to change.
    """
    names = [name for name in entity.identified_by if name in entity.by_name]
    touched = [number for number in rows if number in points.touched or set(updates.get(number, ())) & set(names)]
    bare = {
        number for number in touched if not any({**rows[number], **updates.get(number, {})}[name] for name in names)
    }
    for detail in sorted(_details(entity)) if bare else ():
        added = {row["party_id"] for row in points.inserts[detail]}
        gone = set(points.deletions[detail])
        held = points_of(store, connection, detail, sorted(bare))
        bare = {number for number in bare - added if all(row["id"] in gone for row in held.get(number, ()))}
    if bare and entity.identified_by:
        raise _nameless(f"{entity.noun} {min(bare)}", entity)


def _details(entity: Entity) -> set[str]:
    """The kinds of contact points that tell a record apart."""
    slots: Iterable[str] = (name for name in entity.identified_by if name in entity.slot_by_name)
    return {entity.slot_by_name[name].detail for name in slots}


def _nameless(what: str, entity: Entity) -> WrongValueError:
    wanted = ", ".join(entity.identified_by)
    return WrongValueError(f"{what} needs one of {wanted}", hint=f"give one, such as {entity.identified_by[0]}=…")
