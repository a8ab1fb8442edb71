"""`crm territory assign`: sort records by the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from crm_cli.commands.kit import App, Crm
from crm_cli.commands.times import day
from crm_cli.options import EntityArgument, Today, Where

if TYPE_CHECKING:
    from crm_cli.territories import Assigned

__all__ = ["register"]

Children = Annotated[
    bool, typer.Option("--children", help="Open work of the owner before goes to the new owner with the record.")
]


def register(app: App) -> None:
    """Add the command to the group."""
    app.command("assign", writes=True)(assign)


def assign(
    crm: Crm, entity: EntityArgument, where: Where = None, children: Children = False, today: Today = None
) -> None:
    """Sort records into territories by the rules, the first that matches wins, and give them owners there.

    A record whose owner works its territory keeps the owner, one that no rule matches keeps what it has: a second
    run changes nothing.

    Examples:
        crm territory assign account --dry-run
        crm territory assign lead --where "created_at >= today() - 1" --yes
    """
    from crm_cli.territories import assign_territories

    if not crm.confirm(f"sort {entity} records into territories?"):
        return
    with crm.operation("assign", exclusive=True) as operation:
        result = assign_territories(operation, entity, today=day(crm, today), where=where, children=children)
    _show(crm, result)


def _show(crm: Crm, result: Assigned) -> None:
    from crm_cli.dictionary import shown

    field = crm.store.dictionary.entity("territory").field("name")
    counts = [
        {"territory": shown(field, one.territory) or "(none)", "before": one.before, "after": one.after,
         "change": one.after - one.before}
        for one in result.counts
    ]  # fmt: skip
    if crm.console.json:
        number = None if crm.dry_run else result.operation_id
        facts = {"moved": result.moved, "owners_changed": result.owners_changed, "unmatched": result.unmatched,
                 "followed": result.followed}  # fmt: skip
        crm.console.show({"operation": number, **facts, "rules": result.matched, "territories": counts})
    else:
        crm.console.show(counts)
    for name in result.unmanned:
        crm.console.warn(f"nobody works {name}: its records keep their owners")
    verb = "would get" if crm.dry_run else "got"
    crm.console.note(
        f"{result.moved} records {verb} another territory, {result.owners_changed} another owner; "
        f"{result.unmatched} fit no rule"
    )
    if not crm.dry_run and (result.moved or result.owners_changed):
        crm.console.next_step(f"crm undo {result.operation_id} takes it back")
