"""The program's first level, loaded command by command, and how help is written.

Help is plain text: usage, what the command does, examples, then the options – the common ones last.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group

from crm_cli.commands import COMMANDS, RECORDS_SECTION, CommandEntry
from crm_cli.commands.coercion import spare_validators
from crm_cli.errors import UsageError, did_you_mean

__all__ = ["CrmCommand", "CrmGroup", "HelpShown", "Program", "UnknownCommandError", "docstring_parts"]

Rows = list[tuple[str, str]]

_COMMON = frozenset({"json", "quiet", "no_input", "debug", "db"})
_WRITING = frozenset({"dry_run", "yes", "reason", "actor", "wait"})


class UnknownCommandError(UsageError):
    """There is no such command; the hint names those that resemble it."""

    code = "unknown-command"


class HelpShown(Exception):  # noqa: N818 - a signal, not an error
    """Ends the parsing of a command line: help is to be shown, because it was `wanted`, or no command was named."""

    def __init__(self, text: str, *, wanted: bool) -> None:
        super().__init__(text)
        self.text = text
        self.wanted = wanted


def docstring_parts(text: str) -> tuple[str, list[str], str]:
    """Split a command's docstring into what it does, its example command lines, and the rest."""
    about: list[str] = []
    examples: list[str] = []
    rest: list[str] = []
    part = about
    for line in text.splitlines():
        if line.strip() in ("Example:", "Examples:"):
            part = examples
        elif part is examples and line and not line.startswith(" "):
            part = rest
            rest.append(line)
        elif part is examples:
            examples.extend([line.strip()] if line.strip() else [])
        else:
            part.append(line)
    return "\n".join(about).strip(), examples, "\n".join(rest).strip()


def _show_help(ctx: Any, _param: Any, value: object) -> None:
    if value and not ctx.resilient_parsing:
        raise HelpShown(ctx.get_help(), wanted=True)


class _House:
    """Mixed into commands and groups: how their help is written and their values are read."""

    help: str | None

    def get_params(self, ctx: Any) -> list[Any]:
        params: list[Any] = super().get_params(ctx)  # type: ignore[misc]
        spare_validators(params)
        return params

    def get_help_option(self, ctx: Any) -> Any:
        option = super().get_help_option(ctx)  # type: ignore[misc]
        option.callback = _show_help  # Typer's own writes past our console
        return option

    def format_help_text(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002
        about, examples, rest = docstring_parts(self.help or "")
        _paragraphs(formatter, about)
        if examples:
            formatter.write("\nExamples:\n")
            formatter.write("".join(f"  {example}\n" for example in examples))
        _paragraphs(formatter, rest)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        for heading, rows in _option_sections(self, ctx).items():
            _definitions(formatter, heading, rows)


class CrmCommand(_House, TyperCommand):
    """A command whose help shows its examples first and its common options last."""


class CrmGroup(_House, TyperGroup):
    """A group that suggests the nearest command for a mistyped one.

    `usual` names the command that is meant where the first word is none but an argument of it, such as
    `contact.city`: a word with a dot, which no command has.
    """

    usual: str | None = None

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the group's own options; `HelpShown` when nothing at all was given."""
        if not args and not ctx.resilient_parsing:
            raise HelpShown(ctx.get_help(), wanted=False)
        return super().parse_args(ctx, args)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command that the first argument names; `UnknownCommandError` when there is none."""
        word = args[0]
        if self.usual and "." in word and self.get_command(ctx, word) is None:
            return super().resolve_command(ctx, [self.usual, *args])
        if not word.startswith("-") and self.get_command(ctx, word) is None:
            if ctx.resilient_parsing:  # completion: an unknown word offers nothing, and is no error
                return None, None, args
            where = ctx.command_path
            hint = did_you_mean(word, self.list_commands(ctx)) or f"{where} --help lists the commands"
            raise UnknownCommandError(f"no such command: {where} {word}", hint=hint, word=word)
        return super().resolve_command(ctx, args)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the commands under their headings, then the group's own options."""
        for heading, rows in self.sections(ctx).items():
            _definitions(formatter, heading, rows)
        super().format_options(ctx, formatter)

    def sections(self, ctx: Any) -> dict[str, Rows]:
        """Return the commands to list, by heading."""
        rows = [(name, _first_sentence(self.get_command(ctx, name))) for name in self.list_commands(ctx)]
        return {"Commands": rows}


class Program(CrmGroup):
    """`crm` itself: knows its commands from the table and the dictionary, and imports one when it is named."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        """Return the names of all commands and entities, importing none of their files."""
        return [entry.name for entry in _entries()]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        """Import and return the command; None when there is no such command."""
        if cmd_name not in self.commands:
            entry = next((one for one in _entries() if one.name == cmd_name), None)
            if entry is None:
                return None
            self.commands[cmd_name] = _load(entry)
        return self.commands[cmd_name]

    def sections(self, ctx: Any) -> dict[str, Rows]:  # noqa: ARG002
        """Return the first level from the table, so that help imports no command."""
        found: dict[str, Rows] = {}
        for entry in _entries():
            found.setdefault(entry.section, []).append((entry.name, entry.help))
        return found

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        """Return the completions of a command's name, importing no command."""
        from typer._click.shell_completion import CompletionItem

        found = [CompletionItem(one.name, help=one.help) for one in _entries() if one.name.startswith(incomplete)]
        return found or list(super().shell_complete(ctx, incomplete))


def _entries() -> Iterator[CommandEntry]:
    yield from COMMANDS
    yield from _nouns()


def _nouns() -> list[CommandEntry]:
    from crm_cli.dictionary import shipped  # NOTE: 20 ms, not needed to run `crm import`

    taken = {entry.name for entry in COMMANDS}
    return [
        CommandEntry(entity.noun, _one_line(entity.meaning), RECORDS_SECTION, module="entity", group=True)
        for entity in sorted(shipped().records, key=lambda one: one.noun)
        if entity.noun not in taken
    ]


def _load(entry: CommandEntry) -> Any:
    module = importlib.import_module(entry.path)
    app = module.entity_app(entry.name) if entry.section == RECORDS_SECTION else module.app
    command = get_group(app.typer) if entry.group else get_command(app.typer)
    command.name = entry.name
    return command


def _one_line(text: str) -> str:
    return text.partition("\n")[0].rstrip(".")


def _first_sentence(command: Any) -> str:
    return _one_line(docstring_parts(command.help or "")[0]) if command else ""


def _option_sections(command: Any, ctx: Any) -> dict[str, Rows]:
    """Sort a command's parameters under the headings that help shows, in this order."""
    found: dict[str, Rows] = {"Arguments": [], "Options": [], "Options for changes": [], "Common options": []}
    for param in command.get_params(ctx):
        record = param.get_help_record(ctx)
        if record is None:
            continue
        found[_heading(param)].append(record)
    return found


def _heading(param: Any) -> str:
    if param.param_type_name == "argument":
        return "Arguments"
    if param.name in _WRITING:
        return "Options for changes"
    return "Common options" if param.name in _COMMON or param.name == "help" else "Options"


def _paragraphs(formatter: Any, text: str) -> None:
    if text:
        formatter.write("\n")
        with formatter.indentation():
            formatter.write_text(text)


def _definitions(formatter: Any, heading: str, rows: Rows) -> None:
    if rows:
        with formatter.section(heading):
            formatter.write_dl(rows)
