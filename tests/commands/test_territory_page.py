"""The page of a simulation in a real browser: it asks for nothing, complains of nothing, fits a telephone."""

from __future__ import annotations

import json
import re
from html import escape
from pathlib import Path
from typing import Any

import pytest

from tests.commands.conftest import CrmRunner
from tests.commands.test_pages import browser, opened, served

__all__ = ["browser", "served"]  # fixtures

pytestmark = pytest.mark.slow

_NAMES = ("W" * 120, "<img src=http://x.example/a.png>", '"><script>fetch("/stolen")</script>')
_OUTER = """<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><body><script>
function measured(frame) {
  const page = frame.contentDocument, seen = frame.contentWindow.getComputedStyle(page.body);
  const root = page.documentElement, bar = page.querySelector("svg.bar");
  document.body.textContent = JSON.stringify({width: root.scrollWidth, view: root.clientWidth, color: seen.color,
    small: seen.fontSize, headings: page.querySelectorAll("h2").length, bars: page.querySelectorAll("svg.bar").length,
    lit: frame.contentWindow.getComputedStyle(bar).fill});
}
</script><iframe style="width: 400px; height: 800px; border: 0" onload="measured(this)" srcdoc="%s"></iframe></body>"""


@pytest.fixture
def page(project: CrmRunner) -> str:
    """A simulation over territories and people with long and hostile names."""
    rules = ""
    for place, name in enumerate(_NAMES):
        project("user", "add", f"username={name}").ok()
        project("territory", "add", f"name={name}").ok()
        project("account", "add", f"name=A{place}", f"employees={place}", f"owner={name}").ok()
        project("opportunity", "add", f"name=D{place}", f"account=A{place}", "amount=5", "currency=EUR").ok()
        rules += f"[[member]]\nterritory = {json.dumps(name)}\nuser = {json.dumps(name)}\n"
        rules += f'[[rule]]\nterritory = {json.dumps(name)}\nwhere = "employees < {place + 1}"\nassign = "weighted"\n'
    project.write("PLAN.toml", f"name = {json.dumps(_NAMES[2])}\n{rules}")
    project("territory", "simulate", "PLAN.toml", "-o", "plan.html").ok()
    return (project.folder / "plan.html").read_text(encoding="utf-8")


def test_it_asks_for_nothing_and_runs_nothing(browser: str, page: str, served: Any, tmp_path: Path) -> None:
    site = served(page)
    shown, console, asked = opened(browser, site, tmp_path)
    assert "Territories: " in shown
    assert shown.count("&lt;script&gt;") >= 3
    assert console == ""
    assert site.asked == ["/"]
    assert not any("x.example" in url for url in asked)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_it_fits_a_telephone_by_day_and_by_night(
    browser: str, page: str, served: Any, tmp_path: Path, dark: bool
) -> None:
    site = served(_OUTER % escape(page))
    shown, console, _ = opened(
        browser, site, tmp_path, "--window-size=800,900", f"--blink-settings=preferredColorScheme={0 if dark else 1}"
    )
    seen = json.loads(re.search(r"\{.*\}", shown)[0])  # type: ignore[index]
    assert console == ""
    assert 380 <= seen["view"] <= 400, "a scrollbar takes some of it"
    assert seen["width"] == seen["view"], "nothing but tables may be wider, and these scroll by themselves"
    assert (seen["headings"], seen["bars"]) == (3, 2 * 2 * (len(_NAMES) + 1))  # and what is nobody's
    assert float(seen["small"].removesuffix("px")) >= 16
    assert (seen["color"], seen["lit"]) == (
        ("rgb(255, 255, 255)", "rgb(108, 195, 224)") if dark else ("rgb(0, 0, 0)", "rgb(29, 111, 143)")
    )
