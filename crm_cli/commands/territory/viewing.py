"""`crm territory tree` and `crm territory history`: what is where, and what was."""

from __future__ import annotations

from typing import Annotated

import typer

from crm_cli.commands.kit import App, Crm
from crm_cli.commands.times import day
from crm_cli.console import Format as OutputFormat
from crm_cli.errors import UsageError
from crm_cli.options import EntityArgument, Format, Today

__all__ = ["register"]

Record = Annotated[str, typer.Argument(metavar="ID", help="The record: number, public id, e-mail address or name.")]


def register(app: App) -> None:
    """Add the commands to the group."""
    app.command("tree")(tree)
    app.command("history")(history)


def tree(crm: Crm, today: Today = None, format_: Format = None) -> None:
    """Show the tree of territories, each with what is in it and in all its parts: accounts, open work, members.

    Example:
        crm territory tree
    """
    from crm_cli.jobs.territories import tree_rows
    from crm_cli.territories import read_tree

    with crm.store.read() as connection:
        nodes = read_tree(crm.store, connection, day(crm, today))
    on_screen = format_ in (None, OutputFormat.TABLE) and not crm.console.json
    crm.console.show(tree_rows(crm.dictionary, nodes, indent=on_screen), format_)


def history(crm: Crm, entity: EntityArgument, record: Record, format_: Format = None) -> None:
    """Show in which territories a record was and whose it was there, from when to when, the newest first.

    Example:
        crm territory history account 12
    """
    from crm_cli import records
    from crm_cli.territories import read_stays

    declared = crm.dictionary.entity(entity)
    if "territory_id" not in declared.by_name:
        hint = "these have: account, contact, lead, opportunity"
        raise UsageError(f"{declared.noun} has no territory", hint=hint, entity=declared.name)
    with crm.store.read() as connection:
        located = records.locate(crm.store, connection, declared, record)
        stays = read_stays(crm.store, connection, declared.name, located.id)
    crm.console.show(stays, format_)
