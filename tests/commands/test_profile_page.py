"""The page of a profile in a real browser: it asks for nothing, complains of nothing, fits a telephone."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from tests.commands.browsing import browser, on_a_telephone, served, shown_without_loading
from tests.commands.conftest import CrmRunner

__all__ = ["browser", "served"]  # fixtures

pytestmark = pytest.mark.slow

_LONG = "W" * 150
_HOSTILE = ("<img src=http://x.example/a.png>", '"><script>fetch("/stolen")</script>', "url(/b.png)")


# columns of a histogram that can be seen, and links that lead somewhere
_MEASURED = """
  charts: all("svg.histogram").length,
  drawn: all("svg.histogram rect").map((each) => each.getBoundingClientRect()).every(
    (one) => one.width > 1 && one.height > 0),
  links: all("td a").every((each) => page.querySelector(each.getAttribute("href")))
"""


@pytest.fixture
def page(crm: CrmRunner) -> str:
    """A profile of numbers, dates, and long and hostile headers and values."""
    with (crm.folder / "shop.csv").open("w", encoding="utf-8", newline="") as stream:
        sheet = csv.writer(stream)
        sheet.writerow(["No", "Turnover", "Since", "Remarks", _LONG, *_HOSTILE])
        for at in range(60):
            values = [_LONG if at % 2 else "short", *(_HOSTILE[(at + more) % 3] for more in range(3))]
            sheet.writerow([at, at * at, f"20{at % 25:02}-03-{at % 28 + 1:02}", _HOSTILE[at % 3], *values])
    crm("profile", "shop.csv", "-o", "profile.html").ok()
    return (crm.folder / "profile.html").read_text(encoding="utf-8")


def test_the_page_asks_for_nothing_and_the_console_is_silent(
    browser: str, page: str, served: Any, tmp_path: Path
) -> None:
    shown = shown_without_loading(browser, served, page, tmp_path)
    assert "Profile of shop.csv" in shown
    assert "&lt;script&gt;" in shown


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_page_fits_a_telephone_by_day_and_by_night(
    browser: str, page: str, served: Any, tmp_path: Path, dark: bool
) -> None:
    seen = on_a_telephone(
        browser, served, page, tmp_path, dark=dark,
        measured=_MEASURED,
        chart="style('svg.histogram').fill",
    )  # fmt: skip
    assert (seen["charts"], seen["drawn"], seen["links"]) == (3, True, True)
