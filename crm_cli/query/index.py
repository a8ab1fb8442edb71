"""The search index, written set by set after records changed.

`search_record` holds the tokens of each record, `search_posting` the records of each token, `search_words` the distinct
words. What a record had before is taken from the first, so that only differences are written.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import Entity
from crm_cli.query.postings import BLOCK, PostingChanges, Turnover, write_postings
from crm_cli.query.tokens import searched_fields, tokens_of
from crm_cli.query.vocabulary import note_turnover
from crm_cli.store import Store, bulk_insert, in_chunks

__all__ = ["catch_up", "changed_records", "reindex"]

_COLUMNS = ("id", "entity", "record_number", "tokens")
_MANY = 5 * BLOCK  # records read and written at a time
_WORDS_AT_ONCE = 500_000  # words that may wait in memory
Tokens = dict[int, set[str]]


def reindex(connection: sa.Connection, store: Store, entity: str, ids: Collection[int]) -> int:
    """Write the tokens of these records anew, as they stand now; return how many tokens.

    Deleted, merged and vanished records lose their tokens. One at a time: `catch_up` sees to that.
    """
    declared = store.dictionary.entity(entity)
    total, turnover = 0, Turnover()
    for chunk in _whole_blocks(ids):
        found = _gathered(connection, store, declared, chunk)
        done = _write(connection, store, declared, chunk, found)
        turnover.gained |= done.gained
        turnover.lost |= done.lost
        if len(turnover.gained) + len(turnover.lost) > _WORDS_AT_ONCE:
            note_turnover(connection, store, turnover)
            turnover = Turnover()
        total += sum(map(len, found.values()))
    note_turnover(connection, store, turnover)
    return total


def _whole_blocks(ids: Collection[int]) -> Iterator[list[int]]:
    """Yield the ids in order, many at a time, those of one block together."""
    chunk: list[int] = []
    for number in sorted(set(ids)):
        if len(chunk) >= _MANY and number // BLOCK != chunk[-1] // BLOCK:
            yield chunk
            chunk = []
        chunk.append(number)
    if chunk:
        yield chunk


def catch_up(store: Store) -> int:
    """Index what operations changed since the index was last brought up to date; return how many records.

    Search calls it first, so that nothing that was written stays unfound, whatever wrote it.
    """
    operations = store.table("operation")
    with store.read() as connection:
        waiting = connection.scalar(sa.select(operations.c.id).where(operations.c.indexed == sa.false()).limit(1))
    if waiting is None:
        return 0
    with store.write() as connection:
        # locked: of two that catch up at once the second finds the work done
        todo = sa.select(operations.c.id).where(operations.c.indexed == sa.false()).with_for_update()
        numbers = list(connection.scalars(todo))
        changed = changed_records(connection, store, numbers)
        for name, ids in changed.items():
            reindex(connection, store, name, ids)
        for chunk in in_chunks(numbers):
            connection.execute(operations.update().where(operations.c.id.in_(chunk)).values(indexed=True))
    return sum(len(ids) for ids in changed.values())


def changed_records(connection: sa.Connection, store: Store, numbers: Sequence[int]) -> dict[str, set[int]]:
    """Return, by entity, the records that these operations touched, those behind changed contact points included.

    Records that are gone are among them, but for parties, of which nobody knows any more what they were.
    """
    changes = store.table("change")
    touched: dict[str, set[int]] = defaultdict(set)
    for chunk in in_chunks(numbers):
        query = sa.select(changes.c.entity, changes.c.record_id, changes.c.old, changes.c.new)
        for row in connection.execute(query.where(changes.c.operation_id.in_(chunk))):
            touched[row.entity].add(row.record_id)
            touched["party"].update(_parties(row.old), _parties(row.new))
    for detail in _details(store):
        touched["party"].update(_owners(connection, store.table(detail), touched.pop(detail, ())))
    return _by_subtype(connection, store, touched)


def _parties(values: dict[str, Any] | None) -> list[int]:
    number = (values or {}).get("party_id")
    return [number] if number is not None else []


def _owners(connection: sa.Connection, table: sa.Table, ids: Iterable[int]) -> Iterator[int]:
    for chunk in in_chunks(list(ids)):
        yield from connection.scalars(sa.select(table.c.party_id).where(table.c.id.in_(chunk)))


def _by_subtype(connection: sa.Connection, store: Store, touched: dict[str, set[int]]) -> dict[str, set[int]]:
    party = store.table("party")
    for chunk in in_chunks(sorted(touched.pop("party", set()))):
        for row in connection.execute(sa.select(party.c.id, party.c.kind).where(party.c.id.in_(chunk))):
            touched[row.kind].add(row.id)
    records = {entity.name for entity in store.dictionary.records}
    return {name: ids for name, ids in sorted(touched.items()) if name in records and ids}


def _details(store: Store) -> list[str]:
    return sorted({slot.detail for entity in store.dictionary for slot in entity.slots})


def _gathered(connection: sa.Connection, store: Store, entity: Entity, ids: Sequence[int]) -> Tokens:
    """Return the tokens of the living among the records, by id."""
    found: Tokens = {}
    table, fields = store.table(entity.name), searched_fields(entity)
    query = sa.select(table.c.id, *(table.c[one.name] for one in fields)).where(table.c.deleted_at.is_(None))
    if "merged_into_id" in table.c:
        query = query.where(table.c.merged_into_id.is_(None))
    for chunk in in_chunks(ids):
        for row in connection.execute(query.where(table.c.id.in_(chunk))).mappings():
            found[row["id"]] = tokens_of(entity, dict(row))
    for detail in sorted({slot.detail for slot in entity.slots}):
        _add_contact_points(connection, store, store.dictionary.entity(detail), found)
    return found


def _add_contact_points(connection: sa.Connection, store: Store, detail: Entity, found: Tokens) -> None:
    table = store.table(detail.name)
    fields = [one for one in searched_fields(detail) if one.name != "value"]
    columns = [table.c.party_id, *(table.c[one.name] for one in fields)]
    query = sa.select(*columns).where(table.c.deleted_at.is_(None))
    for chunk in in_chunks(sorted(found)):
        for row in connection.execute(query.where(table.c.party_id.in_(chunk))).mappings():
            found[row["party_id"]] |= tokens_of(detail, dict(row))


def _write(connection: sa.Connection, store: Store, entity: Entity, ids: Sequence[int], found: Tokens) -> Turnover:
    """Write what differs from what the index has of these records; return which tokens got and lost a row."""
    table = store.table("search_record")
    known = _known(connection, table, entity, ids)
    changes, stale, new = PostingChanges(), [], []
    for number in ids:
        row, before = known.get(number, (None, set()))
        after = found.get(number, set())
        if before == after:
            continue
        changes.note(number, before, after)
        if row is not None:
            stale.append(row)
        if after:
            new.append((entity.name, number, "\n".join(sorted(after))))
    fresh = _fresh_blocks(connection, table, entity, ids)
    for chunk in in_chunks(stale):
        connection.execute(table.delete().where(table.c.id.in_(chunk)))
    if new:
        numbers = store.allocate(connection, table.name, len(new))
        bulk_insert(connection, table, _COLUMNS, ((one, *row) for one, row in zip(numbers, new, strict=True)))
    return write_postings(connection, store, entity.name, changes, fresh)


def _known(
    connection: sa.Connection, table: sa.Table, entity: Entity, ids: Sequence[int]
) -> dict[int, tuple[int, set[str]]]:
    """Return what the index has of these records, as id of the row and tokens."""
    found: dict[int, tuple[int, set[str]]] = {}
    query = sa.select(table.c.id, table.c.record_number, table.c.tokens).where(table.c.entity == entity.name)
    for chunk in in_chunks(ids):
        for row, number, tokens in connection.execute(query.where(table.c.record_number.in_(chunk))):
            found[number] = (row, set(tokens.split("\n")))
    return found


def _fresh_blocks(connection: sa.Connection, table: sa.Table, entity: Entity, ids: Sequence[int]) -> set[int]:
    """Return the blocks of these records of which the index has nobody."""
    fresh = set()
    for block in sorted({number // BLOCK for number in ids}):
        inside = table.c.record_number.between(block * BLOCK, (block + 1) * BLOCK - 1)
        if not connection.scalar(sa.select(sa.exists().where(table.c.entity == entity.name, inside))):
            fresh.add(block)
    return fresh
