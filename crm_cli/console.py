"""The console: data to stdout, everything else to stderr; one object that a command is handed, never a global.

It has no markup at all: what is printed is what was given, with control characters made visible (`crm_cli.cells`).
Colour, progress bars and tables cut to the width of the screen exist only on a terminal.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from shutil import get_terminal_size
from traceback import format_exception
from typing import Any, Protocol, TextIO

from crm_cli.cells import cell, jsonable, to_json, visible
from crm_cli.errors import CrmError, UsageError
from crm_cli.tables import record_lines, table_lines
from crm_cli.urls import hide_passwords

__all__ = ["Console", "Format", "Progress", "Rows", "Streams", "cell", "visible"]


class Format(StrEnum):
    """How rows are written to stdout."""

    TABLE = "table"
    CSV = "csv"
    JSONL = "jsonl"
    IDS = "ids"


Row = Mapping[str, Any]
Rows = Iterable[Any]  # mappings or dataclass instances, all of one shape


class Progress(Protocol):
    """What a long job tells: `advance` by so many rows done."""

    def advance(self, count: int = 1) -> None:
        """Say that `count` more are done."""


class _Silent:
    def advance(self, count: int = 1) -> None:
        """Say nothing: not a terminal, or --quiet."""


@dataclass(frozen=True)
class Streams:
    """The three streams of the process and the environment that decides how they are used."""

    stdin: TextIO
    stdout: TextIO
    stderr: TextIO
    environ: Mapping[str, str]


class Console:
    """Shows results, notes and questions; made once for a command.

    `json` turns every `show` into one JSON document; `quiet` silences notes and progress, never warnings and errors;
    `no_input` refuses to ask, as a missing terminal does.
    """

    def __init__(self, streams: Streams, *, json: bool = False, quiet: bool = False, no_input: bool = False) -> None:
        self.streams = streams
        self.json = json
        self.quiet = quiet
        self.no_input = no_input
        self.showed = False  # something was written to stdout: a failure must not add a second JSON document

    # --- data -----------------------------------------------------------------------------------------------------

    def show(self, data: Any, format: Format | None = None, columns: Sequence[str] | None = None) -> None:  # noqa: A002
        """Write a result to stdout, once a command: rows (an iterable), or one record (a mapping or a dataclass).

        `columns` chooses and orders the fields. With --json it is one JSON document, whatever `format` says.
        """
        if self.json:
            self._document(data, columns)
        elif _is_record(data):
            self._record(_as_row(data), format, columns)
        else:
            self._rows((_as_row(row) for row in data), format or Format.TABLE, columns)

    def show_parts(self, parts: Mapping[str, Any]) -> None:
        """Write a result of several named parts: headings and tables, or one JSON object with a key a part."""
        if self.json:
            self._document(parts, None)
            return
        for number, (heading, data) in enumerate(parts.items()):
            self.line(f"\n{visible(heading)}" if number else visible(heading))
            self.show(data)

    def text(self, text: str) -> None:
        """Write a text of ours (a script, SQL, a diff) to stdout; with --json it is a JSON string."""
        if self.json:
            self._document(text, None)
        else:
            self.line(visible(text, keep="\n\t"))

    def line(self, text: str) -> None:
        """Write one finished line to stdout as it is; values of customers go through `cell` first."""
        self.showed = True
        self.streams.stdout.write(text + "\n")

    def _document(self, data: Any, columns: Sequence[str] | None) -> None:
        if self.showed:
            raise RuntimeError("--json is one document: show() was called twice, use show_parts()")
        whole = data if _is_record(data) or isinstance(data, str) else [_as_row(row) for row in data]
        if columns and not isinstance(whole, str):
            whole = _chosen(_as_row(whole), columns) if _is_record(whole) else [_chosen(row, columns) for row in whole]
        self.line(to_json(whole, indent=2))

    def _record(self, row: Row, format: Format | None, columns: Sequence[str] | None) -> None:  # noqa: A002
        if format in (None, Format.TABLE):
            for line in record_lines(_chosen(row, columns)):
                self.line(line)
        else:
            self._rows(iter([row]), format or Format.TABLE, columns)

    def _rows(self, rows: Iterator[Row], format: Format, columns: Sequence[str] | None) -> None:  # noqa: A002
        chosen = (_chosen(row, columns) for row in rows)
        if format is Format.TABLE:
            self._table(list(chosen))
        elif format is Format.CSV:
            self._csv(chosen, columns)
        elif format is Format.JSONL:
            for row in chosen:
                self.line(to_json(row))
        else:
            for row in rows:
                self.line(cell(row.get("public_id", row.get("id"))))

    def _table(self, rows: list[Row]) -> None:
        if not rows:
            self.note("nothing to show")
            return
        width = get_terminal_size().columns if self.is_terminal else None
        for number, line in enumerate(table_lines(rows, width)):
            self.line(self._bold(line) if number == 0 else line)

    def _csv(self, rows: Iterator[Row], columns: Sequence[str] | None) -> None:
        """Write exact values for the next program; on a terminal control characters are shown instead of obeyed."""
        header = list(columns or ())
        if header:
            self.line(_csv_line(header))
        for row in rows:
            if not header:
                header = list(row)
                self.line(_csv_line(header))
            line = _csv_line([_csv_value(row.get(name)) for name in header])
            self.line(visible(line, keep="\n") if self.is_terminal else line)

    # --- notes ----------------------------------------------------------------------------------------------------

    def note(self, text: str) -> None:
        """Write a remark to stderr; silent with --quiet."""
        if not self.quiet:
            self._stderr(text)

    def next_step(self, command: str) -> None:
        """End a command by naming the natural next one."""
        self.note(f"next: {command}")

    def warn(self, text: str) -> None:
        """Write a warning to stderr, --quiet or not."""
        self._stderr(f"warning: {text}")

    def fail(self, error: CrmError) -> None:
        """Write an error and its cure: two lines on stderr, and with --json the error document on stdout."""
        self._stderr(f"error: {error.message}")
        if error.hint:
            self._stderr(f"hint: {error.hint}")
        if self.json and not self.showed:
            message, hint = hide_passwords(error.message), hide_passwords(error.hint)
            self.line(to_json({"error": {"code": error.code, "message": message, "hint": hint}}, indent=2))

    def traceback(self, error: BaseException) -> None:
        """Write where an error came from to stderr (--debug)."""
        for line in "".join(format_exception(error)).splitlines():
            self._stderr(line)

    def _stderr(self, text: str) -> None:
        with suppress(OSError):  # a reader that has gone shows again at the next write, and is dealt with there
            self.streams.stdout.flush()  # where both go to one log, the note comes after the table it is about
        shown = visible(hide_passwords(text), keep="\n").replace("\n", "\n  ")
        self.streams.stderr.write(shown + "\n")
        self.streams.stderr.flush()

    # --- questions ------------------------------------------------------------------------------------------------

    def confirm(self, question: str, *, flag: str = "--yes", default: bool = False) -> bool:
        """Ask yes or no; without a terminal raise `UsageError` (exit 2) naming the `flag` that answers instead."""
        answer = self.ask(f"{question} [{'Y/n' if default else 'y/N'}]", flag=flag).casefold()
        return default if not answer else answer in ("y", "yes")

    def ask(self, question: str, *, flag: str) -> str:
        """Ask for a line; without a terminal, or with --no-input, raise `UsageError` naming the `flag` to give."""
        if not self.can_ask:
            why = "--no-input was given" if self.no_input else "there is no terminal to ask on"
            raise UsageError(f"{question}: {why}", hint=f"answer beforehand with {flag}", flag=flag)
        self.streams.stderr.write(visible(question, keep="\n") + " ")
        self.streams.stderr.flush()
        answer = self.streams.stdin.readline()
        if not answer:  # Ctrl-D: the question stays unanswered, and nothing may be assumed
            raise KeyboardInterrupt
        return answer.strip()

    @contextmanager
    def progress(self, label: str, total: int | None = None) -> Iterator[Progress]:
        """Show a progress bar on stderr while the block runs; on a terminal only. `total` is the number of rows."""
        if not self.animated:
            yield _Silent()
            return
        from crm_cli.progress import bar  # NOTE: Rich costs a quarter of a second to import

        with bar(self.streams.stderr, visible(label), total) as shown:
            yield shown

    # --- surroundings ---------------------------------------------------------------------------------------------

    @property
    def is_terminal(self) -> bool:
        """Whether a person looks at stdout."""
        return self.streams.stdout.isatty()

    @property
    def can_ask(self) -> bool:
        """Whether a person can answer: stdin and stderr are a terminal, and --no-input was not given."""
        return not self.no_input and self.streams.stdin.isatty() and self.streams.stderr.isatty()

    @property
    def has_screen(self) -> bool:
        """Whether a full screen can be shown: the process's own terminal, both ways, that is not dumb."""
        streams = (self.streams.stdin, self.streams.stdout)
        return self.can_ask and not self._dumb and all(_is_own_terminal(one) for one in streams)

    @property
    def animated(self) -> bool:
        """Whether bars may move: stderr is a terminal that is not dumb, and neither --quiet nor --json was given."""
        return not (self.quiet or self.json) and self.streams.stderr.isatty() and not self._dumb

    @property
    def colour(self) -> bool:
        """Whether stdout may carry colour (https://no-color.org)."""
        return self.is_terminal and not self._dumb and not self.streams.environ.get("NO_COLOR")

    @property
    def _dumb(self) -> bool:
        return self.streams.environ.get("TERM") == "dumb"

    def _bold(self, text: str) -> str:
        return f"\x1b[1m{text}\x1b[0m" if self.colour else text


def _is_own_terminal(stream: TextIO) -> bool:
    """Whether the operating system knows the stream as a terminal; what only says so (in a test) is none."""
    try:
        return os.isatty(stream.fileno())
    except (OSError, ValueError, AttributeError):
        return False


def _is_record(data: object) -> bool:
    return isinstance(data, Mapping) or (is_dataclass(data) and not isinstance(data, type))


def _as_row(data: Any) -> Row:
    if isinstance(data, Mapping):
        return data
    return {field.name: getattr(data, field.name) for field in fields(data)}


def _chosen(row: Row, columns: Sequence[str] | None) -> Row:
    return row if columns is None else {name: row.get(name) for name in columns}


def _csv_value(value: object) -> str:
    plain = jsonable(value)
    if isinstance(plain, (bool, list, dict)):
        return to_json(plain)
    return "" if plain is None else str(plain)


def _csv_line(values: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(values)
    return line.getvalue()
