"""`crm audit report`: how the data stand, on the screen or as a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crm_cli.commands.audit.choosing import Policies, SinceOption, chosen_policies, level_named, since_named
from crm_cli.commands.kit import Crm
from crm_cli.errors import ExitCode, UsageError
from crm_cli.options import FailOn, Output, Overwrite

if TYPE_CHECKING:
    from crm_cli.audits import Level, Policy
    from crm_cli.jobs.auditing import AuditReport

__all__ = ["ReportFile", "checked_report_file", "report", "write_report_file"]

ReportFile = Annotated[
    Path | None,
    typer.Option("--report", metavar="FILE", help="Write a report too: .html, .xlsx, .xml (JUnit) or .json."),
]
JUnit = Annotated[bool, typer.Option("--junit", help="Write JUnit XML for a CI system instead of tables.")]

_WORST = 10


def report(
    crm: Crm,
    policies: Policies = None,
    output: Output = None,
    overwrite: Overwrite = False,
    junit: JUnit = False,
    since: SinceOption = None,
    fail_on: FailOn = None,
) -> ExitCode:
    """Show how the data stand by the newest stored run: scores, grades, trends, and the worst policies.

    -o writes a page (.html) that needs nothing but itself, a workbook (.xlsx) or .json of every finding with the
    command that mends it, or JUnit (.xml). Records are named by their titles, masked fields stay masked. With --fail-on
    it ends with 3 when a policy is that bad.

    Examples:
        crm audit report
        crm audit report contact --since last -o new-findings.xlsx
        crm audit report -o audit.html --overwrite
        crm audit report --junit --fail-on error
    """
    from crm_cli.jobs.auditing import check_report_target, junit_text, read_report, write_report

    if junit and (crm.console.json or output is not None):
        raise UsageError("--junit writes XML to the standard output", hint="leave --json out; for a file, -o FILE.xml")
    level = level_named(fail_on or "error")
    if output is not None:
        check_report_target(crm.path(output), overwrite=overwrite)
    made = read_report(crm.store, chosen_policies(crm, policies), since=since_named(since), level=level)
    if output is not None:
        written = write_report(made, crm.path(output), overwrite=overwrite)
        crm.console.note(f"wrote {written.path}")
    elif junit:
        crm.console.line(junit_text(made).rstrip("\n"))
    else:
        _show(crm, made)
    return made.standing.exit_code(level) if fail_on else ExitCode.DONE


def _show(crm: Crm, made: AuditReport) -> None:
    from crm_cli.jobs.auditing import dimension_rows, policy_rows, scorecard

    if crm.console.json:
        crm.console.show(scorecard(made))
        return
    worst = policy_rows(made)
    parts = {"Scores": dimension_rows(made)}
    if worst:
        parts["Policies with findings, the worst first"] = worst[:_WORST]
    crm.console.show_parts(parts)
    crm.console.note(f"run {made.standing.run_id} of {made.standing.run_day} by {made.standing.actor}")
    if len(worst) > _WORST:
        crm.console.note(f"{len(worst) - _WORST} more policies have findings; -o FILE.html shows all")
    if worst:
        crm.console.next_step("crm audit findings POLICY lists the records, each with the command that mends it")


def checked_report_file(crm: Crm, given: Path | None, where: str | None, *, overwrite: bool) -> Path | None:
    """Return where the report of a run goes; `UsageError` now for what could not be written after the run."""
    from crm_cli.jobs.auditing import check_report_target

    if given is None:
        return None
    if crm.dry_run:
        raise UsageError("a dry run stores nothing that --report could show", hint="leave one of the two out")
    if where:
        raise UsageError("--report is about all records, --where about a part", hint="leave one of the two out")
    check_report_target(crm.path(given), overwrite=overwrite)
    return crm.path(given)


def write_report_file(
    crm: Crm, path: Path | None, policies: list[Policy], *, fail_on: Level, new_only: bool, overwrite: bool
) -> None:
    """Write the report of a run that was just stored, if one is wanted."""
    from crm_cli.jobs.auditing import read_report, write_report

    if path is None:
        return
    made = read_report(crm.store, policies, since="last" if new_only else None, level=fail_on)
    write_report(made, path, overwrite=overwrite)
    crm.console.note(f"wrote {path}")
