"""How often values occur, as the last search for duplicates counted them: without the person's."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from crm_cli.dedupe import MatchTable
from crm_cli.dedupe.arrays import Ints
from crm_cli.jobs.matching.index import NoIndexError, read_index
from crm_cli.jobs.matching.loading import load_chosen
from crm_cli.store import Store, in_chunks

__all__ = ["forget_frequencies"]

_LEAST_KEPT = 3  # values of fewer records have no row of their own


def forget_frequencies(store: Store, connection: sa.Connection, entity: str, ids: Collection[int]) -> int:
    """Take the values of these records out of the counts, before they are erased; return how many rows went.

    A count holds a hash of the value, no value; one that only the person had three times would still tell that it was
    here. Without a match index there are none.
    """
    declared = store.dictionary.entity(entity)
    try:
        index = read_index(store, connection, declared)
    except NoIndexError:
        return 0
    loaded = load_chosen(store, connection, declared, sorted(ids), index.named)
    if not loaded.ids:
        return 0
    asked: list[int] = []

    def counts(keys: Ints) -> dict[int, int]:
        asked.extend(keys.tolist())
        return {}

    index.comparer(MatchTable.stacked([loaded.table, loaded.table]), counts)  # asked is for what occurs twice
    table = store.table("value_frequency")
    gone = 0
    for chunk in in_chunks(sorted(set(asked))):
        mine = sa.and_(table.c.entity == entity, table.c.term.in_(chunk))
        connection.execute(table.update().where(mine).values(records=table.c.records - len(loaded.ids)))
        gone += connection.execute(table.delete().where(mine, table.c.records < _LEAST_KEPT)).rowcount
    return gone
