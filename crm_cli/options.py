"""The options that commands share: one name, one meaning, one wording everywhere.

The first two groups are given to commands by `crm_cli.commands.kit.App.command` and read from the `Crm` object;
a command never declares them. The rest are `Annotated` aliases to declare as parameters, `where: Where = None`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crm_cli.completion import database_names, entity_nouns, field_names
from crm_cli.console import Format as OutputFormat

__all__ = [
    "Actor",
    "AllRecords",
    "AsOf",
    "Columns",
    "Database",
    "Debug",
    "DryRun",
    "EntityArgument",
    "FailOn",
    "Format",
    "Json",
    "Limit",
    "MaxChanges",
    "NoInput",
    "Output",
    "Overwrite",
    "Quiet",
    "Reason",
    "Rejects",
    "Sheet",
    "SourceArgument",
    "Today",
    "Wait",
    "Where",
    "Yes",
]

# --- given to every command (Database: to all that use one) -----------------------------------------------------------

Database = Annotated[
    str | None,
    typer.Option(
        "--db",
        metavar="NAME|FILE|URL",
        help="The database: a name from the configuration, a file, a URL.",
        autocompletion=database_names,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Write one JSON document instead of text.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No notes and no progress; warnings and errors stay.")]
NoInput = Annotated[bool, typer.Option("--no-input", help="Never ask; fail where an answer would be needed.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]

# --- given to every command that writes -------------------------------------------------------------------------------

DryRun = Annotated[bool, typer.Option("--dry-run", help="Do everything, show what would change, then roll it back.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Answer the question before a large change with yes.")]
Reason = Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Why; kept in the log.")]
Actor = Annotated[str | None, typer.Option("--as", metavar="USER", help="Who does this; else CRM_USER, else you.")]
Wait = Annotated[
    float | None,
    typer.Option("--wait", metavar="SECONDS", min=0, help="Wait so long for another writer instead of ending with 5."),
]

# --- to declare -------------------------------------------------------------------------------------------------------

Where = Annotated[
    str | None,
    typer.Option("--where", metavar="CONDITION", help="Only these records: a condition such as \"country = 'US'\"."),
]
Columns = Annotated[
    str | None,
    typer.Option("--columns", metavar="FIELD,…", help="The fields to show, in this order.", autocompletion=field_names),
]
Limit = Annotated[int | None, typer.Option("--limit", metavar="N", min=1, help="At most so many.")]
MaxChanges = Annotated[
    int | None, typer.Option("--max-changes", metavar="N", min=1, help="Refuse to change more records than this.")
]
Format = Annotated[OutputFormat | None, typer.Option("--format", help="How rows are written.")]
Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="Write to this file, `-` is the standard output."),
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace the output file if it exists.")]
Rejects = Annotated[
    Path | None,
    typer.Option("--rejects", metavar="FILE", help="Write refused rows here, to correct and import again."),
]
Sheet = Annotated[str | None, typer.Option("--sheet", metavar="NAME", help="The sheet of a workbook.")]
AsOf = Annotated[str | None, typer.Option("--as-of", metavar="DATE", help="How old the data are (YYYY-MM-DD).")]
Today = Annotated[str | None, typer.Option("--today", metavar="DATE", help="Reckon as if today were this day.")]
FailOn = Annotated[str | None, typer.Option("--fail-on", metavar="warn|error", help="From which finding on to exit 3.")]
AllRecords = Annotated[bool, typer.Option("--all", help="Everything, not only the newest or the open ones.")]
EntityArgument = Annotated[
    str, typer.Argument(metavar="ENTITY", help="What to work on, such as contact.", autocompletion=entity_nouns)
]
SourceArgument = Annotated[
    str, typer.Argument(metavar="SOURCE", help="A file, `-` for the standard input, or a database URL.")
]
