"""Links: further records that an activity of a source concerns, beside the one that it refers to itself."""

from __future__ import annotations

from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from crm_cli.history import Operation
from crm_cli.importers import Row, Table
from crm_cli.jobs.importing.drafts import SourceId, known_as
from crm_cli.jobs.importing.resolving import Resolver
from crm_cli.store import in_chunks

__all__ = ["Linker"]

_AT_ONCE = 5_000
_LIST = ";"
_ACTIVITY, _LINK = "activity", "activity_link"


@dataclass
class Linker:
    """Writes the links that a table of activities names: `links` says, by column, of which entities its ids are."""

    operation: Operation
    resolver: Resolver
    table: Table
    key: str
    links: Map[str, tuple[str, ...]]
    written: int = 0
    unresolved: int = 0

    def run(self) -> None:
        """Write the links that are not there yet; what an activity refers to itself needs none."""
        places = {name: place for place, name in enumerate(self.table.header)}
        columns = [(places[name], entities) for name, entities in self.links.items() if name in places]
        if not columns or self.key not in places:
            return
        for rows in self.table.batches(_AT_ONCE):
            self._write(_named(rows, places[self.key], columns))

    def _write(self, named: Sequence[tuple[str, SourceId]]) -> None:
        known = self.resolver.known(_ACTIVITY, [key for key, _ in named])
        deleted = self.resolver.deleted(_ACTIVITY, [ref.record_id for ref in known.values()])
        ours = {key: ref.record_id for key, ref in known.items() if ref.record_id not in deleted}
        found = self.resolver.by_source_ids(one for _, one in named)
        self.unresolved += sum(one not in found for _, one in named)
        wanted = {
            (ours[key], self._entity(one, found[one]), found[one]) for key, one in named if key in ours and one in found
        }
        wanted -= self._there([number for number, _, _ in wanted])
        rows = [
            {"activity_id": activity, "entity": entity, "record_id": number}
            for activity, entity, number in sorted(wanted)
        ]
        self.operation.insert(_LINK, rows)
        self.written += len(rows)

    def _entity(self, one: SourceId, number: int) -> str:
        """The entity of a record: the one in which its id was found."""
        if len(one.entities) == 1:
            return one.entities[0]
        return next(name for name in one.entities if self.resolver.rows(name, [number]))

    def _there(self, activities: Sequence[int]) -> set[tuple[int, str, int]]:
        """What these activities are linked with already, or refer to themselves."""
        link, activity = self.operation.store.table(_LINK), self.operation.store.table(_ACTIVITY)
        found: set[tuple[int, str, int]] = set()
        for chunk in in_chunks(sorted(set(activities))):
            query = sa.select(link.c.activity_id, link.c.entity, link.c.record_id).where(link.c.activity_id.in_(chunk))
            found |= {(row[0], row[1], row[2]) for row in self.operation.connection.execute(query)}
            own = sa.select(activity.c.id, activity.c.party_id, activity.c.opportunity_id, activity.c.lead_id)
            for row in self.operation.connection.execute(own.where(activity.c.id.in_(chunk))):
                found |= _own(row)
        return found


def _own(row: Any) -> set[tuple[int, str, int]]:
    own = [
        ("account", row.party_id),
        ("contact", row.party_id),
        ("opportunity", row.opportunity_id),
        ("lead", row.lead_id),
    ]
    return {(row.id, entity, number) for entity, number in own if number is not None}


def _named(rows: Sequence[Row], key: int, columns: Sequence[tuple[int, tuple[str, ...]]]) -> list[tuple[str, SourceId]]:
    """Return what each row is known by, with each id that it names."""
    found = []
    for row in rows:
        mine = (row.values[key] or "").strip() if key < len(row.values) else ""
        for place, entities in columns if mine else ():
            cell = row.values[place] if place < len(row.values) else None
            parts = [part.strip() for part in (cell or "").split(_LIST) if part.strip()]
            found += [(known_as(mine), SourceId(known_as(part), entities, "")) for part in parts]
    return found
