"""Ids: integers allocated in blocks, ULIDs minted here – so that bulk writes need no RETURNING."""

from __future__ import annotations

import os
import time

import sqlalchemy as sa

from crm_cli.dictionary import Dictionary, Entity

__all__ = ["allocate", "family", "mint_ulids", "seed_families"]

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS = tuple(high + low for high in _CROCKFORD for low in _CROCKFORD)
_LOW = 1 << 20  # what the last four digits count


def mint_ulids(count: int, *, milliseconds: int | None = None) -> list[str]:
    """Return `count` ULIDs in ascending order (ulid spec: 48 bits of time, 80 of randomness, Crockford base 32)."""
    now = time.time_ns() // 1_000_000 if milliseconds is None else milliseconds
    start = int.from_bytes(os.urandom(10), "big") >> 1  # room to count upwards within 80 bits
    made: list[str] = []
    while len(made) < count:
        high, low = divmod(start + len(made), _LOW)
        prefix = _base32(now, 10) + _base32(high, 12)  # the same for a million in a row
        some = range(low, min(_LOW, low + count - len(made)))
        made += [prefix + _PAIRS[number >> 10] + _PAIRS[number & 1023] for number in some]
    return made


def _base32(value: int, length: int) -> str:
    """Write `value` with `length` digits (an even number), two at a time."""
    pairs = [""] * (length // 2)
    for place in range(length // 2 - 1, -1, -1):
        pairs[place] = _PAIRS[value & 1023]
        value >>= 10
    return "".join(pairs)


def family(entity: Entity) -> str:
    """Return the name under which ids of this entity are counted: subtypes share their supertype's."""
    return entity.subtype_of or entity.name


def seed_families(connection: sa.Connection, table: sa.Table, dictionary: Dictionary) -> None:
    """Make sure that every family has a counter."""
    known = set(connection.scalars(sa.select(table.c.name)))
    wanted = {family(entity) for entity in dictionary if entity.name != "id_allocation"}
    highest = connection.scalar(sa.select(sa.func.max(table.c.id))) or 0
    for number, name in enumerate(sorted(wanted - known), start=highest + 1):
        connection.execute(table.insert().values(id=number, name=name, next_id=1))


def allocate(connection: sa.Connection, table: sa.Table, name: str, count: int) -> range:
    """Return `count` fresh ids of the family `name`.

    On a server the counter moves in a transaction of its own, so that a long import does not keep others from adding
    records; ids that a rolled-back transaction took stay unused. SQLite has one writer at a time anyway.
    """
    if connection.dialect.name == "sqlite":
        return _advance(connection, table, name, count)
    with connection.engine.begin() as aside:
        return _advance(aside, table, name, count)


def _advance(connection: sa.Connection, table: sa.Table, name: str, count: int) -> range:
    start = connection.scalar(sa.select(table.c.next_id).where(table.c.name == name).with_for_update())
    if start is None:
        raise LookupError(f"no id counter for {name!r}")
    connection.execute(table.update().where(table.c.name == name).values(next_id=start + count))
    return range(start, start + count)
