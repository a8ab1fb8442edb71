"""Import: read → map → standardize → check → apply, over a stream of batches, as one operation.

Each stage is a module: `columns` and `points` standardize, `drafting` puts rows together, `resolving` finds the records
they speak of, `applying` writes, `rejects` keeps what could not be taken. The screen only supplies decisions.
"""

from crm_cli.jobs.importing.batches import (
    Batch,
    batch_rejects,
    list_batches,
    read_batch,
    undo_batch,
    write_batch_rejects,
)
from crm_cli.jobs.importing.collision import Collision
from crm_cli.jobs.importing.delivery import import_delivery
from crm_cli.jobs.importing.mapping_files import check_mapping, suggest_for_source
from crm_cli.jobs.importing.options import ImportOptions, UnsettledError
from crm_cli.jobs.importing.profile_pages import profile_rows, table_rows
from crm_cli.jobs.importing.run import BatchResult, ImportResult, import_source, mapping_for

__all__ = [
    "Batch",
    "BatchResult",
    "Collision",
    "ImportOptions",
    "ImportResult",
    "UnsettledError",
    "batch_rejects",
    "check_mapping",
    "import_delivery",
    "import_source",
    "list_batches",
    "mapping_for",
    "profile_rows",
    "read_batch",
    "suggest_for_source",
    "table_rows",
    "undo_batch",
    "write_batch_rejects",
]
