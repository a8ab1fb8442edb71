"""Writing records out: which rows and columns, masked for whom, into which file, and who took them.

`write_export` is what commands and extracts call: it takes a `Request` (what) and a `Target` (where), and says what was
done. `export_records` is the short form for whoever only wants a file. How a format is written is a matter of the
exporters.
"""

from __future__ import annotations

from crm_cli.jobs.exporting.columns import default_columns, masked_of
from crm_cli.jobs.exporting.objections import Channel
from crm_cli.jobs.exporting.points import Points
from crm_cli.jobs.exporting.request import Purpose, Request, check_request, masking_rules, purpose_of
from crm_cli.jobs.exporting.runs import Run, note_run, runs_of
from crm_cli.jobs.exporting.systems import layout_of
from crm_cli.jobs.exporting.watermark import Watermark
from crm_cli.jobs.exporting.writing import Done, Target, export_records, write_export

__all__ = [
    "Channel",
    "Done",
    "Points",
    "Purpose",
    "Request",
    "Run",
    "Target",
    "Watermark",
    "check_request",
    "default_columns",
    "export_records",
    "layout_of",
    "masked_of",
    "masking_rules",
    "note_run",
    "purpose_of",
    "runs_of",
    "write_export",
]
