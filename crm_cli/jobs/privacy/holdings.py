"""What an erasure takes out, and which references to it are emptied: the dictionary is walked from the person on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import Entity, EntityRole, Field
from crm_cli.jobs.privacy.subject import Subject, links_to
from crm_cli.store import Store

__all__ = ["Holdings", "holdings_of"]

_LOG = ("change", "erasure", "erasure_key")  # the log loses its values and keeps its rows
_ABOUT_TWO = ("relationship",)
Row = dict[str, Any]


@dataclass
class Holdings:
    """Rows to be taken out, by entity; references to be emptied, by entity and field; records to be made nameless."""

    gone: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    unlinked: dict[tuple[str, str], set[int]] = field(default_factory=lambda: defaultdict(set))
    nameless: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    deals: set[int] = field(default_factory=set)  # that stay as they are

    @property
    def touched(self) -> dict[str, set[int]]:
        """The rows whose values go, by entity: from their table and from the log."""
        found = {entity: set(ids) for entity, ids in self.gone.items()}
        for entity, ids in self.nameless.items():
            found.setdefault(entity, set()).update(ids)
        return found

    def without_links(self) -> dict[str, set[int]]:
        """Return the rows that stay and lose a reference, by entity."""
        found: dict[str, set[int]] = {}
        for (entity, _), ids in self.unlinked.items():
            found.setdefault(entity, set()).update(ids - self.gone.get(entity, set()))
        return {entity: ids for entity, ids in found.items() if ids}

    def about(self) -> dict[str, set[int]]:
        """Return the rows that stay and are about the person too, by entity: its family name in them means it."""
        found = self.without_links()
        return {**found, "opportunity": found.get("opportunity", set()) | self.deals}


def holdings_of(store: Store, connection: sa.Connection, subject: Subject, *, keep_business: bool) -> Holdings:
    """Return what is to be erased of the person.

    Parts of its records, what the system keeps about them, and relationships go. An activity goes that is about nobody
    and nothing else, a deal that has no account; others lose the reference. With `keep_business` deals stay as they
    are, and the contact that they name stays without a name.
    """
    return _Walk(store, connection, subject, keep_business=keep_business).run()


class _Walk:
    def __init__(self, store: Store, connection: sa.Connection, subject: Subject, *, keep_business: bool) -> None:
        self.store = store
        self.connection = connection
        self.subject = subject
        self.keep_business = keep_business
        self.found = Holdings()
        self.waiting: list[tuple[str, set[int]]] = []
        self.activities: dict[int, Row] = {}

    def run(self) -> Holdings:
        kept = self._named_by_deals() if self.keep_business else set()
        for entity, ids in self.subject.records.items():
            stays = kept & set(ids) if entity == "contact" else set()
            if stays:
                self.found.nameless[entity] |= stays
                self.waiting.append((entity, stays))
            self._take(entity, set(ids) - stays)
        self._follow()
        self._judge_activities()
        self._follow()
        return self.found

    def _named_by_deals(self) -> set[int]:
        """The contacts that deals name, and with them the one that stands for all of the person."""
        table = self.store.table("opportunity")
        ids = self.subject.ids("contact")
        named = set(self.connection.scalars(sa.select(table.c.contact_id).where(table.c.contact_id.in_(ids))))
        return named | {ids[0]} if named else set()

    def _take(self, entity: str, ids: Collection[int]) -> None:
        new = set(ids) - self.found.gone[entity]
        if new:
            self.found.gone[entity] |= new
            self.waiting.append((entity, new))

    def _follow(self) -> None:
        while self.waiting:
            entity, ids = self.waiting.pop()
            if self.store.dictionary.entity(entity).role is EntityRole.MACHINERY:
                continue  # nothing refers to such rows but the log
            for other, one, rows in links_to(self.store, self.connection, entity, ids, _LOG):
                self._judge(other, one, rows)

    def _judge(self, other: Entity, one: Field, rows: list[Row]) -> None:
        owned = one.reference is not None and one.reference.owned
        ids = {row["id"] for row in rows}
        if owned or other.role is not EntityRole.RECORD or other.name in _ABOUT_TWO:
            self._take(other.name, ids)
        elif other.name == "opportunity" and one.name == "contact_id":
            self._judge_deals(rows)
        elif other.name == "activity":
            self.activities.update({row["id"]: row for row in rows})
            self.found.unlinked[other.name, one.name] |= ids
        elif one.required:
            self._take(other.name, ids)
        else:
            self.found.unlinked[other.name, one.name] |= ids

    def _judge_deals(self, rows: Iterable[Row]) -> None:
        if self.keep_business:
            self.found.deals |= {row["id"] for row in rows}
            return
        alone = {row["id"] for row in rows if row["account_id"] is None}
        self._take("opportunity", alone)
        self.found.unlinked["opportunity", "contact_id"] |= {row["id"] for row in rows} - alone

    def _judge_activities(self) -> None:
        """Take the activities that are about this person alone; the links by which others name it are gone by now."""
        activity = self.store.dictionary.entity("activity")
        linked = self._linked_elsewhere(list(self.activities))
        self._take(
            "activity", [n for n, row in self.activities.items() if n not in linked and self._alone(activity, row)]
        )
        self._take("activity", self._activities_of_links())
        for name in [one.name for one in activity.references]:
            self.found.unlinked["activity", name] -= self.found.gone["activity"]

    def _alone(self, activity: Entity, row: Mapping[str, Any]) -> bool:
        named = [one for one in activity.references if one.name != "owner_id" and row[one.name] is not None]
        return all(self._is_of_person(one, row[one.name]) for one in named)

    def _is_of_person(self, one: Field, number: int) -> bool:
        target = one.reference.entity if one.reference else None
        entities = ("contact", "lead") if target == "party" else (target or "",)
        return any(
            number in self.found.gone.get(name, ()) or number in self.found.nameless.get(name, ()) for name in entities
        )

    def _linked_elsewhere(self, ids: Collection[int]) -> set[int]:
        """Those of the activities that name another record too."""
        link = self.store.table("activity_link")
        query = sa.select(link.c.id, link.c.activity_id).where(link.c.activity_id.in_(sorted(ids)))
        gone = self.found.gone["activity_link"]
        return {row.activity_id for row in self.connection.execute(query) if row.id not in gone}

    def _activities_of_links(self) -> list[int]:
        """Activities that name this person by a link, and nobody and nothing else."""
        link, table = self.store.table("activity_link"), self.store.table("activity")
        activity = self.store.dictionary.entity("activity")
        gone = sorted(self.found.gone["activity_link"])
        named = sorted(set(self.connection.scalars(sa.select(link.c.activity_id).where(link.c.id.in_(gone)))))
        rows = self.connection.execute(sa.select(table).where(table.c.id.in_(named))).mappings()
        others = self._linked_elsewhere(named)
        return [row["id"] for row in rows if row["id"] not in others and self._alone(activity, dict(row))]
