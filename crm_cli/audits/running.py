"""A run of the audit: ask every policy, store findings and snapshots, say how it stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa

from crm_cli.audits.findings import Comparison, Counts, compare, policies_with_findings, store_findings
from crm_cli.audits.half_lives import half_lives
from crm_cli.audits.policy import Level, Policy
from crm_cli.audits.population import check_where
from crm_cli.audits.scores import DimensionScore, PolicyResult, dimension_scores, level_of, score_of
from crm_cli.audits.trend import scores_before
from crm_cli.audits.verdicts import Verdict, together, verdict_alone, verdicts_of
from crm_cli.errors import CrmError, ExitCode
from crm_cli.store import Store, bulk_insert
from crm_cli.store.bulk import renew_statistics

__all__ = ["AuditResult", "NoWriteAccessError", "run_audit"]

_SNAPSHOT = ("id", "run_id", "policy", "records", "failing", "score")
_NO_WRITE = ("readonly", "read-only", "read only", "permission denied", "command denied", "access denied")


class NoWriteAccessError(CrmError):
    """The database may be read but not written, and a run stores its findings."""

    code = "no-write-access"


@dataclass
class AuditResult:
    """What a run found. `run_id` is None when nothing was stored."""

    today: date
    run_id: int | None = None
    results: list[PolicyResult] = field(default_factory=list)
    dimensions: list[DimensionScore] = field(default_factory=list)

    @property
    def level(self) -> Level:
        """The worst level that any policy reached."""
        return max((one.level for one in self.results), key=lambda level: level.rank, default=Level.OK)

    def exit_code(self, fail_on: Level) -> ExitCode:
        """Return 3 when a policy reached `fail_on` or worse, else 0."""
        return ExitCode.FINDINGS if self.level.rank >= fail_on.rank else ExitCode.DONE


def run_audit(
    store: Store,
    policies: Sequence[Policy],
    *,
    today: date,
    actor: str,
    where: str | None = None,
    new_only: bool = False,
    save: bool = True,
    wait: float = 0.0,
    progress: Callable[[int], None] | None = None,
) -> AuditResult:
    """Ask `policies` of the database as of `today`; return how each came out.

    With `save` findings and snapshots are stored, in one transaction under the writers' lease. Without it the
    database is only read, which needs no right to write. With `where` only the records that fit it are looked at,
    and no snapshot is taken: a part says nothing about the trend of the whole. Raises `UsageError` for a `where` over
    policies of several entities, `NoWriteAccessError`, `LockedError`.
    """
    check_where(policies, where)
    run = _Run(store, today, where, new_only, progress or (lambda _done: None))
    if not save:
        with store.read() as connection:
            return run.read(connection, policies)
    try:
        with store.lease(wait=wait), store.write() as connection:
            return run.record(connection, policies, actor)
    except sa.exc.DBAPIError as fault:
        if any(word in str(fault.orig).lower() for word in _NO_WRITE):
            hint = "crm audit run --dry-run audits without storing findings"
            raise NoWriteAccessError(f"{store.shown} cannot be written: {fault.orig}", hint=hint) from fault
        raise


@dataclass
class _Run:
    store: Store
    today: date
    where: str | None
    new_only: bool
    progress: Callable[[int], None]

    def read(self, connection: sa.Connection, policies: Sequence[Policy]) -> AuditResult:
        """Find out without writing anything."""
        counted = (
            self._counted(connection, policies, None) if _may_keep(connection) else self._alone(connection, policies)
        )
        return self._result(connection, policies, counted, None)

    def record(self, connection: sa.Connection, policies: Sequence[Policy], actor: str) -> AuditResult:
        """Find out, and store findings and snapshots."""
        run_id = self._open(connection, actor)
        result = self._result(connection, policies, self._counted(connection, policies, run_id), run_id)
        self._close(connection, result, run_id)
        renew_statistics(connection, self.store.table("finding"))
        return result

    def _counted(
        self, connection: sa.Connection, policies: Sequence[Policy], run_id: int | None
    ) -> dict[str, Counts]:  # fmt: skip
        """Ask the policies, those together that one reading of a table can answer; store what they find for a run."""
        _interpret(connection)
        counted: dict[str, Counts] = {}
        for members in together(policies):
            known = policies_with_findings(self.store, connection, members)
            with verdicts_of(self.store, connection, members, self.today, self.where) as verdicts:
                for verdict in verdicts:
                    compared = self._compared(connection, verdict, known)
                    if run_id is not None:
                        store_findings(self.store, connection, compared, run_id=run_id, today=self.today)
                    counted[verdict.policy.name] = compared.counts
                    self.progress(1)
        return counted

    def _alone(self, connection: sa.Connection, policies: Sequence[Policy]) -> dict[str, Counts]:
        """Ask one policy after the other."""
        counted: dict[str, Counts] = {}
        known = policies_with_findings(self.store, connection, policies)
        for policy in policies:
            verdict = verdict_alone(self.store, connection, policy, self.today, self.where)
            counted[policy.name] = self._compared(connection, verdict, known).counts
            self.progress(1)
        return counted

    def _compared(self, connection: sa.Connection, verdict: Verdict, known: set[str]) -> Comparison:
        if verdict.policy.name not in known:
            return Comparison(verdict)
        return compare(self.store, connection, verdict, self.today)

    def _result(
        self, connection: sa.Connection, policies: Sequence[Policy], counted: Mapping[str, Counts], run_id: int | None
    ) -> AuditResult:
        before = scores_before(self.store, connection, run_id)
        results = [self._judged(one, counted[one.name], before.get(one.name)) for one in policies]
        return AuditResult(self.today, run_id, results, dimension_scores(results, before))

    def _judged(self, policy: Policy, counts: Counts, before: float | None) -> PolicyResult:
        level = level_of(policy, counts, new_only=self.new_only)
        return PolicyResult(policy, counts, level, score_of(counts), before)

    def _open(self, connection: sa.Connection, actor: str) -> int:
        run_id = self.store.allocate(connection, "audit_run", 1)[0]
        values = {"id": run_id, "started_at": self.store.now(), "today": self.today, "actor": actor}
        connection.execute(self.store.table("audit_run").insert().values(**values))
        return run_id

    def _close(self, connection: sa.Connection, result: AuditResult, run_id: int) -> None:
        if not self.where:
            self._take_snapshots(connection, result, run_id)
        table = self.store.table("audit_run")
        values: dict[str, Any] = {
            "records": sum(one.counts.records for one in result.results),
            "warnings": sum(one.counts.warnings for one in result.results),
            "errors": sum(one.counts.errors for one in result.results),
            "summary": {
                "level": result.level.value, "where": self.where,
                "scores": {one.dimension: one.score for one in result.dimensions},
                "half_lives": self._half_lives(connection, result),
            },
        }  # fmt: skip
        connection.execute(table.update().where(table.c.id == run_id).values(**values))

    def _half_lives(self, connection: sa.Connection, result: AuditResult) -> dict[str, float]:
        groups = sorted({one.policy.stale for one in result.results if one.policy.stale})
        if not groups:
            return {}
        return {group.value: one.days for group, one in half_lives(self.store, connection, groups).items()}

    def _take_snapshots(self, connection: sa.Connection, result: AuditResult, run_id: int) -> None:
        rows: list[tuple[Any, ...]] = [
            (run_id, one.policy.name, one.counts.records, one.counts.failing, one.score) for one in result.results
        ]
        rows += [(run_id, f"dimension:{one.dimension}", None, one.failing, one.score) for one in result.dimensions]
        ids = self.store.allocate(connection, "quality_snapshot", len(rows))
        numbered = [(number, *row) for number, row in zip(ids, rows, strict=True)]
        bulk_insert(connection, self.store.table("quality_snapshot"), _SNAPSHOT, numbered)


def _may_keep(connection: sa.Connection) -> bool:
    """Whether whoever may read may also keep a temporary table: servers want a right of its own for that."""
    return connection.dialect.name == "sqlite"


def _interpret(connection: sa.Connection) -> None:
    """Let PostgreSQL not compile the long queries of this transaction: that takes it seconds, and saves none."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL jit = off")
