"""The scorecard as plain data: scores by dimension, policies by how bad they are, findings by owner and source."""

from __future__ import annotations

from typing import Any

from crm_cli.audits import PolicyResult
from crm_cli.jobs.auditing.gathering import AuditReport

__all__ = ["command_of", "dimension_rows", "policy_rows", "rounded", "scorecard"]


def scorecard(report: AuditReport) -> dict[str, Any]:
    """Return the whole report but the findings as one document."""
    standing = report.standing
    return {
        "run": standing.run_id,
        "day": standing.run_day,
        "actor": standing.actor,
        "since": standing.since,
        "level": standing.level.value,
        "dimensions": [_dimension(report, one) for one in standing.dimensions],
        "policies": [_policy(report, one) for one in standing.results],
        "by_owner": report.by_owner,
        "by_source": report.by_source,
    }


def dimension_rows(report: AuditReport) -> list[dict[str, Any]]:
    """Return a row a dimension for a screen: grade, score, what it changed by, and the trend as bars."""
    rows = []
    for one in report.standing.dimensions:
        trend = report.standing.trend(one.dimension)
        change = trend.change if trend else None
        rows.append({
            "dimension": one.dimension, "grade": one.grade, "score": rounded(one.score),
            "change": "" if change is None else f"{change:+.1f}", "trend": trend.line if trend else "",
            "policies": one.policies, "findings": _findings_in(report, one.dimension),
        })  # fmt: skip
    return rows


def policy_rows(report: AuditReport) -> list[dict[str, Any]]:
    """Return a row for each policy with findings, the worst first."""
    return [
        {"level": one.level.value, "policy": one.policy.name, "records": one.counts.records,
         "findings": report.standing.shown(one), "new": one.counts.new, "accepted": one.counts.accepted,
         "score": rounded(one.score), "fix": command_of(one)}
        for one in report.standing.worst
    ]  # fmt: skip


def command_of(one: PolicyResult) -> str:
    """Return the command that mends the findings of a policy, with ID for a record's number."""
    return one.policy.fix.replace("{id}", "ID")


def rounded(score: float | None) -> float | None:
    """Return a score as it is shown."""
    return None if score is None else round(score, 1)


def _findings_in(report: AuditReport, dimension: str) -> int:
    return sum(report.standing.shown(one) for one in report.standing.results if one.policy.kind == dimension)


def _dimension(report: AuditReport, one: Any) -> dict[str, Any]:
    trend = report.standing.trend(one.dimension)
    points = trend.points if trend else ()
    return {
        "dimension": one.dimension, "grade": one.grade, "score": rounded(one.score), "policies": one.policies,
        "findings": _findings_in(report, one.dimension),
        "trend": [{"day": day, "failing": failing, "score": rounded(score)} for day, failing, score in points],
    }  # fmt: skip


def _policy(report: AuditReport, one: PolicyResult) -> dict[str, Any]:
    policy, counts = one.policy, one.counts
    return {
        "policy": policy.name, "kind": policy.kind.value, "entity": policy.entity, "level": one.level.value,
        "records": counts.records, "findings": report.standing.shown(one), "errors": counts.errors,
        "warnings": counts.warnings, "new": counts.new, "accepted": counts.accepted, "score": rounded(one.score),
        "message": policy.message, "owner": policy.owner, "fix": command_of(one),
    }  # fmt: skip
