"""Pages in a real browser: what they ask for, what its console says, and how they stand on a telephone."""

from __future__ import annotations

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

from tests.conftest import required

__all__ = ["browser", "on_a_telephone", "opened", "served", "shown_without_loading"]

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# The page stands in a frame of 400 pixels; what is measured there becomes the outer page's only text.
_OUTER = """<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><body><script>
function measured(frame) {
  const page = frame.contentDocument, style = (name) => frame.contentWindow.getComputedStyle(page.querySelector(name));
  for (const each of page.querySelectorAll("details")) each.open = true;
  const all = (name) => [...page.querySelectorAll(name)];
  document.body.textContent = JSON.stringify({width: page.documentElement.scrollWidth,
    view: page.documentElement.clientWidth, color: style("body").color, letters: style("body").fontSize, %s});
}
</script><iframe style="width: 400px; height: 800px; border: 0" onload="measured(this)" srcdoc="%s"></iframe></body>"""
_INK = {True: "rgb(108, 195, 224)", False: "rgb(29, 111, 143)"}  # of charts, in the dark and by day
_TEXT = {True: "rgb(255, 255, 255)", False: "rgb(0, 0, 0)"}


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


def shown_without_loading(browser: str, served: Any, page: str, folder: Path) -> str:
    """Return the page as the browser has it; it must have asked for itself alone, and the console be silent."""
    site = served(page)
    shown, console, asked = opened(browser, site, folder)
    assert console == ""
    assert site.asked == ["/"]
    assert {url for url in asked if "127.0.0.1" in url or "x.example" in url} == {
        f"http://127.0.0.1:{site.server_port}/"
    }
    return shown


def on_a_telephone(
    browser: str, served: Any, page: str, folder: Path, *, dark: bool, measured: str, chart: str = ""
) -> dict[str, Any]:
    """Return what JavaScript `measured` tells of the page in 400 pixels, where its text must fit and be readable.

    `measured` are members of an object, made of `all(selector)` and `style(selector)`; `chart` is such a member that
    gives the colour of a chart.
    """
    more = f"{measured}, ink: {chart}" if chart else measured
    options = ("--window-size=800,900", f"--blink-settings=preferredColorScheme={0 if dark else 1}")
    shown, console, _ = opened(browser, served(_OUTER % (more, escape(page))), folder, *options)
    seen: dict[str, Any] = json.loads(re.search(r"\{.*\}", shown)[0])  # type: ignore[index]
    assert console == ""
    assert 380 <= seen["view"] <= 400, "a scrollbar takes some of it"
    assert seen["width"] == seen["view"], "nothing but tables may be wider, and these scroll by themselves"
    assert float(seen["letters"].removesuffix("px")) >= 16
    assert seen["color"] == _TEXT[dark]
    assert not chart or seen["ink"] == _INK[dark]
    return seen
