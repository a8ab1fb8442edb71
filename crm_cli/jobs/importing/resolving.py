"""Which records a draft speaks of: by the source's own ids, by name, by lookup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Protocol

import sqlalchemy as sa

from crm_cli.dictionary import Dictionary, Entity, fold
from crm_cli.jobs.importing.drafts import Draft, SourceId, known_as
from crm_cli.records import titles_of
from crm_cli.store import Store, in_chunks

__all__ = ["Connected", "KnownRef", "Resolver", "unsettled"]

_UNSETTLED = "!"
_NAMED_BY = {"app_user": ("username", "email")}


class KnownRef(NamedTuple):
    """What we know of a record under its id in the source."""

    id: int
    record_id: int
    content_hash: str | None
    last_seen_at: datetime | None
    batch_id: int | None

    def settled(self, content: str) -> bool:
        """Whether the source said exactly this before, and the record held all of it then."""
        return self.content_hash == content

    def repeats(self, content: str) -> bool:
        """Whether the source said exactly this before."""
        return self.content_hash in (content, unsettled(content))


def unsettled(content: str) -> str:
    """Return the hash under which content is remembered that was not taken in whole: it is looked at again."""
    return content if content.startswith(_UNSETTLED) else f"{_UNSETTLED}{content[:63]}"


class Connected(Protocol):
    """Where records are looked up: an operation, or a store that is only read."""

    @property
    def store(self) -> Store:
        """The store."""

    @property
    def connection(self) -> sa.Connection:
        """The connection to ask on."""


@dataclass
class Resolver:
    """Looks records up inside the operation, so that it sees what the same import wrote before."""

    operation: Connected
    source_id: int
    _lookups: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def dictionary(self) -> Dictionary:
        """The dictionary that holds here."""
        return self.operation.store.dictionary

    def known(self, entity: str, external_ids: Iterable[str]) -> dict[str, KnownRef]:
        """Return the records that the source brought before, by their ids in the source."""
        table = self.operation.store.table("external_ref")
        names = ("id", "external_id", "record_id", "content_hash", "last_seen_at", "batch_id")
        columns = [table.c[name] for name in names]
        found = {}
        for chunk in in_chunks(sorted(set(external_ids))):
            query = sa.select(*columns).where(
                table.c.source_system_id == self.source_id, table.c.entity == entity, table.c.external_id.in_(chunk)
            )
            for row in self.operation.connection.execute(query):
                known = KnownRef(row.id, row.record_id, row.content_hash, row.last_seen_at, row.batch_id)
                found[row.external_id] = known
        return found

    def by_name(self, entity: str, keys: Iterable[str]) -> dict[str, int]:
        """Return living records by the compare key of their name; of several of a name the oldest."""
        table = self.operation.store.table(entity)
        found: dict[str, int] = {}
        for chunk in in_chunks(sorted(set(keys))):
            query = sa.select(table.c.name_key, table.c.id).where(
                table.c.name_key.in_(chunk), table.c.deleted_at.is_(None), table.c.merged_into_id.is_(None)
            )
            for row in self.operation.connection.execute(query.order_by(table.c.id)):
                found.setdefault(row.name_key, row.id)
        return found

    def look_up_references(self, entity: Entity, drafts: Sequence[Draft]) -> list[tuple[Draft, str]]:
        """Replace names in reference fields by ids; what is not found moves to `extra`. Return those (draft, field)."""
        missed = []
        unknown: set[tuple[str, str]] = set()  # asked for once a call, not once a row
        self._look_up_ids(entity, drafts)
        named: set[str] = set().union(*(draft.values.get(entity.name, ()) for draft in drafts))
        for one in entity.references:
            for draft in drafts if one.name in named else ():
                given = draft.values.get(entity.name, {}).get(one.name)
                if not isinstance(given, str) or one.reference is None or one.reference.entity is None:
                    continue
                asked = (one.reference.entity, given)
                number = None if asked in unknown else self._look_up(*asked)
                if number is None:
                    unknown.add(asked)
                    del draft.values[entity.name][one.name]
                    name = one.path_name
                    draft.extra[name if name not in draft.extra else f"{name} (not found)"] = given
                    draft.missed.append((entity.name, one.name))
                    missed.append((draft, one.name))
                else:
                    draft.values[entity.name][one.name] = number
        return missed

    def _look_up_ids(self, entity: Entity, drafts: Sequence[Draft]) -> None:
        """Replace ids of the source by ours. What is not found waits: it may come later in the same delivery."""
        given = [
            (draft, name, value)
            for draft in drafts
            for name, value in draft.values.get(entity.name, {}).items()
            if isinstance(value, SourceId)
        ]
        found = self.by_source_ids([value for _, _, value in given])
        for draft, name, value in given:
            if value in found:
                draft.values[entity.name][name] = found[value]
            else:
                del draft.values[entity.name][name]
                draft.waiting.append((entity.name, name, value))
                draft.missed.append((entity.name, name))

    def by_source_ids(self, wanted: Iterable[SourceId]) -> dict[SourceId, int]:
        """Return our ids of the records that the source knows by these, deleted ones left out."""
        asked = set(wanted)
        found: dict[SourceId, int] = {}
        for entity in sorted({name for one in asked for name in one.entities}):
            here = {one.text for one in asked if entity in one.entities and one not in found}
            known = self.known(entity, here) if here else {}
            deleted = self.deleted(entity, [ref.record_id for ref in known.values()])
            living = {text: ref.record_id for text, ref in known.items() if ref.record_id not in deleted}
            found |= {
                one: living[one.text]
                for one in asked
                if entity in one.entities and one.text in living and one not in found
            }
        return found

    def _look_up(self, entity: str, given: str) -> int | None:
        names = self._lookups.setdefault(entity, {})
        key = fold(given) or ""
        if key not in names:
            found = self._find(entity, key, given)
            if found is None:
                return None
            names[key] = found
        return names[key]

    def _find(self, entity: str, key: str, given: str) -> int | None:
        declared = self.dictionary.entity(entity)
        parts = [one.name for one in self.dictionary if one.subtype_of == entity]
        if parts:  # a party is an account or a contact
            found = (self._find(one, key, given) for one in parts)
            return next((number for number in found if number is not None), None)
        table = self.operation.store.table(entity)
        fields = [declared.field(name) for name in _NAMED_BY.get(entity, ("name",)) if name in declared.by_name]
        tests: list[Any] = [table.c[one.key_column] == key for one in fields]
        if entity == "app_user":
            full = sa.func.coalesce(table.c.given_name_key, "") + " " + sa.func.coalesce(table.c.family_name_key, "")
            tests.append(full == key)
        if "public_id" in table.c and len(given) == 26:
            tests.append(table.c.public_id == given)
        known = list(self.known(entity, [known_as(given)]).values())
        if known and not self.deleted(entity, [known[0].record_id]):
            return known[0].record_id
        if not tests:
            return None
        living = [table.c[name].is_(None) for name in ("deleted_at", "merged_into_id") if name in table.c]
        query = sa.select(table.c.id).where(sa.or_(*tests), *living).order_by(table.c.id).limit(1)
        return self.operation.connection.scalar(query)

    def suspected(self, keys: Iterable[str], below: int) -> int:
        """Return how many of these e-mail addresses records older than id `below` have already."""
        table = self.operation.store.table("email_address")
        count = 0
        for chunk in in_chunks(sorted(set(keys))):
            query = sa.select(sa.func.count(sa.distinct(table.c.standard_key))).where(
                table.c.standard_key.in_(chunk), table.c.party_id < below
            )
            count += self.operation.connection.scalar(query) or 0
        return count

    def holders(self, keys: Iterable[str], below: int, limit: int = 5) -> list[tuple[int, str, str, str]]:
        """Return some of the older records that have one of these addresses: number, noun, title, address."""
        table, party = self.operation.store.table("email_address"), self.operation.store.table("party")
        query = (
            sa.select(table.c.party_id, party.c.kind, table.c.standard)
            .join(party, party.c.id == table.c.party_id)
            .where(table.c.party_id < below)
            .order_by(table.c.id)
            .limit(limit)
        )
        found = []
        for chunk in in_chunks(sorted(set(keys))):
            for number, kind, email in self.operation.connection.execute(query.where(table.c.standard_key.in_(chunk))):
                title = titles_of(self.operation.store, self.operation.connection, kind, [number]).get(number, "")
                found.append((number, self.dictionary.entity(kind).noun, title, email))
            if len(found) >= limit:
                break
        return found[:limit]

    def rows(self, entity: str, ids: Iterable[int]) -> dict[int, dict[str, Any]]:
        """Return records by id, to look at."""
        table = self.operation.store.table(entity)
        found: dict[int, dict[str, Any]] = {}
        for chunk in in_chunks(sorted(set(ids))):
            query = sa.select(table).where(table.c.id.in_(chunk))
            found.update({row["id"]: dict(row) for row in self.operation.connection.execute(query).mappings()})
        return found

    def deleted(self, entity: str, ids: Iterable[int]) -> set[int]:
        """Return which of these records were deleted."""
        table = self.operation.store.table(entity)
        found: set[int] = set()
        for chunk in in_chunks(sorted(set(ids))):
            query = sa.select(table.c.id).where(table.c.id.in_(chunk), table.c.deleted_at.is_not(None))
            found.update(self.operation.connection.scalars(query))
        return found
