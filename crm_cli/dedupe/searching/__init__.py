"""Search for candidate pairs: which blocking rules to use, the pairs that they propose, the model trained on them."""

from crm_cli.dedupe.searching.candidates import Candidates, OversizeBlocks
from crm_cli.dedupe.searching.search import Search, search

__all__ = ["Candidates", "OversizeBlocks", "Search", "search"]
