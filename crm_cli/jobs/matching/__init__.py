"""Matching: duplicates of the database's records are found, reviewed, decided and merged; and those of plain files.

`find` loads records for the engine and keeps the pairs that it scored, and an index; by it `find_new` compares what is
new with all, and `look_up` a record that is not there yet. `review_queue`, `read_card` and `Reasons` serve
a person who decides (`decide`); `merge_decided` and `merge_automatically` hand groups to the merge. `dedupe_file` and
`link_files` do without a database. Decisions are kept by `crm_cli.jobs.decisions`.

To let a further field take part in matching, give its semantic type or name a role in `loading.py`; a project does so
for itself in a file of rules (`crm_cli.jobs.match_rules`).
"""

from crm_cli.jobs.decisions import Choices, Verdict
from crm_cli.jobs.file_matching import FileOptions, FileResult, dedupe_file, link_files
from crm_cli.jobs.matching.boards import Board, BoardLine, Origin
from crm_cli.jobs.matching.cards import CardLine, read_card
from crm_cli.jobs.matching.deciding import VERDICTS, decide, decision_about
from crm_cli.jobs.matching.finding import Progress, find
from crm_cli.jobs.matching.index import NoIndexError
from crm_cli.jobs.matching.loading import LoadedRecords, load_records
from crm_cli.jobs.matching.looking_up import Resembling, look_up
from crm_cli.jobs.matching.merging import (
    AutomaticOptions,
    automatic_groups,
    decided_groups,
    merge_automatically,
    merge_decided,
)
from crm_cli.jobs.matching.model import (
    SURE,
    WORTH_A_LOOK,
    Candidate,
    FindOptions,
    MatchRun,
    NoRunError,
    UnsupportedMergeError,
)
from crm_cli.jobs.matching.queue import ReviewOptions, ReviewOrder, open_candidates, review_queue
from crm_cli.jobs.matching.reasons import Reasons
from crm_cli.jobs.matching.report import FindReport, report_of
from crm_cli.jobs.matching.review_sheet import AppliedSheet, RefusedRow, apply_review_sheet, write_review_sheet
from crm_cli.jobs.matching.rules import described, rules_of, subject_of
from crm_cli.jobs.matching.runs import last_run
from crm_cli.jobs.matching.session import Review
from crm_cli.jobs.matching.status import DedupeStatus, dedupe_status
from crm_cli.jobs.matching.updating import Update, find_new
from crm_cli.jobs.matching.waterfalls import Waterfall, WaterfallStep

__all__ = [
    "SURE",
    "VERDICTS",
    "WORTH_A_LOOK",
    "AppliedSheet",
    "AutomaticOptions",
    "Board",
    "BoardLine",
    "Candidate",
    "CardLine",
    "Choices",
    "DedupeStatus",
    "FileOptions",
    "FileResult",
    "FindOptions",
    "FindReport",
    "LoadedRecords",
    "MatchRun",
    "NoIndexError",
    "NoRunError",
    "Origin",
    "Progress",
    "Reasons",
    "RefusedRow",
    "Resembling",
    "Review",
    "ReviewOptions",
    "ReviewOrder",
    "UnsupportedMergeError",
    "Update",
    "Verdict",
    "Waterfall",
    "WaterfallStep",
    "apply_review_sheet",
    "automatic_groups",
    "decide",
    "decided_groups",
    "decision_about",
    "dedupe_file",
    "dedupe_status",
    "described",
    "find",
    "find_new",
    "last_run",
    "link_files",
    "load_records",
    "look_up",
    "merge_automatically",
    "merge_decided",
    "open_candidates",
    "read_card",
    "report_of",
    "review_queue",
    "rules_of",
    "subject_of",
    "write_review_sheet",
]
