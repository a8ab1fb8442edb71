"""`crm audit sources`: who brings the dirt in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli.commands.kit import Crm
from crm_cli.commands.policies import chosen_policies
from crm_cli.options import Format, Limit

if TYPE_CHECKING:
    from crm_cli.audits import Origin

__all__ = ["sources"]

Policies = Annotated[
    list[str] | None,
    typer.Argument(metavar="POLICY…", help="Policies, kinds such as validity, or entities; else all."),
]
Batches = Annotated[bool, typer.Option("--batches", help="Batch by batch instead of source by source.")]
_ROWS = 50


def sources(
    crm: Crm, policies: Policies = None, batches: Batches = False, limit: Limit = None, format_: Format = None
) -> None:
    """Show how good the records of each source are by the last audit, the worst first: who brings the dirt in.

    A record that several sources know counts in each; with --batches it counts in the batch that last brought it.
    `failing` records have an open finding; `worst_policy` is the one that most of them fail.

    Examples:
        crm audit sources
        crm audit sources validity completeness
        crm audit sources --batches --limit 20
    """
    from crm_cli.audits import judge_origins

    rows = judge_origins(crm.store, chosen_policies(crm, policies), batches=batches)
    most = limit or _ROWS
    crm.console.show([_row(crm, one, batches=batches) for one in rows[:most]], format_)
    if len(rows) > most:
        crm.console.note(f"the first {most} of {len(rows)}; --limit shows more")


def _row(crm: Crm, one: Origin, *, batches: bool) -> dict[str, Any]:
    from crm_cli.audits import grade

    score = None if one.score is None else round(one.score, 1)
    row: dict[str, Any] = {
        **({"batch": one.batch, "file": one.file} if batches else {}), "source": one.source,
        "grade": grade(one.score), "score": score, "records": one.records, "failing": one.failing,
        "share": round(one.share, 6) if crm.console.json else f"{one.share:.1%}", "errors": one.errors,
        "policies": len(one.by_policy), "worst_policy": one.worst, "rows": one.rows, "rejected": one.rejected,
    }  # fmt: skip
    return row | ({"by_policy": dict(one.by_policy)} if crm.console.json else {})
