"""Records with several e-mail addresses, numbers or postal addresses: the first, all in one cell, or a row each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from crm_cli.query.paths import Path
from crm_cli.store import Store, in_chunks

__all__ = ["PointReader", "Points"]

_JOINT = "; "
_ADDRESS = "postal_address"
_LEADING = ("party_id", "is_primary", "id", "kind")  # what is read of every point before its values
Point = Sequence[Any]


class Points(StrEnum):
    """What becomes of the columns of contact points (`email`, `mobile`, `city`, …)."""

    FIRST = "first"  # the primary one; of a kind (mobile) the oldest
    JOINED = "joined"  # all of them in one cell, the primary one first
    ROWS = "rows"  # the second row of a record holds its second e-mail address, its second number, and so on


@dataclass(frozen=True)
class _Slot:
    """A column of contact points: where it stands, where the id of its party stands, and which points it takes.

    `at` is the place of its values in a point as it is read.
    """

    place: int
    party: int
    detail: str
    column: str
    kind: str | None
    at: int = 0

    def values(self, points: Sequence[Point]) -> list[Any]:
        """Return the values of the points that it takes, in their order."""
        at, kind = self.at, self.kind
        return [point[at] for point in points if kind is None or point[3] == kind]


class PointReader:
    """Puts contact points into rows that were read with the first of each.

    `parties` says for each path through which slots are reached (`""` is the record itself) where in a row the id of
    its party stands.
    """

    def __init__(self, store: Store, paths: Sequence[Path], parties: dict[str, int]) -> None:
        self._store = store
        self._slots = [
            _Slot(place, parties[prefix_of(path)], path.slot.detail, path.slot.column, path.slot.kind)
            for place, path in enumerate(paths)
            if path.slot
        ]
        self._columns = {
            detail: sorted({one.column for one in self._slots if one.detail == detail})
            for detail in {one.detail for one in self._slots}
        }
        self._slots = [
            replace(one, at=len(_LEADING) + self._columns[one.detail].index(one.column)) for one in self._slots
        ]

    def filled(self, connection: sa.Connection, rows: Sequence[Sequence[Any]], points: Points) -> Iterator[list[Any]]:
        """Yield the rows with their points; for `Points.ROWS` as many a record as it has points of one sort."""
        known = {detail: self._points(connection, detail, rows) for detail in self._columns}
        for row in rows:
            held = [(one, one.values(known[one.detail].get(row[one.party], ()))) for one in self._slots]
            if points is Points.JOINED:
                yield _with(row, [(one.place, _joined(one, values)) for one, values in held])
                continue
            for number in range(max((len(values) for _, values in held), default=1) or 1):
                yield _with(
                    row, [(one.place, values[number] if number < len(values) else None) for one, values in held]
                )

    def _points(self, connection: sa.Connection, detail: str, rows: Sequence[Sequence[Any]]) -> dict[int, list[Point]]:
        """Return the points of the parties of these rows, the primary one first, then the oldest."""
        table = self._store.table(detail)
        columns = (*_LEADING, *self._columns[detail])
        parties = {row[one.party] for row in rows for one in self._slots if one.detail == detail} - {None}
        found: dict[int, list[Point]] = {}
        for chunk in in_chunks(sorted(parties), 2_000):
            query = sa.select(*(table.c[name] for name in columns))
            query = query.where(table.c.party_id.in_(chunk), table.c.deleted_at.is_(None))
            for point in connection.execute(query).all():
                found.setdefault(point[0], []).append(point)
        for points in found.values():
            if len(points) > 1:
                points.sort(key=lambda point: (not point[1], point[2]))
        return found


def prefix_of(path: Path) -> str:
    """Return the way to the record that a path ends in: `account` of `account.email`, `""` of `email`."""
    return ".".join(step.name for step in path.steps)


def _joined(slot: _Slot, values: Sequence[Any]) -> str | None:
    if len(values) < 2:
        return values[0] or None if values else None
    if slot.detail == _ADDRESS:  # a part that is blank keeps its place, so that street, city and code stay together
        return _JOINT.join(value or "" for value in values) if any(values) else None
    return _JOINT.join(dict.fromkeys(value for value in values if value)) or None


def _with(row: Sequence[Any], changes: Sequence[tuple[int, Any]]) -> list[Any]:
    changed = list(row)
    for place, value in changes:
        changed[place] = value
    return changed
