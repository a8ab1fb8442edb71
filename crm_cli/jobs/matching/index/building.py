"""Keep the match index after a search of all records."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import sqlalchemy as sa

from crm_cli.dedupe import MatchResult
from crm_cli.dedupe.blocking import block_limit
from crm_cli.dedupe.indexing import blueprint_of, frequencies_of, index_keys, trusted_index_keys, trusted_keys_of
from crm_cli.dictionary import Entity
from crm_cli.jobs.match_rules import known_types
from crm_cli.jobs.matching.index.kept import add_keys, drop_index, keep_model
from crm_cli.jobs.matching.index.upkeep import bring_up_to_date, waiting_operations
from crm_cli.jobs.matching.loading import LoadedRecords
from crm_cli.store import Store

__all__ = ["waiting_operations", "write_index"]


def write_index(
    store: Store, connection: sa.Connection, entity: Entity, found: tuple[LoadedRecords, MatchResult],
    known: Collection[int],
) -> None:  # fmt: skip
    """Keep what a search of all records of `entity` settled, in place of what was kept before.

    `known`: operations that were there before the records were read; what others changed meanwhile is added. Where
    there was nothing to compare, there is no index.
    """
    loaded, result = found
    drop_index(store, connection, entity.name)
    blueprint = blueprint_of(result, block_limit(len(loaded.ids)))
    if blueprint is not None and result.scorer is not None:
        features = result.scorer.features
        terms, counts = frequencies_of(features)
        frequencies = dict(zip(terms.tolist(), counts.tolist(), strict=True))
        keep_model(store, connection, entity.name, blueprint, frequencies)
        records, keys = index_keys(features, blueprint.rules)
        numbers = np.array(loaded.ids, np.int64)
        add_keys(store, connection, entity.name, keys, numbers[records])
        records, keys = trusted_index_keys(trusted_keys_of(loaded.table, blueprint, known_types()))
        add_keys(store, connection, entity.name, keys, numbers[records])
    bring_up_to_date(store, connection, fresh=entity.name, known=known)
