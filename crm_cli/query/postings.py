"""Postings: which records have a token, in rows of 4 096 neighbouring numbers, so that a frequent word is a few rows.

A record's number is a block and a rest below 4 096; a rest is written as two letters of 64.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from crm_cli.store import Store, bulk_insert, in_chunks

__all__ = ["ALPHABET", "BLOCK", "PostingChanges", "Turnover", "pack", "unpack", "write_postings"]

BLOCK = 4096
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_PAIRS = [high + low for high in ALPHABET for low in ALPHABET]
_REST = {pair: rest for rest, pair in enumerate(_PAIRS)}
_COLUMNS = ("id", "token", "entity", "block", "records")
Place = tuple[int, str]  # block and token: a row of one entity


@dataclass
class PostingChanges:
    """What changes in the postings of one entity: rests that come and go, by block and token."""

    added: dict[Place, list[int]] = field(default_factory=lambda: defaultdict(list))
    removed: dict[Place, list[int]] = field(default_factory=lambda: defaultdict(list))

    def note(self, number: int, before: set[str], after: set[str]) -> None:
        """Note that a record had the tokens `before` and has `after` now."""
        block, rest = divmod(number, BLOCK)
        for token in after - before:
            self.added[block, token].append(rest)
        for token in before - after:
            self.removed[block, token].append(rest)


@dataclass
class Turnover:
    """Tokens that got a row, and tokens that lost one: perhaps new to the index, perhaps gone from it."""

    gained: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)


def pack(rests: Iterable[int]) -> str:
    """Return rests (below 4 096) as text, in order, each once."""
    return "".join(_PAIRS[rest] for rest in sorted(set(rests)))


def unpack(text: str) -> list[int]:
    """Return the rests that `pack` wrote."""
    return [_REST[text[place : place + 2]] for place in range(0, len(text), 2)]


def write_postings(
    connection: sa.Connection, store: Store, entity: str, changes: PostingChanges, fresh: set[int]
) -> Turnover:
    """Write the changes; `fresh` are blocks that have no row yet, so that none is looked for."""
    table = store.table("search_posting")
    places = {*changes.added, *changes.removed}
    known = _known(connection, table, entity, [place for place in places if place[0] not in fresh])
    turnover, updates, gone, new = Turnover(), [], [], []
    for place in sorted(places):
        added, removed = changes.added.get(place, ()), changes.removed.get(place, ())
        if place not in known:
            if added:
                new.append((place[1], entity, place[0], pack(added)))
            continue
        number, text = known[place]
        records = pack({*unpack(text), *added} - set(removed))
        if records:
            updates.append({"row": number, "new": records})
        else:
            gone.append(number)
            turnover.lost.add(place[1])
    turnover.gained.update(row[0] for row in new)
    _write(connection, store, table, updates, gone, new)
    return turnover


def _known(
    connection: sa.Connection, table: sa.Table, entity: str, places: Sequence[Place]
) -> dict[Place, tuple[int, str]]:
    """Return the rows that there are, as id and records."""
    tokens: dict[int, list[str]] = defaultdict(list)
    for block, token in places:
        tokens[block].append(token)
    found = {}
    columns = (table.c.id, table.c.token, table.c.records)
    for block, wanted in sorted(tokens.items()):
        for chunk in in_chunks(sorted(wanted)):
            mine = (table.c.token.in_(chunk), table.c.entity == entity, table.c.block == block)
            for number, token, records in connection.execute(sa.select(*columns).where(*mine)):
                found[block, token] = (number, records)
    return found


def _write(
    connection: sa.Connection,
    store: Store,
    table: sa.Table,
    updates: Sequence[Mapping[str, object]],
    gone: Sequence[int],
    new: Sequence[tuple[str, str, int, str]],
) -> None:
    if updates:
        change = table.update().where(table.c.id == sa.bindparam("row")).values(records=sa.bindparam("new"))
        connection.execute(change, updates)
    for chunk in in_chunks(gone):
        connection.execute(table.delete().where(table.c.id.in_(chunk)))
    if new:
        ids = store.allocate(connection, "search_posting", len(new))
        bulk_insert(connection, table, _COLUMNS, ((one, *row) for one, row in zip(ids, new, strict=True)))
