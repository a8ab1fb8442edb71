"""`crm sql`: a question in SQL, read-only."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli.commands.assignments import assignments
from crm_cli.commands.kit import App, Crm
from crm_cli.errors import UsageError
from crm_cli.options import Format, Limit, Output, Overwrite

if TYPE_CHECKING:
    from crm_cli.reports import Answer

__all__ = ["app"]

app = App()

Question = Annotated[
    str | None, typer.Argument(metavar="SELECT", help="The statement, in the database's own words; `-` reads it.")
]
File = Annotated[Path | None, typer.Option("--file", metavar="FILE", help="Read the statement from this file.")]
Values = Annotated[
    list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="What :NAME stands for; repeatable.")
]
Timeout = Annotated[
    float, typer.Option("--timeout", metavar="SECONDS", min=0.001, help="Stop the statement after so long.")
]
_SHOWN = 1_000


@app.command()
def sql(
    crm: Crm,
    question: Question = None,
    file: File = None,
    values: Values = None,
    limit: Limit = None,
    timeout: Timeout = 60.0,
    output: Output = None,
    overwrite: Overwrite = False,
    format_: Format = None,
) -> None:
    """Ask the database a question in SQL: one SELECT, in its own words. Nothing can be changed.

    The database itself refuses to write, and stops the statement after --timeout. 1 000 rows are shown, more with
    --limit, all with -o. Amounts come in minor units, as they are stored; masked fields as •••.

    Examples:
        crm sql "SELECT stage, COUNT(*) AS deals FROM opportunity GROUP BY stage"
        crm sql "SELECT id, name FROM account WHERE name_key LIKE :begin" --set begin=acme%
        crm sql --file deals.sql -o deals.csv
    """
    from crm_cli.reports import ask_sql

    text = _statement(crm, question, file)
    path = crm.path(output) if output is not None and str(output) != "-" else None
    if path is not None:
        _check(path, overwrite=overwrite)
    with ask_sql(crm.store, text, assignments(values) if values else {}, seconds=timeout) as answer:
        if path is None:
            _show(crm, answer, limit, format_)
        else:
            _write(crm, answer, path, limit, overwrite=overwrite)


def _statement(crm: Crm, question: str | None, file: Path | None) -> str:
    if (question is None) == (file is None):
        raise UsageError("one statement is asked for", hint='crm sql "SELECT …", or --file FILE')
    if file is not None:
        try:
            return crm.path(file).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as fault:
            raise UsageError(f"{file} cannot be read: {fault}", hint="a text file in UTF-8") from fault
    return sys.stdin.read() if question == "-" else str(question)


def _show(crm: Crm, answer: Answer, limit: int | None, format_: Any) -> None:
    most = limit or _SHOWN
    rows = [dict(zip(answer.columns, row, strict=True)) for row in islice(answer.rows, most + 1)]
    crm.console.show(rows[:most], format_, answer.columns)
    if len(rows) > most and limit is None:
        crm.console.note(f"the first {most} rows; --limit N shows more, -o FILE writes all")


def _check(path: Path, *, overwrite: bool) -> None:
    from crm_cli.jobs.reporting import check_report_file

    check_report_file(path, overwrite=overwrite)


def _write(crm: Crm, answer: Answer, path: Path, limit: int | None, *, overwrite: bool) -> None:
    from crm_cli.jobs.reporting import write_answer_file

    rows: Iterator[tuple[Any, ...]] = islice(answer.rows, limit) if limit else answer.rows
    written = write_answer_file(answer.columns, rows, path, overwrite=overwrite)
    crm.console.note(f"wrote {written.rows} rows to {written.path}")
