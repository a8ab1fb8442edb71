"""How a command ends: the exit codes that scripts rely on, messages with a cure, quiet ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pexpect
import pytest

from crm_cli.commands.kit import App, Crm
from crm_cli.errors import (
    CrmError,
    ExitCode,
    LockedError,
    NotFoundError,
    PartialError,
    StalePlanError,
    UsageError,
    did_you_mean,
    worst,
)
from tests.commands.conftest import CrmRunner

Process = Callable[..., "subprocess.CompletedProcess[str]"]

ENDINGS: dict[str, BaseException | ExitCode | None] = {
    "done": None,
    "findings": ExitCode.FINDINGS,
    "error": CrmError("it went wrong", hint="try the other way"),
    "not-found": NotFoundError("no contact 7"),
    "usage": UsageError("no field 'emial'", hint="did you mean email?"),
    "partial": PartialError("2 rows were refused"),
    "locked": LockedError("ann holds the lease"),
    "stale": StalePlanError("the plan does not fit any more"),
    "interrupted": KeyboardInterrupt(),
    "pipe": BrokenPipeError(),
    "system": FileNotFoundError(2, "No such file or directory", "customers.csv"),
    "bug": ZeroDivisionError("division by zero"),
}
CODES = {
    "done": 0,
    "findings": 3,
    "error": 1,
    "not-found": 1,
    "usage": 2,
    "partial": 4,
    "locked": 5,
    "stale": 5,
    "interrupted": 130,
    "pipe": 141,
    "system": 1,
    "bug": 1,
}


def ending_app() -> App:
    app = App("Commands that end in every way.")

    @app.command(database=False)
    def end(crm: Crm, how: str, show: bool = False) -> ExitCode | None:
        if show:
            crm.console.show({"done": 1})
        ending = ENDINGS[how]
        if isinstance(ending, BaseException):
            raise ending
        return ending

    @app.command(writes=True)
    def ask(crm: Crm) -> None:
        crm.console.note("yes" if crm.confirm("Merge 3 pairs?") else "no")

    return app


@pytest.fixture
def ends(crm: CrmRunner) -> CrmRunner:
    crm.app = ending_app()
    return crm


@pytest.mark.parametrize("how", ENDINGS)
def test_every_ending_has_its_exit_code(ends: CrmRunner, how: str) -> None:
    assert ends("end", how).exit_code == CODES[how]


@pytest.mark.parametrize("how", [how for how, ending in ENDINGS.items() if isinstance(ending, CrmError)])
def test_an_error_is_shown_as_message_and_hint_never_as_a_traceback(ends: CrmRunner, how: str) -> None:
    error = ENDINGS[how]
    assert isinstance(error, CrmError)
    outcome = ends("end", how)
    assert outcome.stdout == ""
    assert outcome.stderr == f"error: {error.message}\n" + (f"hint: {error.hint}\n" if error.hint else "")


def test_with_json_the_error_is_the_document(ends: CrmRunner) -> None:
    assert ends("end", "usage", "--json").json == {
        "error": {"code": "usage", "message": "no field 'emial'", "hint": "did you mean email?"}
    }
    assert ends("end", "partial", "--show", "--json").json == {"done": 1}


def test_with_json_a_misspelt_option_is_a_document_too(ends: CrmRunner) -> None:
    outcome = ends("end", "done", "--shwo", "--json")
    assert outcome.exit_code == 2
    assert outcome.json["error"]["message"] == "no such option: --shwo"
    assert outcome.json["error"]["hint"].startswith("did you mean --show")


def test_a_bug_says_so_and_how_to_report_it(ends: CrmRunner) -> None:
    outcome = ends("end", "bug")
    assert outcome.stderr == (
        "error: this is a bug in crm: ZeroDivisionError: division by zero\n"
        "hint: run it again with --debug and report the traceback\n"
    )


def test_debug_shows_where_an_error_comes_from(ends: CrmRunner) -> None:
    outcome = ends("end", "bug", "--debug")
    assert "Traceback" in outcome.stderr
    assert "in end" in outcome.stderr
    assert outcome.stderr.splitlines()[-2].startswith("error: this is a bug")


def test_a_file_of_the_system_is_named(ends: CrmRunner) -> None:
    assert ends("end", "system").stderr.startswith("error: customers.csv: No such file or directory\n")


def test_a_closed_pipe_is_quiet(ends: CrmRunner) -> None:
    outcome = ends("end", "pipe")
    assert outcome.stdout + outcome.stderr == ""


def test_a_missing_argument_and_a_wrong_value_name_themselves(ends: CrmRunner) -> None:
    missing = ends("end")
    assert (missing.exit_code, missing.stderr.splitlines()[0]) == (2, "error: missing argument 'how'")
    wrong = ends("ask", "--wait", "soon")
    assert wrong.exit_code == 2
    assert "--wait" in wrong.stderr


def test_without_a_terminal_a_question_is_exit_2_naming_the_flag(ends: CrmRunner) -> None:
    outcome = ends("ask")
    assert outcome.exit_code == 2
    assert "--yes" in outcome.stderr
    assert ends("ask", "--yes").stderr == "yes\n"
    assert ends("ask", "--dry-run").stderr == "yes\n", "a dry run changes nothing, so it asks nothing"
    assert ends("ask", terminal=True, typed="y\n").stderr.endswith("yes\n")
    assert ends("ask", "--no-input", terminal=True, typed="y\n").exit_code == 2


def test_ctrl_d_at_a_question_is_an_interruption(ends: CrmRunner) -> None:
    assert ends("ask", terminal=True).exit_code == 130


@pytest.mark.parametrize(
    ("codes", "worst_of_them"),
    [
        ([], 0),
        ([ExitCode.DONE, ExitCode.FINDINGS], 3),
        ([ExitCode.FINDINGS, ExitCode.PARTIAL], 4),
        ([ExitCode.PARTIAL, ExitCode.LOCKED], 5),
        ([ExitCode.LOCKED, ExitCode.ERROR, ExitCode.FINDINGS], 1),
    ],
)
def test_several_endings_become_the_weightiest(codes: list[ExitCode], worst_of_them: int) -> None:
    assert worst(*codes) == worst_of_them


def test_near_misses_are_suggested_and_strangers_are_not() -> None:
    assert did_you_mean("Emial", ["email", "name"]) == "did you mean email?"
    assert did_you_mean("qqq", ["email", "name"]) == ""


# --- as a process of its own ------------------------------------------------------------------------------------------


def test_the_process_ends_with_the_same_code(crm_process: Process) -> None:
    good, bad = crm_process("config", "show"), crm_process("confg")
    assert (good.returncode, good.stderr) == (0, "")
    assert bad.returncode == 2
    assert bad.stderr == "error: no such command: crm confg\nhint: did you mean config?\n"


SLEEPER = """
import sys, time
from typer.main import get_group
from crm_cli import app as shell
from crm_cli.commands.kit import App, Crm

app = App("Sleep or write for ever.")

@app.command(database=False)
def sleep(crm: Crm) -> None:
    try:
        crm.console.note("ready")
        time.sleep(60)
    finally:
        crm.console.note("rolled back")

@app.command(database=False)
def endless(crm: Crm) -> None:
    while True:
        crm.console.line("row")

shell.program = lambda: get_group(app.typer)
shell.main()
"""


@pytest.fixture
def sleeper(tmp_path: Path) -> list[str]:
    script = tmp_path / "sleeper.py"
    script.write_text(SLEEPER)
    return [sys.executable, str(script)]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize(("signal_", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_stopped_process_rolls_back_and_says_how_it_ended(sleeper: list[str], signal_: int, code: int) -> None:
    with subprocess.Popen([*sleeper, "sleep"], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "ready\n"
        process.send_signal(signal_)
        rest = process.stderr.read()
    assert process.returncode == code
    assert "rolled back" in rest
    assert "Traceback" not in rest


@pytest.mark.skipif(os.name == "nt", reason="Windows has no head")
def test_reading_only_the_head_is_no_complaint(sleeper: list[str]) -> None:
    with subprocess.Popen([*sleeper, "endless"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "row\n"
        process.stdout.close()
        complaints = process.stderr.read()
    assert (process.returncode, complaints) == (141, "")


def test_on_a_real_terminal_a_table_fits_and_ctrl_c_ends_with_130(sleeper: list[str], tmp_path: Path) -> None:
    inherited = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    environ = {**inherited, "CRM_CONFIG_DIR": str(tmp_path), "NO_COLOR": "1"}
    shown = pexpect.run(
        f"{sys.executable} -m crm_cli config show",
        env=environ,
        cwd=str(tmp_path),
        dimensions=(24, 40),
        encoding="utf-8",
    )
    assert "timezone" in shown
    assert max(map(len, shown.splitlines())) <= 40
    child = pexpect.spawn(sleeper[0], [*sleeper[1:], "sleep"], env=environ, encoding="utf-8")
    child.expect("ready")
    child.sendintr()
    child.expect("error: interrupted")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 130
