"""What an audit needs of several rooms: reports on how the data stand, mending and announcing what was found.

`read_report` gathers what the runs stored; `scorecard` gives it as plain data, `write_report` as a page (`.html`), a
workbook (`.xlsx`), a test report for CI (`.xml`, JUnit) or a document (`.json`). To add a form: a file here with a
function that writes to a stream, and its line in `WRITERS` of `report.py`.
"""

from crm_cli.jobs.auditing.alerting import AlertTargets, Smtp, alert_document, send_alerts
from crm_cli.jobs.auditing.gathering import AuditReport, FindingRow, read_report
from crm_cli.jobs.auditing.junit import junit_text
from crm_cli.jobs.auditing.mending import Fix, NeedsPersonError, plan_fix
from crm_cli.jobs.auditing.report import check_report_target, write_report
from crm_cli.jobs.auditing.scorecard import dimension_rows, policy_rows, scorecard

__all__ = [
    "AlertTargets",
    "AuditReport",
    "FindingRow",
    "Fix",
    "NeedsPersonError",
    "Smtp",
    "alert_document",
    "check_report_target",
    "dimension_rows",
    "junit_text",
    "plan_fix",
    "policy_rows",
    "read_report",
    "scorecard",
    "send_alerts",
    "write_report",
]
