"""The page of a simulation in a real browser: it asks for nothing, complains of nothing, fits a telephone."""

from __future__ import annotations

import json
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
    shown = shown_without_loading(browser, served, page, tmp_path)
    assert "Territories: " in shown
    assert shown.count("&lt;script&gt;") >= 3


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_it_fits_a_telephone_by_day_and_by_night(
    browser: str, page: str, served: Any, tmp_path: Path, dark: bool
) -> None:
    seen = on_a_telephone(
        browser, served, page, tmp_path, dark=dark,
        measured="headings: all('h2').length, bars: all('svg.bar').length",
        chart="style('svg.bar').fill",
    )  # fmt: skip
    assert (seen["headings"], seen["bars"]) == (3, 2 * 2 * (len(_NAMES) + 1))  # and what is nobody's
