"""`crm territory`: territories, their rules and members, and sorting records into them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from crm_cli.commands.entity import entity_app
from crm_cli.commands.kit import App, Crm
from crm_cli.commands.times import day
from crm_cli.errors import UsageError
from crm_cli.options import EntityArgument, Format, Today, Where

if TYPE_CHECKING:
    from crm_cli.territories import Assigned

__all__ = ["app"]

app = entity_app("territory")
rule = App("Add, list and remove the rules that sort records into territories.")
member = App("Put users into territories, list them, take them out.")
app.add("rule", rule)
app.add("member", member)

Territory = Annotated[str, typer.Argument(metavar="TERRITORY", help="Its name or number.")]
UserName = Annotated[str, typer.Argument(metavar="USER", help="The user.")]
RuleNumber = Annotated[int, typer.Argument(metavar="RULE", help="Its number; `crm territory rule list` shows it.")]
EntityOption = Annotated[str, typer.Option("--entity", metavar="ENTITY", help="account, contact, lead, opportunity.")]
Position = Annotated[int | None, typer.Option("--position", metavar="N", help="Where in the order; else last.")]
Assign = Annotated[
    str, typer.Option("--assign", metavar="keep|round_robin|weighted|least_loaded", help="How owners are chosen.")
]
From = Annotated[str | None, typer.Option("--effective-from", metavar="DATE", help="First day that it holds.")]
To = Annotated[str | None, typer.Option("--effective-to", metavar="DATE", help="Last day that it holds.")]
Share = Annotated[float, typer.Option("--share", metavar="N", min=0, help="Share of the work, for weighted.")]

_ASSIGN = ("keep", "round_robin", "weighted", "least_loaded")


@app.command(writes=True)
def assign(crm: Crm, entity: EntityArgument, where: Where = None, today: Today = None) -> None:
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
        result = assign_territories(operation, entity, today=day(crm, today), where=where)
    _show(crm, result)


@rule.command("add", writes=True)
def add_rule(
    crm: Crm, territory: Territory, where: Where = None, entity: EntityOption = "account", position: Position = None,
    assign: Assign = "keep", effective_from: From = None, effective_to: To = None,
) -> None:  # fmt: skip
    """Add a rule: records that fit the condition fall into the territory, unless an earlier rule has them.

    Examples:
        crm territory rule add South --where "region in ('TX', 'OK')" --assign round_robin
        crm territory rule add Key --where "annual_revenue > 10000000" --position 1
    """
    from crm_cli import territories

    if not where:
        raise UsageError("a rule needs a condition", hint="--where \"region in ('TX', 'OK')\"")
    if assign not in _ASSIGN:
        raise UsageError(f"--assign {assign} is unknown", hint=f"one of: {', '.join(_ASSIGN)}")
    new = territories.NewRule(
        territory=territory, entity=entity, condition=where, position=position, assign=assign,
        effective_from=day(crm, effective_from) if effective_from else None,
        effective_to=day(crm, effective_to) if effective_to else None,
    )  # fmt: skip
    with crm.operation("rule") as operation:
        number = territories.add_rule(operation, new)
    crm.console.note(f"rule {number} {'would be' if crm.dry_run else 'was'} added")
    crm.console.next_step(f"crm territory assign {entity} --dry-run")


@rule.command("list")
def list_rules(crm: Crm, format_: Format = None) -> None:
    """List the rules in the order in which they are tried.

    Example:
        crm territory rule list
    """
    from crm_cli.territories import read_rules

    with crm.store.read() as connection:
        crm.console.show(read_rules(crm.store, connection), format_)


@rule.command("remove", writes=True)
def remove_rule(crm: Crm, number: RuleNumber) -> None:
    """Take a rule away. What it assigned stays assigned.

    Example:
        crm territory rule remove 3
    """
    with crm.operation("rule") as operation:
        operation.delete("territory_rule", [number])
    crm.console.note(f"rule {number} {'would be' if crm.dry_run else 'was'} removed")


@member.command("add", writes=True)
def add_member(crm: Crm, territory: Territory, user: UserName, share: Share = 1.0) -> None:
    """Put a user into a territory, or change the share of the work.

    Example:
        crm territory member add South maria --share 2
    """
    from crm_cli import territories

    with crm.operation("member") as operation:
        [found] = territories.working_users(crm.store, operation.connection, [user])
        territories.add_member(operation, territory, found.id, share=share)
    crm.console.note(f"{found.username} {'would work' if crm.dry_run else 'works'} {territory}")


@member.command("list")
def list_members(crm: Crm, format_: Format = None) -> None:
    """List who works which territory.

    Example:
        crm territory member list
    """
    from crm_cli.territories import read_members

    with crm.store.read() as connection:
        members = read_members(crm.store, connection)
    crm.console.show([one for found in members.values() for one in found], format_)


@member.command("remove", writes=True)
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
        facts = {"moved": result.moved, "owners_changed": result.owners_changed, "unmatched": result.unmatched}
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
