"""dev.py: the one command of developers."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import dev

ROOT = Path(__file__).resolve().parents[2]


def _dev(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, ROOT / "dev.py", *arguments], capture_output=True, text=True, check=False, cwd=ROOT
    )


def test_without_a_command_it_says_what_there_is() -> None:
    ended = _dev()
    assert ended.returncode == 0
    for command in dev.COMMANDS:
        assert f"dev.py {command}" in ended.stdout


def test_an_unknown_command_is_a_usage_error() -> None:
    ended = _dev("tset")
    assert ended.returncode == 2
    assert ended.stderr.startswith("error: unknown command: tset")


def test_an_old_python_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 0))
    assert dev.main(["test"]) == 2
    assert "Python 3.11 or newer is needed" in capsys.readouterr().err


def test_installs_again_only_when_the_lock_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev, "VENV", tmp_path)
    lock = tmp_path / "lock"
    lock.write_bytes(b"a==1\n")
    assert dev.changed("lock", lock)
    dev.remember("lock", lock)
    assert not dev.changed("lock", lock)
    lock.write_bytes(b"a==1\r\n")  # as a checkout on Windows has it
    assert not dev.changed("lock", lock)
    lock.write_bytes(b"a==2\n")
    assert dev.changed("lock", lock)


def test_the_lock_has_a_hash_for_everything_and_no_address() -> None:
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    assert "://" not in lock
    pins = re.split(r"\n(?=\S)", lock.strip())
    assert len(pins) > 50
    assert [
        pin.split(" ")[0] for pin in pins if not re.match(r"[\w.\[\]-]+==\S+[^\n]*\\\n    --hash=sha256:", pin)
    ] == []


def test_the_lock_covers_what_the_project_asks_for() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    asked = [
        *project["project"]["dependencies"],
        *(each for extra in project["project"]["optional-dependencies"].values() for each in extra),
        *project["dependency-groups"]["dev"],
    ]
    locked = set(re.findall(r"^([\w.-]+)==", (ROOT / "requirements.lock").read_text("utf-8"), re.MULTILINE))
    names = {re.match(r"[\w.-]+", each)[0].lower() for each in asked}  # type: ignore[index]
    assert names - locked == set()
