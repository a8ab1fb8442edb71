"""The examples that open each command's help: there are some, and the program takes them as they stand."""

from __future__ import annotations

import re
import shlex
from functools import cache
from typing import Any

import pytest

from crm_cli.app import program
from tests.commands.conftest import CrmRunner

_NOT_RUN = {("demo",), ("db", "restore")}  # they end elsewhere: another folder, another database
_REFUSED = re.compile(r"error: (no such|missing |unexpected|option |invalid value for|.*takes no)", re.IGNORECASE)


@cache
def commands() -> list[tuple[tuple[str, ...], str]]:
    """(words, help) of every command that is no group."""
    found: list[tuple[tuple[str, ...], str]] = []

    def walk(command: Any, words: tuple[str, ...]) -> None:
        if not hasattr(command, "list_commands"):
            found.append((words, command.help or ""))
            return
        context = command.make_context("crm", [], resilient_parsing=True)
        for name in command.list_commands(context):
            walk(command.get_command(context, name), (*words, name))

    walk(program(), ())
    return found


def examples(text: str) -> list[str]:
    """The lines below `Examples:`, or `Example:`."""
    _, *after = re.split(r"^Examples?:$", text, maxsplit=1, flags=re.MULTILINE)
    block = "".join(after).strip("\n").split("\n\n", 1)[0]
    return [line.strip() for line in block.splitlines() if line.strip().startswith("crm ")]


def test_every_command_has_an_example() -> None:
    assert [" ".join(words) for words, text in commands() if not examples(text)] == []


def test_an_example_is_of_the_command_that_it_stands_at() -> None:
    for words, text in commands():
        shown = examples(text)
        assert any(tuple(shlex.split(line)[1 : len(words) + 1]) == words for line in shown), (words, shown)


@pytest.mark.slow
def test_the_program_takes_every_example(project: CrmRunner) -> None:
    """In an empty database they find nothing, but none is refused for how it is written, and none breaks."""
    for words, text in commands():
        for line in [] if words in _NOT_RUN else examples(text):
            if any(sign in line for sign in ("|", "<", "$")):
                continue
            outcome = project(*shlex.split(line)[1:])
            assert not _REFUSED.search(outcome.stderr), f"{line}\n{outcome.stderr}"
            assert "this is a bug" not in outcome.stderr, f"{line}\n{outcome.stderr}"
            assert "Traceback" not in outcome.stderr, f"{line}\n{outcome.stderr}"
