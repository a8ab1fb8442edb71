"""What came after a merge: a merge is taken apart also when its records were edited since.

What was edited since stays with the survivor, field by field; what nobody touched goes back to whom it came from. Other
operations are undone strictly (`conflicts.py`): there an edit since means that somebody built on them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import Entity, EntityRole, Field
from crm_cli.history.changes import Change, Group
from crm_cli.history.values import plain
from crm_cli.store import Store, in_chunks

__all__ = ["Given", "LaterWork", "Stays", "added_since", "merge_groups"]

_MERGE = "merge"
_GONE = "it is gone"


@dataclass(frozen=True, slots=True)
class Stays:
    """What an un-merge leaves where it is: a record's fields that were edited since, or what was added to it since."""

    entity: str
    record_id: int
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Given:
    """A contact point that was given another value since: as it is now; `owner` is the field that names its party."""

    change: Change
    row: dict[str, Any]
    owner: str


def merge_groups(changes: Sequence[Change]) -> set[Group]:
    """Return the groups that are merges: what one of them did is taken back field by field."""
    return {one.group for one in changes if one.entity == _MERGE and one.action == "insert"}


class LaterWork:
    """Tells, change by change (the newest first), what of it nobody has touched since, and notes the rest."""

    def __init__(self) -> None:
        self._stays: dict[tuple[str, int, str], str] = {}
        self.given: list[Given] = []
        self._values: dict[tuple[str, int, str], Any] = {}  # what newer changes, taken back, make of a field

    @property
    def stays(self) -> list[Stays]:
        """What was noted, a record a line."""
        fields: dict[tuple[str, int, str], list[str]] = {}
        for (entity, number, name), why in self._stays.items():
            fields.setdefault((entity, number, why), []).append(name)
        return [
            Stays(entity, number, ", ".join(filter(None, sorted(names))), why)
            for (entity, number, why), names in fields.items()
        ]

    def given_since(self, change: Change, row: dict[str, Any], owner: str, edited: Mapping[str, Any]) -> None:
        """Note a contact point that was edited since: as it is now it stays with the survivor."""
        self._stays.update({(change.entity, change.record_id, name): "given since" for name in edited})
        if row.get("deleted_at") is None:
            self.given.append(Given(change, row, owner))

    def untouched(self, change: Change, row: sa.RowMapping | None) -> Change | None:
        """Return the part of an update that still stands in `row`, None where nothing does."""
        if row is None:
            self._stays[change.entity, change.record_id, ""] = _GONE
            return None
        new: dict[str, Any] = change.new or {}
        back: dict[str, Any] = {}
        for name, before in (change.old or {}).items():
            key = (change.entity, change.record_id, name)
            now = self._values.get(key, plain(row[name]))
            value, touched = _taken_back(before, new.get(name), now)
            self._values[key] = value
            if touched:
                self._stays[key] = "edited since"
            if value != now:
                back[name] = value
        return replace(change, old=back, new={name: new.get(name) for name in back}) if back else None


def _taken_back(old: Any, new: Any, now: Any) -> tuple[Any, bool]:
    """The value that a field gets, and whether somebody has changed it since; of a JSON object key by key."""
    if now in (new, old):
        return old, False
    if not all(isinstance(one, dict | None) for one in (old, new, now)):
        return now, True
    before, after, here = old or {}, new or {}, now or {}
    names = dict.fromkeys([*before, *here])
    kept = {name: before.get(name) if here.get(name) == after.get(name) else here.get(name) for name in names}
    merged = {name: value for name, value in kept.items() if value is not None}
    return merged or None, True


def added_since(store: Store, connection: sa.Connection, number: int, units: Collection[int] | None) -> list[Stays]:
    """Return what was added to the survivors of the merges of operation `number` since, by entity."""
    table = store.table(_MERGE)
    query = sa.select(table.c.entity, table.c.survivor_id).where(table.c.operation_id == number).distinct()
    found: list[Stays] = []
    survivors: dict[str, list[int]] = {}
    for entity, survivor in connection.execute(query):
        if units is None or survivor in units:
            survivors.setdefault(entity, []).append(survivor)
    for entity, ids in survivors.items():
        for other, one in store.dictionary.references_to(entity):
            if other.role is not EntityRole.MACHINERY and one.reference is not None:
                found += _added(store, connection, number, (store.dictionary.entity(entity), ids), (other, one))
    return found


def _added(
    store: Store, connection: sa.Connection, number: int, survivors: tuple[Entity, Sequence[int]],
    child: tuple[Entity, Field],
) -> list[Stays]:  # fmt: skip
    (entity, ids), (other, one) = survivors, child
    table, change = store.table(other.name), store.table("change")
    added: dict[int, list[int]] = {}
    for chunk in in_chunks(sorted(ids)):
        query = (
            sa.select(table.c[one.name], table.c.id)
            .join(change, sa.and_(change.c.entity == other.name, change.c.record_id == table.c.id))
            .where(table.c[one.name].in_(chunk), change.c.action == "insert", change.c.operation_id > number)
            .order_by(table.c.id)
        )
        if one.reference is not None and one.reference.entity is None:
            query = query.where(table.c[one.reference.entity_field] == entity.name)
        for survivor, row in connection.execute(query):
            added.setdefault(survivor, []).append(row)
    noun = other.noun
    return [
        Stays(entity.name, survivor, f"{noun} {', '.join(map(str, dict.fromkeys(rows)))}", "added since")
        for survivor, rows in sorted(added.items())
    ]
