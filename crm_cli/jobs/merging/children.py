"""What becomes of the rows that refer to merged records: move, unite with an equal one, or clash."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from crm_cli.dictionary import Entity
from crm_cli.history import Operation
from crm_cli.jobs.merging.clusters import Cluster
from crm_cli.jobs.merging.filling import filled_blanks
from crm_cli.jobs.merging.points import primary_edits, united_standing
from crm_cli.jobs.merging.references import Referring, Row, moving_references, read_referring

__all__ = ["ChildPlan", "Edit", "plan_children"]

Changes: TypeAlias = dict[tuple[int, int], dict[str, Any]]  # new values by (row, unit)


@dataclass(frozen=True, slots=True)
class Edit:
    """New values of one row, as a part of the merge into the survivor `unit`."""

    entity: str
    row_id: int
    values: Mapping[str, Any]
    unit: int


@dataclass
class ChildPlan:
    """Edits of rows around the merged records; counts by (survivor, entity); clusters that clash, and why."""

    edits: list[Edit] = field(default_factory=list)
    moved: Counter[tuple[int, str]] = field(default_factory=Counter)
    united: Counter[tuple[int, str]] = field(default_factory=Counter)
    clashes: dict[int, str] = field(default_factory=dict)


def plan_children(
    op: Operation, entity: Entity, clusters: Sequence[Cluster], decided: Collection[tuple[int, str]]
) -> ChildPlan:
    """Plan the edits for all rows that refer to merged-away records of `clusters`.

    `decided` are (survivor, field) pairs that survivorship sets anyway.
    """
    plan = ChildPlan()
    survivor_of = {loser: cluster.survivor for cluster in clusters for loser in cluster.losers}
    survivors = [cluster.survivor for cluster in clusters]
    for referring in moving_references(op.store.dictionary, entity):
        wanted = [*survivor_of, *survivors] if referring.needs_survivors_rows else list(survivor_of)
        rows = read_referring(op, referring, wanted)
        _Moves(referring, rows, survivor_of, decided, op.started_at).add_to(plan)
    return plan


class _Moves:
    """The rows of one referring entity and where they go."""

    def __init__(
        self,
        referring: Referring,
        rows: Sequence[Row],
        survivor_of: Mapping[int, int],
        decided: Collection[tuple[int, str]],
        now: datetime,
    ) -> None:
        self.referring = referring
        self.rows = rows
        self.survivor_of = survivor_of
        self.now = now
        own = referring.entity.name == referring.target.name
        self.moves: dict[int, dict[str, int]] = {}
        self.filled: dict[int, dict[str, Any]] = defaultdict(dict)
        for row in rows:
            new = referring.moves(row, survivor_of)
            kept = {name: to for name, to in new.items() if not (own and (row["id"], name) in decided)}
            if kept:
                self.moves[row["id"]] = kept

    def add_to(self, plan: ChildPlan) -> None:
        name = self.referring.entity.name
        changes: Changes = defaultdict(dict)
        held = self._unite() if self.referring.unites else {}
        for row, holder in held.values():
            units = sorted(set(self.moves.pop(row["id"]).values()))
            for unit in units:
                plan.united[unit, name] += 1
            if self.referring.unites_values:
                self._hand_over(row, holder, units[0], changes)
        self._find_clashes(plan)
        self._hide_closed(plan, changes)
        for number, new in self.moves.items():
            for field_name, unit in new.items():
                changes[number, unit][field_name] = unit
            for unit in set(new.values()):
                plan.moved[unit, name] += 1
        self._settle_points(list(held.values()), changes)
        plan.edits += [Edit(name, number, values, unit) for (number, unit), values in changes.items()]

    def _final(self, row: Row, name: str) -> Any:
        return self.moves.get(row["id"], {}).get(name, row[name])

    def _unite(self) -> dict[int, tuple[Row, Row]]:
        """Return the moving rows that have an equal one at the survivor already, as id → (row, its equal)."""
        names = [one.name for one in self.referring.fields]
        others = [name for name in self.referring.entity.unite_by if name not in names]
        holders: dict[tuple[Any, ...], Row] = {}
        held: dict[int, tuple[Row, Row]] = {}
        for row in sorted(self.rows, key=lambda one: (one["id"] in self.moves, one["id"])):
            if not self.referring.is_live(row) or (others and all(row[name] is None for name in others)):
                continue
            key = (*(self._final(row, name) for name in names), *(row[name] for name in others))
            holder = holders.setdefault(key, row)
            if holder is not row and row["id"] in self.moves:
                held[row["id"]] = (row, holder)
        return held

    def _hand_over(self, row: Row, holder: Row, unit: int, changes: Changes) -> None:
        """Merge a record into its equal, which takes over what it has not itself."""
        known = self.filled[holder["id"]]
        filled = filled_blanks(self.referring.entity, {**holder, **known}, row)
        filled = {name: value for name, value in filled.items() if name == "extra" or name not in known}
        known |= filled
        changes[row["id"], unit]["merged_into_id"] = holder["id"]
        if filled:
            changes[holder["id"], unit] |= filled

    def _hide_closed(self, plan: ChildPlan, changes: Changes) -> None:
        """Take rows out of sight whose two ends become one record, such as a relationship of the merged two."""
        for row in self.rows:
            unit = self.referring.closes_on(row, self.survivor_of)
            if unit is not None and "deleted_at" in row:
                changes[row["id"], unit]["deleted_at"] = self.now
                plan.united[unit, self.referring.entity.name] += 1

    def _find_clashes(self, plan: ChildPlan) -> None:
        for key in self.referring.unique_keys:
            holders: dict[tuple[Any, ...], Row] = {}
            for row in sorted(self.rows, key=lambda one: (one["id"] in self.moves, one["id"])):
                values = tuple(self._final(row, name) for name in key)
                holder = holders.setdefault(values, row) if None not in values else row
                if holder is not row:
                    noun, names = self.referring.entity.noun, ", ".join(key)
                    why = f"{noun} {holder['id']} and {noun} {row['id']} would have the same {names}"
                    for unit in self.moves.get(row["id"], {}).values():
                        plan.clashes.setdefault(unit, why)

    def _settle_points(self, held: Sequence[tuple[Row, Row]], changes: Changes) -> None:
        """Leave one primary contact point of a kind, and keep the worst that is known of an address."""
        owner = self.referring.owner
        if owner is None or "is_primary" not in self.referring.entity.by_name:
            return
        at_survivor: dict[int, list[Row]] = defaultdict(list)
        survivors = set(self.survivor_of.values())
        stayed = {row["id"] for row, _ in held}
        for row in sorted(self.rows, key=lambda one: (one["id"] in self.moves, one["id"])):
            unit = self._final(row, owner.name)
            if unit in survivors and row["id"] not in stayed and self.referring.is_live(row):
                at_survivor[unit].append(row)
        for unit, rows in at_survivor.items():
            for number, primary in primary_edits(rows, held).items():
                changes[number, unit]["is_primary"] = primary
        for number, standing in united_standing(held).items():
            unit = next(self._final(holder, owner.name) for _, holder in held if holder["id"] == number)
            changes[number, unit]["standing"] = standing
