"""The log without the person: values of its rows go, references to them in the values of others are emptied."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import Dictionary, Entity
from crm_cli.history import Operation, blank_changes, set_change_values
from crm_cli.jobs.privacy.subject import Subject
from crm_cli.store import Store

__all__ = ["clean_log", "removed_rows"]


@dataclass(frozen=True)
class _Row:
    """A row of the log that names one of the person's records."""

    id: int
    action: str
    entity: str
    record_id: int
    old: dict[str, Any] | None
    new: dict[str, Any] | None


def removed_rows(store: Store, connection: sa.Connection, subject: Subject) -> dict[str, set[int]]:
    """Return rows that were taken out before, such as by an undo, and named the person: only the log has them yet."""
    found: dict[str, set[int]] = {}
    for row in _naming(store, connection, subject):
        if row.action == "delete" and row.old:
            found.setdefault(row.entity, set()).add(row.record_id)
    return found


def clean_log(op: Operation, subject: Subject, touched: Mapping[str, Collection[int]]) -> int:
    """Take the values of these rows (by entity) out of the log, and references to the person out of the rest.

    Return how many rows of the log were touched. The rows stay: that something was done, by whom and when.
    """
    op.flush()
    count = sum(blank_changes(op, entity, ids) for entity, ids in sorted(touched.items()))
    rest = [row for row in _naming(op.store, op.connection, subject) if row.action != "delete"]
    emptied = [
        (
            row.id,
            _emptied(op.store.dictionary, subject, row, row.old),
            _emptied(op.store.dictionary, subject, row, row.new),
        )
        for row in rest
    ]
    return count + set_change_values(op, emptied)


def _naming(store: Store, connection: sa.Connection, subject: Subject) -> Iterator[_Row]:
    """Yield the rows of the log in whose values a reference names one of the person's records."""
    table = store.table("change")
    # names of references end with "id"; which of them it is, the dictionary says below
    texts = [sa.cast(column, sa.Text) for column in (table.c.old, table.c.new)]
    ends = [f'%id":{number}{end}%' for ids in subject.records.values() for number in ids for end in (",", "}")]
    condition = sa.or_(*(text.like(end) for text in texts for end in ends))
    query = sa.select(table).where(condition).order_by(table.c.id)
    for found in connection.execute(query).all():
        row = _Row(found.id, found.action, found.entity, found.record_id, found.old, found.new)
        if any(_named(store.dictionary, subject, row, values) for values in (row.old, row.new)):
            yield row


def _named(dictionary: Dictionary, subject: Subject, row: _Row, values: Mapping[str, Any] | None) -> list[str]:
    """The references among the values that name the person."""
    if not values or row.entity not in dictionary:
        return []
    declared = dictionary.entity(row.entity)
    return [
        one.name
        for one in declared.references
        if one.name in values and values[one.name] in _ids(dictionary, subject, declared, one.name, values)
    ]


def _ids(
    dictionary: Dictionary, subject: Subject, declared: Entity, name: str, values: Mapping[str, Any]
) -> tuple[int, ...]:
    """The person's records that the reference `name` may mean."""
    reference = declared.by_name[name].reference
    if reference is None:
        return ()
    if reference.entity is None:
        return subject.ids(str(values.get(reference.entity_field, "")))
    subtypes = [one.name for one in dictionary if one.subtype_of == reference.entity]
    return tuple(number for entity in (reference.entity, *subtypes) for number in subject.ids(entity))


def _emptied(
    dictionary: Dictionary, subject: Subject, row: _Row, values: Mapping[str, Any] | None
) -> dict[str, Any] | None:
    if values is None:
        return None
    named = _named(dictionary, subject, row, values)
    return {name: None if name in named else value for name, value in values.items()}
