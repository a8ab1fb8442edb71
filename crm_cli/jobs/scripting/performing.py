"""Carrying a step out: in one transaction with the note that it is finished; and what its errors mean."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from crm_cli.automation import Script, Step, StepKind, StepOutcome, StepReport, done_report, kind_of
from crm_cli.errors import CrmError, LockedError
from crm_cli.jobs.scripting.context import ScriptContext
from crm_cli.jobs.scripting.event_log import ScriptEvent, Watch
from crm_cli.jobs.scripting.journal import Journal
from crm_cli.jobs.scripting.time_limit import interruption_behind, time_limit
from crm_cli.store import is_busy

__all__ = ["ConnectionLostError", "StepPerformer"]

_DEADLOCKS = 3  # times that a step which the database chose to give way is done again at once, as commands are
_FIRST_WAIT = 0.1  # seconds, doubled each time


class ConnectionLostError(CrmError):
    """The database's server did not answer any more."""

    code = "connection-lost"


@dataclass(frozen=True)
class StepPerformer:
    """Carries the steps of one run out; `values` are those of the parameters, `watch` is told of every event."""

    script: Script
    kinds: Mapping[str, StepKind[ScriptContext]]
    context: ScriptContext
    values: Mapping[str, Any]
    journal: Journal
    watch: Watch

    def tell(self, kind: str, step: Step | None = None, error: CrmError | None = None, **facts: Any) -> None:
        """Tell of an event."""
        number, name = (step.number, step.name) if step else (None, None)
        now = self.context.store.now()
        self.watch(ScriptEvent(kind, self.script.name, self.journal.run, now, number, name, facts, error))

    def perform(self, step: Step, attempt: int) -> StepOutcome:
        """Carry a step out. What it wrote and that it is finished are committed together, or not at all."""
        kind = kind_of(self.kinds, step)
        given = kind.read(step, self.script.filled(step, self.values))
        if attempt == 1:
            self.tell("step-started", step, runs=kind.name)
        self.journal.begin_step(self.context.store, step, attempt)
        if not kind.writes:
            with time_limit(step.timeout):
                return kind.function(self.context, given)
        for further in range(_DEADLOCKS):
            try:
                return self._committed(step, kind, given, attempt)
            except LockedError as error:
                if not error.facts.get("deadlock"):
                    raise
                time.sleep(_FIRST_WAIT * 2**further)  # the database rolled it back, so it may be done at once again
        return self._committed(step, kind, given, attempt)

    def _committed(
        self, step: Step, kind: StepKind[ScriptContext], given: Mapping[str, Any], attempt: int
    ) -> StepOutcome:
        store = self.context.store
        with (
            time_limit(step.timeout) as call_off,
            store.lease(wait=self.context.wait) as held,
            store.write() as connection,
        ):
            inner = store.bound_to(connection)
            outcome = kind.function(replace(self.context, store=inner), given)
            self.journal.end_step(inner, step, done_report(step, outcome, attempt))
            if held is not None:
                held.check(connection, store.table("lease"))
            call_off()  # the commit is not cut short: the step would be done, and be told to have failed
        return outcome

    def explained(self, error: Exception) -> CrmError | None:
        """Return an error in words that can be shown; None for a defect. What only hides Ctrl-C or SIGTERM is that."""
        behind = interruption_behind(error)
        if behind is not None:
            raise behind from None
        if isinstance(error, CrmError):
            return error
        if isinstance(error, sa.exc.DBAPIError) and self.is_passing(error):
            if isinstance(error, sa.exc.OperationalError) and is_busy(error):
                return LockedError("the database is busy", hint="try again later")
            return ConnectionLostError("the connection to the database was lost", hint="is the server running?")
        if isinstance(error, OSError) and error.strerror:
            where = f"{error.filename}: " if error.filename else ""
            return CrmError(f"{where}{error.strerror}", hint="check the path, its permissions and the space left")
        return None

    def is_passing(self, error: Exception) -> bool:
        """Whether the step may succeed if it is tried again: a lock, a lost connection."""
        if isinstance(error, sa.exc.DBAPIError):
            busy = isinstance(error, sa.exc.OperationalError) and is_busy(error)
            return busy or error.connection_invalidated
        return isinstance(error, LockedError)

    def retrying(self, step: Step, attempt: int, error: CrmError, seconds: float) -> None:
        """Wait before the step is tried again."""
        self.tell("step-retried", step, error, attempt=attempt, wait_seconds=seconds)
        time.sleep(seconds)

    def ended(self, step: Step, report: StepReport, error: CrmError | None) -> None:
        """Write down how a step ended, unless that is done: of what was written, in the same transaction."""
        if report.status != "done" or not kind_of(self.kinds, step).writes:
            self.journal.end_step(self.context.store, step, report)
        facts = {"status": report.status, "exit_code": report.exit_code, "attempts": report.attempts}
        self.tell("step-ended", step, error, **facts, operation=report.operation, results=dict(report.results))
