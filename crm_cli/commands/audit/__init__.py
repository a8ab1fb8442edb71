"""`crm audit`: find what is stale, incomplete, wrong, contradictory, double or left undone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli.commands.audit.alerting import Alert, alert_targets, send_alert
from crm_cli.commands.audit.choosing import (
    Policies,
    SinceOption,
    chosen_policies,
    level_named,
    since_named,
)
from crm_cli.commands.audit.costs import costs
from crm_cli.commands.audit.decay import freshness, half_lives, reverify
from crm_cli.commands.audit.fixing import fix
from crm_cli.commands.audit.origins import sources
from crm_cli.commands.audit.reporting import ReportFile, checked_report_file, report, write_report_file
from crm_cli.commands.kit import App, Crm
from crm_cli.commands.policies import policy_folder
from crm_cli.commands.times import day
from crm_cli.errors import ExitCode, UsageError
from crm_cli.options import FailOn, Format, Limit, Overwrite, Today, Where

if TYPE_CHECKING:
    from crm_cli.audits import AuditResult, DimensionScore, Policy, PolicyResult, Trend

__all__ = ["app", "day"]

app = App("Find what is stale, incomplete, wrong, contradictory, double or left undone; say it to cron with exit 3.")

Findings = Annotated[
    list[str], typer.Argument(metavar="FINDING|POLICY…", help="Findings by number, or all open ones of a policy.")
]
NewOnly = Annotated[bool, typer.Option("--new-only", help="Judge and show only what did not fail in the last run.")]
Until = Annotated[str, typer.Option("--until", metavar="DATE", help="Accept it up to this day (YYYY-MM-DD).")]
Status = Annotated[str, typer.Option("--status", metavar="open|accepted|fixed", help="Which findings.")]

for _command in (reverify, freshness, half_lives, sources, costs):
    app.command(_command.__name__.replace("_", "-"))(_command)

_ROWS, _RUNS = 50, 20


@app.command(writes=True)
def run(
    crm: Crm,
    policies: Policies = None,
    where: Where = None,
    today: Today = None,
    fail_on: FailOn = "error",
    new_only: NewOnly = False,
    since: SinceOption = None,
    report_file: ReportFile = None,
    overwrite: Overwrite = False,
    alert: Alert = False,
) -> ExitCode:
    """Ask every policy of the database, store what is found, and end with 3 when a policy is at --fail-on or worse.

    A policy warns, or is an error, when more than its share of the records fails; accepted findings do not count.
    Findings and scores are stored, so that `crm audit history` has a trend; --dry-run only reads, and needs no right
    to write. --since last is --new-only.

    Examples:
        crm audit run
        crm audit run --report audit.html --overwrite
        crm audit run --quiet --since last --alert
        crm audit run freshness contact-shared-email --fail-on warn
        crm audit run contact --where "country = 'US'" --new-only --quiet
    """
    from crm_cli.audits import run_audit

    chosen, level, new_only = chosen_policies(crm, policies), level_named(fail_on), _only_new(since, new_only=new_only)
    target, told = checked_report_file(crm, report_file, where, overwrite=overwrite), alert_targets(crm, wanted=alert)
    with crm.console.progress("auditing", len(chosen)) as bar:
        result = run_audit(
            crm.store, chosen, today=day(crm, today), actor=crm.actor, where=where, new_only=new_only,
            save=not crm.dry_run, wait=crm.wait, progress=bar.advance,
        )  # fmt: skip
    _show(crm, result, new_only=new_only)
    send_alert(crm, told, result, level)
    write_report_file(crm, target, chosen, fail_on=level, new_only=new_only, overwrite=overwrite)
    return result.exit_code(level)


@app.command("list")
def list_(crm: Crm, policies: Policies = None, format_: Format = None) -> None:
    """List the policies: what each looks at, from when on it warns, and what mends it.

    Examples:
        crm audit list
        crm audit list freshness --json
    """
    crm.console.show([_policy_row(policy) for policy in chosen_policies(crm, policies)], format_)
    crm.console.note(f"own policies: TOML files in {policy_folder(crm)}")


@app.command()
def findings(
    crm: Crm,
    policies: Policies = None,
    status: Status = "open",
    since: SinceOption = None,
    limit: Limit = None,
    format_: Format = None,
) -> None:
    """List what the policies found, record by record, each with the command that mends it.

    Examples:
        crm audit findings
        crm audit findings contact-wrong-email --limit 20
        crm audit findings --since last
        crm audit findings --status accepted
    """
    from crm_cli.audits import read_findings

    if status not in ("open", "accepted", "fixed"):
        raise UsageError(f"--status {status} is unknown", hint="one of: open, accepted, fixed")
    known = {policy.name: policy for policy in chosen_policies(crm, policies)}
    found = read_findings(crm.store, policies=known, statuses=[status], since=since_named(since), limit=limit or _ROWS)
    crm.console.show([_finding_row(crm, one, known[one.policy]) for one in found], format_)
    if len(found) == (limit or _ROWS):
        crm.console.note(f"the first {len(found)}; --limit shows more")


@app.command(writes=True)
def accept(crm: Crm, what: Findings, until: Until, today: Today = None) -> None:
    """Accept findings for a while: they do not count until the day is over. --reason is needed.

    A policy's name stands for its findings that are open now; what it finds later is not accepted.

    Examples:
        crm audit accept 17 18 --until 2026-12-31 --reason "supplier delivers in December"
        crm audit accept contact-without-phone --until 2026-12-31 --reason "newsletter list"
    """
    from crm_cli.audits import accept as accept_findings

    chosen = [int(one) if one.isdecimal() else one for one in what]
    accepted = accept_findings(
        crm.store, chosen, until=day(crm, until), today=day(crm, today), reason=crm.reason or "", actor=crm.actor,
        dry_run=crm.dry_run,
    )  # fmt: skip
    rows = [
        {"policy": name, "accepted": number, "until": day(crm, until)} for name, number in accepted.by_policy.items()
    ]
    crm.console.show(rows)
    crm.console.note(f"{'would accept' if crm.dry_run else 'accepted'} {accepted.total} findings")


app.command()(report)
app.command(writes=True)(fix)


@app.command()
def history(crm: Crm, policies: Policies = None, limit: Limit = None, format_: Format = None) -> None:
    """Show how scores went from run to run, by dimension; by policy for those that are named.

    Examples:
        crm audit history
        crm audit history freshness --limit 52
    """
    from crm_cli.audits import Kind, read_history

    names = (
        [policy.name for policy in chosen_policies(crm, policies)]
        if policies
        else [f"dimension:{kind}" for kind in Kind]
    )
    found = read_history(crm.store, names, runs=limit or _RUNS)
    crm.console.show([_trend_row(crm, one) for one in found], format_)


def _only_new(since: str | None, *, new_only: bool) -> bool:
    if since not in (None, "last"):
        raise UsageError(f"--since {since}: a run compares with the last one alone", hint="--since last, or --new-only")
    return new_only or since is not None


def _show(crm: Crm, result: AuditResult, *, new_only: bool) -> None:
    shown = [one for one in result.results if crm.console.json or one.level.rank]
    worst_first = sorted(shown, key=lambda one: -one.level.rank)
    policies = [_result_row(crm, one, new_only=new_only) for one in worst_first]
    dimensions = [_dimension_row(one) for one in result.dimensions]
    if crm.console.json:
        facts = {"run": result.run_id, "today": result.today, "level": result.level}
        crm.console.show({**facts, "policies": policies, "dimensions": dimensions})
    elif policies:
        crm.console.show_parts({"Policies that warn or fail": policies, "Scores": dimensions})
    else:
        crm.console.show(dimensions)
    counts = [sum(one.level == level for one in result.results) for level in ("error", "warn", "ok")]
    crm.console.note("{} policies are errors, {} warn, {} are met".format(*counts))
    if policies:
        crm.console.next_step("crm audit findings POLICY lists the records, each with the command that mends it")


def _result_row(crm: Crm, one: PolicyResult, *, new_only: bool) -> dict[str, Any]:
    counts, policy = one.counts, one.policy
    row: dict[str, Any] = {
        "level": one.level.value, "policy": policy.name, "records": counts.records,
        "failing": counts.new if new_only else counts.failing, "share": f"{one.share:.1%}", "new": counts.new,
    }  # fmt: skip
    if crm.console.json:
        row |= {
            "share": round(one.share, 6), "errors": counts.errors, "warnings": counts.warnings, "fixed": counts.fixed,
            "accepted": counts.accepted, "score": _rounded(one.score), "score_before": _rounded(one.before),
            "kind": policy.kind, "entity": policy.entity, "message": policy.message, "owner": policy.owner,
        }  # fmt: skip
    return row | {"fix": policy.fix.replace("{id}", "ID")}


def _dimension_row(one: DimensionScore) -> dict[str, Any]:
    return {
        "dimension": one.dimension, "grade": one.grade, "score": _rounded(one.score), "before": _rounded(one.before),
        "policies": one.policies, "failing": one.failing,
    }  # fmt: skip


def _rounded(score: float | None) -> float | None:
    return None if score is None else round(score, 1)


def _policy_row(policy: Policy) -> dict[str, Any]:
    after = f" {policy.warn_after}/{policy.error_after} days" if policy.stale else ""
    return {
        "policy": policy.name, "kind": policy.kind.value, "entity": policy.entity,
        "warns_over": _share(policy.warn_share), "error_over": _share(policy.error_share),
        "finds": policy.message + after, "owner": policy.owner, "fix": policy.fix.replace("{id}", "ID"),
    }  # fmt: skip


def _share(share: float | None) -> str:
    return "never" if share is None else f"{share:.3g}" if 0 < share < 0.01 else f"{share:.0%}"


def _finding_row(crm: Crm, one: Any, policy: Policy) -> dict[str, Any]:
    noun = crm.dictionary.entity(one.entity).noun
    row = {
        "finding": one.id, "severity": one.severity, "policy": one.policy, "record": f"{noun} {one.record_id}",
        "message": one.message,
    }  # fmt: skip
    if one.status == "accepted":
        row |= {"until": one.accepted_until, "by": one.accepted_by, "reason": one.reason}
    return row | {"fix": policy.fix.replace("{id}", str(one.record_id))}


def _trend_row(crm: Crm, one: Trend) -> dict[str, Any]:
    name = one.name.removeprefix("dimension:")
    if crm.console.json:
        return {"name": name, "points": [{"day": at, "failing": bad, "score": score} for at, bad, score in one.points]}
    last_day, failing, score = one.points[-1]
    change = one.change
    return {
        "name": name, "runs": len(one.points), "last": last_day, "failing": failing, "score": _rounded(score),
        "change": "" if change is None else f"{change:+.1f}", "trend": one.line,
    }  # fmt: skip
