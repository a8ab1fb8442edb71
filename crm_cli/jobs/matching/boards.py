"""A cluster side by side, as a person judges it: a column a record, a line a field, and whose value survives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from crm_cli.dictionary import Entity, Field, fold
from crm_cli.history import BlameLine, blame
from crm_cli.jobs.decisions import Choices
from crm_cli.jobs.matching.cards import CardValues, read_values
from crm_cli.jobs.matching.model import Candidate
from crm_cli.jobs.merging import MergeSettings, Proposal, propose
from crm_cli.store import Store

__all__ = ["Board", "BoardLine", "Origin", "cluster_members", "read_board"]

_MOST_MEMBERS = 8  # records beside each other; of a larger cluster those nearest to the pair


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value comes from: who or which file gave it and when, and when it was last known to hold."""

    given_by: str
    given_at: datetime
    confirmed_at: datetime


@dataclass(frozen=True, slots=True)
class BoardLine:
    """One field of all members: its values in their order, as they may be shown (blank for none).

    `mark`: `=` where all that have a value have the same, `!` where they differ, blank where at most one has one.
    `chosen`: the place of the member whose value survives a merge, None for what is not chosen (all are kept).
    `name` is the field's own name, `owner_id` where people say `owner`.
    """

    field: str
    values: tuple[str, ...]
    mark: str
    chosen: int | None = None
    origins: tuple[Origin | None, ...] = ()
    name: str = ""

    @property
    def is_choosable(self) -> bool:
        """Whether a person may say whose value survives: it is a field, and not all have the same in it."""
        return self.chosen is not None and self.mark != "="


@dataclass(frozen=True, slots=True)
class Board:
    """The records of a cluster, the two of the pair first; `left_out` of them are not shown."""

    members: tuple[int, ...]
    survivor: int
    lines: tuple[BoardLine, ...]
    choices: Choices = field(default_factory=Choices)
    left_out: int = 0


def read_board(
    store: Store, entity: Entity, pair: Candidate, others: Sequence[int], settings: MergeSettings,
    choices: Choices | None = None,
) -> Board:  # fmt: skip
    """Return the pair and the `others` of its cluster side by side, under what was chosen so far."""
    choices = choices or Choices()
    further = [one for one in others if one not in pair.pair]
    members = (*pair.pair, *further[: _MOST_MEMBERS - 2])
    with store.read() as connection:
        values = {one: read_values(store, connection, entity, one) for one in members}
        proposal = propose(store, connection, entity, members, settings, choices.survivor)
    histories = {one: blame(store, entity.name, one) for one in members}
    names = dict.fromkeys(name for one in members for name in values[one].true if name != "id")
    reader = _Reader(entity, members, values, proposal, choices, histories)
    lines = tuple(reader.line(name) for name in names)
    return Board(members, proposal.survivor, lines, choices, len(further) + 2 - len(members))


@dataclass(frozen=True, eq=False)
class _Reader:
    entity: Entity
    members: tuple[int, ...]
    values: Mapping[int, CardValues]
    proposal: Proposal
    choices: Choices
    histories: Mapping[int, Sequence[BlameLine]]

    def line(self, name: str) -> BoardLine:
        one = next((each for each in self.entity.fields if name in (each.name, each.path_name)), None)
        found = [self.values[number].true.get(name, ()) for number in self.members]
        shown = tuple(self.values[number].text(name) for number in self.members)
        if one is None:
            return BoardLine(name, shown, _mark(found))
        origins = tuple(
            self._origin(number, one) if text else None for number, text in zip(self.members, shown, strict=True)
        )
        return BoardLine(name, shown, _mark(found), self._chosen(one), origins, one.name)

    def _chosen(self, one: Field) -> int:
        """The place of the member whose value survives."""
        ruled = next((each.source for each in self.proposal.choices if each.field == one.name), self.proposal.survivor)
        return self.members.index(self.choices.taken.get(one.name, ruled))

    def _origin(self, number: int, one: Field) -> Origin:
        row = self.proposal.rows[number]
        confirmed = self.proposal.evidence.moment(row, one)
        told = next((each for each in self.histories[number] if each.field == one.name), None)
        told = told or next((each for each in reversed(self.histories[number]) if each.action == "insert"), None)
        if told is None:
            return Origin("", row["created_at"], confirmed)
        where = told.source or ""
        place = f", row {told.source_row}" if told.source_row is not None else ""
        return Origin(f"{where}{place}" if where else f"{told.actor} ({told.kind})", told.when, confirmed)


def _mark(values: Sequence[Sequence[str]]) -> str:
    filled = [{fold(one) for one in each} for each in values if each]
    if len(filled) < 2:
        return ""
    return "=" if set.intersection(*filled) else "!"


def cluster_members(store: Store, connection: sa.Connection, pair: Candidate, run: int) -> list[int]:
    """Return the records of the pair's cluster, as the search named them, those with the surest pairs first."""
    if pair.cluster is None:
        return list(pair.pair)
    table = store.table("match_pair")
    query = sa.select(table.c.left_id, table.c.right_id).where(table.c.run_id == run, table.c.cluster == pair.cluster)
    rows = connection.execute(query.order_by(table.c.probability.desc(), table.c.id))
    return list(dict.fromkeys([*pair.pair, *(number for row in rows for number in row)]))
