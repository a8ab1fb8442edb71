"""What stands against an undo: records edited or referred to since; judged by content, not by a later write as such.

"Edited since" compares business columns: a record that was changed and changed back is as it was. For an insert, whose
log row carries no values, the later changes tell: the first old value of each field must still be the current one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import Entity, EntityRole, Field
from crm_cli.history.changes import Change, Group
from crm_cli.history.erasing import is_erased
from crm_cli.history.later_work import LaterWork, merge_groups
from crm_cli.history.values import plain
from crm_cli.store import Store, in_chunks

__all__ = ["Refusal", "find_conflicts"]

_BOOKKEEPING = {"row_version", "updated_at"}
# what is said of a contact point goes back with it: kind, standing, whether it is tried first
_KEPT_BY_POINTS = {*_BOOKKEEPING, "kind", "standing", "is_primary"}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A unit that cannot be undone, the record that stands in the way, and why."""

    group: tuple[str, int]
    entity: str
    record_id: int
    why: str


def find_conflicts(
    store: Store, connection: sa.Connection, number: int, changes: Sequence[Change]
) -> tuple[list[Refusal], list[Change], LaterWork]:
    """Return (refusals, changes that are still to be undone, what of a merge stays because it was edited since).

    What is already as it was needs nothing. The records that are looked at are locked: nobody edits them before the
    undo is written.
    """
    search = _Search(store, connection, number, changes)
    pending = search.run()
    return search.refusals, pending, search.later


class _Search:
    def __init__(self, store: Store, connection: sa.Connection, number: int, changes: Sequence[Change]) -> None:
        self.store = store
        self.connection = connection
        self.number = number
        self.changes = changes
        self.inserted: dict[str, dict[int, Change]] = defaultdict(dict)
        for change in changes:
            if change.action == "insert":
                self.inserted[change.entity][change.record_id] = change
        self.merges = merge_groups(changes)
        self.later = LaterWork()
        self.refusals: list[Refusal] = []
        self.stopped: set[Group] = set()
        self.leans: list[tuple[Change, Change]] = []  # the first can go only if the second, which refers to it, goes

    def run(self) -> list[Change]:
        """Return the changes that are still to be undone, the newest first."""
        self._refuse_erased()
        self._check_survivors()
        pending = self._pending_updates()
        self._check_merged_again(pending)
        pending += [change for change in self.changes if change.action == "delete" and not self._exists(change)]
        for entity, found in list(self.inserted.items()):
            present = self._present(entity, list(found))
            pending += [found[number] for number in present]
            self._check_edited(entity, {number: found[number] for number in present})
            self._check_referred(entity, {number: found[number] for number in present})
            self._check_merged_into(entity, {number: found[number] for number in present})
        self._spread()
        return sorted(pending, key=lambda change: -change.id)

    def _refuse_erased(self) -> None:
        """What a person's erasure took out of the log cannot be set back; the rest of its group stays as well."""
        erased = {(one.entity, one.record_id): one for one in self.changes if is_erased(one)}
        for one in erased.values():
            self._refuse(one, "its data were erased")
        self.changes = [one for one in self.changes if not is_erased(one)]

    def _refuse(self, change: Change, why: str, entity: str = "", record_id: int = 0) -> None:
        self.stopped.add(change.group)
        self.refusals.append(Refusal(change.group, entity or change.entity, record_id or change.record_id, why))

    def _rows(self, entity: str, ids: Sequence[int]) -> dict[int, sa.RowMapping]:
        table = self.store.table(entity)
        rows: dict[int, sa.RowMapping] = {}
        for chunk in in_chunks(sorted(set(ids))):
            query = sa.select(table).where(table.c.id.in_(chunk)).order_by(table.c.id).with_for_update()
            found = self.connection.execute(query).mappings()
            rows.update({row["id"]: row for row in found})
        return rows

    def _present(self, entity: str, ids: Sequence[int]) -> list[int]:
        table = self.store.table(entity)
        found: list[int] = []
        for chunk in in_chunks(sorted(ids)):
            query = sa.select(table.c.id).where(table.c.id.in_(chunk)).order_by(table.c.id)
            found += self.connection.scalars(query.with_for_update())
        return found

    def _exists(self, change: Change) -> bool:
        return bool(self._present(change.entity, [change.record_id]))

    def _pending_updates(self) -> list[Change]:
        """Updates whose new values still stand; refused where a field has a third value."""
        updates: dict[str, list[Change]] = defaultdict(list)
        for change in self.changes:
            if change.action == "update":
                updates[change.entity].append(change)
        pending = []
        for entity, found in updates.items():
            rows = self._rows(entity, [change.record_id for change in found])
            merged = self._merged_since(entity, rows)
            newest: set[tuple[int, str]] = set()
            for change in found:  # newest first: only the last value that the operation set is looked for
                row = rows.get(change.record_id)
                if change.group in self.merges:
                    pending += self._pending_of_merge(change, row, merged)
                    continue
                judged = {n: v for n, v in (change.new or {}).items() if (change.record_id, n) not in newest}
                newest |= {(change.record_id, name) for name in judged}
                if row is None:
                    self._refuse(change, "it is gone")
                    continue
                if change.record_id in merged:
                    self._refuse(change, f"it was merged into {row['merged_into_id']} since")
                self._judge(change, row, judged)
                pending.append(change)
        return pending

    def _check_survivors(self) -> None:
        """A survivor that was merged since has handed all it had on: that merge comes first."""
        merges = {one.record_id: one for one in self.changes if one.group in self.merges and one.entity == "merge"}
        survivors: dict[str, dict[int, Change]] = defaultdict(dict)
        for number, row in self._rows("merge", list(merges)).items():
            survivors[row["entity"]][row["survivor_id"]] = merges[number]
        for entity, found in survivors.items():
            rows = self._rows(entity, list(found))
            for number in self._merged_since(entity, rows):
                noun, other = self.store.dictionary.entity(entity).noun, rows[number]["merged_into_id"]
                why = f"{noun} {number} was merged into {other} since: take that apart first"
                self._refuse(found[number], why, entity, number)

    def _check_merged_again(self, pending: Sequence[Change]) -> None:
        """A record that redoing a merge takes away must be as it was: what was said of it since would be hidden."""
        again: dict[str, dict[int, Change]] = defaultdict(dict)
        for change in pending:
            if (change.old or {}).get("merged_into_id") is not None:
                again[change.entity][change.record_id] = change
        for entity, found in again.items():
            self._check_edited(entity, found)

    def _pending_of_merge(self, change: Change, row: sa.RowMapping | None, merged: set[int]) -> list[Change]:
        """What still stands of an update that a merge made."""
        if change.group in self.stopped:
            return []
        if row is not None and change.record_id in merged:
            self._refuse(change, f"it was merged into {row['merged_into_id']} since")
            return []
        left = self.later.untouched(change, row)
        if left is None:
            return []
        return [self._with_own_value(left, row)]

    def _with_own_value(self, change: Change, row: sa.RowMapping | None) -> Change:
        """A contact point that goes back goes with the value that it had; one that was given since stays behind."""
        moved = self._owner_field(change.entity)
        if row is None or moved is None or moved not in (change.old or {}):
            return change
        first = self._first_since(change.entity, change.record_id)
        edited = {n: v for n, v in first.items() if n not in (*_KEPT_BY_POINTS, moved) and plain(row[n]) != v}
        if not edited:
            return change
        self.later.given_since(change, dict(row), moved, edited)
        old, new = {**(change.old or {}), **edited}, {**(change.new or {}), **{n: plain(row[n]) for n in edited}}
        return replace(change, old=old, new=new)

    def _owner_field(self, entity: str) -> str | None:
        """The field by which a contact point names its party; None for other entities."""
        declared = self.store.dictionary.entity(entity)
        if declared.role is not EntityRole.DETAIL or "standing" not in declared.by_name:
            return None
        return next((one.name for one in declared.references if one.reference and one.reference.owned), None)

    def _first_since(self, entity: str, number: int) -> dict[str, Any]:
        """Of each field that was changed since, the value that it had before."""
        table = self.store.table("change")
        query = sa.select(table.c.old).where(
            table.c.entity == entity, table.c.record_id == number, table.c.operation_id > self.number,
            table.c.action == "update",
        )  # fmt: skip
        first: dict[str, Any] = {}
        for old in self.connection.scalars(query.order_by(table.c.id)):
            for name, value in (old or {}).items():
                first.setdefault(name, value)
        return first

    def _merged_since(self, entity: str, rows: dict[int, sa.RowMapping]) -> set[int]:
        """Those of the records that a later operation merged into another, which now holds what they had."""
        gone = [number for number, row in rows.items() if row.get("merged_into_id") is not None]
        merge = self.store.table("merge")
        found: set[int] = set()
        for chunk in in_chunks(gone):
            query = sa.select(merge.c.record_id).where(
                merge.c.entity == entity, merge.c.record_id.in_(chunk), merge.c.operation_id > self.number
            )
            found.update(self.connection.scalars(query))
        return found

    def _judge(self, change: Change, row: sa.RowMapping, judged: dict[str, Any]) -> None:
        old = change.old or {}
        edited = [n for n, new in judged.items() if plain(row[n]) != new and plain(row[n]) != old.get(n)]
        if edited:
            self._refuse(change, f"{', '.join(sorted(edited))} was edited since")

    def _check_edited(self, entity: str, inserted: dict[int, Change]) -> None:
        self._check_net_edits(entity, inserted)
        for owned, one in self.store.dictionary.details_of(entity):
            owners = self._owners(owned, one, list(inserted))
            self._check_net_edits(owned.name, {part: inserted[owner] for part, owner in owners.items()}, part=owned)

    def _owners(self, owned: Entity, one: Field, ids: Sequence[int]) -> dict[int, int]:
        table = self.store.table(owned.name)
        owners: dict[int, int] = {}
        for chunk in in_chunks(ids):
            query = sa.select(table.c.id, table.c[one.name]).where(table.c[one.name].in_(chunk)).order_by(table.c.id)
            rows = self.connection.execute(query.with_for_update())
            owners.update({row[0]: row[1] for row in rows})
        return owners

    def _check_net_edits(self, entity: str, watched: dict[int, Change], part: Entity | None = None) -> None:
        first: dict[int, dict[str, Any]] = defaultdict(dict)
        met: set[int] = set()
        table = self.store.table("change")
        for chunk in in_chunks(list(watched)):
            query = sa.select(table).where(
                table.c.entity == entity, table.c.record_id.in_(chunk), table.c.operation_id > self.number
            )
            for row in self.connection.execute(query.order_by(table.c.id)).all():
                if row.action == "insert" and part is not None and row.record_id not in met:
                    self._refuse(watched[row.record_id], f"{part.noun} was added since", entity, row.record_id)
                met.add(row.record_id)  # taken out and put back by undos: not added since
                for name, value in (row.old or {}).items() if row.action == "update" else ():
                    first[row.record_id].setdefault(name, value)
        rows = self._rows(entity, list(first))
        for number, values in first.items():
            now = rows.get(number)
            edited = [n for n, v in values.items() if now is not None and n not in _BOOKKEEPING and plain(now[n]) != v]
            if edited:
                why = f"{', '.join(sorted(edited))} was edited since"
                self._refuse(watched[number], why, entity, number)

    def _check_referred(self, entity: str, inserted: dict[int, Change]) -> None:
        for other, one in self.store.dictionary.references_to(entity):
            if one.reference is None or other.role is EntityRole.MACHINERY or one.reference.owned:
                continue
            for number, holder in self._referring(entity, other, one, list(inserted)):
                leaving = self.inserted.get(other.name, {}).get(holder)
                leaving = leaving or self._set_here.get((other.name, holder, one.name))
                if leaving is None:
                    self._refuse(inserted[number], f"{other.noun} {holder} refers to it since")
                else:
                    self.leans.append((inserted[number], leaving))

    @cached_property
    def _set_here(self) -> dict[tuple[str, int, str], Change]:
        """References that the operation set itself: taken back, they name what it inserted no longer."""
        updates = (change for change in self.changes if change.action == "update")
        return {(change.entity, change.record_id, name): change for change in updates for name in change.new or ()}

    def _check_merged_into(self, entity: str, inserted: dict[int, Change]) -> None:
        """A record that another was merged into stands for both."""
        table = self.store.table(entity)
        if "merged_into_id" not in table.c:
            return
        for chunk in in_chunks(list(inserted)):
            query = sa.select(table.c.merged_into_id, table.c.id).where(table.c.merged_into_id.in_(chunk))
            for survivor, gone in self.connection.execute(query):
                noun = self.store.dictionary.entity(entity).noun
                self._refuse(inserted[survivor], f"{noun} {gone} was merged into it since")

    def _spread(self) -> None:
        """What a refused record refers to has to stay as well."""
        stopped = self.stopped
        leans = self.leans
        while True:
            held = [(change, by) for change, by in leans if by.group in stopped and change.group not in stopped]
            if not held:
                return
            for change, by in held:
                noun = self.store.dictionary.entity(by.entity).noun
                self._refuse(change, f"{noun} {by.record_id}, which refers to it, stays")

    def _referring(self, entity: str, other: Entity, one: Field, ids: Sequence[int]) -> list[tuple[int, int]]:
        table = self.store.table(other.name)
        found: list[tuple[int, int]] = []
        for chunk in in_chunks(ids):
            query = sa.select(table.c[one.name], table.c.id).where(table.c[one.name].in_(chunk))
            if one.reference is not None and one.reference.entity is None:
                query = query.where(table.c[one.reference.entity_field] == entity)
            found += [(row[0], row[1]) for row in self.connection.execute(query)]
        return found
