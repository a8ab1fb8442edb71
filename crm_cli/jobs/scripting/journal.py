"""The journal of a run: `script_run` and `script_step`, by which an interrupted run goes on behind its last step.

That a step is finished is written in the transaction of what it did: it counts as finished only if that was committed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from crm_cli.automation import Script, Step, StepReport
from crm_cli.store import Store
from crm_cli.urls import hide_passwords

__all__ = ["Journal", "PastRun", "last_run", "past_runs", "plain_value", "plain_values"]


@dataclass(frozen=True)
class PastRun:
    """A run as the journal has it; `step` is the step that it was in, or ended with."""

    id: int
    name: str
    path: str | None
    fingerprint: str
    status: str
    exit_code: int | None
    parameters: Mapping[str, Any]
    started_at: datetime
    finished_at: datetime | None
    step: str = ""


@dataclass(frozen=True)
class Journal:
    """Writes down how the run number `run` goes."""

    run: int

    @classmethod
    def begin(cls, store: Store, script: Script, values: Mapping[str, Any], today: date, actor: str) -> Journal:
        """Write down a new run."""
        table = store.table("script_run")
        with store.write() as connection:
            number = store.allocate(connection, "script_run", 1)[0]
            connection.execute(
                table.insert().values(
                    id=number, name=script.name, path=str(script.path.resolve())[-500:], actor=actor, status="running",
                    fingerprint=script.fingerprint(plain_values(values, today)), parameters=plain_values(values, today),
                    started_at=store.now(),
                )
            )  # fmt: skip
        return cls(number)

    def reopen(self, store: Store) -> None:
        """Write down that the run goes on."""
        self._set(store, status="running", exit_code=None, finished_at=None)

    def end(self, store: Store, status: str, exit_code: int) -> None:
        """Write down how the run ended: done, failed or interrupted."""
        self._set(store, status=status, exit_code=exit_code, finished_at=store.now())

    def _set(self, store: Store, **values: Any) -> None:
        table = store.table("script_run")
        with store.write() as connection:
            connection.execute(table.update().where(table.c.id == self.run).values(**values))

    def begin_step(self, store: Store, step: Step, attempt: int) -> None:
        """Write down that a step begins."""
        values = {"status": "running", "attempts": attempt, "started_at": store.now(), "finished_at": None}
        with store.write() as connection:
            self._put(store, connection, step, values)

    def end_step(self, store: Store, step: Step, report: StepReport) -> None:
        """Write down how a step ended, in the transaction of `store` if it is bound to one."""
        # what an error says may be a customer's; the log of the run outlives an erasure
        summary = "" if report.status == "failed" else report.summary
        kept = {"summary": summary, "operation": report.operation, "results": dict(report.results)}
        now = store.now()
        values = {
            "status": report.status, "attempts": report.attempts, "exit_code": report.exit_code, "result": kept,
            "finished_at": now,
        }  # fmt: skip
        with store.write() as connection:
            self._put(store, connection, step, values, started_at=now)

    def _put(self, store: Store, connection: sa.Connection, step: Step, values: Mapping[str, Any], **new: Any) -> None:
        table = store.table("script_step")
        mine = sa.and_(table.c.script_run_id == self.run, table.c.number == step.number)
        if connection.scalar(sa.select(table.c.id).where(mine)) is None:
            number = store.allocate(connection, "script_step", 1)[0]
            own = {"id": number, "script_run_id": self.run, "number": step.number, "name": step.name[:255]}
            connection.execute(table.insert().values(**{**new, **own, **values}))
        else:
            connection.execute(table.update().where(mine).values(**values))

    def finished(self, store: Store, script: Script) -> dict[int, StepReport]:
        """Return the steps that need not be run again, by number: done, skipped, or failed where that may be."""
        may_fail = {step.number for step in script.steps if step.on_error == "continue"}
        table = store.table("script_step")
        with store.read() as connection:
            rows = connection.execute(sa.select(table).where(table.c.script_run_id == self.run)).all()
        return {
            row.number: _report(row)
            for row in rows
            if row.status in ("done", "skipped") or (row.status == "failed" and row.number in may_fail)
        }


def _report(row: Any) -> StepReport:
    kept = row.result or {}
    summary = kept.get("summary") or ("failed" if row.status == "failed" else "")
    return StepReport(
        row.number, row.name, row.exit_code, summary, kept.get("operation"), row.status, row.attempts,
        kept.get("results") or {},
    )  # fmt: skip


def plain_values(values: Mapping[str, Any], today: date) -> dict[str, Any]:
    """Return the values of parameters as they are kept, without passwords, and the day that the run reckons with."""
    return {**{name: plain_value(value) for name, value in values.items()}, "today": today.isoformat()}


def plain_value(value: Any) -> Any:
    """Return a value as JSON holds it; a URL without what is secret in it."""
    if isinstance(value, date):
        return value.isoformat()
    return hide_passwords(value, whole=True) if isinstance(value, str) else value


def last_run(store: Store, name: str) -> PastRun | None:
    """Return the newest run of the script called `name`, None if it never ran."""
    found = past_runs(store, name)
    return found[0] if found else None


def past_runs(store: Store, name: str | None = None) -> list[PastRun]:
    """Return the runs of a script, or of all, the newest first."""
    table, steps = store.table("script_run"), store.table("script_step")
    last = sa.select(steps.c.script_run_id, sa.func.max(steps.c.number).label("number"))
    last = last.where(steps.c.status.in_(("running", "failed", "done")))
    newest = last.group_by(steps.c.script_run_id).subquery()
    query = (
        sa.select(table, steps.c.name.label("step"))
        .outerjoin(newest, newest.c.script_run_id == table.c.id)
        .outerjoin(steps, sa.and_(steps.c.script_run_id == table.c.id, steps.c.number == newest.c.number))
        .order_by(table.c.id.desc())
    )
    if name is not None:
        query = query.where(table.c.name == name).limit(1)
    with store.read() as connection:
        return [
            PastRun(
                row.id, row.name, row.path, row.fingerprint, row.status, row.exit_code, row.parameters or {},
                row.started_at, row.finished_at, row.step or "",
            )
            for row in connection.execute(query)
        ]  # fmt: skip
