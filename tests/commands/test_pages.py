"""Pages of an audit and of an import in a real browser: they ask for nothing, complain of nothing, fit a telephone."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.commands.conftest import CrmRunner
from tests.conftest import required

pytestmark = pytest.mark.slow

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_LONG = "W" * 120
_HOSTILE = ("<img src=http://x.example/a.png>", '"><script>fetch("/stolen")</script>', "url(/b.png)")
# The page stands in a frame of 400 pixels; what is measured there becomes the outer page's only text.
_OUTER = """<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><body><script>
function measured(frame) {
  const page = frame.contentDocument, body = page.body, seen = frame.contentWindow.getComputedStyle(body);
  for (const each of page.querySelectorAll("details")) each.open = true;
  const root = page.documentElement;
  document.body.textContent = JSON.stringify({width: root.scrollWidth, view: root.clientWidth,
    color: seen.color, small: seen.fontSize, headings: page.querySelectorAll("h2").length,
    lines: page.querySelectorAll("polyline").length, lit: frame.contentWindow.getComputedStyle(
      page.querySelector("svg.trend polyline")).stroke});
}
</script><iframe style="width: 400px; height: 800px; border: 0" onload="measured(this)" srcdoc="%s"></iframe></body>"""


@pytest.fixture(scope="module")
def browser() -> str:
    """Chromium, or a skip that says so."""
    found = next((path for name in _BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        reason = "no Chromium is installed: " + ", ".join(_BROWSERS)
        if required("browser"):
            pytest.fail(f"{reason}, and CRM_REQUIRE names browser", pytrace=False)
        pytest.skip(reason)
    return found


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


class _Site(ThreadingHTTPServer):
    """Serves one page at `/` on loopback and keeps which paths were asked for."""

    def __init__(self, content: bytes) -> None:
        asked = self.asked = list[str]()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                self.send_response(200 if self.path == "/" else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                if self.path == "/":
                    self.wfile.write(content)

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        super().__init__(("127.0.0.1", 0), Handler)


@pytest.fixture
def served() -> Iterator[Any]:
    """Start a site for a page."""
    sites: list[_Site] = []

    def serve(content: str) -> _Site:
        sites.append(_Site(content.encode()))
        threading.Thread(target=sites[-1].serve_forever, daemon=True).start()
        return sites[-1]

    yield serve
    for site in sites:
        site.shutdown()
        site.server_close()


def opened(browser: str, site: _Site, folder: Path, *more: str) -> tuple[str, str, set[str]]:
    """Open the site; return the page as it is then, what the console said, and the URLs that were asked for."""
    log = folder / "net.json"
    options = (
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-sync",
        "--disable-background-networking", "--disable-component-update", "--disable-default-apps",
        f"--user-data-dir={folder / 'profile'}", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        "--enable-logging=stderr", f"--log-net-log={log}", "--timeout=5000", *more, "--dump-dom",
    )  # fmt: skip
    words = [browser, *options, f"http://127.0.0.1:{site.server_port}/"]
    done = subprocess.run(words, capture_output=True, text=True, encoding="utf-8", timeout=60, check=True)
    console = "\n".join(line for line in done.stderr.splitlines() if "CONSOLE" in line)
    asked = set(re.findall(r'"url":"((?:https?|wss?|ftp):[^"]*)"', log.read_text(encoding="utf-8", errors="replace")))
    return done.stdout, console, asked


def test_the_page_asks_for_nothing_and_the_console_is_silent(
    browser: str, page: str, served: Any, tmp_path: Path
) -> None:
    site = served(page)
    shown, console, asked = opened(browser, site, tmp_path)
    assert "Data audit of 2026-02-01" in shown
    assert console == ""
    assert site.asked == ["/"]
    assert {url for url in asked if "127.0.0.1" in url or "x.example" in url} == {
        f"http://127.0.0.1:{site.server_port}/"
    }


def test_the_page_of_an_import_asks_for_nothing_and_runs_nothing(
    browser: str, import_page: str, served: Any, tmp_path: Path
) -> None:
    site = served(import_page)
    shown, console, asked = opened(browser, site, tmp_path)
    assert "Import: shop.csv" in shown
    assert "&lt;script&gt;" in shown
    assert console == ""
    assert site.asked == ["/"]
    assert not any("x.example" in url for url in asked)


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
    site = served(_OUTER % escape(page))
    shown, console, _ = opened(
        browser, site, tmp_path, "--window-size=800,900", f"--blink-settings=preferredColorScheme={0 if dark else 1}"
    )
    seen = json.loads(re.search(r"\{.*\}", shown)[0])  # type: ignore[index]
    assert console == ""
    assert 380 <= seen["view"] <= 400, "a scrollbar takes some of it"
    assert seen["width"] == seen["view"], "nothing but tables may be wider, and these scroll by themselves"
    assert (seen["headings"], seen["lines"] > 3) == (5, True)
    assert float(seen["small"].removesuffix("px")) >= 16
    assert (seen["color"], seen["lit"]) == (
        ("rgb(255, 255, 255)", "rgb(108, 195, 224)") if dark else ("rgb(0, 0, 0)", "rgb(29, 111, 143)")
    )
