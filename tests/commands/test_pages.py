"""Pages of an audit and of an import in a real browser: they ask for nothing, complain of nothing, fit a telephone."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from tests.commands.browsing import browser, on_a_telephone, opened, served, shown_without_loading
from tests.commands.conftest import CrmRunner

__all__ = ["browser", "served"]  # fixtures

pytestmark = pytest.mark.slow

_LONG = "W" * 120
_HOSTILE = ("<img src=http://x.example/a.png>", '"><script>fetch("/stolen")</script>', "url(/b.png)")


@pytest.fixture
def page(project: CrmRunner) -> str:
    """A report on records with long and hostile names, after two runs."""
    for name in (_LONG, *_HOSTILE):
        project("contact", "add", f"family_name={name}").ok()
    for month in (1, 2):
        words = ("audit", "run", "--today", f"2026-0{month}-01", "--as", _LONG, "--report", "audit.html", "--overwrite")
        assert project(*words).exit_code == 3
    return (project.folder / "audit.html").read_text(encoding="utf-8")


@pytest.fixture
def import_page(project: CrmRunner) -> str:
    """A report on the import of a file whose headers and values are long and hostile; some of its rows are rejected."""
    with (project.folder / "shop.csv").open("w", encoding="utf-8", newline="") as stream:
        sheet = csv.writer(stream)
        sheet.writerow(["Last name", "E-mail", "Birthday", *_HOSTILE])
        sheet.writerows([[name, f"a{at}@b.example", name, *_HOSTILE] for at, name in enumerate((_LONG, *_HOSTILE))])
    done = project("import", "shop.csv", "--source", "shop", "--report", "import.html")
    assert done.exit_code in (0, 4), done.stderr
    return (project.folder / "import.html").read_text(encoding="utf-8")


def test_the_page_asks_for_nothing_and_the_console_is_silent(
    browser: str, page: str, served: Any, tmp_path: Path
) -> None:
    assert "Data audit of 2026-02-01" in shown_without_loading(browser, served, page, tmp_path)


def test_the_page_of_an_import_asks_for_nothing_and_runs_nothing(
    browser: str, import_page: str, served: Any, tmp_path: Path
) -> None:
    shown = shown_without_loading(browser, served, import_page, tmp_path)
    assert "Import: shop.csv" in shown
    assert "&lt;script&gt;" in shown


def test_the_policy_stands_even_where_a_value_were_not_escaped(
    browser: str, import_page: str, served: Any, tmp_path: Path
) -> None:
    site = served(import_page.replace("<h2>", "<img src='/a.png'><script>fetch('/stolen')</script><h2>", 1))
    _, console, _ = opened(browser, site, tmp_path)
    assert site.asked == ["/"]
    assert "Content Security Policy" in console


def test_what_would_be_asked_for_is_seen(browser: str, served: Any, tmp_path: Path) -> None:
    """The test above can fail: a page that loads something and complains is caught."""
    site = served("<!doctype html><img src='/a.png'><img src='http://x.example/b.png'><script>nothing()</script>")
    _, console, asked = opened(browser, site, tmp_path)
    assert "/a.png" in site.asked
    assert "nothing is not defined" in console
    assert "http://x.example/b.png" in asked


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_page_fits_a_telephone_by_day_and_by_night(
    browser: str, page: str, served: Any, tmp_path: Path, dark: bool
) -> None:
    seen = on_a_telephone(
        browser, served, page, tmp_path, dark=dark,
        measured="headings: all('h2').length, lines: all('polyline').length",
        chart="style('svg.trend polyline').stroke",
    )  # fmt: skip
    assert (seen["headings"], seen["lines"] > 3) == (5, True)
