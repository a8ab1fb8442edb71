"""Extracts: exports that are kept as files, run again and again, and compared.

An extract is a TOML file in `extracts/` beside `crm.toml`. `run_extract` writes its file with a manifest beside it and
notes the run; `changes_only` goes on where the run before stopped. `compare` tells two results apart.
"""

from __future__ import annotations

from crm_cli.jobs.extracts.checking import check_extract, masked_headers
from crm_cli.jobs.extracts.comparing import Comparison, Difference, compare_files, with_present
from crm_cli.jobs.extracts.definition import (
    Extract,
    ExtractError,
    find_extract,
    list_extracts,
    read_extract,
    save_extract,
)
from crm_cli.jobs.extracts.running import ExtractRun, run_extract, target_of

__all__ = [
    "Comparison",
    "Difference",
    "Extract",
    "ExtractError",
    "ExtractRun",
    "check_extract",
    "compare_files",
    "find_extract",
    "list_extracts",
    "masked_headers",
    "read_extract",
    "run_extract",
    "save_extract",
    "target_of",
    "with_present",
]
