"""`--against`: what `find`, `review`, `decide` and `explain` do with records of two entities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli.commands.dedupe.progress import engine_progress
from crm_cli.commands.kit import Crm
from crm_cli.completion import entity_nouns
from crm_cli.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crm_cli.jobs.matching import ReviewOptions, Verdict
    from crm_cli.jobs.matching.across import AcrossReasons, AcrossReport, AcrossReview

__all__ = ["Against", "AgainstSeveral", "decide_across", "explainer_across", "find_across", "review_across"]

_HELP = "Compare with the records of this entity: leads with contact or account."
Against = Annotated[str | None, typer.Option("--against", metavar="ENTITY", help=_HELP, autocompletion=entity_nouns)]
AgainstSeveral = Annotated[
    list[str] | None, typer.Option("--against", metavar="ENTITY", help=_HELP, autocompletion=entity_nouns)
]


def find_across(
    crm: Crm, entity: str, against: Sequence[str], where: str | None, *, fail_on_candidates: bool
) -> ExitCode:
    """Search among each of the other entities, and show what was found."""
    from crm_cli.jobs.matching import FindOptions, across

    options = FindOptions(where=where, dry_run=crm.dry_run)
    for other in against:
        across.across_of(crm.store, entity, other)  # all names are right before anything is searched
    reports = []
    for other in dict.fromkeys(against):
        with engine_progress(crm, f"searching {entity} among {other}") as progress:
            reports.append(across.find_across(crm.store, entity, other, crm.author, options, progress))
    _show(crm, reports)
    for report in reports:
        for warning in report.warnings:
            crm.console.warn(warning)
        _say_what_next(crm, report)
    return ExitCode.FINDINGS if fail_on_candidates and any(one.found for one in reports) else ExitCode.DONE


def _show(crm: Crm, reports: Sequence[AcrossReport]) -> None:
    if crm.console.json:
        crm.console.show([_document(one) for one in reports])
        return
    parts: dict[str, Any] = {"found": [_figures(one) for one in reports]}
    for one in reports:
        parts[f"pairs with {one.against}s by certainty"] = one.certainty
    crm.console.show_parts(parts)


def _document(report: AcrossReport) -> dict[str, Any]:
    return {
        **_figures(report), "run": report.run or None, "pairs by certainty": report.certainty,
        "columns": report.columns, "rules": report.rules, "warnings": report.warnings,
    }  # fmt: skip


def _figures(report: AcrossReport) -> dict[str, Any]:
    return {
        "against": report.against, "records": report.records, "among": report.other_records,
        "found": report.found, "of these sure": report.sure,
    }  # fmt: skip


def _say_what_next(crm: Crm, report: AcrossReport) -> None:
    if crm.dry_run:
        crm.console.note("dry run: the pairs were not kept")
    elif not report.found:
        crm.console.note(f"nothing to review against {report.against}")
    else:
        crm.console.next_step(f"crm dedupe review {report.entity} --against {report.against}")


def review_across(crm: Crm, entity: str, against: str, options: ReviewOptions, *, link: bool) -> AcrossReview:
    """Return the review of the pairs across two entities."""
    from crm_cli.jobs.matching import across

    _refuse_link(link=link)
    pair = across.across_of(crm.store, entity, against)
    return across.AcrossReview(crm.store, pair.entity, crm.author, options, across=pair)


def decide_across(crm: Crm, entity: str, against: str, wanted: Sequence[Verdict], *, link: bool) -> int:
    """Store what was decided; return the number of the operation."""
    from crm_cli.jobs.matching import across

    _refuse_link(link=link)
    pair = across.across_of(crm.store, entity, against)
    return across.decide_across(crm.store, pair, wanted, crm.author, dry_run=crm.dry_run)


def explainer_across(crm: Crm, entity: str, against: str) -> AcrossReasons:
    """Return what explains pairs across two entities."""
    from crm_cli.jobs.matching import across

    return across.AcrossReasons(crm.store, across.across_of(crm.store, entity, against))


def _refuse_link(*, link: bool) -> None:
    if link:
        hint = "a lead that is decided to be a duplicate refers to the contact or account without it"
        raise UsageError(
            "--link makes a relationship of two contacts or accounts, and goes without --against", hint=hint
        )
