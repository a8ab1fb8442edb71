"""Options of every command that reads a source, and what becomes of them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crm_cli.errors import UsageError

if TYPE_CHECKING:
    from crm_cli.importers import ReadOptions

__all__ = [
    "CountryOption",
    "DateOrder",
    "Delimiter",
    "Encoding",
    "Header",
    "Layout",
    "MappingFile",
    "Quote",
    "SourceFormat",
    "as_of_moment",
    "known_order",
    "read_options",
]

Encoding = Annotated[
    str | None, typer.Option("--encoding", metavar="NAME", help="The source's encoding, else found out.")
]
Delimiter = Annotated[
    str | None, typer.Option("--delimiter", metavar="CHAR", help="The source's delimiter, else found out.")
]
SourceFormat = Annotated[
    str | None,
    typer.Option("--source-format", metavar="NAME", help="The source's format, such as csv or excel, else found out."),
]
Quote = Annotated[str | None, typer.Option("--quote", metavar="CHAR", help="The source's quote, else found out.")]
Layout = Annotated[
    Path | None,
    typer.Option(
        "--layout", metavar="FILE", help="The columns of a source of fixed width, a line each: name start-end."
    ),
]
Header = Annotated[str | None, typer.Option("--header", metavar="ROW|none", help="The header's row, else found out.")]
CountryOption = Annotated[
    str | None,
    typer.Option("--country", metavar="CODE", help="Country of records that name none (ISO 3166-1 alpha-2)."),
]
MappingFile = Annotated[
    Path | None, typer.Option("--mapping", metavar="FILE", help="The mapping to use, as crm mapping make writes it.")
]
DateOrder = Annotated[
    str | None, typer.Option("--date-order", metavar="dmy|mdy|ymd", help="How to read dates such as 03/04/2024.")
]


def known_order(text: str | None) -> str | None:
    """Return the order that --date-order names; `UsageError` for one that does not exist."""
    if text not in (None, "dmy", "mdy", "ymd"):
        raise UsageError(f"--date-order {text}: there is no such order", hint="one of: dmy, mdy, ymd")
    return text


def read_options(
    *, encoding: str | None, delimiter: str | None, header: str | None, sheet: str | None = None,
    source_format: str | None = None, quote: str | None = None, layout: Path | None = None,
) -> ReadOptions:  # fmt: skip
    """Return how to read a source, as the options settled it; `layout` is a file, seen from where we are."""
    from crm_cli.importers import ReadOptions

    if header not in (None, "none") and not str(header).isdigit():
        raise UsageError(f"--header {header}: neither a row number nor none", hint="--header 5, or --header none")
    return ReadOptions(
        encoding=encoding, delimiter={"tab": "\t", "\\t": "\t"}.get(delimiter or "", delimiter),
        header=None if header is None else "none" if header == "none" else int(header), sheet=sheet,
        format=source_format, quote=quote, layout=None if layout is None else _layout(layout),
    )  # fmt: skip


def _layout(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        reason = fault.strerror if isinstance(fault, OSError) else "it is not UTF-8"
        hint = "a line a column: name start-end, in bytes, counted from 1"
        raise UsageError(f"cannot read the layout {path}: {reason}", hint=hint) from None


def as_of_moment(text: str | None) -> datetime | None:
    """Return the start of the day that --as-of names, in UTC; a day to come is refused."""
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--as-of {text}: not a date", hint="write it as YYYY-MM-DD") from None
    if day > datetime.now(UTC).date():
        raise UsageError(f"--as-of {text} is to come", hint="it says how old the data are")
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
