"""Search before create: by exact keys, and where a search for duplicates has left its index, by likeness too."""

from __future__ import annotations

import sqlalchemy as sa

from crm_cli.records import Candidate, Given, similar
from crm_cli.store import Store

__all__ = ["existing"]

_LIKELY = 0.5
_MOST_WAITING = 5_000  # changes since the index was last asked; keying more takes longer than one who types will wait


def existing(store: Store, given: Given) -> list[Candidate]:
    """Return the living records that a new one would repeat, with the reason; those with most in common first.

    The engine is asked only where nothing is the same outright, for it takes a moment to load, and not right after a
    large import, which `crm dedupe find` should look through first.
    """
    with store.read() as connection:
        found = similar(store, connection, given)
        table = store.table("match_model")
        asked = sa.select(table.c.id).where(table.c.entity == given.entity.name)
        if found or connection.scalar(asked) is None or _is_far_behind(store, connection):
            return found
    from crm_cli.jobs.matching import NoIndexError, look_up

    try:
        likely = look_up(store, given, at_least=_LIKELY)
    except NoIndexError:  # made by another version
        return []
    return [Candidate(one.id, one.title, one.why) for one in likely]


def _is_far_behind(store: Store, connection: sa.Connection) -> bool:
    """Whether the next question to the index would first have to take in a large import."""
    change, made = store.table("change"), store.table("operation")
    waiting = sa.select(made.c.id).where(sa.or_(made.c.matched.is_(None), made.c.matched == sa.false()))
    some = sa.select(change.c.id).where(change.c.operation_id.in_(waiting)).limit(_MOST_WAITING + 1).subquery()
    return (connection.scalar(sa.select(sa.func.count()).select_from(some)) or 0) > _MOST_WAITING
