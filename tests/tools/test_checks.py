"""The checks of `dev.py lint` catch what they are there for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import licences, tracked_files


@pytest.mark.parametrize(
    ("expression", "in_core", "in_extras"),
    [
        ("MIT", True, True),
        ("LGPL-3.0-only", False, True),
        ("GPL-3.0-only", False, False),
        ("AGPL-3.0-or-later", False, False),
        ("GPL-2.0-only OR MIT", True, True),
        ("MIT AND GPL-2.0-only", False, False),
        ("(MIT OR Apache-2.0) AND BSD-3-Clause", True, True),
        ("Apache-2.0 WITH LLVM-exception", True, True),
        ("Proprietary", False, False),
        ("", False, False),
    ],
)
def test_which_licences_pass(expression: str, in_core: bool, in_extras: bool) -> None:
    assert licences.allows(expression, licences.ALLOWED) is in_core
    assert licences.allows(expression, licences.ALLOWED | licences.ONLY_IN_EXTRAS) is in_extras


def test_the_lgpl_driver_is_not_in_the_core() -> None:
    core = licences.core_distributions()
    assert "sqlalchemy" in core
    assert "psycopg" not in core


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("path = '/" + "root/data/x.csv'", "absolute path"),
        ("cd /" + "work/project", "absolute path"),
        ("https://py" + "pi.org/simple", "package registry"),
        ("--index-" + "url something", "find-links or index"),
    ],
)
def test_what_holds_on_one_machine_only_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, kind: str
) -> None:
    monkeypatch.setattr(tracked_files, "ROOT", tmp_path)
    (tmp_path / "notes.md").write_text(f"fine\n{line}\n", "utf-8")
    [problem] = tracked_files.problems_of(Path("notes.md"))
    assert problem.startswith(f"error: notes.md:2: {kind}: ")


@pytest.mark.parametrize(
    "line", ["../shared/x", "docs/root/x", "/usr/bin/env", "src/root", "https://acme.example/home/x"]
)
def test_ordinary_paths_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    monkeypatch.setattr(tracked_files, "ROOT", tmp_path)
    (tmp_path / "notes.md").write_text(line, "utf-8")
    assert list(tracked_files.problems_of(Path("notes.md"))) == []
