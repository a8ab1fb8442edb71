"""The audit room: policies say what good data are, runs say which records are not, findings are kept until mended.

Policies are data: tables in `policies/*.toml` here and in a folder of the user's (`load_policies`). To add a check, add
a table there; `policy.py` says what may stand in it. To add a kind of test, give `Policy` a field and `questions.py`
the condition that it means. Everything runs as SQL over whole tables, on all three databases alike.
"""

from crm_cli.audits.acceptance import Accepted, StoredFinding, accept, read_findings
from crm_cli.audits.catalogue import choose, load_policies
from crm_cli.audits.decayed import By, Decayed, decayed
from crm_cli.audits.findings import Counts
from crm_cli.audits.freshness import judged, still_valid
from crm_cli.audits.half_lives import HalfLife, half_lives, half_lives_of_last_run, with_half_lives
from crm_cli.audits.origins import Origin, judge_origins
from crm_cli.audits.policy import HALF_LIFE, Kind, Level, Policy, PolicyError, Related, parse_policy
from crm_cli.audits.reverify import Suspect, reverify, reverify_all, reverify_by_value
from crm_cli.audits.running import AuditResult, NoWriteAccessError, run_audit
from crm_cli.audits.scores import DimensionScore, PolicyResult, grade
from crm_cli.audits.since import Since
from crm_cli.audits.standing import NoRunError, Standing, StandingFinding, read_standing, standing_findings
from crm_cli.audits.trend import Trend, read_history

__all__ = [
    "HALF_LIFE",
    "Accepted",
    "AuditResult",
    "By",
    "Counts",
    "Decayed",
    "DimensionScore",
    "HalfLife",
    "Kind",
    "Level",
    "NoRunError",
    "NoWriteAccessError",
    "Origin",
    "Policy",
    "PolicyError",
    "PolicyResult",
    "Related",
    "Since",
    "Standing",
    "StandingFinding",
    "StoredFinding",
    "Suspect",
    "Trend",
    "accept",
    "choose",
    "decayed",
    "grade",
    "half_lives",
    "half_lives_of_last_run",
    "judge_origins",
    "judged",
    "load_policies",
    "parse_policy",
    "read_findings",
    "read_history",
    "read_standing",
    "reverify",
    "reverify_all",
    "reverify_by_value",
    "run_audit",
    "standing_findings",
    "still_valid",
    "with_half_lives",
]
