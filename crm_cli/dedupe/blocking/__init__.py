"""Blocking: which pairs of records are worth comparing.

Key parts (`keys.py`) are combined to rules (`rules.py`); records that share a rule's key form a block
(`blocks.py`). Which rules to use is decided from the data, in the folder `searching`. To add a key part: a line in
`_PARTS` of `keys.py`, or a `FieldType` with it.
"""

from crm_cli.dedupe.blocking.blocks import Blocks
from crm_cli.dedupe.blocking.keys import KeyPart
from crm_cli.dedupe.blocking.rules import Rule, RuleCandidate, block_limit, every_pair, rule_candidates

__all__ = ["Blocks", "KeyPart", "Rule", "RuleCandidate", "block_limit", "every_pair", "rule_candidates"]
