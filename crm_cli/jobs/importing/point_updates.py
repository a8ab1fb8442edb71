"""Contact points of records that are there: what the source gives now is added, or takes the place of what it gave."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, cast

import sqlalchemy as sa

from crm_cli.dictionary import Entity, fold, shown_as
from crm_cli.history import Operation
from crm_cli.jobs.importing.collision import Claim, Collision, CollisionRules, wins
from crm_cli.jobs.importing.drafts import Point
from crm_cli.jobs.importing.edits import EDITS
from crm_cli.jobs.importing.points import ADDRESS_ORDER, DEFAULT_KIND
from crm_cli.jobs.importing.samples import SampleKeeper
from crm_cli.jobs.importing.standing import Standing
from crm_cli.store import in_chunks

__all__ = ["PointUpdater"]

Row = dict[str, Any]
_ADDRESS = "postal_address"
_KNOWN_OF_IT = {"standing", "deleted_at"}  # a person who notes that mail bounced did not choose the address


@dataclass
class _Points:
    """The contact points of one kind of detail that a record has, and had."""

    living: list[Row] = field(default_factory=list)
    gone: list[Row] = field(default_factory=list)
    left: dict[str, datetime] = field(default_factory=dict)  # what people deleted or replaced, and when
    chosen: dict[int, datetime] = field(default_factory=dict)  # rows that a person wrote, and when

    @property
    def primary(self) -> Row | None:
        return next((row for row in self.living if row["is_primary"]), None)


@dataclass
class _Writes:
    """What is to be written to one kind of detail."""

    updates: dict[int, Row] = field(default_factory=lambda: defaultdict(dict))
    inserts: list[tuple[Row, int]] = field(default_factory=list)  # with the row of the source

    def set(self, row: Row, **values: Any) -> None:
        row.update(values)
        if row["id"] is not None:  # else it is written whole
            self.updates[row["id"]].update(values)


@dataclass
class PointUpdater:
    """Applies the contact points of claims. Nothing of it is lost: what gives way stays, or stands in the log."""

    operation: Operation
    rules: CollisionRules
    source_id: int
    samples: SampleKeeper = field(default_factory=SampleKeeper)
    trusted: frozenset[int] = frozenset()  # operations by which sources that are trusted more were imported
    noun: str = ""  # of the records whose points are updated now

    def update(self, entity: Entity, claims: Sequence[Claim], standings: dict[int, Standing]) -> set[int]:
        """Write what the claims change; return the records of which a contact point changed."""
        touched: set[int] = set()
        self.noun = entity.noun
        for detail in sorted({point.detail for claim in claims for point in claim.draft.points.get(entity.name, ())}):
            group = next(slot.freshness for slot in entity.slots if slot.detail == detail) or ""
            given = {
                place: [point for point in claim.draft.points.get(entity.name, ()) if point.detail == detail]
                for place, claim in enumerate(claims)
            }
            have = self._read(detail, {claims[place].record_id for place, points in given.items() if points})
            open_ = [place for place, points in given.items() if not _holds(have, claims[place].record_id, points)]
            rule = self.rules.of_points(detail)
            if rule is Collision.NEVER:
                for place in open_:
                    claims[place].disagreeing.add(group)
                continue
            self._read_choices(detail, [have[claims[place].record_id] for place in open_])
            writes = _Writes()
            for place in open_:
                claim = claims[place]
                turn = _Turn(self, rule, group, claim, standings[claim.record_id], have[claim.record_id], writes)
                turn.settle(given[place])
            touched |= self._write(detail, writes, have)
        return touched

    def is_trusted(self, row: Row) -> bool:
        """Whether a source that is trusted more brought this row, and nobody changed it since."""
        return bool(self.trusted) and row["updated_at"] in self._trusted_moments

    @cached_property
    def _trusted_moments(self) -> set[datetime]:
        table = self.operation.store.table("operation")
        query = sa.select(table.c.started_at).where(table.c.id.in_(sorted(self.trusted)))
        return set(self.operation.connection.scalars(query))

    def is_own(self, row: Row) -> bool:
        """Whether the source brought this row."""
        return row["created_at"] in self._moments

    @cached_property
    def _moments(self) -> set[datetime]:
        """When imports of this source were made: what was created at such a moment came from it."""
        batch, operation = self.operation.store.table("import_batch"), self.operation.store.table("operation")
        query = (
            sa.select(operation.c.started_at)
            .join(batch, batch.c.operation_id == operation.c.id)
            .where(batch.c.source_system_id == self.source_id)
        )
        return {*self.operation.connection.scalars(query), self.operation.started_at}

    def _read(self, detail: str, ids: Iterable[int]) -> dict[int, _Points]:
        """Return the points of these records, locked."""
        table = self.operation.store.table(detail)
        found: dict[int, _Points] = defaultdict(_Points)
        for chunk in in_chunks(sorted(ids)):
            query = sa.select(table).where(table.c.party_id.in_(chunk)).order_by(table.c.id).with_for_update()
            for row in self.operation.connection.execute(query).mappings():
                points = found[row["party_id"]]
                if row["deleted_at"] is None:
                    points.living.append(dict(row))
                else:
                    points.gone.append(dict(row))
                    points.left[_text(row["standard"])] = row["deleted_at"]
        return found

    def _read_choices(self, detail: str, parties: Sequence[_Points]) -> None:
        """Note which rows people wrote, and which values they replaced by doing so."""
        change, done = self.operation.store.table("change"), self.operation.store.table("operation")
        holders = {row["id"]: points for points in parties for row in (*points.living, *points.gone)}
        for chunk in in_chunks(sorted(holders)):
            query = (
                sa.select(change.c.record_id, change.c.action, change.c.old, change.c.new, done.c.started_at)
                .join(done, done.c.id == change.c.operation_id)
                .where(
                    change.c.entity == detail, change.c.record_id.in_(chunk),
                    done.c.kind.in_(EDITS), done.c.undone_by_id.is_(None),
                )
                .order_by(change.c.id)
            )  # fmt: skip
            for number, action, old, new, when in self.operation.connection.execute(query):
                points = holders[number]
                if action == "insert" or set(new or ()) - _KNOWN_OF_IT:
                    points.chosen[number] = when
                if "standard" in (old or {}):
                    points.left[_text(old["standard"])] = when

    def _write(self, detail: str, writes: _Writes, have: dict[int, _Points]) -> set[int]:
        owners = {row["id"]: party for party, points in have.items() for row in points.living}
        done = self.operation.update(detail, writes.updates, units=owners)
        parties = [row["party_id"] for row, _ in writes.inserts]
        rows = [{name: value for name, value in row.items() if name != "id"} for row, _ in writes.inserts]
        self.operation.insert(detail, rows, units=parties, source_rows=[number for _, number in writes.inserts])
        return {owners[number] for number in done} | set(parties)


@dataclass
class _Turn:
    """One claim's points of one detail against those of its record."""

    updater: PointUpdater
    rule: Collision
    group: str
    claim: Claim
    standing: Standing
    points: _Points
    writes: _Writes
    taken: list[Row] = field(default_factory=list)  # rows that hold what the source gives

    def settle(self, given: Sequence[Point]) -> None:
        found = [(point, _row_of(point, self.points.living)) for point in given]
        self.taken = [row for _, row in found if row is not None]
        for point, row in found:
            if row is None:
                self._place(point)
            elif point.values["is_primary"] and not row["is_primary"]:
                self._make_primary(row)

    def _place(self, point: Point) -> None:
        left = self.points.left.get(point.identity[1])
        if left is not None and not self._wins(left):
            self._leave(conflict=True, point=point)
            return
        old = self._predecessor(point)
        gives_way = old is not None and self._wins(self._chosen(old), trusted=self.updater.is_trusted(old))
        if old is not None and gives_way and self._may_overwrite(old, point):
            self.writes.set(old, **_columns(point, old))
            self.taken.append(old)
            return
        primary = not self.points.living
        if old is not None and gives_way:
            primary = old["is_primary"]
            self._demote(old, point)
        elif old is not None:
            self._leave(conflict=True, point=point, old=old)
        self._insert(point, primary=primary)

    def _predecessor(self, point: Point) -> Row | None:
        """The row that the source's slot showed until now: the primary one, or that of the kind."""
        if point.values["is_primary"]:
            return self.points.primary
        free = [row for row in self.points.living if row not in self.taken and not row["is_primary"]]
        return next((row for row in free if row["kind"] == point.values["kind"]), None)

    def _may_overwrite(self, old: Row, point: Point) -> bool:
        """Whether the row can be changed itself: it is the source's alone, and no part of an address would be lost."""
        if self.standing.shared or old in self.taken or old["id"] is None or self._chosen(old) is not None:
            return False
        return point.detail != _ADDRESS or all(point.values.get(name) for name in ADDRESS_ORDER if old[name])

    def _demote(self, old: Row, point: Point) -> None:
        self.writes.set(old, is_primary=False)
        kind = point.values["kind"]
        if old not in self.taken and old["kind"] == kind and kind != DEFAULT_KIND[point.detail]:
            self.writes.set(old, kind="other")  # the slot of this kind shows the new one

    def _insert(self, point: Point, *, primary: bool) -> None:
        row = {**point.values, "id": None, "party_id": self.claim.record_id, "is_primary": primary}
        self.points.living.append(row)
        self.taken.append(row)
        self.writes.inserts.append((row, self.claim.draft.row.number))

    def _make_primary(self, row: Row) -> None:
        old = self.points.primary
        if self.standing.shared or (old is not None and not self._wins(self._chosen(old))):
            self._leave(conflict=False)
            return
        if old is not None:
            self.writes.set(old, is_primary=False)
        self.writes.set(row, is_primary=True)

    def _wins(self, chosen: datetime | None, *, trusted: bool = False) -> bool:
        return wins(self.rule, self.claim, self.standing, chosen, self.group, trusted=trusted)

    def _chosen(self, row: Row) -> datetime | None:
        """When somebody else than the source gave this row; None for the source's own, as it gave it."""
        if row["id"] is None or (row["id"] not in self.points.chosen and self.updater.is_own(row)):
            return None
        return self.points.chosen.get(row["id"]) or cast("datetime", row["updated_at"])

    def _leave(self, *, conflict: bool, point: Point | None = None, old: Row | None = None) -> None:
        self.claim.disagreeing.add(self.group)
        counts = conflict and not self.claim.yields
        self.claim.conflicts += counts
        if counts and point is not None:
            number, record = self.claim.draft.row.number, f"{self.updater.noun} {self.claim.record_id}"
            detail = self.updater.operation.store.dictionary.entity(point.detail)
            now = shown_as(detail, "standard", old["standard"]) if old else None
            self.updater.samples.conflict(number, record, point.detail, now, point.values.get("standard"))


def _holds(have: dict[int, _Points], party: int, given: Sequence[Point]) -> bool:
    """Whether the record has all of it already, and shows it where the source does."""
    rows = [(point, _row_of(point, have[party].living)) for point in given]
    return all(row is not None and (row["is_primary"] or not point.values["is_primary"]) for point, row in rows)


def _row_of(point: Point, living: Sequence[Row]) -> Row | None:
    """The row that holds the point; an address also where it says more than the source does."""
    name = point.identity[1]
    found = next((row for row in living if _text(row["standard"]) == name), None)
    if found is None and point.detail == _ADDRESS:
        parts = {name: fold(text) for name in ADDRESS_ORDER if (text := point.values.get(name))}
        found = next((row for row in living if all(fold(row.get(name)) == text for name, text in parts.items())), None)
    return found


def _columns(point: Point, old: Row) -> Row:
    """What a row holds when the point takes its place."""
    names = ("value", "standard", "standing", "kind", *(ADDRESS_ORDER if point.detail == _ADDRESS else ()))
    return {name: point.values.get(name) for name in names if point.values.get(name) != old.get(name)}


def _text(standard: Any) -> str:
    return str(standard or "").casefold()
