"""How long a record was in a territory, and whose it was there.

The change log knows every move, whoever made it. What a plan of territories moved has rows of its own beside it
(`territory_stay`): there the day counts that the plan says, not the one on which it was applied.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import shown
from crm_cli.errors import NotFoundError
from crm_cli.history import Operation
from crm_cli.store import Store, in_chunks
from crm_cli.territories.assigning import Move

__all__ = ["Stay", "note_stays", "read_stays"]

_FIELDS = ("territory_id", "owner_id")
_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Stay:
    """A time in which a record was in one territory and had one owner; `until` is the last day, none while it lasts."""

    territory: str | None
    owner: str | None
    since: date
    until: date | None
    operation: int | None
    kind: str | None
    actor: str | None


def note_stays(operation: Operation, moves: Mapping[str, Sequence[Move]], day: date) -> None:
    """Write down that records are where they moved from `day` on, and that the stay before ended the day before."""
    for entity, found in moves.items():
        for chunk in in_chunks(found):
            _end(operation, entity, chunk, day)
        rows = [_stay(entity, one.id, one.new_territory, one.new_owner, day) for one in found]
        operation.insert("territory_stay", [{**row, "operation_id": operation.id} for row in rows])


def _stay(entity: str, number: int, territory: int | None, owner: int | None, since: date) -> dict[str, Any]:
    return {"entity": entity, "record_id": number, "territory_id": territory, "owner_id": owner, "since": since}


def _end(operation: Operation, entity: str, moves: Sequence[Move], day: date) -> None:
    """Close the stays that last; a record that has none gets the one that it had until now."""
    store, connection = operation.store, operation.connection
    stay, table = store.table("territory_stay"), store.table(entity)
    ids = [one.id for one in moves]
    query = sa.select(stay.c.id, stay.c.record_id, stay.c.since).where(
        stay.c.entity == entity, stay.c.record_id.in_(ids), stay.c.until.is_(None)
    )
    lasting = connection.execute(query).all()
    operation.update("territory_stay", {row.id: {"until": max(row.since, day - _DAY)} for row in lasting})
    known = {row.record_id for row in lasting}
    made = connection.execute(sa.select(table.c.id, table.c.created_at).where(table.c.id.in_(ids)))
    began = {row.id: row.created_at.astimezone(store.zone).date() for row in made}
    rows = [
        {**_stay(entity, one.id, one.old_territory, one.old_owner, min(began[one.id], day)),
         "until": max(min(began[one.id], day), day - _DAY)}
        for one in moves
        if one.id not in known and (one.old_territory is not None or one.old_owner is not None)
    ]  # fmt: skip
    operation.insert("territory_stay", rows)


def read_stays(store: Store, connection: sa.Connection, entity: str, number: int) -> list[Stay]:
    """Return the stays of a record, the newest first; `NotFoundError` where there is no such record.

    Operations that were undone as a whole are passed over: they are as if they had never been.
    """
    declared = store.dictionary.entity(entity)
    table = store.table(declared.name)
    query = sa.select(table.c.id, table.c.created_at, *(table.c[name] for name in _FIELDS)).where(table.c.id == number)
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise NotFoundError(f"there is no {declared.noun} {number}", hint=f"crm {declared.noun} list shows them")
    moved = _moved_on(store, connection, declared.name, number)
    names = _Names(store, connection)
    state = {name: row[name] for name in _FIELDS}
    stays: list[Stay] = []
    until: date | None = None
    for change in _changes(store, connection, declared.name, number):
        since = moved.get(change.operation_id) or change.started_at.astimezone(store.zone).date()
        stays.append(names.stay(state, since, until, change))
        state |= {name: change.old[name] for name in _FIELDS if name in change.old}
        until = max(since - _DAY, date.min)
    began = row["created_at"].astimezone(store.zone).date()
    stays.append(names.stay(state, min(began, until or began), until, None))
    return stays


def _moved_on(store: Store, connection: sa.Connection, entity: str, number: int) -> dict[int, date]:
    """From which day on plans moved the record, by the operation that applied them."""
    stay = store.table("territory_stay")
    query = sa.select(stay.c.operation_id, stay.c.since).where(
        stay.c.entity == entity, stay.c.record_id == number, stay.c.operation_id.is_not(None)
    )
    return {row.operation_id: row.since for row in connection.execute(query)}


def _changes(store: Store, connection: sa.Connection, entity: str, number: int) -> list[Any]:
    """The updates of the record that moved it and still stand, the newest first."""
    change, made = store.table("change"), store.table("operation")
    undone = made.alias("undone")
    query = (
        sa.select(change.c.operation_id, change.c.old, made.c.started_at, made.c.kind, made.c.actor)
        .select_from(change.join(made, made.c.id == change.c.operation_id).outerjoin(
            undone, sa.and_(undone.c.id == made.c.undoes_id, undone.c.undone_by_id == made.c.id)
        ))
        .where(
            change.c.entity == entity, change.c.record_id == number, change.c.action == "update",
            made.c.undone_by_id.is_(None), undone.c.id.is_(None),
        )
        .order_by(change.c.id.desc())
    )  # fmt: skip
    return [row for row in connection.execute(query) if row.old and not row.old.keys().isdisjoint(_FIELDS)]


class _Names:
    """Territories and users by their numbers, as views show them."""

    def __init__(self, store: Store, connection: sa.Connection) -> None:
        self.names: dict[str, dict[int, str]] = {}
        for field, entity, title in (("territory_id", "territory", "name"), ("owner_id", "app_user", "username")):
            table = store.table(entity)
            one = store.dictionary.entity(entity).field(title)
            rows = connection.execute(sa.select(table.c.id, table.c[title]))
            self.names[field] = {row[0]: shown(one, row[1]) for row in rows}

    def stay(self, state: Mapping[str, int | None], since: date, until: date | None, change: Any) -> Stay:
        territory, owner = (self.names[name].get(state[name] or 0) for name in _FIELDS)
        if until is not None and until < since:
            until = since
        return Stay(
            territory=territory, owner=owner, since=since, until=until,
            operation=change.operation_id if change else None, kind=change.kind if change else None,
            actor=change.actor if change else None,
        )  # fmt: skip
