"""The page about extracts is carried out from top to bottom, as the guides are."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.docs.guides import WrittenFile, carry_out, steps

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "export.md"


@pytest.mark.slow
def test_a_reader_who_types_what_the_page_says_sees_what_it_shows(tmp_path: Path) -> None:
    folder = tmp_path / "work"
    shutil.copytree(ROOT / "examples", folder / "examples")
    environ = {"CRM_CONFIG_DIR": str(tmp_path / "user"), "CRM_USER": "ann", "TERM": "dumb"}
    seen_steps = 0
    for step in steps(PAGE):
        assert not isinstance(step, WrittenFile)
        code, seen = carry_out(step, folder, environ)
        where = f"{PAGE.name}:{step.line}: {' '.join(step.words)}"
        assert code == step.code, f"{where}\nended with {code}\n{seen}"
        assert step.pattern.fullmatch(seen), f"{where}\nshows\n{chr(10).join(step.shown)}\nbut printed\n{seen}"
        seen_steps += 1
    assert seen_steps > 10
