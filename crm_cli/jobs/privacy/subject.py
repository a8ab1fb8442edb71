"""The person that is asked about: the record, what was merged into it, and the leads that became it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import Entity, Field
from crm_cli.errors import NotFoundError, UsageError
from crm_cli.history import stood_for_by
from crm_cli.records import locate, titles_of
from crm_cli.store import Store, in_chunks

__all__ = ["PERSONS", "NotAPersonError", "Subject", "find_subject", "links_to"]

PERSONS = ("contact", "lead")
Row = dict[str, Any]


class NotAPersonError(UsageError):
    """The entity does not hold persons."""

    code = "not-a-person"


@dataclass(frozen=True)
class Subject:
    """A person: the records that are it, by entity, the named one first; and since when the first of them is here.

    `is_gone` is a record that an undo took out again, of which only the log knows. `title` may be masked.
    """

    entity: str
    id: int
    title: str
    records: dict[str, tuple[int, ...]] = field(default_factory=dict)
    since: datetime | None = None
    remark: str = ""
    is_gone: bool = False

    def ids(self, entity: str) -> tuple[int, ...]:
        """Return the records of an entity that are this person."""
        return self.records.get(entity, ())


def find_subject(store: Store, connection: sa.Connection, entity: str, text: str) -> Subject:
    """Return the person that `text` names (number, public id, e-mail address, name).

    Raises `NotAPersonError` for an entity without persons, and what `records.locate` raises. A record that is gone is
    found by its number as long as the log tells of it.
    """
    declared = store.dictionary.entity(entity)
    if declared.name not in PERSONS:
        message = (
            f"a {declared.noun} is no person" if declared.noun[0] not in "aeiou" else f"an {declared.noun} is no person"
        )
        raise NotAPersonError(message, hint=f"one of: {', '.join(PERSONS)}", entity=declared.name)
    try:
        found = locate(store, connection, declared, text)
    except NotFoundError:
        gone = _gone(store, connection, declared, text)
        if gone is None:
            raise
        return gone
    title = titles_of(store, connection, declared.name, [found.id])[found.id]
    records = _records(store, connection, declared.name, found.id)
    since = _since(store, connection, records)
    return Subject(declared.name, found.id, title, records, since, found.remark)


def _gone(store: Store, connection: sa.Connection, entity: Entity, text: str) -> Subject | None:
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        return None
    change, number = store.table("change"), int(text)
    mine = sa.and_(change.c.entity == entity.name, change.c.record_id == number)
    held = sa.or_(change.c.old.is_not(None), change.c.new.is_not(None))
    if connection.scalar(sa.select(change.c.id).where(mine, held).limit(1)) is None:
        return None
    remark = f"{entity.noun} {number} is gone; only the log still tells of it"
    return Subject(entity.name, number, f"number {number}", {entity.name: (number,)}, None, remark, is_gone=True)


def _records(store: Store, connection: sa.Connection, entity: str, number: int) -> dict[str, tuple[int, ...]]:
    """The records of the person: those merged into it, the leads that became it, and those merged into these.

    A lead that became a contact is that contact.
    """
    first = (number, *sorted(stood_for_by(store, connection, entity, [number])))
    lead = store.table("lead")
    if entity == "lead":
        named = sa.select(lead.c.converted_contact_id).where(
            lead.c.id.in_(first), lead.c.converted_contact_id.is_not(None)
        )
        contact = connection.scalar(named.order_by(lead.c.id))
        if contact is None:
            return {entity: first}
        return dict(reversed(_records(store, connection, "contact", contact).items()))
    became = set(connection.scalars(sa.select(lead.c.id).where(lead.c.converted_contact_id.in_(first))))
    became |= stood_for_by(store, connection, "lead", sorted(became)) if became else set()
    return {entity: first, **({"lead": tuple(sorted(became))} if became else {})}


def _since(store: Store, connection: sa.Connection, records: dict[str, tuple[int, ...]]) -> datetime | None:
    moments = []
    for entity, ids in records.items():
        table = store.table(entity)
        moments.append(connection.scalar(sa.select(sa.func.min(table.c.created_at)).where(table.c.id.in_(ids))))
    known = [one for one in moments if one is not None]
    return min(known) if known else None


def links_to(
    store: Store, connection: sa.Connection, entity: str, ids: Collection[int], leave_out: Iterable[str] = ()
) -> Iterator[tuple[Entity, Field, list[Row]]]:
    """Yield every reference of the dictionary by which rows name one of these records, with the rows, by id."""
    skipped = set(leave_out)
    for other, one in store.dictionary.references_to(entity):
        if other.name in skipped or one.reference is None:
            continue
        table = store.table(other.name)
        rows: list[Row] = []
        for chunk in in_chunks(sorted(ids)):
            query = sa.select(table).where(table.c[one.name].in_(chunk)).order_by(table.c.id)
            if one.reference.entity is None:
                query = query.where(table.c[one.reference.entity_field] == entity)
            rows += [dict(row) for row in connection.execute(query).mappings()]
        if rows:
            yield other, one, rows
