"""Reports: `.sql` files with a header, run read-only on every database with equal results, and drawn as bars.

To add a report: a file in `definitions/` (PostgreSQL's dialect; it is translated for the others), or in the project's
own folder `reports/` (in the database's dialect unless its header says another). `definition.py` shows the header.
`pivot.py` makes a table of two dimensions from records, `asking.py` asks a question in SQL as it is written.
"""

from crm_cli.reports.asking import Answer, QuestionTimeoutError, ask_sql
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
from crm_cli.reports.pivot import Measure, Pivot, pivot_records
from crm_cli.reports.running import Report, run_report
from crm_cli.reports.statement import report_sql

__all__ = [
    "Answer",
    "Chart",
    "Definition",
    "Measure",
    "Parameter",
    "Pivot",
    "QuestionTimeoutError",
    "Report",
    "ReportError",
    "ask_sql",
    "bar_lines",
    "find_report",
    "load_reports",
    "parse_report",
    "pivot_records",
    "report_sql",
    "run_report",
]
