"""Undo a run of a script: its operations, the newest first, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from crm_cli.errors import ExitCode, NotFoundError, worst
from crm_cli.history.log import LoggedOperation, read_operation
from crm_cli.history.operation import Author
from crm_cli.history.undo import AlreadyUndoneError, UndoResult, undo
from crm_cli.store import Store

__all__ = ["RunUndo", "run_operations", "undo_run"]


@dataclass
class RunUndo:
    """What undoing a run did: a result for each of its operations, in the order in which they were taken back."""

    run: int
    undone: list[UndoResult] = field(default_factory=list)

    @property
    def exit_code(self) -> ExitCode:
        """0, or 4 when something was refused."""
        return worst(*(one.exit_code for one in self.undone))


class _RollBack(Exception):  # noqa: N818 - a signal, not an error
    """Ends the transaction of a dry run."""


def run_operations(store: Store, run: int) -> list[LoggedOperation]:
    """Return the operations of a run that are not undone, the newest first.

    Raises `NotFoundError` where there is no such run or it wrote nothing, `AlreadyUndoneError` where nothing is left.
    """
    table, runs = store.table("operation"), store.table("script_run")
    query = sa.select(table.c.id, table.c.undone_by_id).where(table.c.script_run_id == run)
    with store.read() as connection:
        known = connection.scalar(sa.select(runs.c.id).where(runs.c.id == run))
        rows = connection.execute(query.where(table.c.finished_at.is_not(None)).order_by(table.c.id.desc())).all()
    if not rows:
        what = f"run {run} wrote nothing" if known else f"there is no run {run} of a script"
        raise NotFoundError(what, hint="crm log shows the runs of scripts", run=run)
    left = [row.id for row in rows if row.undone_by_id is None]
    if not left:
        again = " ".join(str(row.undone_by_id) for row in reversed(rows))
        hint = f"crm undo ID does one of them again: {again}"
        raise AlreadyUndoneError(f"all operations of run {run} were undone", hint=hint, run=run)
    return [read_operation(store, number) for number in left]


def undo_run(store: Store, run: int, author: Author, *, dry_run: bool = False, wait: float = 0.0) -> RunUndo:
    """Undo the operations of a run, the newest first, in one transaction: each as `undo` does, in part where it must.

    Raises what `run_operations` raises, and `LockedError`.
    """
    numbers = [one.id for one in run_operations(store, run)]
    result = RunUndo(run)
    try:
        with store.lease(wait=wait) as held, store.write() as connection:
            result.undone = _undone(store.bound_to(connection), numbers, author)
            if held is not None:
                held.check(connection, store.table("lease"))
            if dry_run:
                raise _RollBack
    except _RollBack:
        pass
    return result


def _undone(store: Store, numbers: Sequence[int], author: Author) -> list[UndoResult]:
    return [undo(store, number, author) for number in numbers]
