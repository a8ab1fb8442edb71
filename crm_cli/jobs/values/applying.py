"""Applying a recipe: the values of today's records that it names, as one operation's writes.

As when records are standardized, only the spelling is mended: what was given for an address stays beside it, no
original is dropped, and nothing counts as confirmed by it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from crm_cli import records
from crm_cli.dictionary import EntityRole, fold
from crm_cli.errors import UsageError
from crm_cli.history import Operation
from crm_cli.jobs.caps import refuse_too_many
from crm_cli.jobs.values.fields import ValueField, value_field
from crm_cli.jobs.values.reading import ids_by_value
from crm_cli.jobs.values.recipes import Change, Recipe, RecipeError
from crm_cli.records.points import values_of
from crm_cli.standardize import Context
from crm_cli.store import Store, in_chunks

__all__ = ["Mended", "RecipeResult", "affected", "apply_recipe"]

_CHUNK = 2_000
_SLOT_OF = {"email_address": "email", "phone_number": "phone"}
_ADDRESS = "postal_address"
_STAYS = (
    "value",
    "standing",
)  # of an address: a spelling says nothing new about what was given, or whether it is right


@dataclass(frozen=True, slots=True)
class Mended:
    """One spelling: what it became, and in how many records."""

    before: str
    after: str
    records: int


@dataclass
class RecipeResult:
    """What a recipe did: records changed, and how by spelling; spellings that no record has; what was left as it is.

    `left` holds (row, why): an address or number that its party has already in the new spelling.
    """

    operation_id: int
    target: ValueField
    changed: int = 0
    mended: list[Mended] = field(default_factory=list)
    unmatched: list[str] = field(default_factory=list)
    left: list[tuple[int, str]] = field(default_factory=list)


def apply_recipe(
    op: Operation, recipe: Recipe, context: Context | None = None, *, max_changes: int | None = None
) -> RecipeResult:
    """Mend the records that hold one of the recipe's spellings. Applied again, it changes nothing.

    New values go through the rules that `set` follows, read by each record's own country. Raises `UsageError` for a
    field that cannot be mended, `TooManyChangesError`, and what setting a value raises; then nothing is written.
    """
    target = value_field(op.store.dictionary, f"{recipe.entity}.{recipe.field}")
    _refuse_unmendable(target)
    run = _Run(op, target, context or Context(), RecipeResult(op.id, target), max_changes)
    found = ids_by_value(
        op.store, op.connection, target, recipe.where, sorted({s for c in recipe.changes for s in c.from_})
    )
    given_up = {spelling: one.to for one in recipe.changes for spelling in one.from_}
    for one in recipe.changes:
        run.mend(one, found, given_up)
    return run.result


def affected(store: Store, connection: sa.Connection, recipe: Recipe) -> int:
    """Return how many records hold one of the recipe's spellings today; raises what `apply_recipe` would."""
    target = value_field(store.dictionary, f"{recipe.entity}.{recipe.field}")
    _refuse_unmendable(target)
    spellings = [spelling for one in recipe.changes for spelling in one.from_]
    return sum(len(ids) for ids in ids_by_value(store, connection, target, recipe.where, spellings).values())


def _refuse_unmendable(target: ValueField) -> None:
    one = target.path.field
    if target.path.slot is None and one.unique:
        raise UsageError(
            f"{target.text} is unique: each of its values belongs to one record", hint=f"crm {target.entity.noun} set"
        )
    if target.is_point and not one.editable:
        raise UsageError(f"{target.text} is made by the system", hint=f"crm values show {target.entity.noun}.value")
    if target.entity.role is EntityRole.DETAIL and not target.is_point:
        raise UsageError(f"{target.text} is part of a record, and kept as it was written", hint="mend other fields")


@dataclass
class _Run:
    op: Operation
    target: ValueField
    context: Context
    result: RecipeResult
    max_changes: int | None

    def mend(self, change: Change, found: Mapping[str, list[int]], given_up: Mapping[str, str]) -> None:
        """Do one change; note what each of its spellings came to."""
        for spelling in change.from_:
            ids = found.get(spelling, [])
            if not ids:
                self.result.unmatched.append(spelling)
                continue
            by_after: dict[str, int] = {}
            for chunk in in_chunks(ids, _CHUNK):
                for after in self._mend(chunk, change.to).values():
                    by_after[after] = by_after.get(after, 0) + 1
                    if after in given_up:
                        raise _circular(spelling, change.to, after, given_up[after])
            self.result.mended += [Mended(spelling, after, count) for after, count in by_after.items()]
            self.result.changed += sum(by_after.values())
            refuse_too_many(self.target.entity.noun, self.result.changed, self.max_changes)

    def _mend(self, ids: Sequence[int], to: str) -> dict[int, str]:
        """Give these rows the new value; return what those that changed hold now, by id."""
        return self._mend_points(ids, to) if self.target.is_point else self._mend_records(ids, to)

    def _mend_records(self, ids: Sequence[int], to: str) -> dict[int, str]:
        name = self.target.name
        plan = records.plan_changes(self._reader(self.target.entity.name), ids, {name: to})
        for row in plan.updates.values():
            row.pop("extra", None)
        for row in plan.points.updates[_ADDRESS].values():
            _keep_given(row)
        plan.groups = []
        records.apply_changes(self.op, plan)
        return {number: fields[name][1] or "" for number, fields in plan.differences.items() if name in fields}

    def _reader(self, entity: str) -> records.Reader:
        store = self.op.store
        return records.Reader(store, self.op.connection, store.dictionary.entity(entity), self.context)

    def _mend_points(self, ids: Sequence[int], to: str) -> dict[int, str]:
        detail, column = self.target.entity.name, self.target.name
        table = self.op.store.table(detail)
        query = sa.select(table).where(table.c.id.in_(ids))
        rows = [dict(row) for row in self.op.connection.execute(query).mappings()]
        held = self._held(table, [row["party_id"] for row in rows])
        updates: dict[int, dict[str, Any]] = {}
        for row in rows:
            values = self._values(row, to)
            key = fold(values["standard"])
            if not key:
                self.result.left.append((row["id"], "nothing would be left of it"))
            elif held.setdefault((row["party_id"], key), row["id"]) != row["id"]:
                self.result.left.append((row["id"], "its party has it in this spelling already"))
            else:
                updates[row["id"]] = values
        changed = self.op.update(detail, updates, units={row["id"]: row["party_id"] for row in rows})
        return {number: updates[number][column] or "" for number in changed}

    def _held(self, table: sa.Table, parties: Sequence[int]) -> dict[tuple[int, str], int]:
        """The row by which each party has a standard form, so that none gets one twice."""
        found: dict[tuple[int, str], int] = {}
        for chunk in in_chunks(sorted(set(parties))):
            query = sa.select(table.c.party_id, table.c.standard, table.c.id)
            living = query.where(table.c.party_id.in_(chunk), table.c.deleted_at.is_(None))
            for party, standard, number in self.op.connection.execute(living):
                found[party, fold(standard) or ""] = number
        return found

    def _values(self, row: Mapping[str, Any], to: str) -> dict[str, Any]:
        """What the row of a contact point holds with the new value."""
        detail = self.target.entity.name
        slot = _SLOT_OF.get(detail, self.target.name)
        given = self._reader("contact").read({slot: to}, record={"country": row.get("country")})
        values = values_of(detail, row, list(given.slots.values()))
        if detail == _ADDRESS:
            _keep_given(values)
        return values


def _keep_given(row: dict[str, Any]) -> None:
    """Leave out of an address's new values what mending a spelling does not touch."""
    for name in _STAYS:
        row.pop(name, None)


def _circular(spelling: str, to: str, after: str, later: str) -> RecipeError:
    message = f"{spelling!r} becomes {after!r} in standard form, which is itself to become {later!r}"
    return RecipeError(message, hint=f"write to = {later!r} instead of {to!r}")
