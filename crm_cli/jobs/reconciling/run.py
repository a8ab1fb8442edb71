"""Reconcile: both sides are read into the ledger, settled there, and compared."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from crm_cli.dictionary import Entity
from crm_cli.importers import Row
from crm_cli.jobs.importing.resolving import Resolver
from crm_cli.jobs.reconciling.comparing import compare, sums
from crm_cli.jobs.reconciling.fields import ComparedField, chosen_fields, compared_fields
from crm_cli.jobs.reconciling.keys import Key, choose_key, known_ids, named_key, source_system
from crm_cli.jobs.reconciling.ledger import Ledger
from crm_cli.jobs.reconciling.options import ReconcileOptions
from crm_cli.jobs.reconciling.records import OurRecord, OurSide
from crm_cli.jobs.reconciling.result import Reconciliation
from crm_cli.jobs.reconciling.said import Said, SideReader, encoded
from crm_cli.jobs.reconciling.sources import OtherSide, open_other_side
from crm_cli.store import Store

__all__ = ["reader_of", "reconcile"]

_AT_ONCE = 5_000
Progress = Callable[[int], None]


@dataclass(frozen=True)
class _Reading:
    """A store that is only read, for what looks records up."""

    store: Store
    connection: sa.Connection


@contextmanager
def reconcile(
    store: Store, entity: str, source: str | Path, options: ReconcileOptions, progress: Progress | None = None
) -> Iterator[Reconciliation]:
    """Compare the records of `entity` with the rows of `source`; yield what was found, nothing is written.

    Records are read in one consistent view. Both sides are kept in a temporary file, not in memory. Raises what opening
    the source raises (`open_other_side`), `UsageError` for a key or field that the source does not say, and
    `ConditionError`.
    """
    declared = store.dictionary.entity(entity)
    other = open_other_side(store.dictionary, declared, source, options.reading)
    known = compared_fields(store.dictionary, declared, other.mapping)
    fields = chosen_fields(declared, known, options.fields)
    with closing(Ledger()) as ledger:
        with store.read() as connection:
            key = _key(store, connection, declared, known, other, options)
            read = list(dict.fromkeys([*fields, *key.fields]))
            ours = OurSide(store, declared, read, other.context, key.numbers)
            _load_here(ledger, ours, key, connection, options.where, progress)
            _load_there(ledger, reader_of(store, connection, declared, other, read), key, other, progress)
        ledger.settle()
        counts = compare(ledger, fields, other.context.currency, progress)
        yield Reconciliation(
            declared, other, key, fields, ledger, counts, sums(ledger, fields, other.context.currency),
            key_was_chosen=not options.key, where=options.where,
            here=ledger.counts_here(), there=ledger.counts_there(),
        )  # fmt: skip


def reader_of(
    store: Store, connection: sa.Connection, entity: Entity, other: OtherSide, fields: Sequence[ComparedField]
) -> SideReader:
    """Return what reads the rows of the source; references in an export of ours are numbers, elsewhere names."""
    by_number = other.is_ours and "public_id" in other.table.header
    system = source_system(store, connection, other.mapping.source or other.name)
    resolver = None if by_number else Resolver(_Reading(store, connection), system or 0)
    return SideReader(other.drafter(store.dictionary), entity, fields, resolver)


def _key(
    store: Store, connection: sa.Connection, entity: Entity, known: Sequence[ComparedField], other: OtherSide,
    options: ReconcileOptions,
) -> Key:  # fmt: skip
    if options.key:
        return named_key(store, connection, entity, known, other.table, options.key)
    return choose_key(store, connection, entity, known, other.table, other.mapping, other.name, other.sample)


def _load_there(ledger: Ledger, reader: SideReader, key: Key, other: OtherSide, progress: Progress | None) -> None:
    n = 0
    places = [other.table.header.index(part.column) for part in key.parts if part.column is not None]
    at = [reader.fields.index(one) for one in key.fields]
    for rows in other.table.batches(_AT_ONCE):
        taken = []
        for row, (said, fault) in zip(rows, reader.read(rows), strict=True):
            n += 1
            cells = [row.values[place] if place < len(row.values) else None for place in places]
            forms, shown = key.of_row([said[place] for place in at], cells)
            why = json.dumps(fault) if fault else None
            place = json.dumps(_place(row))
            taken.append((n, place, json.dumps(forms) if forms else None, json.dumps(shown), why, encoded(said)))
        ledger.add_there(taken)
        if progress:
            progress(len(rows))


def _place(row: Row) -> str:
    return row.place or f"row {row.number}"


def _load_here(
    ledger: Ledger, ours: OurSide, key: Key, connection: sa.Connection, where: str | None, progress: Progress | None
) -> None:
    """Take in the records that are asked for, then of all others their keys: a row of theirs is not missing here."""
    at = [ours.fields.index(one) for one in key.fields]
    for block in ours.records(connection, where):
        _take(ledger, block, key, at, chosen=True)
        if progress:
            progress(len(block))
    if where is not None:
        bare = OurSide(ours.store, ours.entity, key.fields, ours.context, ours.numbers)
        for block in bare.records(connection, None):
            known = ledger.known_ids(block[0].id, block[-1].id)
            rest = [one for one in block if one.id not in known]
            _take(ledger, rest, key, range(len(key.fields)), chosen=False)
    if key.system is not None:
        _take_system_keys(ledger, ours, key.system, connection)


def _take(ledger: Ledger, block: Sequence[OurRecord], key: Key, at: Sequence[int], *, chosen: bool) -> None:
    records, keys = [], []
    for one in block:
        forms, shown = _key_here(one, key, [one.said[place] for place in at])
        records.append((one.id, json.dumps(shown), encoded(one.said)))
        if forms:
            keys.append((json.dumps(forms), one.id))
    ledger.add_here(records, chosen=chosen)
    ledger.add_keys(keys)


def _key_here(one: OurRecord, key: Key, said: Sequence[Said]) -> tuple[list[str] | None, list[str | None]]:
    return (None, []) if key.system is not None else key.of_row(said, one.ids)


def _take_system_keys(ledger: Ledger, ours: OurSide, system: int, connection: sa.Connection) -> None:
    """Take in the ids by which the source system knows the records; one that was merged may have several."""
    query = known_ids(ours.store, ours.entity, system)
    result = connection.execute(query.execution_options(yield_per=_AT_ONCE))
    for rows in result.partitions():
        ledger.add_keys((json.dumps([row.external_id]), row.record_id) for row in rows)
    ledger.show_keys()
