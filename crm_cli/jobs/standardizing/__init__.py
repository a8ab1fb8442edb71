"""Standardize records that are in the database: the same rules as at import, previewed, logged, undone.

`result.py` is what a run tells, `judging.py` the standard form of each different value, `run.py` reads and writes.
"""

from crm_cli.jobs.standardizing.result import NotUnderstood, RuleCount, StandardizeResult
from crm_cli.jobs.standardizing.run import standardize_records

__all__ = ["NotUnderstood", "RuleCount", "StandardizeResult", "standardize_records"]
