"""Matching across entities: leads that are contacts already, and leads whose company is an account already.

`find_across` runs both sides through the engine at once and keeps the pairs; a lead may be in many pairs, and so may a
contact. `AcrossReview` and `decide_across` serve a person who decides; a lead that is decided to be a contact, or of an
account, refers to it from then on. What was decided is never proposed again.

To match a further pair of entities: give it a line in `loading.py`, with what is compared on either side.
"""

from crm_cli.jobs.matching.across.deciding import decide_across
from crm_cli.jobs.matching.across.finding import AcrossReport, find_across
from crm_cli.jobs.matching.across.queue import open_pairs, review_pairs
from crm_cli.jobs.matching.across.reasons import AcrossReasons
from crm_cli.jobs.matching.across.session import AcrossReview
from crm_cli.jobs.matching.across.sides import Across, across_of

__all__ = [
    "Across",
    "AcrossReasons",
    "AcrossReport",
    "AcrossReview",
    "across_of",
    "decide_across",
    "find_across",
    "open_pairs",
    "review_pairs",
]
