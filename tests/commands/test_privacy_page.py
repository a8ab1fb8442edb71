"""The page about a person in a real browser: it asks for nothing, runs nothing, and fits a telephone."""

from __future__ import annotations

import json
import re
from html import escape
from pathlib import Path
from typing import Any

import pytest

from tests.commands.conftest import CrmRunner
from tests.commands.test_pages import browser, opened, served  # noqa: F401 - fixtures

# ruff: noqa: F811 - fixtures are named as what they give
pytestmark = pytest.mark.slow

_HOSTILE = ("<img src=http://x.example/a.png>", '"><script>fetch("/stolen")</script>', "W" * 120)
# The page stands in a frame of 400 pixels; what is measured there becomes the outer page's only text.
_OUTER = """<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><body><script>
function measured(frame) {
  const page = frame.contentDocument, root = page.documentElement;
  const seen = frame.contentWindow.getComputedStyle(page.body);
  document.body.textContent = JSON.stringify({width: root.scrollWidth, view: root.clientWidth, color: seen.color,
    small: seen.fontSize, headings: page.querySelectorAll("h2").length});
}
</script><iframe style="width: 400px; height: 800px; border: 0" onload="measured(this)" srcdoc="%s"></iframe></body>"""


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


def test_the_page_asks_for_nothing_and_runs_nothing(
    browser: str,
    page: str,
    served: Any,
    tmp_path: Path,
) -> None:
    site = served(page)
    shown, console, asked = opened(browser, site, tmp_path)
    assert "What is held about" in shown
    assert "&lt;script&gt;" in shown
    assert console == ""
    assert site.asked == ["/"]
    assert not any("x.example" in url for url in asked)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_page_fits_a_telephone_by_day_and_by_night(
    browser: str,
    page: str,
    served: Any,
    tmp_path: Path,
    dark: bool,
) -> None:
    site = served(_OUTER % escape(page))
    shown, console, _ = opened(
        browser, site, tmp_path, "--window-size=800,900", f"--blink-settings=preferredColorScheme={0 if dark else 1}"
    )
    seen = json.loads(re.search(r"\{.*\}", shown)[0])  # type: ignore[index]
    assert console == ""
    assert 380 <= seen["view"] <= 400, "a scrollbar takes some of it"
    assert seen["width"] == seen["view"], "nothing but tables may be wider, and these scroll by themselves"
    assert seen["headings"] >= 5
    assert float(seen["small"].removesuffix("px")) >= 16
    assert seen["color"] == ("rgb(255, 255, 255)" if dark else "rgb(0, 0, 0)")
