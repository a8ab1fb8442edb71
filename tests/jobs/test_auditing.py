"""Reports of the audit: what they count, whom they name, and that each form says the same."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from xml.etree import ElementTree as Xml

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crm_cli.audits import Kind, Level, NoRunError, Policy, accept, read_findings, run_audit
from crm_cli.errors import UsageError
from crm_cli.exporters import ExportColumn, ExportError
from crm_cli.exporters.xlsx import Worksheet, write_workbook
from crm_cli.history import Author, operation
from crm_cli.jobs.auditing import AuditReport, junit_text, plan_fix, read_report, scorecard, write_report
from crm_cli.jobs.auditing.workbook import _carried
from crm_cli.store import Store

FIRST, SECOND = date(2026, 6, 1), date(2026, 6, 15)
POLICIES = [
    Policy(name="no-title", entity="contact", kind=Kind.COMPLETENESS, message="no position", needs=("job_title",),
           error_over=0.5, fix="crm contact set job_title=… {id}"),
    Policy(name="no-source", entity="lead", kind=Kind.COMPLETENESS, message="no source", needs=("source",)),
    Policy(name="no-language", entity="contact", kind=Kind.RULE, message="</td> & <b>", needs=("language",),
           warn_over=1.0, fix="crm contact edit {id}"),
]  # fmt: skip


def add(store: Store, *names: str, **more: object) -> list[int]:
    with operation(store, "add", Author("tester")) as op:
        return op.insert("contact", [{"family_name": name, **more} for name in names])


def run(store: Store, today: date = FIRST, **more: object) -> None:
    run_audit(store, POLICIES, today=today, actor="maria", **more)  # type: ignore[arg-type]


def found(report: AuditReport, name: str) -> dict[str, object]:
    [row] = [one for one in scorecard(report)["policies"] if one["policy"] == name]
    return dict(row)


@pytest.mark.all_databases
def test_a_report_says_how_policies_stand_by_what_runs_stored(store: Store) -> None:
    with pytest.raises(NoRunError):
        read_report(store, POLICIES)
    with operation(store, "add", Author("tester")) as op:
        [owner] = op.insert("app_user", [{"username": "tom"}])
    add(store, "Doe", "Roe", owner_id=owner)
    add(store, "Lee", job_title="Buyer")
    run(store)
    add(store, "Poe")
    run(store, SECOND)
    report = read_report(store, POLICIES)
    row = found(report, "no-title")
    assert (row["level"], row["records"], row["findings"], row["new"], row["score"]) == ("error", 4, 3, 1, 25.0)
    assert (found(report, "no-source")["level"], found(report, "no-source")["score"]) == ("ok", None)
    assert report.by_owner == {"tom": 4, "(nobody)": 3}
    assert report.by_source == {"(no source)": 7}
    [complete, rule] = scorecard(report)["dimensions"]
    assert [point["score"] for point in complete["trend"]] == [33.3, 25.0]
    assert (complete["score"], complete["grade"], rule["findings"]) == (25.0, "F", 4)
    findings = [row for one in report.standing.worst for row in report.findings(one)]
    assert [(one.title, one.since, one.fix) for one in findings if one.policy == "no-title"] == [
        ("Doe", FIRST, "crm contact set job_title=… 1"),
        ("Roe", FIRST, "crm contact set job_title=… 2"),
        ("Poe", SECOND, "crm contact set job_title=… 4"),
    ]


@pytest.mark.all_databases
def test_since_leaves_what_is_new(store: Store) -> None:
    add(store, "Doe", "Roe")
    run(store)
    assert found(read_report(store, POLICIES, since="last"), "no-title")["findings"] == 2
    add(store, "Poe")
    run(store, SECOND)
    for since in ("last", SECOND):
        report = read_report(store, POLICIES, since=since)  # type: ignore[arg-type]
        assert (found(report, "no-title")["findings"], found(report, "no-title")["level"]) == (1, "warn")
        assert [row.title for one in report.standing.worst for row in report.findings(one)] == ["Poe", "Poe"]
        assert [one.record_id for one in read_findings(store, since=since)] == [3, 3]  # type: ignore[arg-type]
        assert report.by_source == {"(no source)": 2}
    assert len(read_findings(store, since=FIRST)) == 6
    assert read_findings(store, since=date(2026, 6, 16)) == []


def test_accepted_findings_count_at_once(store: Store) -> None:
    add(store, "Doe")
    run(store)
    accept(store, ["no-title"], until=date(2099, 1, 1), today=FIRST, reason="later", actor="tom")
    row = found(read_report(store, POLICIES), "no-title")
    assert (row["level"], row["findings"], row["accepted"], row["score"]) == ("ok", 0, 1, 100.0)


def test_junit_has_a_case_a_policy_and_no_records(store: Store) -> None:
    add(store, "Zebulon")
    run(store)
    for level, failing in ((Level.ERROR, {"no-title"}), (Level.WARN, {"no-title"})):
        text = junit_text(read_report(store, POLICIES, level=level))
        root = Xml.fromstring(text)
        assert (root.get("tests"), root.get("failures")) == ("3", "1")
        assert {case.get("name") for case in root.iter("testcase") if case.find("failure") is not None} == failing
        assert [case.get("name") for case in root.iter("testcase") if case.find("skipped") is not None] == ["no-source"]
    [failure] = root.iter("failure")
    assert failure.get("message") == "no position: 1 of 1 records"
    assert "fix: crm contact set job_title=… ID" in (failure.text or "")
    assert "Zebulon" not in text


def test_every_form_is_written_whole_and_has_every_finding(store: Store, tmp_path: Path) -> None:
    add(store, *(f"Doe {number}" for number in range(30)), "=1+1", "<script>alert(1)</script>")
    run(store)
    report = read_report(store, POLICIES)
    for suffix in ("html", "xlsx", "xml", "json"):
        write_report(report, tmp_path / f"report.{suffix}")
        with pytest.raises(UsageError, match="is there already"):
            write_report(report, tmp_path / f"report.{suffix}")
    with pytest.raises(UsageError, match=r"a report is no \.pdf"):
        write_report(report, tmp_path / "report.pdf")
    book = openpyxl.load_workbook(tmp_path / "report.xlsx")
    assert book.sheetnames == ["Scores", "Policies", "Findings"]
    rows = list(book["Findings"].iter_rows(values_only=True))
    assert rows[0] == ("finding", "severity", "policy", "entity", "record", "title", "since", "message", "fix")
    assert len(rows) == 1 + 2 * 32
    assert {"=1+1", "Doe 7"} <= {str(row[5]) for row in rows}
    document = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert len(document["findings"]) == 2 * 32
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "no-title: 32, the first 25" in page
    assert "&lt;/td&gt; &amp; &lt;b&gt;" in page
    assert not re.search(r"<script|<b>|url\(|https?:|src=|@import|href=\"(?!data:,\")|\son\w+=", page)


@given(st.lists(st.text(st.characters() | st.sampled_from("_x0041<r>/\x07\ufffe"), max_size=40), max_size=30))
@example(["_x0041__x0042_", "<r>_x0007_\x07</r>", "😀" * 40_000])
@settings(max_examples=15, deadline=None)
def test_any_title_is_carried_by_a_workbook(texts: list[str]) -> None:
    columns = [ExportColumn("title")]
    stream = io.BytesIO()
    write_workbook([Worksheet("Findings", columns, [[_carried(text)] for text in texts])], stream)
    assert openpyxl.load_workbook(stream).sheetnames == ["Findings"]


def test_more_findings_than_a_sheet_holds_are_refused_at_once(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(store, "Doe", "Roe")
    run(store)
    monkeypatch.setattr("crm_cli.exporters.xlsx.MAX_ROWS", 4)
    with pytest.raises(ExportError, match="4 findings; a sheet holds 3"):
        write_report(read_report(store, POLICIES), tmp_path / "r.xlsx")
    assert list(tmp_path.glob("*r.xlsx*")) == []


def test_a_report_of_a_good_database_has_no_findings(store: Store, tmp_path: Path) -> None:
    run(store)
    report = read_report(store, POLICIES)
    for suffix in ("html", "xlsx", "xml", "json"):
        write_report(report, tmp_path / f"report.{suffix}")
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["findings"] == []
    assert openpyxl.load_workbook(tmp_path / "report.xlsx").sheetnames == ["Scores"]
    assert "There are none." in (tmp_path / "report.html").read_text(encoding="utf-8")


@pytest.mark.all_databases
def test_a_cure_is_planned_for_the_records_found_that_are_still_there(store: Store) -> None:
    numbers = add(store, *(f"Doe {number}" for number in range(5)))
    run(store)
    with operation(store, "delete", Author("tester")) as op:
        op.update("contact", {numbers[1]: {"deleted_at": store.now()}})
    policy = replace(POLICIES[0], fix="crm contact set job_title=none {id}")
    plan = plan_fix(store, policy, at_once=2)
    assert plan.words == ("contact", "set", "job_title=none", str(numbers[0]), str(numbers[2]))
    assert (plan.shown, plan.left) == ("crm contact set job_title=none", 2)
    assert plan_fix(store, policy, where="family_name = 'Doe 4'").records == (numbers[4],)
    narrowed = plan_fix(store, replace(policy, fix="crm standardize contact --dry-run"), where="id > 3")
    assert narrowed.words == ("standardize", "contact", "--where", f"id in ({numbers[3]}, {numbers[4]})")
