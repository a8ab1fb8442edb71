"""`crm dedupe unmerge`: a merge is taken apart, found by a record that was in it."""

from __future__ import annotations

from typing import Annotated

import typer

from crm_cli.commands.kit import Crm
from crm_cli.commands.times import local
from crm_cli.commands.undo import show_undo
from crm_cli.errors import ExitCode
from crm_cli.options import EntityArgument

__all__ = ["unmerge"]

Merged = Annotated[int, typer.Argument(metavar="ID", help="A record that was merged away, or one that survived.")]


def unmerge(crm: Crm, entity: EntityArgument, record: Merged) -> ExitCode:
    """Take the merge of a record apart again, also years later and after edits.

    Of a survivor it is its last merge; all that the merge made one go apart. What was edited or added since stays with
    the survivor and is listed; everything else goes back to whom it came from. The pair is not proposed again.
    `crm undo` does the same for a whole operation.

    Examples:
        crm dedupe unmerge contact 140 --dry-run
        crm dedupe unmerge contact 140 --yes --reason "father and son"
    """
    from crm_cli import history
    from crm_cli.jobs.merging import last_merge_of

    found = last_merge_of(crm.store, entity, record)
    noun = crm.store.dictionary.entity(entity).noun
    merged = ", ".join(map(str, found.merged))
    question = (
        f"{noun} {merged} into {found.survivor}, at {local(crm, found.merged_at)} by {found.actor}. Take it apart?"
    )
    if not crm.confirm(question):
        crm.console.note("nothing was undone")
        return ExitCode.DONE
    result = history.undo(
        crm.store, found.operation_id, crm.author, units=[found.survivor], dry_run=crm.dry_run, wait=crm.wait
    )
    if not result.refused:
        would = "would be" if crm.dry_run else "are"
        crm.console.note(f"{noun} {found.survivor}, {merged} {would} records of their own again")
    return show_undo(crm, result)
