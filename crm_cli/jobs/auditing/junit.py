"""The report as JUnit XML, which every CI system reads: a suite a dimension, a test case a policy.

The elements are those that Ant's task `junitreport` made common. It names policies, counts and commands, no records.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree as Xml

from crm_cli.audits import PolicyResult
from crm_cli.jobs.auditing.gathering import AuditReport
from crm_cli.jobs.auditing.scorecard import command_of

__all__ = ["junit_text"]

# What XML 1.0 can't carry at all (its production Char).
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_text(report: AuditReport) -> str:
    """Return the report as XML: a policy at the report's level or worse is a failure, one without records skipped."""
    standing = report.standing
    root = Xml.Element("testsuites", name="crm audit")
    kinds = dict.fromkeys(one.policy.kind for one in standing.results)
    for kind in kinds:
        members = [one for one in standing.results if one.policy.kind is kind]
        suite = Xml.SubElement(root, "testsuite", name=f"crm.audit.{kind}")
        suite.set("timestamp", f"{standing.run_day}T00:00:00")
        _count(suite, report, members)
        suite.set("skipped", str(sum(not one.counts.records for one in members)))
        for one in members:
            _case(suite, report, one)
    _count(root, report, standing.results)
    Xml.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{Xml.tostring(root, encoding="unicode")}\n'


def _count(element: Xml.Element, report: AuditReport, members: list[PolicyResult]) -> None:
    element.set("tests", str(len(members)))
    element.set("failures", str(sum(_failed(report, one) for one in members)))
    element.set("errors", "0")


def _failed(report: AuditReport, one: PolicyResult) -> bool:
    return one.level.rank >= report.level.rank


def _case(suite: Xml.Element, report: AuditReport, one: PolicyResult) -> None:
    case = Xml.SubElement(suite, "testcase", classname=f"crm.audit.{one.policy.kind}", name=_clean(one.policy.name))
    case.set("time", "0")
    found = report.standing.shown(one)
    said = f"{_clean(one.policy.message)}: {found} of {one.counts.records} records"
    if not one.counts.records:
        Xml.SubElement(case, "skipped", message="there were no records to look at")
    elif _failed(report, one):
        failure = Xml.SubElement(case, "failure", message=said, type=one.level.value)
        failure.text = (
            f"{said}\n{one.counts.new} are new, {one.counts.accepted} accepted\nfix: {_clean(command_of(one))}"
        )
    elif found:
        Xml.SubElement(case, "system-out").text = f"{one.level.value}: {said}\nfix: {_clean(command_of(one))}"


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
