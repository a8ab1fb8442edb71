"""Why two records are taken for the same, by what the last whole search settled: at once, however many there are."""

from __future__ import annotations

import numpy as np
import sqlalchemy as sa

from crm_cli.dedupe import MatchSettings, explain
from crm_cli.dictionary import Entity
from crm_cli.jobs.match_rules import MatchRules, with_rules
from crm_cli.jobs.matching.index.kept import read_index
from crm_cli.jobs.matching.loading import load_chosen
from crm_cli.jobs.matching.waterfalls import Waterfall, shown_waterfall, waterfall_of
from crm_cli.store import Store

__all__ = ["explain_by_index"]


def explain_by_index(
    store: Store, connection: sa.Connection, entity: Entity, pair: tuple[int, int], rules: MatchRules | None = None
) -> Waterfall | None:
    """Explain two living records as they are now; None when one of them is gone.

    Raises `NoIndexError` where the entity was never searched as a whole.
    """
    left, right = sorted(pair)
    index = read_index(store, connection, entity)
    loaded = load_chosen(store, connection, entity, [left, right], index.named)
    if len(loaded.ids) < 2:
        return None
    comparer = index.comparer(loaded.table, lambda keys: index.counts(store, connection, keys.tolist()))
    overrides = comparer.overrides(with_rules(MatchSettings(), rules))
    ruling = overrides.rulings(np.array([0]), np.array([1]))[0]
    found = waterfall_of(explain(comparer.scorer, 0, 1), left, right, ruling)
    return shown_waterfall(store.dictionary, found, entity)
