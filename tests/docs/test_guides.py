"""Every guide is carried out from top to bottom: its commands, their exit codes, and the output that it shows."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.guides import ANY, WrittenFile, carry_out, shown_pattern, steps

ROOT = Path(__file__).resolve().parents[2]
GUIDES = sorted((ROOT / "docs" / "guide").glob("*.md"))
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.stem)
def test_a_reader_who_types_what_the_guide_says_sees_what_it_shows(page: Path, tmp_path: Path) -> None:
    folder = tmp_path / "work"
    shutil.copytree(ROOT / "examples", folder / "examples")
    environ = {"CRM_CONFIG_DIR": str(tmp_path / "user"), "CRM_USER": "ann", "TERM": "dumb"}
    for step in steps(page):
        if isinstance(step, WrittenFile):
            (folder / step.name).parent.mkdir(parents=True, exist_ok=True)
            (folder / step.name).write_text(step.text, encoding="utf-8")
            continue
        code, seen = carry_out(step, folder, environ)
        where = f"{page.name}:{step.line}: {' '.join(step.words)}"
        assert code == step.code, f"{where}\nended with {code}\n{seen}"
        assert step.pattern.fullmatch(seen), f"{where}\nshows\n{chr(10).join(step.shown)}\nbut printed\n{seen}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    targets = _LINK.findall(page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_every_guide_is_on_the_front_page_of_the_documentation() -> None:
    front = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    assert [page.name for page in GUIDES if f"(guide/{page.name})" not in front] == []


def test_a_wrong_output_line_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```console\n$ cat note.txt\none\n…\nth…e\n```\n", encoding="utf-8")
    (command,) = steps(page)
    assert not isinstance(command, WrittenFile)
    assert command.pattern.fullmatch("one\ntwo\ntwo\nthree\n")
    assert not command.pattern.fullmatch("one\ntwo\nthree\nfour\n")
    assert not command.pattern.fullmatch("none\ntwo\nthree\n")


@pytest.mark.slow
def test_the_readme_shows_what_the_demo_prints(tmp_path: Path) -> None:
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```text\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    (shown,) = [block for block in blocks if "$ crm" in block]
    environ = {"CRM_CONFIG_DIR": str(tmp_path / "user"), "CRM_USER": "ann", "PYTHONUTF8": "1"}
    demo = subprocess.run(
        [sys.executable, "-m", "crm_cli", "demo", "--folder", str(tmp_path / "tour")],
        env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", timeout=120, check=True,
    )  # fmt: skip
    assert shown_pattern([ANY, *shown.splitlines()]).fullmatch(demo.stdout), demo.stdout
