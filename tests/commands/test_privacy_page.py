"""The page about a person in a real browser: it asks for nothing, runs nothing, and fits a telephone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.commands.browsing import browser, on_a_telephone, served, shown_without_loading
from tests.commands.conftest import CrmRunner

__all__ = ["browser", "served"]  # fixtures

pytestmark = pytest.mark.slow

_HOSTILE = ("<img src=http://x.example/a.png>", '"><script>fetch("/stolen")</script>', "W" * 120)


@pytest.fixture
def page(project: CrmRunner) -> str:
    """A report about a person of hostile and long values."""
    name, title, company = _HOSTILE
    project(
        "contact", "add", f"family_name={name}", f"job_title={title}", f"company={company}", "phone=030 1234567"
    ).ok()
    for number in range(5):
        project("activity", "add", "kind=note", f"subject={title} {number}", f"notes={company}", "party=1").ok()
    project("contact", "set", f"department={title}", "1").ok()
    project("privacy", "report", "contact", "1", "-o", "person.html").ok()
    return (project.folder / "person.html").read_text(encoding="utf-8")


def test_the_page_asks_for_nothing_and_runs_nothing(browser: str, page: str, served: Any, tmp_path: Path) -> None:
    shown = shown_without_loading(browser, served, page, tmp_path)
    assert "What is held about" in shown
    assert "&lt;script&gt;" in shown


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_page_fits_a_telephone_by_day_and_by_night(
    browser: str, page: str, served: Any, tmp_path: Path, dark: bool
) -> None:
    seen = on_a_telephone(
        browser, served, page, tmp_path, dark=dark,
        measured="headings: all('h2').length",
    )  # fmt: skip
    assert seen["headings"] >= 5
