"""`crm blame`: who set each value of a record, when, and from which source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli.commands.kit import App, Crm
from crm_cli.commands.times import local
from crm_cli.options import EntityArgument, Format, Limit

if TYPE_CHECKING:
    from crm_cli.history import BlameLine

__all__ = ["app"]

app = App()

Record = Annotated[str, typer.Argument(metavar="ID", help="The record: its number or public id.")]
FieldName = Annotated[str | None, typer.Option("--field", metavar="FIELD", help="Only the life of this field.")]


@app.command()
def blame(
    crm: Crm, entity: EntityArgument, record: Record, field: FieldName = None, limit: Limit = None,
    format_: Format = None,
) -> None:  # fmt: skip
    """Show every change of a record, or of one field of it, newest first: who, when, from which file and row.

    Examples:
        crm blame contact 42
        crm blame contact 42 --field email
        crm blame account 7 --json
    """
    from crm_cli import records

    found = records.life(crm.store, entity, record, field=field)
    crm.console.show([_row(crm, one) for one in found[:limit]], format_)


def _row(crm: Crm, one: BlameLine) -> dict[str, Any]:
    return {
        "when": local(crm, one.when), "operation": one.operation_id, "kind": one.kind, "actor": one.actor,
        "action": one.action, "field": one.field or None, "old": one.old, "new": one.new, "source": one.source,
        "row": one.source_row, "reason": one.reason,
    }  # fmt: skip
