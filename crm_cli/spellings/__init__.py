"""Spellings of one value: which of a field's values are probably the same, by keys and by distance. Pure functions.

The room knows texts and how often each occurs, no database and no field. `group_spellings` puts values together whose
keys are equal (`keys.py`) or that are a few edits apart (`nearness.py`), and proposes the most frequent of each group.

To add a key: a function from text to text in `keys.py`, a `Method`, and its line in `grouping.KEYS`.
"""

from crm_cli.spellings.grouping import KEYS, Method, Spelling, SpellingGroup, group_spellings
from crm_cli.spellings.keys import fingerprint, ngram_fingerprint, plain_form
from crm_cli.spellings.nearness import MOST_EDITS, edits_allowed, near_pairs

__all__ = [
    "KEYS",
    "MOST_EDITS",
    "Method",
    "Spelling",
    "SpellingGroup",
    "edits_allowed",
    "fingerprint",
    "group_spellings",
    "near_pairs",
    "ngram_fingerprint",
    "plain_form",
]
