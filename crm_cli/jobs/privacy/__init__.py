"""Privacy: what is held about a person, and how it is erased so that it does not come back.

`person_report` gathers everything, `write_person_report` writes it as HTML or JSON; `plan_erasure` says what would go
and what the law keeps, `erase` does it, `scrub` clears the files of the database, `backups_of` and `exports_of` name
what none of them reaches. `KeySource` is where the key of the tombstones is.

To add a table that holds data of persons: nothing here, as long as it names them by a reference of the dictionary. A
table that names them otherwise is read in `mentions.py`, its rows are found like rejected rows in `rejected.py`.
"""

from crm_cli.jobs.privacy.elsewhere import backups_of, exports_of
from crm_cli.jobs.privacy.erasing import Erasure, ErasureOptions, ErasurePlan, erase, plan_erasure
from crm_cli.jobs.privacy.files import Scrubbed, scrub
from crm_cli.jobs.privacy.keys import KeySource, key_for
from crm_cli.jobs.privacy.listing import allow, list_erasures
from crm_cli.jobs.privacy.report import PersonReport, person_report
from crm_cli.jobs.privacy.retention import RETENTION_YEARS, KeptByLawError, Reason, refuse_kept
from crm_cli.jobs.privacy.subject import PERSONS, NotAPersonError, Subject, find_subject
from crm_cli.jobs.privacy.writing import check_report_file, report_document, write_person_report

__all__ = [
    "PERSONS",
    "RETENTION_YEARS",
    "Erasure",
    "ErasureOptions",
    "ErasurePlan",
    "KeptByLawError",
    "KeySource",
    "NotAPersonError",
    "PersonReport",
    "Reason",
    "Scrubbed",
    "Subject",
    "allow",
    "backups_of",
    "check_report_file",
    "erase",
    "exports_of",
    "find_subject",
    "key_for",
    "list_erasures",
    "person_report",
    "plan_erasure",
    "refuse_kept",
    "report_document",
    "scrub",
    "write_person_report",
]
