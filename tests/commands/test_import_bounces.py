"""`crm import --into bounce` as a steward sees it."""

from __future__ import annotations

import pytest

from tests.commands.conftest import CrmRunner
from tests.importers.test_dsn import delivery_report, recipient


@pytest.fixture
def mailed(project: CrmRunner) -> CrmRunner:
    """A database with two people who are written to."""
    project.write("people.csv", "last name,email\nLee,ann@acme.com\nPoe,bob@acme.com\n")
    project("import", "people.csv", "--as-of", "2024-01-01").ok()
    return project


def test_bounces_mark_addresses_are_shown_and_undone(mailed: CrmRunner) -> None:
    mailed.write("bounces.csv", "email,type,date\nann@acme.com,hard,2026-05-05\nno@where.com,hard,2026-05-05\n")
    mailed.write("mails/one.eml", delivery_report(recipient("bob@acme.com")))
    rehearsed = mailed("import", "bounces.csv", "--into", "bounce", "--dry-run").ok()
    assert "dry run: nothing was written" in rehearsed.stderr
    shown = mailed("import", "bounces.csv", "mails", "--into", "bounce").ok()
    assert "bounces.csv: 1 addresses are nobody's here: no@where.com" in shown.stderr
    assert [line.split()[:3] for line in shown.lines[1:]] == [["bounces.csv", "2", "2"], ["mails", "1", "1"]]
    assert "bounced" in mailed("contact", "show", "1").ok().stdout
    mailed("undo", "--yes").ok()
    mailed("undo", "--yes").ok()
    assert "bounced" not in mailed("contact", "show", "1").ok().stdout


def test_what_is_not_understood_ends_with_4_and_is_written_out(mailed: CrmRunner) -> None:
    mailed.write("bounces.csv", "email,type\nann@acme.com,hard\nbob@acme.com,perhaps\n")
    ended = mailed("import", "bounces.csv", "--into", "bounce", "--rejects", "refused.csv")
    assert ended.exit_code == 4
    assert '"perhaps" does not say whether the address takes mail - hard, soft or delivered' in ended.stderr
    assert "bob@acme.com" in (mailed.folder / "refused.csv").read_text("utf-8")
    assert mailed("import", "bounces.csv", "--into", "bounce", "--key", "email").exit_code == 2


def test_masked_addresses_are_not_named(mailed: CrmRunner) -> None:
    mailed.write("bounces.csv", "email,type\nno@where.com,hard\nbob at acme,hard\n")
    for more in ((), ("--json",)):
        ended = mailed("import", "bounces.csv", "--into", "bounce", *more, CRM_MASKED="contact.email")
        assert ended.exit_code == 4
        assert "where.com" not in ended.stdout + ended.stderr
        assert "bob at" not in ended.stdout + ended.stderr
