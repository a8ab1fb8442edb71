"""Carrying out a file of hand-overs: one operation, rows that do not fit refused one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import sqlalchemy as sa

from crm_cli.errors import CrmError
from crm_cli.exporters import ExportColumn, ExportOptions, export_rows
from crm_cli.history import Operation, assign
from crm_cli.jobs.importing.drafts import REJECT_COLUMNS
from crm_cli.jobs.reassigning.pairs import HandoverFile, PairRow
from crm_cli.records import locate
from crm_cli.store import in_chunks
from crm_cli.territories import OWNED, Handover, Split, follow, reassign, working_users

__all__ = ["PairMoves", "Refused", "reassign_pairs", "write_rejects"]

_LONGEST = 18  # digits of a number that every database holds


@dataclass(frozen=True)
class Refused:
    """A row that was not carried out, and why."""

    row: PairRow
    column: str
    reason: str
    hint: str


@dataclass
class PairMoves:
    """What a file of hand-overs came to: records that moved, those that followed, rows that were refused."""

    operation_id: int
    moved: Counter[str] = field(default_factory=Counter)
    followed: Counter[str] = field(default_factory=Counter)
    unchanged: int = 0
    refused: list[Refused] = field(default_factory=list)

    @property
    def total(self) -> int:
        """How many records moved."""
        return self.moved.total() + self.followed.total()


def reassign_pairs(
    operation: Operation, given: HandoverFile, *, entities: Sequence[str] = (), open_only: bool = True,
    split: Split = Split.EVEN, today: date,
) -> PairMoves:  # fmt: skip
    """Carry out the rows of a file.

    A `record,owner` row gives that record to that owner, whatever its state; it is of the row's entity, else of the
    one that `entities` names, else an account. What hangs on it and is open follows, if the owner before had it. A
    `from,to` row hands one user's records over to another, as `territories.reassign`.
    """
    result = PairMoves(operation.id)
    if given.of_users:
        _users(operation, given, result, (tuple(entities), split, open_only))
    else:
        _Records(operation, result, entities, today).run(given.rows())
    return result


def _users(
    operation: Operation, given: HandoverFile, result: PairMoves, wanted: tuple[tuple[str, ...], Split, bool]
) -> None:
    entities, split, open_only = wanted
    for row in given.rows():
        handover = Handover(
            giver=row.first, takers=[row.second], entities=entities, split=split, open_only=open_only
        )  # fmt: skip
        try:
            moves = reassign(operation, handover)
        except CrmError as error:
            result.refused.append(Refused(row, "from, to", error.message, error.hint))
        else:
            result.moved.update(moves.moved)


class _Records:
    def __init__(self, operation: Operation, result: PairMoves, entities: Sequence[str], today: date) -> None:
        self.op, self.result, self.today = operation, result, today
        self.store, self.connection = operation.store, operation.connection
        self.usual = entities[0] if len(entities) == 1 else "account"
        self.users: dict[str, int | CrmError] = {}
        self.rows: dict[str, dict[int, tuple[PairRow, int]]] = {}  # entity → record → its row and new owner

    def run(self, rows: Iterable[PairRow]) -> None:
        for row in rows:
            self._take(row)
        for entity in (name for name in OWNED if name in self.rows):
            self._move(entity, self.rows[entity])

    def _take(self, row: PairRow) -> None:
        column = "entity"
        try:
            entity = self.store.dictionary.entity(row.entity or self.usual)
            if entity.name not in OWNED:
                raise CrmError(f"{entity.noun} has no owner", hint=f"these have: {', '.join(OWNED)}")
            column = "owner"
            owner = self._owner(row.second)
            column = "record"
            decimal = row.first.isascii() and row.first.isdecimal() and len(row.first) <= _LONGEST
            number = int(row.first) if decimal else locate(
                self.store, self.connection, entity, row.first, deleted=False
            ).id  # fmt: skip
            taken = self.rows.setdefault(entity.name, {})
            if number in taken:
                earlier = taken[number][0].number
                raise CrmError(f"{entity.noun} {number} stands in row {earlier} too", hint="name it once")
            taken[number] = (row, owner)
        except CrmError as error:
            self.result.refused.append(Refused(row, column, error.message, error.hint))

    def _owner(self, name: str) -> int:
        if name not in self.users:
            try:
                self.users[name] = working_users(self.store, self.connection, [name])[0].id
            except CrmError as error:
                self.users[name] = error
        found = self.users[name]
        if isinstance(found, CrmError):
            raise found
        return found

    def _move(self, entity: str, rows: dict[int, tuple[PairRow, int]]) -> None:
        owned = self._owned(entity, sorted(rows))
        noun = self.store.dictionary.entity(entity).noun
        for number in sorted(rows.keys() - owned.keys()):
            hint = f"crm {noun} list shows them; deleted and merged ones do not count"
            self.result.refused.append(Refused(rows[number][0], "record", f"there is no {noun} {number}", hint))
        taken = {
            number: (owned[number], owner)
            for number, (_, owner) in rows.items()
            if number in owned and owned[number] != owner
        }
        self.result.unchanged += len(owned) - len(taken)
        pairs = ((number, new) for number, (_, new) in sorted(taken.items()))
        self.result.moved[entity] += assign(self.op, entity, "owner_id", pairs)
        self.result.followed.update(follow(self.op, entity, taken, self.today))

    def _owned(self, entity: str, ids: Sequence[int]) -> dict[int, int | None]:
        """The owners of those of the records that live."""
        table = self.store.table(entity)
        found: dict[int, int | None] = {}
        for chunk in in_chunks(ids):
            query = sa.select(table.c.id, table.c.owner_id).where(
                table.c.id.in_(chunk), table.c.deleted_at.is_(None), table.c.merged_into_id.is_(None)
            )
            found.update({row.id: row.owner_id for row in self.connection.execute(query)})
        return found


def write_rejects(given: HandoverFile, refused: Sequence[Refused], path: Path) -> None:
    """Write refused rows as they were, with row, column, reason and hint behind: to be mended and given again."""
    notes = REJECT_COLUMNS[:4]
    header = [name for name in given.table.header if name not in notes]
    places = [given.table.header.index(name) for name in header]
    rows = (
        [*(one.row.cells[place] for place in places), str(one.row.number), one.column, one.reason, one.hint]
        for one in sorted(refused, key=lambda one: one.row.number)
    )
    export_rows(rows, [ExportColumn(name) for name in (*header, *notes)], path, ExportOptions(overwrite=True))
