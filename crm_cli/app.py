"""The program `crm`: assembles the commands, runs one, and turns what goes wrong into a message and an exit code."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path
from types import FrameType
from typing import Annotated, Any, NoReturn

import typer
from typer.main import get_group

from crm_cli.commands.context import Surroundings
from crm_cli.commands.lazy import HelpShown, Program
from crm_cli.console import Console, Streams
from crm_cli.errors import CrmError, ExitCode, UsageError

__all__ = ["main", "program", "run"]

_ABOUT = """Import, standardize, deduplicate, audit and undo customer data.

Examples:
    crm demo
    crm init
    crm import customers.xlsx --into account+contact --dry-run
    crm dedupe find contact
    crm undo

Every change is logged and can be undone; --dry-run shows it beforehand.
Run `crm COMMAND --help` for a command's options and examples.
"""

_COMPLETION_VARIABLE = "_CRM_COMPLETE"  # set by the shell's completion script, read by Typer


class InternalError(CrmError):
    """Something that should not happen did: a defect of this program."""

    code = "internal"


class _Terminated(BaseException):
    """SIGTERM, as an exception: open transactions are rolled back on the way out."""


def _first_level(
    context: typer.Context,
    *,
    version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False,
    install_completion: Annotated[
        bool, typer.Option("--install-completion", help="Make your shell complete crm's commands.")
    ] = False,
    show_completion: Annotated[
        bool, typer.Option("--show-completion", help="Show the script that does so, to install it yourself.")
    ] = False,
) -> None:
    console = context.ensure_object(Surroundings).console
    if version:
        console.line(f"crm {_version()}")
    elif install_completion:
        console.note(f"completion was written to {_install_completion()}; it takes effect in a new terminal")
    elif show_completion:
        console.text(_completion_script())
    else:
        return
    raise typer.Exit


def _version() -> str:
    from importlib.metadata import version

    return version("crm-cli-toolkit")


def _shell() -> str:
    from typer._completion_shared import _get_shell_name

    name = _get_shell_name()
    if name is None:
        raise UsageError("no shell was recognized", hint="run it from bash, zsh, fish or PowerShell")
    return name


def _install_completion() -> Path:
    from typer._completion_shared import install

    return install(shell=_shell(), prog_name="crm", complete_var=_COMPLETION_VARIABLE)[1]


def _completion_script() -> str:
    from typer._completion_shared import get_completion_script

    return get_completion_script(shell=_shell(), prog_name="crm", complete_var=_COMPLETION_VARIABLE)


def program() -> Any:
    """Return the Typer group of the whole program."""
    app = typer.Typer(
        cls=Program,
        help=_ABOUT,
        rich_markup_mode=None,
        callback=_first_level,
        invoke_without_command=True,
        context_settings={"help_option_names": ["--help", "-h"]},
    )
    return get_group(app)


def run(args: Sequence[str], console: Console, cwd: Path, group: Any = None) -> int:
    """Run one command line; return its exit code. Every error ends here, as a line and a hint on stderr.

    `group` is the Typer group to choose from, the whole program unless given.
    """
    console.json = "--json" in args  # known before the options are parsed, because parsing may be what fails
    try:
        return _invoke(group or program(), list(args), Surroundings(console, cwd, tuple(args)))
    except typer.Exit as end:
        return end.exit_code
    except HelpShown as help_:
        return _helped(help_, console)
    except (KeyboardInterrupt, typer.Abort, EOFError):
        return _stopped(console, "interrupted", ExitCode.INTERRUPTED)
    except _Terminated:
        return _stopped(console, "terminated", ExitCode.TERMINATED)
    except BrokenPipeError:
        return ExitCode.PIPE_CLOSED
    except Exception as error:  # the last line of defence: no user should meet a bare traceback
        return _failed(error, console, debug="--debug" in args)


def _invoke(group: Any, args: list[str], surroundings: Surroundings) -> int:
    with group.make_context("crm", args, obj=surroundings) as context:
        return int(group.invoke(context) or ExitCode.DONE)


def _helped(shown: HelpShown, console: Console) -> ExitCode:
    stream = console.streams.stdout if shown.wanted else console.streams.stderr
    stream.write(shown.text.rstrip() + "\n")
    return ExitCode.DONE if shown.wanted else ExitCode.USAGE


def _stopped(console: Console, how: str, code: ExitCode) -> ExitCode:
    console.fail(CrmError(how, hint="nothing is half done: what was not finished was rolled back"))
    return code


def _failed(error: Exception, console: Console, *, debug: bool) -> ExitCode:
    known = _explained(error)
    if debug:
        console.traceback(error)
    console.fail(known)
    return known.exit_code


def _explained(error: Exception) -> CrmError:
    """Return the error as one that can be shown: ours as it is, Typer's and the system's in our words."""
    if isinstance(error, CrmError):
        return error
    if isinstance(error, typer.TyperException):
        return _misuse(error)
    if isinstance(error, OSError) and error.strerror:
        where = f"{error.filename}: " if error.filename else ""
        return CrmError(f"{where}{error.strerror}", hint="check the path, its permissions and the space left")
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return InternalError(f"this is a bug in crm: {what}", hint="run it again with --debug and report the traceback")


def _misuse(error: typer.TyperException) -> UsageError:
    context = getattr(error, "ctx", None)
    hint = f"{context.command_path} --help shows how it is called" if context else "crm --help"
    near = getattr(error, "possibilities", None)
    if near:
        hint = f"did you mean {' or '.join(near)}?"
    message = getattr(error, "message", "") if near else error.format_message()
    return UsageError(_lower_first(message.rstrip(".")), hint=hint)


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]


def main() -> NoReturn:
    """Run the program on the process' own arguments and streams, and end the process with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # UTF-8 on every system; what cannot be written is shown as an escape
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    if _COMPLETION_VARIABLE in os.environ:
        _complete()
    signal.signal(signal.SIGTERM, _terminate)
    streams = Streams(sys.stdin, sys.stdout, sys.stderr, os.environ)
    code = run(sys.argv[1:], Console(streams), Path.cwd())
    sys.exit(_flushed(code))


def _complete() -> NoReturn:
    """Answer the shell's completion script, which asks through the environment."""
    from typer._completion_classes import completion_init

    completion_init()
    program().main(prog_name="crm", complete_var=_COMPLETION_VARIABLE)
    sys.exit(ExitCode.ERROR)  # only when the script asked for something that Typer does not know


def _terminate(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise _Terminated


def _flushed(code: int) -> int:
    """Flush stdout; when nobody reads it any more, keep the interpreter from complaining about that on its way out."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return code or ExitCode.PIPE_CLOSED
    return code
