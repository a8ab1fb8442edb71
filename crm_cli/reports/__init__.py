"""Reports: `.sql` files with a header, run read-only on every database with equal results, and drawn as bars.

To add a report: a file in `definitions/` (PostgreSQL's dialect; it is translated for the others), or in the project's
own folder `reports/` (in the database's dialect unless its header says another). `definition.py` shows the header.
"""

from crm_cli.reports.bars import bar_lines
from crm_cli.reports.definition import (
    Chart,
    Definition,
    Parameter,
    ReportError,
    find_report,
    load_reports,
    parse_report,
)
from crm_cli.reports.running import Report, report_sql, run_report

__all__ = [
    "Chart",
    "Definition",
    "Parameter",
    "Report",
    "ReportError",
    "bar_lines",
    "find_report",
    "load_reports",
    "parse_report",
    "report_sql",
    "run_report",
]
