"""Compare a few records with very many that were searched before, without reading the many again.

A *blueprint* (`blueprint.py`) keeps what a search settled: columns, rules, model, how frequent what is. *Keys*
(`keys.py`) are numbers that outlive a run; records that share one are worth comparing, and a caller keeps them sorted,
in a database for example. `compare` (`comparing.py`) scores pairs of records that were found so. Nothing here knows
where keys and frequencies are kept.
"""

from crm_cli.dedupe.indexing.blueprint import Blueprint, blueprint_of
from crm_cli.dedupe.indexing.comparing import Compared, Comparer, trusted_keys_of
from crm_cli.dedupe.indexing.frequencies import frequencies_of
from crm_cli.dedupe.indexing.keys import index_keys, trusted_index_keys

__all__ = [
    "Blueprint",
    "Compared",
    "Comparer",
    "blueprint_of",
    "frequencies_of",
    "index_keys",
    "trusted_index_keys",
    "trusted_keys_of",
]
