"""What survivorship judges by: how recently a record's value was known to hold, and how far its source is trusted.

A field's moment is the latest confirmation of its freshness group (an import of last week's export confirms as of last
week; an edit confirms as of now); without any, the last change of the field in the log, else the record's creation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import Entity, Field, Survivorship, fold
from crm_cli.history import ALL_CARRIED
from crm_cli.store import Store, in_chunks

__all__ = ["TRUST_BY_HAND", "Evidence", "read_commonness", "read_evidence", "read_trusts"]

_NO_GROUP = ""  # fields that go stale with no other
_MOST_TRUST = 100  # that the dictionary gives to a source
TRUST_BY_HAND = 50  # as the dictionary gives to a source that says nothing of itself


@dataclass
class Evidence:
    """Moments and trust of the records of one merge."""

    confirmed: dict[tuple[int, str], datetime] = field(default_factory=dict)
    changed: dict[tuple[int, str], datetime] = field(default_factory=dict)
    trusts: dict[int, int] = field(default_factory=dict)
    carriers: dict[tuple[str, str], int] = field(default_factory=dict)  # records with (field, compare key)

    def moment(self, row: Any, one: Field) -> datetime:
        """Return when the value that `row` has in this field was last known to hold."""
        groups = [_NO_GROUP] if one.freshness is None else [str(one.freshness), ALL_CARRIED]
        moments = [self.confirmed[key] for group in groups if (key := (row["id"], group)) in self.confirmed]
        changed = self.changed.get((row["id"], one.name))
        if changed is not None:
            moments.append(changed)
        return max(moments, default=row["created_at"])

    def was_changed(self, number: int, one: Field) -> bool:
        """Return whether the field was set since the record was made."""
        return (number, one.name) in self.changed

    def trust(self, number: int) -> int:
        """Return the trust of the record's most trusted source, 0 to 100."""
        return self.trusts.get(number, TRUST_BY_HAND)

    def commonness(self, row: Any, one: Field) -> int:
        """Return how many records of the database have the value that `row` has, as far as it was asked, else 0."""
        return self.carriers.get((one.name, row[one.key_column]), 0) if one.has_key and not one.custom else 0


def read_commonness(
    store: Store, connection: sa.Connection, entity: Entity, clusters: Sequence[Sequence[Any]], evidence: Evidence
) -> None:
    """Count how common the names are on which the rows of a cluster disagree: slips of the pen are rare."""
    table = store.table(entity.name)
    for one in entity.fields:
        if one.survivorship is not Survivorship.MOST_COMPLETE or not one.has_key or one.custom:
            continue
        column = table.c[one.key_column]
        disputed: set[str] = set()
        for rows in clusters:
            keys = {row[one.key_column] for row in rows if row[one.key_column]}
            disputed |= keys if len(keys) > 1 else set()
        for chunk in in_chunks(sorted(disputed)):
            query = sa.select(column, sa.func.count()).where(column.in_(chunk)).group_by(column)
            evidence.carriers.update({(one.name, key): count for key, count in connection.execute(query)})


def read_evidence(
    store: Store, connection: sa.Connection, entity: Entity, ids: Sequence[int], trusted_sources: Sequence[str] = ()
) -> Evidence:
    """Read what the database knows of these records' values; for `trusted_sources` see `read_trusts`."""
    evidence = Evidence(trusts=read_trusts(store, connection, entity, ids, trusted_sources))
    for chunk in in_chunks(ids):
        _read_confirmations(store, connection, entity, chunk, evidence)
        _read_changes(store, connection, entity, chunk, evidence)
    return evidence


def read_trusts(
    store: Store, connection: sa.Connection, entity: Entity, ids: Sequence[int], trusted_sources: Sequence[str] = ()
) -> dict[int, int]:
    """Return the trust of each record's most trusted source; those named come first, in their order, above 100."""
    ref, source = store.table("external_ref"), store.table("source_system")
    order = [fold(name) for name in trusted_sources]
    above = {name: _MOST_TRUST + len(order) - place for place, name in enumerate(order)}
    trusts: dict[int, int] = {}
    for chunk in in_chunks(ids):
        query = (
            sa.select(ref.c.record_id, source.c.name, source.c.trust)
            .join_from(ref, source, source.c.id == ref.c.source_system_id)
            .where(ref.c.entity == entity.name, ref.c.record_id.in_(chunk))
        )
        for number, name, given in connection.execute(query):
            trust = above.get(fold(name), given)
            if trust is not None:
                trusts[number] = max(trust, trusts.get(number, trust))
    return trusts


def _read_confirmations(
    store: Store, connection: sa.Connection, entity: Entity, ids: Sequence[int], evidence: Evidence
) -> None:
    table, batch = store.table("confirmation"), store.table("import_batch")
    query = (
        sa.select(table.c.record_id, table.c.freshness_group, table.c.confirmed_at, batch.c.groups)
        .select_from(table.outerjoin(batch, batch.c.id == table.c.batch_id))
        .where(table.c.entity == entity.name, table.c.record_id.in_(ids), table.c.result == "valid")
    )
    for number, group, moment, carried in connection.execute(query):
        for name in _confirmed_groups(group, carried):
            _keep_later(evidence.confirmed, (number, name), moment)


def _confirmed_groups(group: str, carried: Any) -> list[str]:
    """A batch confirms the groups that its columns carry; fields of no group go with the batch as a whole."""
    if group != ALL_CARRIED:
        return [group]
    return [*map(str, carried), _NO_GROUP] if isinstance(carried, list) else [ALL_CARRIED, _NO_GROUP]


def _read_changes(
    store: Store, connection: sa.Connection, entity: Entity, ids: Sequence[int], evidence: Evidence
) -> None:
    change, operation = store.table("change"), store.table("operation")
    query = (
        sa.select(change.c.record_id, operation.c.started_at, change.c.new)
        .join_from(change, operation, operation.c.id == change.c.operation_id)
        .where(change.c.entity == entity.name, change.c.record_id.in_(ids), change.c.action == "update")
    )
    for number, moment, new in connection.execute(query):
        for name in new or ():
            _keep_later(evidence.changed, (number, name), moment)


def _keep_later(moments: dict[tuple[int, str], datetime], key: tuple[int, str], moment: datetime) -> None:
    known = moments.get(key)
    if known is None or moment > known:
        moments[key] = moment
