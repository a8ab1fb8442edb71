"""`crm log`: what was done, when, by whom and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli.commands.kit import App, Crm
from crm_cli.commands.times import local
from crm_cli.options import AllRecords, Format, Limit

if TYPE_CHECKING:
    from crm_cli.history import LoggedChange, LoggedOperation

__all__ = ["app", "counted", "operation_row"]

app = App()

Number = Annotated[int | None, typer.Argument(metavar="ID", help="Show this operation and what it changed.")]
Kind = Annotated[str | None, typer.Option("--kind", metavar="KIND", help="Only operations such as import, merge, set.")]

_OPERATIONS, _CHANGES = 20, 50
_VERBS = {"insert": "added", "update": "changed", "delete": "removed"}


@app.command()
def log(
    crm: Crm, number: Number = None, kind: Kind = None, limit: Limit = None, all_: AllRecords = False,
    format_: Format = None,
) -> None:  # fmt: skip
    """Show what was done, newest first; of one operation, every record that it changed.

    Examples:
        crm log
        crm log 42
        crm log --kind merge --limit 5 --json
    """
    from crm_cli.history import read_log

    if number is not None:
        _show_one(crm, number, None if all_ else limit or _CHANGES)
        return
    found = read_log(crm.store, limit=_everything() if all_ else limit or _OPERATIONS, kind=kind)
    crm.console.show([operation_row(crm, one) for one in found], format_)


def _everything() -> int:
    return 2**31 - 1


def operation_row(crm: Crm, one: LoggedOperation) -> dict[str, Any]:
    """Return an operation as the log shows it."""
    return {
        "id": one.id, "when": local(crm, one.started_at), "kind": one.kind, "actor": one.actor,
        "changed": counted(one.summary), "undone_by": one.undone_by, "undoes": one.undoes, "reason": one.reason,
        "command": one.command, **({"run": one.script_run} if one.script_run else {}),
    }  # fmt: skip


def counted(summary: dict[str, int]) -> str:
    """Return counts such as `{"contact.insert": 3}` in words: `3 contact added`."""
    parts = [(*name.rpartition(".")[::2], count) for name, count in summary.items()]
    return ", ".join(f"{count} {entity} {_VERBS.get(action, action)}" for entity, action, count in parts)


def _show_one(crm: Crm, number: int, limit: int | None) -> None:
    from crm_cli.history import read_changes, read_operation

    operation = read_operation(crm.store, number)
    changes = read_changes(crm.store, number, limit=None if limit is None else limit + 1)
    shown = changes if limit is None else changes[:limit]
    rows = [_change_row(one) for one in shown]
    crm.console.show_parts({"operation": operation_row(crm, operation), "changes": rows})
    if len(changes) > len(shown):
        crm.console.note(f"these are the first {limit} changes; --all shows the rest")
    if operation.undone_by is None and operation.kind not in ("undo", "erase"):
        crm.console.next_step(f"crm undo {number} takes it back")


def _change_row(one: LoggedChange) -> dict[str, Any]:
    return {
        "action": one.action, "entity": one.entity, "record": one.record_id, "row": one.source_row,
        "old": one.old or None, "new": one.new or None,
    }  # fmt: skip
