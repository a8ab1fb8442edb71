"""Dedupe: find the records that are the same person or organization, without labels.

The kernel takes and gives polars and numpy data; it knows no file, database or global. Its stages, a file each:
`plan` (what columns are) → `cleaning`, `encoding`, `features` → `blocking/` → `training` → `scoring` → `calibration` →
`clustering`; `engine` runs them, `mixed` and `parts` on each kind of record where a table holds persons and
organizations, and `learning` takes in what people answered. Method and figures: docs/matching.md.

To add a kind of column, a comparison or a blocking key: `field_types.py`.
"""

from crm_cli.dedupe.engine import Progress, find_duplicates
from crm_cli.dedupe.evaluation import ClusterScores, score_clusters
from crm_cli.dedupe.explaining import Explanation, Step, explain, explain_pair
from crm_cli.dedupe.field_types import FieldType, FieldTypeError, FieldTypes, field_types
from crm_cli.dedupe.learning import Learning, Lesson, observed
from crm_cli.dedupe.linking import AcrossResult, LinkResult, find_across, link
from crm_cli.dedupe.model import Model, ModelVersionError
from crm_cli.dedupe.overrides import Ruling
from crm_cli.dedupe.plan import kind_of_role
from crm_cli.dedupe.result import MatchPart, MatchResult, MatchSummary, PairTable
from crm_cli.dedupe.settings import MatchSettings, Never
from crm_cli.dedupe.table import MatchColumn, MatchTable, MatchTableError
from crm_cli.dedupe.trusted import MOST_SHARING
from crm_cli.dedupe.verdicts import CLASS_NAMES, Verdict
from crm_cli.dictionary.recognition import Role

__all__ = [
    "CLASS_NAMES",
    "MOST_SHARING",
    "AcrossResult",
    "ClusterScores",
    "Explanation",
    "FieldType",
    "FieldTypeError",
    "FieldTypes",
    "Learning",
    "Lesson",
    "LinkResult",
    "MatchColumn",
    "MatchPart",
    "MatchResult",
    "MatchSettings",
    "MatchSummary",
    "MatchTable",
    "MatchTableError",
    "Model",
    "ModelVersionError",
    "Never",
    "PairTable",
    "Progress",
    "Role",
    "Ruling",
    "Step",
    "Verdict",
    "explain",
    "explain_pair",
    "field_types",
    "find_across",
    "find_duplicates",
    "kind_of_role",
    "link",
    "observed",
    "score_clusters",
]
