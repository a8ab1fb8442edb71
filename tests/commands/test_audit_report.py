"""`crm audit report`, and what `--since last` leaves."""

from __future__ import annotations

from xml.etree import ElementTree as Xml

import pytest

from tests.commands.conftest import CrmRunner


@pytest.fixture
def audited(project: CrmRunner) -> CrmRunner:
    """A contact that nobody can reach, found by a run, and another that the next run found."""
    for day, name in (("2026-01-01", "Smith"), ("2026-02-01", "Jones")):
        project("contact", "add", f"family_name={name}").ok()
        assert project("audit", "run", "contact-unreachable", "--today", day).exit_code == 3
    return project


def test_the_scorecard_shows_scores_trend_and_the_worst_policies(audited: CrmRunner) -> None:
    shown = audited("audit", "report", "contact-unreachable").ok()
    assert [" ".join(line.split()) for line in shown.lines] == [
        "Scores",
        "dimension grade score change trend policies findings",
        "completeness F 0.0 +0.0 ▁▁ 1 2",
        "",
        "Policies with findings, the worst first",
        "level policy records findings new accepted score fix",
        "error contact-unreachable 2 2 1 0 0.0 crm contact edit ID",
    ]
    assert audited("audit", "report", "contact-unreachable", "--fail-on", "error").exit_code == 3
    document = audited("audit", "report", "--json").ok().json
    assert (document["level"], document["by_source"]) == ("error", {"(no source)": 2})
    assert len(document["policies"]) > 50


def test_junit_goes_to_stdout_or_to_a_file(audited: CrmRunner) -> None:
    root = Xml.fromstring(audited("audit", "report", "--junit", "contact-unreachable").ok().stdout.encode())
    assert (root.tag, root.get("failures")) == ("testsuites", "1")
    audited("audit", "report", "-o", "junit.xml").ok()
    assert audited("audit", "report", "--junit", "--json").exit_code == 2
    assert Xml.parse(audited.folder / "junit.xml").getroot().tag == "testsuites"


def test_since_last_leaves_what_the_last_run_found_first(audited: CrmRunner) -> None:
    [new] = audited("audit", "findings", "--since", "last", "--json").ok().json
    assert new["record"] == "contact 2"
    assert len(audited("audit", "findings", "--since", "2026-01-01", "--json").ok().json) == 2
    assert audited("audit", "findings", "--since", "then").exit_code == 2
    [policy] = audited("audit", "report", "contact-unreachable", "--since", "last", "--json").ok().json["policies"]
    assert policy["findings"] == 1
    audited("audit", "run", "contact-unreachable", "--since", "last").ok()  # nothing new
    assert audited("audit", "run", "contact-unreachable", "--since", "2026-01-01").exit_code == 2


def test_a_run_writes_its_report(audited: CrmRunner) -> None:
    words = ("audit", "run", "contact-unreachable", "--report", "r.html")
    assert audited(*words).exit_code == 3
    assert "contact 2" in (audited.folder / "r.html").read_text(encoding="utf-8")
    for more in ((), ("--dry-run", "--overwrite"), ("--where", "id = 1", "--overwrite")):
        assert audited(*words, *more).exit_code == 2
    assert audited(*words, "--overwrite").exit_code == 3
    assert audited("audit", "report", "-o", "r.pdf").exit_code == 2
    assert "--json and --junit" in audited("audit", "report", "-o", "-").stderr


def test_without_a_run_there_is_no_report(project: CrmRunner) -> None:
    ended = project("audit", "report")
    assert (ended.exit_code, "hint: crm audit run" in ended.stderr) == (1, True)
