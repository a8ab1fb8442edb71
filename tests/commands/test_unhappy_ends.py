"""What goes wrong ends with its exit code and a message with a cure: on stderr, and as one document with --json."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from crm_cli.store import Store
from tests.commands.conftest import CrmRunner

WRONG: tuple[tuple[int, tuple[str, ...]], ...] = (
    (2, ("export", "nothing", "-o", "x.csv")),
    (2, ("export", "contact")),
    (2, ("export", "contact", "-o", "x.csv", "--for", "nothing")),
    (2, ("export", "contact", "-o", "x.csv", "--mask", "default")),
    (2, ("export", "contact,account", "-o", "x.csv")),
    (2, ("extract", "save", "x", "nothing", "-o", "x.csv")),
    (1, ("extract", "run", "nope")),
    (1, ("extract", "show", "nope")),
    (1, ("extract", "diff", "nope")),
    (1, ("import", "nowhere.csv")),
    (1, ("import", "empty")),
    (2, ("import", "people.csv", "--into", "nothing")),
    (2, ("import", "people.csv", "--key", "Nope")),
    (2, ("import", "people.csv", "--mapping", "nowhere.toml")),
    (2, ("import", "people.csv", "--collision", "always")),
    (2, ("import", "people.csv", "--as-of", "soon")),
    (1, ("contact", "show", "99999")),
    (2, ("contact", "list", "--where", "nope = 1")),
    (2, ("contact", "list", "--where", "id = ")),
    (2, ("contact", "list", "--columns", "nope")),
    (2, ("contact", "set", "nope=1", "1")),
    (1, ("contact", "delete", "99999", "--yes")),
    (2, ("standardize", "nothing")),
    (2, ("dedupe", "find", "nothing")),
    (1, ("report", "run", "nope")),
    (1, ("undo", "999", "--yes")),
    (1, ("log", "999")),
    (1, ("batch", "show", "99")),
    (1, ("batch", "undo", "99", "--yes")),
    (2, ("run", "nowhere.toml")),
    (1, ("blame", "contact", "999")),
    (1, ("privacy", "report", "contact", "999")),
    (2, ("privacy", "report", "account", "1")),
    (2, ("privacy", "report", "contact", "1", "-o", "x.pdf")),
    (1, ("privacy", "erase", "contact", "999", "--yes")),
    (1, ("privacy", "allow", "7", "--yes")),
    (2, ("mapping", "check", "nowhere.toml", "people.csv")),
    (2, ("profile", "nowhere.csv")),
    (1, ("clean", "nowhere.csv", "-o", "x.csv")),
    (2, ("clean", "people.csv", "-o", "people.csv")),
    (2, ("schema", "show", "nothing")),
    (2, ("territory", "simulate", "nowhere.toml")),
    (2, ("territory", "balance", "South", "--by", "size")),
    (1, ("territory", "history", "account", "99999")),
    (1, ("territory", "plan", "cancel", "99")),
    (1, ("reassign", "--from-file", "nowhere.csv", "--yes")),
    (1, ("user", "offboard", "nobody", "--to", "noone", "--yes")),
    (2, ("nonsense",)),
)


@pytest.fixture
def people(crm: CrmRunner) -> CrmRunner:
    crm.write("people.csv", "First Name,Last Name\nAnn,Smith\nTom,Baker\n")
    (crm.folder / "empty").mkdir()
    crm("init").ok()
    return crm


def test_what_is_wrong_is_said_with_a_cure(people: CrmRunner) -> None:
    people("import", "people.csv").ok()
    before = sorted(path.name for path in people.folder.iterdir() if not path.name.startswith("crm.db-"))
    for code, args in WRONG:
        plain = people(*args)
        assert (plain.args, plain.exit_code) == (args, code), plain.stderr
        assert plain.stdout == ""
        assert plain.stderr.startswith("error: ")
        assert "\nhint: " in plain.stderr, plain.stderr
        answered = people(*args, "--json")
        assert (answered.args, answered.exit_code) == ((*args, "--json"), code)
        assert set(answered.json["error"]) == {"code", "message", "hint"}
        assert answered.json["error"]["code"] != "internal"
    after = sorted(path.name for path in people.folder.iterdir() if not path.name.startswith("crm.db-"))
    assert after == before


@pytest.mark.parametrize(
    "args",
    [("contact", "list"), ("import", "people.csv"), ("export", "contact", "-o", "x.csv"), ("undo", "--yes"), ("log",)],
)
def test_without_a_database_it_is_named(crm: CrmRunner, args: tuple[str, ...]) -> None:
    crm.write("people.csv", "First Name,Last Name\nAnn,Smith\n")
    for more in ((), ("--db", "nowhere.db")):
        outcome = crm(*args, *more)
        assert outcome.exit_code == 2, outcome.stderr
        assert ("nowhere.db" if more else "crm.db") in outcome.stderr
    assert not (crm.folder / "nowhere.db").exists()


def test_of_two_writers_one_waits_or_says_who_writes(people: CrmRunner) -> None:
    with Store.open(people.folder / "crm.db") as store, store.lease():
        refused = people("import", "people.csv")
        assert refused.exit_code == 5
        assert f"process {os.getpid()}" in refused.stderr
        assert "--wait" in refused.stderr
        assert people("import", "people.csv", "--wait", "0.3").exit_code == 5
        assert people("contact", "list").exit_code == 0  # who only reads need not wait
    assert people("import", "people.csv", "--wait", "5").exit_code == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_an_error_without_a_traceback(people: CrmRunner) -> None:
    people("import", "people.csv").ok()
    outcome = people("export", "contact", "-o", "/dev/full", "--format", "csv")
    assert outcome.exit_code == 1
    assert "No space left" in outcome.stderr
    with Path("/dev/full").open("w") as full:
        for args in (("contact", "list"), ("export", "contact", "-o", "-")):
            done = subprocess.run(
                [sys.executable, "-m", "crm_cli", *args], stdout=full, stderr=subprocess.PIPE, cwd=people.folder,
                env={**os.environ, **people.environ}, encoding="utf-8", check=False,
            )  # fmt: skip
            assert done.returncode == 1
            assert "No space left" in done.stderr
            assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="pipes that are closed by their reader")
def test_a_reader_that_leaves_is_no_error(people: CrmRunner) -> None:
    lines = "".join(f"Ann{'x' * 40},Smith{'y' * 40}\n" for _ in range(3_000))
    people.write("many.csv", "First Name,Last Name\n" + lines)
    people("import", "many.csv").ok()
    for args in (("export", "contact", "-o", "-"), ("contact", "list", "--format", "csv", "--limit", "3000")):
        with subprocess.Popen(
            [sys.executable, "-m", "crm_cli", *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=people.folder,
            env={**os.environ, **people.environ},
        ) as process:  # fmt: skip
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.readline()
            process.stdout.close()
            said = process.stderr.read()
        assert process.returncode == 141
        assert b"Traceback" not in said
        assert b"error" not in said
