"""Ask the match index: which of all records may be the same as a few."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import sqlalchemy as sa

from crm_cli.dedupe import MatchTable
from crm_cli.dedupe.arrays import Ints
from crm_cli.dedupe.indexing import Compared, Comparer
from crm_cli.jobs.matching.index.kept import MatchIndex
from crm_cli.jobs.matching.loading import LoadedRecords, load_chosen
from crm_cli.store import Store

Pair: TypeAlias = tuple[int, int]
__all__ = ["NEW_RECORD", "Neighbourhood", "neighbourhood", "neighbours_of"]

NEW_RECORD = 0  # stands for a record that is not in the database


@dataclass(frozen=True, eq=False)
class Neighbourhood:
    """A few records with all that share a blocking key with one of them.

    `ids[n]` is the id of the comparer's record n, ascending; `left` and `right` are the candidate pairs as such
    numbers, the smaller first, each with at least one of the few; `scores` are theirs.
    """

    ids: Sequence[int]
    comparer: Comparer
    left: Ints
    right: Ints
    scores: Compared


def neighbourhood(
    store: Store, connection: sa.Connection, index: MatchIndex, ids: Collection[int], among: Collection[int] = ()
) -> Neighbourhood | None:
    """Compare the living among the records `ids` with all others; None when none of them lives.

    `among`: further records to load, for whom pairs are wanted later.
    """
    few = load_chosen(store, connection, index.entity, sorted(ids), index.named)
    if not few.ids:
        return None
    pairs = _candidates(store, connection, index, few.table, few.ids)
    wanted = {*few.ids, *among, *(number for pair in pairs for number in pair)}
    loaded = load_chosen(store, connection, index.entity, sorted(wanted), index.named)
    return _compared(store, connection, index, loaded, pairs)


def neighbours_of(
    store: Store, connection: sa.Connection, index: MatchIndex, record: MatchTable
) -> Neighbourhood | None:
    """Compare one record that is not in the database with all that are; it gets the id 0. None without candidates."""
    pairs = _candidates(store, connection, index, record, [NEW_RECORD])
    others = load_chosen(store, connection, index.entity, sorted({right for _, right in pairs}), index.named)
    if not others.ids:
        return None
    both = LoadedRecords([NEW_RECORD, *others.ids], MatchTable.stacked([record, others.table]))
    return _compared(store, connection, index, both, pairs)


def _candidates(
    store: Store, connection: sa.Connection, index: MatchIndex, table: MatchTable, ids: Sequence[int]
) -> set[Pair]:
    records, keys = index.comparer(table).keys()
    blocks = index.blocks(store, connection, set(keys.tolist()))
    pairs: set[Pair] = set()
    for record, key in zip(records.tolist(), keys.tolist(), strict=True):
        own = ids[record]
        pairs.update((min(own, other), max(own, other)) for other in blocks.get(key, ()) if other != own)
    return pairs


def _compared(
    store: Store,
    connection: sa.Connection,
    index: MatchIndex,
    loaded: LoadedRecords,
    pairs: Collection[tuple[int, int]],
) -> Neighbourhood:
    comparer = index.comparer(loaded.table, lambda keys: index.counts(store, connection, keys.tolist()))
    place = loaded.number_of
    known = sorted((place[left], place[right]) for left, right in pairs if left in place and right in place)
    numbers = np.array(known, np.int64).reshape(-1, 2)
    left, right = numbers[:, 0], numbers[:, 1]
    return Neighbourhood(loaded.ids, comparer, left, right, comparer.compare(left, right))
