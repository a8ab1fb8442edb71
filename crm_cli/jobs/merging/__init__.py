"""Merging: records that are the same become one – values by survivorship, children and contact points by policy.

    merge(store, "contact", [MergeGroup((17, 42, 99))], Author("maria"))

Everything of a cluster is logged under one unit (its survivor's id), so `crm undo` takes back the whole merge or one
cluster of it. Merged records keep their row and name their survivor. What happens to rows that refer to them stands in
the dictionary (`Reference.on_merge`), which value survives too (`Field.survivorship`); to add a rule see
`survivorship.py`.
"""

from crm_cli.jobs.merging.applying import merge, merge_in
from crm_cli.jobs.merging.finding import PastMerge, last_merge_of
from crm_cli.jobs.merging.model import (
    Caps,
    FieldChoice,
    MergeCapError,
    MergedCluster,
    MergeGroup,
    MergeResult,
    MergeSettings,
    RefusedCluster,
    RowChange,
    SurvivorRule,
)
from crm_cli.jobs.merging.proposing import Proposal, propose

__all__ = [
    "Caps",
    "FieldChoice",
    "MergeCapError",
    "MergeGroup",
    "MergeResult",
    "MergeSettings",
    "MergedCluster",
    "PastMerge",
    "Proposal",
    "RefusedCluster",
    "RowChange",
    "SurvivorRule",
    "last_merge_of",
    "merge",
    "merge_in",
    "propose",
]
