"""The page of a report in a real browser: it asks for nothing, complains of nothing, fits a telephone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.commands.browsing import browser, on_a_telephone, served, shown_without_loading
from tests.commands.conftest import CrmRunner

__all__ = ["browser", "served"]  # fixtures

pytestmark = pytest.mark.slow

_NAMES = ("W" * 120, "<img src=http://x.example/a.png>", '"><script>fetch("/stolen")</script>')


@pytest.fixture
def page(project: CrmRunner) -> str:
    """What was bought by accounts of long and hostile names."""
    for number, name in enumerate(_NAMES, start=1):
        project("account", "add", f"name={name}").ok()
        deal = (f"name=D{number}", f"account_id={number}", "stage=won", f"amount={number}00", "currency=EUR")
        project("opportunity", "add", *deal, "closed_at=2026-01-01").ok()
    project("report", "run", "abc", "-o", "abc.html").ok()
    return (project.folder / "abc.html").read_text(encoding="utf-8")


def test_the_page_asks_for_nothing_and_runs_nothing(browser: str, page: str, served: Any, tmp_path: Path) -> None:
    shown = shown_without_loading(browser, served, page, tmp_path)
    assert "ABC of customers" in shown
    assert shown.count("&lt;script&gt;") == 1


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_page_fits_a_telephone_by_day_and_by_night(
    browser: str, page: str, served: Any, tmp_path: Path, dark: bool
) -> None:
    measured = "widths: all('svg.bar rect').map((each) => each.getAttribute('width'))"
    seen = on_a_telephone(
        browser, served, page, tmp_path, dark=dark, measured=measured, chart="style('svg.bar').fill"
    )  # fmt: skip
    assert seen["widths"] == ["100.0", "66.7", "33.3"]
