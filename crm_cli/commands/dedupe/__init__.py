"""`crm dedupe`: find, review, decide, merge and explain duplicates – in the database, and in files without one.

One file for each step. To add a command: write its function beside the others and register it here.
"""

from __future__ import annotations

from crm_cli.commands.dedupe.deciding import decide, review
from crm_cli.commands.dedupe.evaluating import evaluate
from crm_cli.commands.dedupe.files import file, link
from crm_cli.commands.dedupe.finding import explain, find, lookup, status
from crm_cli.commands.dedupe.merging import merge
from crm_cli.commands.dedupe.unmerging import unmerge
from crm_cli.commands.kit import App

__all__ = ["app"]

app = App("Find, review and merge duplicates.")
app.command(writes=True)(find)
app.command(writes=True)(review)
app.command(writes=True)(decide)
app.command(writes=True)(merge)
app.command(writes=True)(unmerge)
app.command()(explain)
app.command()(status)
app.command()(lookup)
app.command(database=False)(file)
app.command(database=False)(link)
app.command()(evaluate)
