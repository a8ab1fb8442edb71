"""Reports as files: a page with its chart, a workbook, CSV, JSON and what else exports can write.

To add a form: a writer in `files.py`; every format of the exporters is there already.
"""

from crm_cli.jobs.reporting.files import check_report_file, write_answer_file, write_report_file

__all__ = ["check_report_file", "write_answer_file", "write_report_file"]
