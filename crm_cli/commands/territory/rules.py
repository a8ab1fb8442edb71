"""`crm territory rule`: which records fall into a territory, and who gets them there."""

from __future__ import annotations

from typing import Annotated

import typer

from crm_cli.commands.kit import App, Crm
from crm_cli.commands.territory.arguments import Territory
from crm_cli.commands.times import day
from crm_cli.console import Format as OutputFormat
from crm_cli.errors import UsageError, did_you_mean
from crm_cli.options import Format, Where

__all__ = ["app"]

app = App("Add, list and remove the rules that sort records into territories.")

_COLUMNS = (
    "id", "position", "entity", "territory", "condition", "assign", "owner", "named", "effective_from", "effective_to",
)  # fmt: skip
_ASSIGN = ("keep", "direct", "round_robin", "weighted", "least_loaded", "sticky")

RuleNumber = Annotated[int, typer.Argument(metavar="RULE", help="Its number; `crm territory rule list` shows it.")]
EntityOption = Annotated[str, typer.Option("--entity", metavar="ENTITY", help="account, contact, lead, opportunity.")]
Position = Annotated[int | None, typer.Option("--position", metavar="N", help="Where in the order; else last.")]
Assign = Annotated[str | None, typer.Option("--assign", metavar="|".join(_ASSIGN), help="How owners are chosen.")]
Owner = Annotated[str | None, typer.Option("--owner", metavar="USER", help="Who gets them all: direct assignment.")]
From = Annotated[str | None, typer.Option("--effective-from", metavar="DATE", help="First day that it holds.")]
To = Annotated[str | None, typer.Option("--effective-to", metavar="DATE", help="Last day that it holds.")]
Postal = Annotated[str | None, typer.Option("--postal", metavar="CODES", help="Postal codes: 75000-79999,885*,10115.")]
Accounts = Annotated[
    str | None, typer.Option("--accounts", metavar="ID,…|FILE", help="Named accounts; balancing never moves them.")
]
Except = Annotated[str | None, typer.Option("--except", metavar="CONDITION", help="But not these records.")]


@app.command("add", writes=True)
def add_rule(
    crm: Crm, territory: Territory, where: Where = None, postal: Postal = None, accounts: Accounts = None,
    except_: Except = None, entity: EntityOption = "account", position: Position = None, assign: Assign = None,
    owner: Owner = None, effective_from: From = None, effective_to: To = None,
) -> None:  # fmt: skip
    """Add a rule: records that fit the condition fall into the territory, unless an earlier rule has them.

    Examples:
        crm territory rule add South --where "region in ('TX', 'OK')" --assign round_robin
        crm territory rule add South --postal "75000-79999,885*" --except "industry = 'Government'"
        crm territory rule add Key --accounts 12,15 --owner maria --position 1
    """
    from crm_cli import territories

    mode = _mode(assign, owner)
    numbers = territories.read_numbers(accounts, crm.surroundings.cwd) if accounts else ()
    declared = crm.dictionary.entity(entity).name
    condition = territories.covering(declared, where=where, postal=postal, accounts=numbers, exclude=except_)
    new = territories.NewRule(
        territory=territory, entity=entity, condition=condition, position=position, assign=mode, owner=owner,
        named=bool(numbers), effective_from=day(crm, effective_from) if effective_from else None,
        effective_to=day(crm, effective_to) if effective_to else None,
    )  # fmt: skip
    with crm.operation("rule") as operation:
        number = territories.add_rule(operation, new)
    crm.console.note(f"rule {number} {'would be' if crm.dry_run else 'was'} added")
    crm.console.next_step(f"crm territory assign {entity} --dry-run")


def _mode(assign: str | None, owner: str | None) -> str:
    mode = (assign or ("direct" if owner else "keep")).replace("-", "_")
    if mode not in _ASSIGN:
        hint = did_you_mean(mode, _ASSIGN) or f"one of: {', '.join(_ASSIGN)}"
        raise UsageError(f"--assign {assign} is unknown", hint=hint)
    if mode == "direct" and not owner:
        raise UsageError("--assign direct names nobody", hint="say who gets them: --owner USER")
    return mode


@app.command("list")
def list_rules(crm: Crm, format_: Format = None) -> None:
    """List the rules in the order in which they are tried.

    Example:
        crm territory rule list
    """
    from crm_cli.territories import read_rules

    with crm.store.read() as connection:
        rows = read_rules(crm.store, connection)
    crm.console.show(rows, format_, columns=_shown(crm, rows, format_))


def _shown(crm: Crm, rows: object, format_: Format) -> tuple[str, ...] | None:
    """The columns of a table: no numbers beside the names that they stand for."""
    on_screen = format_ in (None, OutputFormat.TABLE) and not crm.console.json
    return _COLUMNS if on_screen and rows else None


@app.command("remove", writes=True)
def remove_rule(crm: Crm, number: RuleNumber) -> None:
    """Take a rule away. What it assigned stays assigned.

    Example:
        crm territory rule remove 3
    """
    with crm.operation("rule") as operation:
        operation.delete("territory_rule", [number])
    crm.console.note(f"rule {number} {'would be' if crm.dry_run else 'was'} removed")
