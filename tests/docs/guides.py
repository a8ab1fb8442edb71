"""Reading the guides as a newcomer does: type what stands after `$`, compare what comes with what the page shows.

- A block ```` ```console ```` is a session. Lines that start with `$ ` are commands (a backslash at the end continues
  one), the lines up to the next are what they print, stdout and stderr as they come. `# exit 4` after a command is its
  exit code, else it is 0. A line `…` stands for any lines, `…` within a line for any text; all else must be as shown.
- `$ cat FILE` shows a text file. Nothing but `crm` and `cat` is run.
- A block ```` ```toml file=NAME ```` (or another language) is a file that the reader writes: it is written.
- `<!-- at a terminal -->` before a session says that somebody sits there: what follows a question is typed.
"""

from __future__ import annotations

import io
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from crm_cli.app import run
from crm_cli.console import Console, Streams

ANY = "…"
TERMINAL = "<!-- at a terminal -->"
_FENCE = re.compile(r"^```(?P<language>\w+)(?: file=(?P<file>\S+))?$")
_EXIT = re.compile(r"\s+# exit (\d+)$")
_ANSWERED = re.compile(r"(?:\[q\]uit|\[y/N\]|\[Y/n\]) (.*)$")


@dataclass(frozen=True)
class WrittenFile:
    """A file that the page tells the reader to write."""

    name: str
    text: str
    line: int


@dataclass
class Command:
    """One command of a page, what it shows of the output, and with which code it ends."""

    words: list[str]
    code: int
    line: int
    terminal: bool = False
    shown: list[str] = field(default_factory=list)

    @property
    def pattern(self) -> re.Pattern[str]:
        """What the output must match as a whole."""
        return shown_pattern(self.shown)


def shown_pattern(lines: list[str]) -> re.Pattern[str]:
    """Return what an output must match as a whole that the page shows as these lines."""
    return re.compile("".join(r"(?:.*\n)*?" if line == ANY else _line_pattern(line) + r"[ ]*\n" for line in lines))


def _line_pattern(line: str) -> str:
    return ".*".join(re.escape(part) for part in line.split(ANY))


def steps(page: Path) -> Iterator[WrittenFile | Command]:
    """Yield what the reader of `page` does, in order."""
    lines = page.read_text(encoding="utf-8").splitlines()
    terminal, number = False, 0
    while number < len(lines):
        fence = _FENCE.match(lines[number])
        if fence is None:
            terminal = lines[number] == TERMINAL or (terminal and not lines[number].strip())
            number += 1
            continue
        end = lines.index("```", number + 1)
        body = lines[number + 1 : end]
        if fence["file"]:
            yield WrittenFile(fence["file"], "\n".join(body) + "\n", number + 1)
        elif fence["language"] == "console":
            yield from _commands(body, number + 2, terminal=terminal)
        terminal, number = False, end + 1


def _commands(body: list[str], first: int, *, terminal: bool) -> Iterator[Command]:
    command: Command | None = None
    rest = iter(enumerate(body, first))
    for number, line in rest:
        if not line.startswith("$ "):
            assert command is not None, f"line {number}: output before any command"
            command.shown.append(line)
            continue
        if command:
            yield command
        typed = line[2:]
        while typed.endswith("\\"):
            typed = typed[:-1] + next(rest)[1].lstrip()
        code = _EXIT.search(typed)
        words = shlex.split(_EXIT.sub("", typed))
        command = Command(words, int(code[1]) if code else 0, number, terminal)
    if command:
        yield command


class Screen(io.StringIO):
    """What the reader sees: both streams in one, and at a terminal what is typed as well."""

    def __init__(self, *, terminal: bool, typed: list[str]) -> None:
        super().__init__()
        self.terminal = terminal
        self.typed = typed

    def isatty(self) -> bool:
        return self.terminal

    def readline(self, size: int | None = -1, /) -> str:
        if not self.typed:
            return ""
        self.write(self.typed[0] + "\n")
        return self.typed.pop(0) + "\n"


def carry_out(command: Command, folder: Path, environ: dict[str, str]) -> tuple[int, str]:
    """Do what the reader types; return the exit code and what is seen."""
    program, *words = command.words
    if program == "cat":
        return 0, "".join(read_text(folder / name) for name in words)
    assert program == "crm", f"line {command.line}: {program} is not run"
    screen = Screen(terminal=command.terminal, typed=_typed(command))
    console = Console(Streams(screen, screen, screen, environ))
    return int(run(words, console, folder)), screen.getvalue()


def _typed(command: Command) -> list[str]:
    if not command.terminal:
        return []
    return [answered[1] for line in command.shown if (answered := _ANSWERED.search(line))]


def read_text(file: Path) -> str:
    """Return the text of a file as a screen shows it."""
    text = file.read_text(encoding="utf-8-sig").replace("\r\n", "\n")
    return text if text.endswith("\n") else text + "\n"
