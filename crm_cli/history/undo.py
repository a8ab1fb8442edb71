"""Undo: take an operation back, unit by unit – all of a unit or nothing of it, and never over somebody's later work."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import Entity
from crm_cli.errors import CrmError, ExitCode, NotFoundError
from crm_cli.history.bulk_undo import set_back_in_bulk
from crm_cli.history.changes import Change, grouped
from crm_cli.history.conflicts import Refusal, find_conflicts
from crm_cli.history.erasing import ERASE
from crm_cli.history.later_work import Given, Stays, added_since
from crm_cli.history.operation import Author, Operation, operation
from crm_cli.history.values import typed_row
from crm_cli.store import Store, bulk_insert, in_chunks

__all__ = ["AlreadyUndoneError", "ErasureStaysError", "UndoResult", "last_operation", "undo"]


class AlreadyUndoneError(CrmError):
    """The operation was undone before."""

    code = "already-undone"


class ErasureStaysError(CrmError):
    """The operation erased a person's data: there is nothing left to bring back."""

    code = "erasure-stays"


@dataclass
class UndoResult:
    """What an undo did: the operation that undid, records restored and removed, and what it had to refuse.

    `stays`: what of a merge was edited or added since, and so stays with the survivor.
    """

    operation_id: int
    undone_id: int
    restored: int = 0
    removed: int = 0
    refused: list[Refusal] = field(default_factory=list)
    stays: list[Stays] = field(default_factory=list)

    @property
    def exit_code(self) -> ExitCode:
        """0, or 4 when something was refused."""
        return ExitCode.PARTIAL if self.refused else ExitCode.DONE


def last_operation(store: Store) -> int:
    """Return the newest operation that changed something and is neither undone nor an undo; else `NotFoundError`."""
    table = store.table("operation")
    traces = [store.table(name) for name in ("change", "confirmation")]  # an import may do nothing but confirm
    query = sa.select(sa.func.max(table.c.id)).where(
        table.c.undone_by_id.is_(None),
        table.c.undoes_id.is_(None),
        table.c.finished_at.is_not(None),
        sa.or_(*(sa.exists(sa.select(one.c.id).where(one.c.operation_id == table.c.id)) for one in traces)),
    )
    with store.read() as connection:
        number = connection.scalar(query)
    if number is None:
        raise NotFoundError("there is nothing to undo", hint="crm log shows what was done")
    return int(number)


def undo(
    store: Store,
    number: int,
    author: Author,
    *,
    units: Collection[int] | None = None,
    dry_run: bool = False,
    wait: float = 0.0,
) -> UndoResult:
    """Undo operation `number` (or only its `units`, such as one cluster of a batch of merges).

    A unit whose records were edited or referred to since is refused and listed, the others are undone. A merge is taken
    apart all the same: what was edited or added since stays with the survivor, and is listed. The undo is an operation
    itself and can be undone. Raises `NotFoundError`, `AlreadyUndoneError`, `ErasureStaysError`.
    """
    with operation(store, "undo", author, dry_run=dry_run, exclusive=True, wait=wait) as op:
        _check_undoable(op, number)
        restored = None if units is not None else set_back_in_bulk(op, number)
        if restored is not None:
            _drop_batch_confirmations(op, number, set(), units)
            _mark(op, number, complete=True)
            return UndoResult(op.id, number, restored=restored)
        changes = _changes_of(op, number, units)
        _check_units(number, units, changes)
        refused, pending, later = find_conflicts(store, op.connection, number, changes)
        stopped = {one.group for one in refused}
        done = {change.unit for change in changes if change.group not in stopped and change.unit is not None}
        stays = [*later.stays, *added_since(store, op.connection, number, done)]
        result = UndoResult(op.id, number, refused=refused, stays=stays)
        todo = [change for change in pending if change.group not in stopped]
        _reinsert(op, [change for change in todo if change.action == "delete"])
        result.restored = _set_back(op, [change for change in todo if change.action == "update"])
        result.removed = _take_out(op, [change for change in todo if change.action == "insert"])
        _keep_given(op, [one for one in later.given if one.change.group not in stopped])
        kept = {(change.entity, change.record_id) for change in changes if change.group in stopped}
        _drop_batch_confirmations(op, number, kept, units)
        _mark(op, number, complete=not refused and (units is None or _is_taken_apart(op, number, changes)))
    return result


def _keep_given(op: Operation, given: Sequence[Given]) -> None:
    """Give the survivor a contact point of its own with the value that was given since the merge."""
    for one in given:
        entity = op.store.dictionary.entity(one.change.entity)
        table = op.store.table(entity.name)
        mine = sa.and_(table.c[one.owner] == one.row[one.owner], table.c.deleted_at.is_(None))
        others = op.connection.scalar(sa.select(sa.func.count()).where(mine, table.c.is_primary.is_(True)))
        copy = {name: value for name, value in one.row.items() if name in entity.by_name}
        copy["is_primary"] = bool(one.row["is_primary"]) and not others
        op.insert(entity.name, [copy], units=[one.change.unit])


def _is_taken_apart(op: Operation, number: int, changes: Sequence[Change]) -> bool:
    """Whether nothing is left of a batch of merges whose clusters were undone one by one."""
    table = op.store.table("merge")
    merged = any(one.entity == table.name and one.action == "insert" for one in changes)
    query = sa.select(sa.func.count()).where(table.c.operation_id == number)
    return merged and not op.connection.scalar(query)


def _check_undoable(op: Operation, number: int) -> None:
    table = op.store.table("operation")
    row = op.connection.execute(sa.select(table).where(table.c.id == number)).one_or_none()
    if row is None or row.finished_at is None:
        raise NotFoundError(f"there is no operation {number}", hint="crm log lists them", operation=number)
    if row.kind == ERASE:
        hint = "an erasure keeps nothing; crm log lists what can be undone"
        raise ErasureStaysError(f"operation {number} erased a person's data for good", hint=hint, operation=number)
    if row.undone_by_id is not None:
        hint = f"crm undo {row.undone_by_id} does it again"
        raise AlreadyUndoneError(f"operation {number} was undone by {row.undone_by_id}", hint=hint, operation=number)


def _check_units(number: int, units: Collection[int] | None, changes: Sequence[Change]) -> None:
    missing = sorted(set(units or ()) - {change.unit for change in changes if change.unit is not None})
    if missing:
        what = ", ".join(str(one) for one in missing)
        raise NotFoundError(f"operation {number} has no part {what}", hint=f"crm log {number} shows it", units=missing)


def _changes_of(op: Operation, number: int, units: Collection[int] | None) -> list[Change]:
    table = op.store.table("change")
    query = sa.select(table).where(table.c.operation_id == number).order_by(table.c.id.desc())
    if units is not None:
        query = query.where(table.c.unit.in_(list(units)))
    rows = op.connection.execute(query)
    changes = (Change(row.id, row.action, row.entity, row.record_id, row.unit, row.old, row.new) for row in rows)
    return grouped(op.store.dictionary, changes)


def _by_entity(changes: Sequence[Change]) -> dict[str, list[Change]]:
    found: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        found[change.entity].append(change)
    return found


def _table_order(store: Store) -> list[str]:
    return [table.name for table in store.metadata.sorted_tables]


def _reinsert(op: Operation, changes: Sequence[Change]) -> None:
    found = _by_entity(changes)
    for entity, rows in found.items():  # supertypes first: details refer to them
        supertype = op.store.dictionary.entity(entity).subtype_of
        if supertype:
            parties = ((change.record_id, entity) for change in rows)
            bulk_insert(op.connection, op.store.table(supertype), ("id", "kind"), parties)
    for entity in sorted(found, key=_table_order(op.store).index):
        table = op.store.table(entity)
        columns = list(table.c.keys())
        values = [typed_row(table, change.old or {}) for change in found[entity]]
        later = _take_self_references(op.store.dictionary.entity(entity), values)
        bulk_insert(op.connection, table, columns, ([row.get(name) for name in columns] for row in values))
        for name, given in later.items():  # they refer to each other: all are there now
            query = table.update().where(table.c.id == sa.bindparam("number")).values({name: sa.bindparam("target")})
            op.connection.execute(query, given)
        units = [change.unit for change in found[entity]]
        op.log_inserts(entity, [change.record_id for change in found[entity]], units)


def _take_self_references(entity: Entity, rows: Sequence[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Blank what rows say of others of their table; return it, by field."""
    found: dict[str, list[dict[str, Any]]] = {}
    for one in entity.self_references:
        given = [{"number": row["id"], "target": row[one.name]} for row in rows if row.get(one.name) is not None]
        for row in rows:
            row[one.name] = None
        if given:
            found[one.name] = given
    return found


def _set_back(op: Operation, changes: Sequence[Change]) -> int:
    """Give updated records their old values; the newest change of a record first, so the oldest value stays."""
    count = 0
    for entity, found in _by_entity(changes).items():
        table = op.store.table(entity)
        values: dict[int, dict[str, Any]] = {}
        units: dict[int, int] = {}
        for change in found:
            values.setdefault(change.record_id, {}).update(typed_row(table, change.old or {}))
            if change.unit is not None:
                units[change.record_id] = change.unit
        _free_unique_values(op, entity, values)
        count += len(op.update(entity, values, units=units))
    return count


def _free_unique_values(op: Operation, entity: str, values: dict[int, dict[str, Any]]) -> None:
    """Blank unique fields first: two records may be about to exchange a value, as after a merge."""
    for one in op.store.dictionary.entity(entity).fields:
        holders = [number for number, row in values.items() if one.name in row]
        if one.unique and not one.required and len(holders) > 1:
            op.update(entity, {number: {one.name: None} for number in holders})


def _take_out(op: Operation, changes: Sequence[Change]) -> int:
    """Remove inserted records with everything that is a part of them."""
    found = _by_entity(changes)
    for entity in sorted(found, key=_table_order(op.store).index, reverse=True):
        ids = [change.record_id for change in found[entity]]
        _remove_owned(op, entity, ids)
        op.remove(entity, ids)
    return len(changes)


def _remove_owned(op: Operation, entity: str, ids: Sequence[int]) -> None:
    for owned, one in op.store.dictionary.references_to(entity):
        if one.reference is None or not one.reference.owned:
            continue
        table = op.store.table(owned.name)
        for chunk in in_chunks(ids):
            query = sa.select(table.c.id).where(table.c[one.name].in_(chunk))
            if one.reference.entity is None:
                query = query.where(table.c[one.reference.entity_field] == entity)
            parts = list(op.connection.scalars(query))
            if parts:
                op.remove(owned.name, parts)


def _drop_batch_confirmations(
    op: Operation, number: int, kept: set[tuple[str, int]], units: Collection[int] | None
) -> None:
    """Take back what a batch confirmed without a log row each; what was refused stays confirmed."""
    table = op.store.table("confirmation")
    query = sa.select(table.c.id, table.c.entity, table.c.record_id).where(
        table.c.operation_id == number, table.c.batch_id.is_not(None)
    )
    if units is not None:
        query = query.where(table.c.record_id.in_(list(units)))
    rows = op.connection.execute(query).all()
    op.remove("confirmation", [row.id for row in rows if (row.entity, row.record_id) not in kept])


def _mark(op: Operation, number: int, *, complete: bool) -> None:
    table, batch = op.store.table("operation"), op.store.table("import_batch")
    op.connection.execute(table.update().where(table.c.id == op.id).values(undoes_id=number))
    if complete:
        op.connection.execute(table.update().where(table.c.id == number).values(undone_by_id=op.id))
        op.connection.execute(batch.update().where(batch.c.operation_id == number).values(status="undone"))
        _restore_undone(op, number)


def _restore_undone(op: Operation, number: int) -> None:
    """Undoing an undo: what that one had undone holds again."""
    table, batch = op.store.table("operation"), op.store.table("import_batch")
    redone = op.connection.scalar(sa.select(table.c.undoes_id).where(table.c.id == number))
    if redone is not None:
        op.connection.execute(table.update().where(table.c.id == redone).values(undone_by_id=None))
        op.connection.execute(batch.update().where(batch.c.operation_id == redone).values(status="applied"))
