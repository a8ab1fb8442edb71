"""Import: read → map → standardize → check → apply, over a stream of batches, as one operation.

- What comes: `sources` (files, folders, patterns), `known_layouts`, `delivery` (all tables of a known system).
- Before anything is written: `preparing` (mapping, questions), `earlier` (what came before), `origins` (which source),
  `source_settings` and `gate` (what is demanded of it), `plan`.
- Rows to drafts: `drafting`, by `columns`, `wording`, `joining`, `constants`, `filling`, `points`, `row_identity`,
  `checking`.
- Drafts to records: `applying`, by `resolving`, `identity`, `companies`, `adopting`, `updating` (`collision`,
  `standing`, `edits`), `point_updates`, `references`, `late`, `links`, `confirming`, `missing`.
- What is left: `rejects`, `batches`, `retrying`, `samples`, `result`, `report`.

`run` puts it together; the screen only supplies decisions.
"""

from crm_cli.jobs.importing.batches import (
    Batch,
    batch_rejects,
    list_batches,
    read_batch,
    undo_batch,
    write_batch_rejects,
)
from crm_cli.jobs.importing.collision import Collision, CollisionRules
from crm_cli.jobs.importing.delivery import import_delivery
from crm_cli.jobs.importing.gate import GateError
from crm_cli.jobs.importing.mapping_files import check_mapping, suggest_for_source
from crm_cli.jobs.importing.missing import Absent, Missing, TooManyMissingError
from crm_cli.jobs.importing.options import ImportOptions, UnsettledError
from crm_cli.jobs.importing.plan import Plan, PlanError, read_plan
from crm_cli.jobs.importing.preparing import mapping_for
from crm_cli.jobs.importing.profile_pages import profile_rows, table_rows
from crm_cli.jobs.importing.report import ReportHead, check_report_target, report_document, write_report
from crm_cli.jobs.importing.result import BatchResult, ImportResult
from crm_cli.jobs.importing.retrying import retry_batch
from crm_cli.jobs.importing.run import ImportRun, import_source
from crm_cli.jobs.importing.samples import Sample, rows_of
from crm_cli.jobs.importing.source_settings import Gate, SourceSettings, SourceSettingsError, read_source_settings
from crm_cli.jobs.importing.sources import files_of, own_files

__all__ = [
    "Absent",
    "Batch",
    "BatchResult",
    "Collision",
    "CollisionRules",
    "Gate",
    "GateError",
    "ImportOptions",
    "ImportResult",
    "ImportRun",
    "Missing",
    "Plan",
    "PlanError",
    "ReportHead",
    "Sample",
    "SourceSettings",
    "SourceSettingsError",
    "TooManyMissingError",
    "UnsettledError",
    "batch_rejects",
    "check_mapping",
    "check_report_target",
    "files_of",
    "import_delivery",
    "import_source",
    "list_batches",
    "mapping_for",
    "own_files",
    "profile_rows",
    "read_batch",
    "read_plan",
    "read_source_settings",
    "report_document",
    "retry_batch",
    "rows_of",
    "suggest_for_source",
    "table_rows",
    "undo_batch",
    "write_batch_rejects",
    "write_report",
]
