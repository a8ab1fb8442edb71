"""Which values of records people set themselves: an edit outlives the older words of a source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import Entity
from crm_cli.history import Operation, plain
from crm_cli.store import in_chunks

__all__ = ["EDITS", "Edits", "read_edits"]

EDITS = ("add", "edit", "set", "assign", "reassign")  # kinds of operations by which people say what is right


@dataclass
class Edits:
    """What people and rules did to one record since it came: field → when, and the value they gave it."""

    fields: dict[str, tuple[datetime, Any]] = field(default_factory=dict)
    tidied: set[str] = field(default_factory=set)  # brought into standard form since the source gave the value
    added: datetime | None = None  # when a person entered the record
    taken: set[str] = field(default_factory=set)  # fields that an import or a merge filled since
    trusted: set[str] = field(default_factory=set)  # fields whose standing value a source that is trusted more gave
    made_by_trusted: bool = False  # such a source brought the record

    def is_trusted(self, name: str) -> bool:
        """Return whether a source that is trusted more gave the field its standing value."""
        return name in self.trusted or (self.made_by_trusted and name not in self.taken and name not in self.fields)

    def when(self, name: str) -> datetime | None:
        """Return when a person gave the field its standing value; None when nobody did."""
        if name in self.fields:
            return self.fields[name][0]
        return None if name in self.taken else self.added

    def note(self, kind: str, when: datetime, new: Mapping[str, Any], *, trusted: bool = False) -> None:
        """Take note of one update, in the order in which they were made."""
        for name, value in new.items():
            if kind != "standardize":
                self.trusted.discard(name)
            if trusted:
                self.trusted.add(name)
            if kind in EDITS:
                self.fields[name] = (when, value)
                self.tidied.discard(name)
            elif kind in ("import", "merge"):
                self.fields.pop(name, None)
                self.tidied.discard(name)
                self.taken.add(name)
            elif kind == "standardize":
                self.tidied.add(name)
                if name in self.fields:
                    self.fields[name] = (self.fields[name][0], value)


def read_edits(
    operation: Operation, entity: Entity, rows: Mapping[int, Mapping[str, Any]], trusted: frozenset[int] = frozenset()
) -> dict[int, Edits]:
    """Return the edits of these records; of a survivor also those of merged records whose value it took.

    `trusted` are operations by which sources that are trusted more were imported.
    """
    survivors = _survivors(operation, entity, rows)
    found = _logged(operation, entity.name, [*rows, *survivors], trusted)
    for loser, survivor in survivors.items():
        kept = found[survivor]
        for name, (when, value) in found[loser].fields.items():
            if name in entity.by_name and plain(rows[survivor].get(name)) == value:
                kept.fields.setdefault(name, (when, value))
    return found


def _logged(operation: Operation, entity: str, ids: Iterable[int], trusted: frozenset[int]) -> dict[int, Edits]:
    change, done = operation.store.table("change"), operation.store.table("operation")
    found = {number: Edits() for number in ids}
    told = sa.or_(done.c.kind.in_(EDITS), done.c.id.in_(sorted(trusted))) if trusted else done.c.kind.in_(EDITS)
    for chunk in in_chunks(sorted(found)):
        query = (
            sa.select(change.c.record_id, change.c.action, change.c.new, done.c.kind, done.c.started_at, done.c.id)
            .join(done, done.c.id == change.c.operation_id)
            .where(
                change.c.entity == entity, change.c.record_id.in_(chunk), done.c.undone_by_id.is_(None),
                sa.or_(change.c.action == "update", sa.and_(change.c.action == "insert", told)),
            )
            .order_by(change.c.id)
        )  # fmt: skip
        for number, action, new, kind, when, by in operation.connection.execute(query):
            if action != "insert":
                found[number].note(kind, when, new or {}, trusted=by in trusted)
            elif by in trusted:
                found[number].made_by_trusted = True
            else:
                found[number].added = when
    return found


def _survivors(operation: Operation, entity: Entity, ids: Iterable[int]) -> dict[int, int]:
    """Return the records that were merged into these, over any number of steps, each with the record that is left."""
    table = operation.store.table(entity.name)
    found: dict[int, int] = {}
    into = {number: number for number in ids}
    while into:
        further: dict[int, int] = {}
        for chunk in in_chunks(sorted(into)):
            query = sa.select(table.c.id, table.c.merged_into_id).where(table.c.merged_into_id.in_(chunk))
            further.update({row.id: into[row.merged_into_id] for row in operation.connection.execute(query)})
        into = {number: survivor for number, survivor in further.items() if number not in found}
        found |= into
    return found
