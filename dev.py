#!/usr/bin/env python3
"""Everything a developer does, in one command; needs only Python 3.11 or newer.

    python3 dev.py demo                 see the program at work in a temporary folder
    python3 dev.py test [ARGS]          lint and the fast tests; ARGS go to pytest (then without lint)
    python3 dev.py test --slow [ARGS]   the slow tests: every database, real terminals, scale
    python3 dev.py lint                 the checks alone; `lint --fix` formats and mends what can be mended
    python3 dev.py bench [NAME...]      benchmarks; without a name, the list of them
    python3 dev.py docs [--check]       write the reference from the program, or check that it is up to date
    python3 dev.py lock [--upgrade]     work out requirements.lock again from pyproject.toml

The first call makes `.venv` and installs into it exactly what `requirements.lock` names, checked by hash; later calls
install again only when the lock or pyproject.toml changed.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
LOCK = ROOT / "requirements.lock"
PROJECT = ROOT / "pyproject.toml"
OLDEST = (3, 11)
REFERENCE = "docs/reference.py"
# A lock with an address would bind everyone to one registry, so none is written.
LOCK_OPTIONS = (
    *("--all-extras", "--group", "dev", "--universal", "--python-version", "3.11", "--generate-hashes"),
    *("--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"),
)


class StepError(Exception):
    """A step ended with a non-zero exit code."""


def main(arguments: Sequence[str]) -> int:
    """Carry out one command; returns the exit code."""
    if sys.version_info < OLDEST:
        return say(f"error: Python {'.'.join(map(str, OLDEST))} or newer is needed, this is {sys.version.split()[0]}")
    command = COMMANDS.get(arguments[0]) if arguments else None
    if command is None:
        wanted = not arguments or arguments[0] in ("-h", "--help", "help")
        return say(__doc__ or "", code=0) if wanted else say(f"error: unknown command: {arguments[0]}\n\n{__doc__}")
    try:
        ensure_environment()
        command(list(arguments[1:]))
    except StepError as failure:
        return say(f"dev.py: failed: {failure}", code=1)
    except KeyboardInterrupt:
        return say("dev.py: interrupted", code=130)
    return 0


def say(message: str, *, code: int = 2) -> int:
    """Print a message (errors to stderr) and return the exit code given."""
    print(message, file=sys.stderr if code else sys.stdout, flush=True)
    return code


# Environment


def ensure_environment() -> None:
    """Make `.venv` and install what the lock names, unless that was done already."""
    if not program("python").exists():
        make_venv()
    if changed("lock", LOCK):
        # The lock names everything. Left to resolve again, pip takes a newer release than the lock's for a requirement
        # with an extra (coverage[toml]), and then refuses it for want of a hash.
        options = ("-q", "--no-deps", "--require-hashes", "-r", LOCK)
        run("python", "-m", "pip", "install", *options, title="install requirements.lock")
        run("python", "-m", "pip", "check", title="check that nothing is missing from requirements.lock")
        remember("lock", LOCK)
    if changed("project", PROJECT):
        # setuptools comes from the lock, so nothing unchecked is downloaded to build with.
        options = ("-q", "--no-deps", "--no-build-isolation", "-e", ROOT)
        run("python", "-m", "pip", "install", *options, title="install the project")
        remember("project", PROJECT)


def make_venv() -> None:
    """Create the virtual environment, with a cure where the system's Python lacks the means."""
    say("dev.py: make .venv", code=0)
    try:
        venv.create(VENV, with_pip=True, clear=True, symlinks=os.name != "nt")
    except (OSError, subprocess.CalledProcessError) as error:
        hint = "some systems ship it apart: install their package python3-venv"
        raise StepError(f"could not make a virtual environment: {error}\nhint: {hint}") from error


def changed(name: str, file: Path) -> bool:
    """Whether `file` is another than the one that was installed last."""
    stamp = VENV / f".installed-{name}"
    return not stamp.exists() or stamp.read_text("utf-8") != fingerprint(file)


def remember(name: str, file: Path) -> None:
    """Note that `file` is installed."""
    (VENV / f".installed-{name}").write_text(fingerprint(file), "utf-8")


def fingerprint(file: Path) -> str:
    """The SHA-256 of a text file, the same for every line ending, and the place it is installed for."""
    text = file.read_bytes().replace(b"\r\n", b"\n")
    return f"{hashlib.sha256(text).hexdigest()} {ROOT}\n"


def program(name: str) -> Path:
    """The path of a program in the virtual environment."""
    return BIN / (f"{name}.exe" if os.name == "nt" else name)


def run(name: str, *arguments: str | Path, title: str = "") -> None:
    """Run a program of the virtual environment in the project's folder; raises StepError when it fails."""
    words = [str(argument) for argument in arguments]
    title = title or " ".join([name, *words])
    say(f"dev.py: {title}", code=0)
    environment = os.environ | {"PYTHONUTF8": "1", "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"}
    code = subprocess.run([program(name), *words], cwd=ROOT, env=environment, check=False).returncode
    if code:
        raise StepError(f"{title} (exit code {code})")


def no_arguments(arguments: Sequence[str]) -> None:
    """Refuse arguments that a command would ignore."""
    if arguments:
        raise StepError(f"unexpected: {' '.join(arguments)}")


# Commands


def demo(arguments: list[str]) -> None:
    """Run the demonstration."""
    run("crm", "demo", *arguments)


def test(arguments: list[str]) -> None:
    """Run the fast tests (after the checks), the slow ones, or what pytest's own arguments say."""
    if "--slow" in arguments:
        rest = [argument for argument in arguments if argument != "--slow"]
        run("python", "-m", "pytest", "--slow", "-m", "slow", "-n", "2", *rest, title="slow tests")
    elif arguments:
        run("python", "-m", "pytest", *arguments, title="tests")
    else:
        # The tests run also when a check fails, so that one look shows everything there is to mend.
        # Coverage costs a sixth of the time; `dev.py test -n 2 --cov` shows it.
        words = ("python", "-m", "pytest", "-n", "2")
        all_of([partial(lint, []), partial(run, *words, title="fast tests")])


def lint(arguments: list[str]) -> None:
    """Run every check."""
    fix = arguments == ["--fix"]
    no_arguments([] if fix else arguments)
    checks: list[tuple[str, ...]] = [
        ("ruff", "check", "-q", ".", *(["--fix"] if fix else [])),
        ("ruff", "format", "-q", ".", *([] if fix else ["--check"])),
        ("python", "-m", "mypy"),
        ("python", "-m", "mypy", "dev.py", "tools", "tests/conftest.py", "tests/databases.py"),
        ("lint-imports", "--no-logo"),
        ("python", "tools/licences.py"),
        ("python", "tools/tracked_files.py"),
    ]
    if (ROOT / REFERENCE).exists():
        checks.append(("python", REFERENCE, "--check"))
    all_of([partial(run, *check) for check in checks])


def all_of(steps: Sequence[Callable[[], None]]) -> None:
    """Take every step, and fail after the last one if any failed."""
    failures = [failure for step in steps if (failure := attempt(step))]
    if failures:
        raise StepError(", ".join(failures))


def attempt(step: Callable[[], None]) -> str:
    """Take one step; returns what failed, or an empty text."""
    try:
        step()
    except StepError as failure:
        return str(failure)
    return ""


def bench(arguments: list[str]) -> None:
    """Run the benchmarks that are named; list them when none is."""
    known = sorted(path.stem for path in (ROOT / "benchmarks").glob("*.py") if not path.stem.startswith("_"))
    if not arguments:
        say("benchmarks: " + ", ".join(known), code=0)
    for name in arguments:
        if name not in known:
            raise StepError(f"no benchmark {name}; there are: {', '.join(known)}")
        run("python", "-m", f"benchmarks.{name}")


def docs(arguments: list[str]) -> None:
    """Write the reference pages from the program."""
    if not (ROOT / REFERENCE).exists():
        raise StepError(f"{REFERENCE} is missing")
    run("python", REFERENCE, *arguments)


def lock(arguments: list[str]) -> None:
    """Resolve pyproject.toml again, for every system and Python from 3.11; `--upgrade` takes the newest releases."""
    no_arguments([argument for argument in arguments if argument != "--upgrade"])
    run("uv", "pip", "compile", "-q", PROJECT.name, *LOCK_OPTIONS, *arguments, "-o", LOCK.name, title="resolve")
    ensure_environment()


COMMANDS: dict[str, Callable[[list[str]], None]] = {
    "demo": demo,
    "test": test,
    "lint": lint,
    "bench": bench,
    "docs": docs,
    "lock": lock,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
