"""Records of ours that a source speaks of for the first time: by our own id, or, of users, by their login or e-mail."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from crm_cli.dictionary import Entity, fold
from crm_cli.jobs.importing.drafts import Draft
from crm_cli.jobs.importing.resolving import Resolver
from crm_cli.store import in_chunks

__all__ = ["adopted"]

_USER = "app_user"
_KNOWN_BY = ("username", "email")


def adopted(resolver: Resolver, entity: Entity, drafts: Sequence[Draft], *, users: bool) -> dict[str, int]:
    """Return, for rows that the source brings for the first time, the records that they are: id in the source → id.

    With `users` a user of the source is the one of ours who has that login or e-mail address. The user keeps what is
    set: the row fills blanks alone.
    """
    by_id = _by_public_id(resolver, entity, [draft.public_id for draft in drafts if draft.public_id])
    found = {draft.external_id: by_id[draft.public_id] for draft in drafts if draft.public_id in by_id}
    if users and entity.name == _USER:
        found |= _users(resolver, entity, [draft for draft in drafts if draft.external_id not in found])
    return found


def _by_public_id(resolver: Resolver, entity: Entity, given: Sequence[str]) -> dict[str | None, int]:
    table = resolver.operation.store.table(entity.name)
    found: dict[str | None, int] = {}
    for chunk in in_chunks(sorted(set(given))) if "public_id" in table.c else ():
        query = sa.select(table.c.public_id, table.c.id).where(
            table.c.public_id.in_(chunk), table.c.deleted_at.is_(None), table.c.merged_into_id.is_(None)
        )
        found.update({row.public_id: row.id for row in resolver.operation.connection.execute(query)})
    return found


def _users(resolver: Resolver, entity: Entity, drafts: Sequence[Draft]) -> dict[str, int]:
    """Return the users who have the login or e-mail address of a row; the row then says only what they lack."""
    table = resolver.operation.store.table(entity.name)
    found: dict[str, int] = {}
    for name in _KNOWN_BY:
        column = table.c[entity.field(name).key_column]
        keys = {one.external_id: fold(one.values.get(_USER, {}).get(name)) for one in drafts}
        wanted = sorted({key for one, key in keys.items() if key and one not in found})
        known: dict[str, int] = {}
        for chunk in in_chunks(wanted):
            query = sa.select(column, table.c.id).where(column.in_(chunk), table.c.deleted_at.is_(None))
            known.update(
                {row[0]: row[1] for row in resolver.operation.connection.execute(query.order_by(table.c.id.desc()))}
            )
        found |= {one: known[key] for one, key in keys.items() if one not in found and key in known}
    rows = resolver.rows(_USER, found.values())
    for draft in drafts:
        if draft.external_id in found:
            row = rows[found[draft.external_id]]
            values = draft.values[_USER]
            draft.values[_USER] = {name: value for name, value in values.items() if row.get(name) is None}
    return found
