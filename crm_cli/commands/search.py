"""`crm search`: find records by words."""

from __future__ import annotations

from typing import Annotated

import typer

from crm_cli.commands.kit import App, Crm
from crm_cli.options import Format, Limit

__all__ = ["app"]

app = App()

Words = Annotated[list[str], typer.Argument(metavar="WORDS", help="Name, part of one, company, e-mail, telephone.")]
Entities = Annotated[
    list[str] | None, typer.Option("--in", metavar="ENTITY", help="Only records of this entity. Can be repeated.")
]

_HITS = 20


@app.command()
def search(crm: Crm, words: Words, entities: Entities = None, limit: Limit = None, format_: Format = None) -> None:
    """Find records of every entity by name, part of a name, e-mail or telephone; typing errors are forgiven.

    Examples:
        crm search ann smith
        crm search 030 1234567 --in contact
        crm search acme --format ids
    """
    from crm_cli import records

    found = records.find(crm.store, " ".join(words), entities=entities, limit=limit or _HITS)
    crm.console.show(found, format_)
    if found:
        crm.console.next_step(f"crm {found[0].entity} show {found[0].id}")
