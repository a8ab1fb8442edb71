"""Profiles of files and entities: what is in them, before anybody trusts them, in one pass and bounded memory.

`profile_source` and `profile_entity` measure; what they return is shown as tables (`column_rows`, `finding_rows`,
`duplicate_rows`), as plain data (`document`), or written by `write_profile` as a page (`.html`) or `.json`. To add a
form: a function that writes to a stream, and its line in `WRITERS` of `report.py`.
"""

from crm_cli.jobs.profiling.measuring import profile_entity, profile_source
from crm_cli.jobs.profiling.report import check_profile_target, write_profile
from crm_cli.jobs.profiling.rows import column_rows, duplicate_rows, finding_rows, headline
from crm_cli.jobs.profiling.subject import Profile, document

__all__ = [
    "Profile",
    "check_profile_target",
    "column_rows",
    "document",
    "duplicate_rows",
    "finding_rows",
    "headline",
    "profile_entity",
    "profile_source",
    "write_profile",
]
