"""Running `crm` as its users do: in this process (quick), or as a process of its own.

`crm("import", "file.csv", "--into", "contact")` runs in a folder of its own with an environment of its own, without a
terminal unless asked for, and answers with what came out: `exit_code`, `stdout`, `stderr`, `json`.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from crm_cli.app import run
from crm_cli.commands.kit import App
from crm_cli.console import Console, Streams


class Screen(io.StringIO):
    """A stream that says whether it is a terminal."""

    def __init__(self, text: str = "", *, terminal: bool = False) -> None:
        super().__init__(text)
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


@dataclass(frozen=True)
class Outcome:
    """What a run of `crm` left behind."""

    args: tuple[str, ...]
    exit_code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.stdout)

    @property
    def lines(self) -> list[str]:
        """The lines on stdout."""
        return self.stdout.splitlines()

    def ok(self) -> Outcome:
        """Return this outcome, or fail showing what went wrong."""
        assert self.exit_code == 0, f"crm {' '.join(self.args)} ended with {self.exit_code}\n{self.stdout}{self.stderr}"
        return self


@dataclass
class CrmRunner:
    """Runs the real program in this process, in `folder`; `environ` is all the environment it sees."""

    folder: Path
    environ: dict[str, str] = field(default_factory=dict)
    app: App | None = None  # commands of a test instead of the program's

    def __call__(self, *args: object, typed: str = "", terminal: bool = False, **environ: str) -> Outcome:
        """Run `crm ARGS`; `typed` is the standard input, `terminal` makes all three streams one."""
        words = tuple(str(arg) for arg in args)
        stdout, stderr = Screen(terminal=terminal), Screen(terminal=terminal)
        streams = Streams(Screen(typed, terminal=terminal), stdout, stderr, {**self.environ, **environ})
        group = None
        if self.app is not None:
            from typer.main import get_group

            group = get_group(self.app.typer)
        code = run(words, Console(streams), self.folder, group)
        return Outcome(words, int(code), stdout.getvalue(), stderr.getvalue())

    def write(self, name: str, text: str) -> Path:
        """Write a file into the folder."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path


def _environment(folder: Path) -> dict[str, str]:
    return {"CRM_CONFIG_DIR": str(folder / "user-configuration"), "CRM_USER": "tester", "TERM": "xterm"}


@pytest.fixture
def crm(tmp_path: Path) -> CrmRunner:
    """The program, in an empty folder of its own."""
    folder = tmp_path / "project"
    folder.mkdir(exist_ok=True)
    return CrmRunner(folder, _environment(tmp_path))


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as `crm init` leaves it, made once: the migrations take longer than most tests."""
    folder = tmp_path_factory.mktemp("made-once")
    CrmRunner(folder, _environment(folder.parent))("init", "--country", "DE", "--currency", "EUR").ok()
    return folder


@pytest.fixture
def project(crm: CrmRunner, made_once: Path) -> CrmRunner:
    """The program in a folder with an empty database, in Germany."""
    for name in ("crm.toml", "crm.db"):
        shutil.copy(made_once / name, crm.folder / name)
    return crm


@pytest.fixture
def crm_process(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """The program as a process of its own: `crm_process("config", "show")`; keywords go to the environment."""
    folder = tmp_path / "project"
    folder.mkdir(exist_ok=True)

    def process(*args: str, typed: str | None = None, **environ: str) -> subprocess.CompletedProcess[str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("CRM_")}
        return subprocess.run(
            [sys.executable, "-m", "crm_cli", *args],
            input=typed,
            stdin=subprocess.DEVNULL if typed is None else None,
            capture_output=True,
            encoding="utf-8",
            cwd=folder,
            env={**inherited, **_environment(tmp_path), **environ},
            timeout=60,
            check=False,
        )

    return process
