"""`crm contact list|show|add|edit|set|delete|restore`, and the same of every entity: one module serves them all.

`entity_app(noun)` makes the group; what help says comes from the dictionary (`entity_help.py`).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from crm_cli.commands.assignments import assignments, reader, split_words
from crm_cli.commands.editing import edited
from crm_cli.commands.entity_help import about
from crm_cli.commands.kit import App, Crm
from crm_cli.commands.policies import policy_folder
from crm_cli.commands.previews import (
    SAMPLE,
    agrees_to_change,
    agrees_to_delete,
    deletion,
    show_added,
    show_candidates,
    show_changes,
    show_remarks,
    show_removed,
)
from crm_cli.commands.showing import show_view
from crm_cli.commands.times import localized
from crm_cli.console import Format as OutputFormat
from crm_cli.errors import ExitCode
from crm_cli.jobs.caps import refuse_too_many
from crm_cli.options import AllRecords, Columns, Format, Limit, MaxChanges, Where

if TYPE_CHECKING:
    from crm_cli.records import ChangePlan

__all__ = ["entity_app"]

Record = Annotated[str, typer.Argument(metavar="ID", help="The record: number, public id, e-mail address or name.")]
Records = Annotated[
    list[str] | None, typer.Argument(metavar="ID…", help="The records: numbers, public ids, e-mail addresses or names.")
]
Assignments = Annotated[
    list[str] | None, typer.Argument(metavar="FIELD=VALUE…", help="Fields and their values, a blank clears.")
]
AssignmentsAndRecords = Annotated[
    list[str] | None, typer.Argument(metavar="FIELD=VALUE… ID…", help="What to set, and on which records.")
]
SetValues = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="FIELD=VALUE", help="One more field and its value; repeatable."),
]
Force = Annotated[bool, typer.Option("--force", help="Add it although there are records like it.")]
Order = Annotated[str | None, typer.Option("--order", metavar="FIELD,…", help="Order by these fields; else by id.")]
Deleted = Annotated[bool, typer.Option("--deleted", help="Only deleted records.")]

_ROWS, _CHANGES = 50, 1_000


def entity_app(noun: str) -> App:
    """Return the commands of the entity called `noun`."""
    app = App(about(noun, "group"))
    app.command("list")(_bound(list_, noun))
    app.command("show")(_bound(show, noun))
    app.command("add", writes=True)(_bound(add, noun))
    app.command("edit", writes=True)(_bound(edit, noun))
    app.command("set", writes=True)(_bound(set_, noun))
    app.command("delete", writes=True)(_bound(delete, noun))
    app.command("restore", writes=True)(_bound(restore, noun))
    return app


def _bound(function: Callable[..., ExitCode | None], noun: str) -> Callable[..., ExitCode | None]:
    """Return `function` with its first parameter given, and the help that the entity's dictionary entry makes."""

    def call(crm: Crm, **values: Any) -> ExitCode | None:
        return function(noun, crm, **values)

    _, *parameters = inspect.signature(function).parameters.values()
    hints = get_type_hints(function, include_extras=True)
    call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    call.__annotations__ = {one.name: hints[one.name] for one in parameters}
    call.__name__ = function.__name__
    call.__doc__ = about(noun, function.__name__.rstrip("_"))
    return call


def list_(
    noun: str, crm: Crm, where: Where = None, columns: Columns = None, order: Order = None, limit: Limit = None,
    all_: AllRecords = False, deleted: Deleted = False, format_: Format = None,
) -> None:  # fmt: skip
    """List records; a table ends after 50 unless told otherwise."""
    from crm_cli import records

    on_screen = format_ in (None, OutputFormat.TABLE) and not crm.console.json
    wanted = records.Listing(
        entity=noun, columns=_names(columns), where=where, order=_names(order), deleted=deleted,
        limit=limit or (_ROWS if on_screen and not all_ else None),
    )  # fmt: skip
    with crm.store.read() as connection:
        listed = records.listed(crm.store, connection, wanted)
        rows = (localized(crm, row) for row in listed.rows) if on_screen else listed.rows
        crm.console.show(rows, format_, columns=listed.columns)
    if listed.left_out and limit is None:
        crm.console.note(f"{listed.left_out} more; --limit N or --all shows them")


def _names(text: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in (text or "").split(",") if name.strip())


def show(noun: str, crm: Crm, record: Record) -> None:
    """Show one record and everything that belongs to it."""
    from crm_cli.audits import load_policies
    from crm_cli.jobs.viewing import view

    found = view(crm.store, noun, record, lambda: load_policies(policy_folder(crm)))
    if found.remark:
        crm.console.note(found.remark)
    show_view(crm, found)


def add(
    noun: str, crm: Crm, words: Assignments = None, sets: SetValues = None, force: Force = False
) -> ExitCode | None:
    """Add a record, unless there is one like it."""
    from crm_cli import records
    from crm_cli.jobs.existing import existing

    with crm.store.read() as connection:
        given = reader(crm, noun, connection).read(assignments([*(words or []), *(sets or [])]))
    candidates = [] if force else existing(crm.store, given)
    if candidates:
        return show_candidates(crm, noun, candidates)
    with crm.operation("add") as operation:
        added = records.add(operation, given)
    show_added(crm, noun, added)
    return ExitCode.DONE


def edit(noun: str, crm: Crm, record: Record) -> ExitCode | None:
    """Change one record in your editor ($VISUAL, $EDITOR)."""
    from crm_cli import records

    declared = crm.store.dictionary.entity(noun)
    with crm.store.read() as connection:
        located = records.locate(crm.store, connection, declared, record)
        document = records.document_of(crm.store, connection, declared, located.id)
    with edited(crm, document.text, f"{noun}-{located.id}") as text:
        changes = document.changes(text)
        if not changes:
            crm.console.note("nothing was changed")
            return ExitCode.DONE
        with crm.store.read() as connection:
            plan = records.plan_changes(reader(crm, noun, connection), [located.id], changes, version=document.version)
        return _apply(crm, plan, "edit")


def set_(
    noun: str, crm: Crm, words: AssignmentsAndRecords = None, sets: SetValues = None, where: Where = None,
    max_changes: MaxChanges = _CHANGES,
) -> ExitCode | None:  # fmt: skip
    """Set fields of records, named or selected by a condition."""
    from crm_cli import records

    given, named = split_words(words or [])
    values = assignments([*given, *(sets or [])])
    with crm.store.read() as connection:
        chosen = records.choose(crm.store, connection, crm.store.dictionary.entity(noun), named, where)
        plan = records.plan_changes(reader(crm, noun, connection), chosen.ids, values)
        titles = records.titles_of(crm.store, connection, plan.entity.name, plan.changed[:SAMPLE])
    show_remarks(crm, [*chosen.remarks, *plan.remarks])
    refuse_too_many(noun, len(plan.changed), max_changes)
    if not agrees_to_change(crm, plan, titles):
        crm.console.note("nothing was changed")
        return ExitCode.DONE
    return _apply(crm, plan, "set")


def _apply(crm: Crm, plan: ChangePlan, kind: str) -> ExitCode:
    from crm_cli import records

    if not plan.changed and not plan.groups:
        crm.console.note("nothing differs")
        return ExitCode.DONE
    with crm.operation(kind) as operation:
        changed = records.apply_changes(operation, plan)
    show_changes(crm, plan, len(changed), operation.id)
    return ExitCode.DONE


def delete(
    noun: str, crm: Crm, named: Records = None, where: Where = None, max_changes: MaxChanges = _CHANGES
) -> ExitCode | None:
    """Delete records: they are not shown any more, and can be restored."""
    from crm_cli import records

    declared = crm.store.dictionary.entity(noun)
    with crm.store.read() as connection:
        chosen = records.choose(crm.store, connection, declared, named or [], where)
        wanted = deletion(crm.store, connection, declared, chosen.ids)
    show_remarks(crm, chosen.remarks)
    refuse_too_many(noun, len(chosen.ids), max_changes)
    if not agrees_to_delete(crm, wanted):
        crm.console.note("nothing was deleted")
        return ExitCode.DONE
    with crm.operation("delete") as operation:
        gone = records.delete(operation, declared, chosen.ids)
        titles = records.titles_of(operation.store, operation.connection, declared.name, gone)
    show_removed(crm, noun, titles, "deleted", operation.id)
    return ExitCode.DONE


def restore(
    noun: str, crm: Crm, named: Records = None, where: Where = None, max_changes: MaxChanges = _CHANGES
) -> ExitCode | None:
    """Bring deleted records back."""
    from crm_cli import records

    declared = crm.store.dictionary.entity(noun)
    with crm.store.read() as connection:
        chosen = records.choose_deleted(crm.store, connection, declared, named or [], where)
    show_remarks(crm, chosen.remarks)
    refuse_too_many(noun, len(chosen.ids), max_changes)
    if len(chosen.ids) > 1 and not crm.confirm(f"restore {len(chosen.ids)} {declared.plural}?"):
        crm.console.note("nothing was restored")
        return ExitCode.DONE
    with crm.operation("restore") as operation:
        back = records.restore(operation, declared, chosen.ids)
        titles = records.titles_of(operation.store, operation.connection, declared.name, back)
    show_removed(crm, noun, titles, "restored", operation.id)
    return ExitCode.DONE
