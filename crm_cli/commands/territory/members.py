"""`crm territory member`: who works a territory."""

from __future__ import annotations

from typing import Annotated

import typer

from crm_cli.commands.kit import App, Crm
from crm_cli.commands.territory.arguments import Territory, UserName
from crm_cli.options import Format

__all__ = ["app"]

app = App("Put users into territories, list them, take them out.")

Share = Annotated[
    float | None, typer.Option("--share", metavar="N", min=0, help="Share of the work, for weighted; else 1.")
]
Role = Annotated[str | None, typer.Option("--role", metavar="TEXT", help="What the user does there.")]


@app.command("add", writes=True)
def add_member(crm: Crm, territory: Territory, user: UserName, share: Share = None, role: Role = None) -> None:
    """Put a user into a territory, or change share and role there.

    Examples:
        crm territory member add South maria --share 2
        crm territory member add South tom --role overlay
    """
    from crm_cli import territories

    with crm.operation("member") as operation:
        [found] = territories.working_users(crm.store, operation.connection, [user])
        territories.add_member(operation, territory, found.id, share=share, role=role or "")
    crm.console.note(f"{found.username} {'would work' if crm.dry_run else 'works'} {territory}")


@app.command("list")
def list_members(crm: Crm, format_: Format = None) -> None:
    """List who works which territory.

    Example:
        crm territory member list
    """
    from crm_cli.territories import read_members

    with crm.store.read() as connection:
        members = read_members(crm.store, connection)
    crm.console.show([one for found in members.values() for one in found], format_)


@app.command("remove", writes=True)
def remove_member(crm: Crm, territory: Territory, user: UserName) -> None:
    """Take a user out of a territory. The records stay with the user: hand them over with `crm reassign`.

    Example:
        crm territory member remove South maria
    """
    from crm_cli import territories

    with crm.operation("member") as operation:
        found = territories.find_user(crm.store, operation.connection, user)
        territories.remove_member(operation, territory, found.id)
    crm.console.note(f"{found.username} {'would leave' if crm.dry_run else 'left'} {territory}")
