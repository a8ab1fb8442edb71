"""Write the reference pages from the program, so that they cannot say anything else than it does.

python docs/reference.py            write docs/reference/*.md
python docs/reference.py --check    end with 1 if they are not what would be written
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from crm_cli.app import program
from crm_cli.commands import COMMANDS
from crm_cli.config import KEYS
from crm_cli.dictionary import shipped
from crm_cli.errors import ExitCode

FOLDER = Path(__file__).parent / "reference"
MODEL_ENTITY = "contact"  # the commands of all entities are alike

_NOTE = "<!-- Written by docs/reference.py from the program. Change the program, then run `python3 dev.py docs`. -->\n"
_EXIT_MEANINGS = {
    ExitCode.DONE: "done",
    ExitCode.ERROR: "error: nothing or not all was done",
    ExitCode.USAGE: "the call is wrong: an unknown command, field or option, no database, an answer missing",
    ExitCode.FINDINGS: "done, and there are findings, thresholds passed or candidates",
    ExitCode.PARTIAL: "partly done: rows rejected, an undo refused in part",
    ExitCode.LOCKED: "another process is writing, or a plan does not fit the data any more",
    ExitCode.INTERRUPTED: "interrupted (Ctrl-C); rolled back",
    ExitCode.PIPE_CLOSED: "whoever read the output stopped reading",
    ExitCode.TERMINATED: "terminated (SIGTERM); rolled back",
}


def pages() -> dict[str, str]:
    """Return the pages, by file name."""
    return {
        "commands.md": commands_page(),
        "configuration.md": configuration_page(),
        "exit-codes.md": exit_codes_page(),
    }


def commands_page() -> str:
    """Return the page of all commands: a list by heading, then the help of each."""
    group = program()
    context = group.make_context("crm", ["--help"], resilient_parsing=True, terminal_width=100, max_content_width=100)
    lines = ["# Commands", _NOTE]
    for heading, rows in group.sections(context).items():
        lines += [f"## {heading}", "", *(f"- `crm {name}` – {about}" for name, about in rows), ""]
    nouns = ", ".join(f"`{entity.noun}`" for entity in shipped().records)
    lines += ["# Help of every command", ""]
    for words, command, own in _walk(group, context, ("crm",)):
        lines += [f"## {' '.join(words)}", ""]
        if words == ("crm", MODEL_ENTITY):
            lines += [f"The commands of every entity are alike ({nouns}); those of `{MODEL_ENTITY}` stand for all.", ""]
        lines += ["```text", command.get_help(own).rstrip(), "```", ""]
    return "\n".join(lines).rstrip() + "\n"


def _walk(command: Any, context: Any, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    yield words, command, context
    if not hasattr(command, "list_commands"):
        return
    named = {entry.name for entry in COMMANDS}
    for name in command.list_commands(context):
        if len(words) == 1 and name not in named and name != MODEL_ENTITY:
            continue
        inner = command.get_command(context, name)
        below = inner.make_context(name, ["--help"], parent=context, resilient_parsing=True)
        yield from _walk(inner, below, (*words, name))


def configuration_page() -> str:
    """Return the page of all keys of the configuration."""
    lines = ["# Configuration", _NOTE]
    lines += [
        "A flag is stronger than the environment; then come `crm.toml` (in this folder or one above), the user's own"
    ]
    lines += ["`config.toml`, and the default. `crm config show` says which holds.", ""]
    lines += ["| key | meaning | variable | default |", "|---|---|---|---|"]
    for key in KEYS:
        variable = f"`{key.variable}`" if key.variable else ""
        default = f"`{key.default}`" if key.default != "" else ""
        lines.append(f"| `{key.name}` | {key.meaning} | {variable} | {default} |")
    lines += [
        "",
        "`CRM_CONFIG_DIR` moves the user's own folder. `NO_COLOR` and `TERM=dumb` switch colour and bars off.",
    ]
    return "\n".join(lines) + "\n"


def exit_codes_page() -> str:
    """Return the page of the exit codes."""
    lines = ["# Exit codes", _NOTE, "| code | meaning |", "|---|---|"]
    lines += [f"| {code.value} | {_EXIT_MEANINGS[code]} |" for code in ExitCode]
    lines += ["", "Of several, the weightiest holds: 1, then 5, 4, 3."]
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    """Write the pages or check them; return the exit code."""
    written = pages()
    if arguments == ["--check"]:
        stale = [name for name, text in written.items() if _read(FOLDER / name) != text]
        if stale:
            print(f"error: not up to date: {', '.join(stale)}\nhint: python3 dev.py docs", file=sys.stderr)
        return 1 if stale else 0
    if arguments:
        print(f"error: unknown argument {arguments[0]}\nhint: --check", file=sys.stderr)
        return 2
    FOLDER.mkdir(exist_ok=True)
    for name, text in written.items():
        (FOLDER / name).write_text(text, encoding="utf-8", newline="\n")
    return 0


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8") if file.is_file() else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
