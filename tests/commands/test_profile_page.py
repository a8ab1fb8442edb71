"""The page of a profile in a real browser: it asks for nothing, complains of nothing, fits a telephone."""

from __future__ import annotations

import csv
import json
import re
from html import escape
from pathlib import Path
from typing import Any

import pytest

from tests.commands.conftest import CrmRunner
from tests.commands.test_pages import browser, opened, served

__all__ = ["browser", "served"]  # fixtures: the browser, and a site that keeps what was asked of it

pytestmark = pytest.mark.slow

_LONG = "W" * 150
_HOSTILE = ("<img src=http://x.example/a.png>", '"><script>fetch("/stolen")</script>', "url(/b.png)")
# The page stands in a frame of 400 pixels; what is measured there becomes the outer page's only text.
_OUTER = """<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><body><script>
function measured(frame) {
  const page = frame.contentDocument, view = frame.contentWindow;
  const style = (name) => view.getComputedStyle(page.querySelector(name));
  const drawn = [...page.querySelectorAll("svg.histogram rect")].map((each) => each.getBoundingClientRect());
  document.body.textContent = JSON.stringify({
    width: page.documentElement.scrollWidth, view: page.documentElement.clientWidth,
    text: style("body").color, letters: style("body").fontSize, bars: style("svg.histogram").fill,
    charts: page.querySelectorAll("svg.histogram").length, seen: drawn.every((one) => one.width > 1 && one.height > 0),
    links: [...page.querySelectorAll("td a")].every((each) => page.querySelector(each.getAttribute("href")))});
}
</script><iframe style="width: 400px; height: 800px; border: 0" onload="measured(this)" srcdoc="%s"></iframe></body>"""


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
    browser: str,
    page: str,
    served: Any,
    tmp_path: Path,
) -> None:
    site = served(page)
    shown, console, asked = opened(browser, site, tmp_path)
    assert "Profile of shop.csv" in shown
    assert "&lt;script&gt;" in shown
    assert console == ""
    assert site.asked == ["/"]
    assert {url for url in asked if "127.0.0.1" in url or "x.example" in url} == {
        f"http://127.0.0.1:{site.server_port}/"
    }


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_page_fits_a_telephone_by_day_and_by_night(
    browser: str,
    page: str,
    served: Any,
    tmp_path: Path,
    dark: bool,
) -> None:
    site = served(_OUTER % escape(page))
    scheme = f"--blink-settings=preferredColorScheme={0 if dark else 1}"
    shown, console, _ = opened(browser, site, tmp_path, "--window-size=800,900", scheme)
    seen = json.loads(re.search(r"\{.*\}", shown)[0])  # type: ignore[index]
    assert console == ""
    assert 380 <= seen["view"] <= 400, "a scrollbar takes some of it"
    assert seen["width"] == seen["view"], "nothing but tables may be wider, and these scroll by themselves"
    assert float(seen["letters"].removesuffix("px")) >= 16
    assert (seen["charts"], seen["seen"], seen["links"]) == (3, True, True)
    assert (seen["text"], seen["bars"]) == (
        ("rgb(255, 255, 255)", "rgb(108, 195, 224)") if dark else ("rgb(0, 0, 0)", "rgb(29, 111, 143)")
    )
