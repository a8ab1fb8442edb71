"""`crm dedupe review` and `decide`: a person says what two records are to each other."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crm_cli.commands.dedupe.across import Against, decide_across, review_across
from crm_cli.commands.dedupe.reviewing import LineReview
from crm_cli.commands.kit import Crm
from crm_cli.commands.match_rules import entity_rules
from crm_cli.errors import ExitCode, UsageError
from crm_cli.options import EntityArgument, Limit, Overwrite, Where

if TYPE_CHECKING:
    from crm_cli.dictionary import Entity
    from crm_cli.jobs.matching import ReviewOptions

__all__ = ["decide", "review"]

Above = Annotated[
    float | None, typer.Option("--above", metavar="P", min=0.0, max=1.0, help="Only pairs at least so probable.")
]
Below = Annotated[
    float | None, typer.Option("--below", metavar="P", min=0.0, max=1.0, help="Only pairs less probable than this.")
]
LinkOption = Annotated[
    bool, typer.Option("--link", help="Make a relationship of a decision for the same household or company.")
]
Order = Annotated[
    str, typer.Option("--order", metavar="ORDER", help="What comes first: teach (what teaches most) or probability.")
]
Line = Annotated[bool, typer.Option("--line", help="Line by line instead of full screen; a dumb terminal always is.")]
Export = Annotated[
    Path | None,
    typer.Option("--export", metavar="FILE", help="Write the open pairs to this workbook (or CSV), to decide there."),
]
Apply = Annotated[Path | None, typer.Option("--apply", metavar="FILE", help="Record what was decided in such a file.")]
Owner = Annotated[str | None, typer.Option("--owner", metavar="USER", help="Only pairs with a record of this owner.")]
Verdict = Annotated[
    str, typer.Argument(metavar="VERDICT", help="duplicate, different, same_household, same_company, related, unsure.")
]
First = Annotated[int, typer.Argument(metavar="ID", help="A record.")]
Second = Annotated[int, typer.Argument(metavar="ID", help="The other one.")]


def review(
    crm: Crm, entity: EntityArgument, where: Where = None, above: Above = None, below: Below = None,
    link: LinkOption = False, limit: Limit = None, order: Order = "teach", owner: Owner = None, line: Line = False,
    export: Export = None, apply: Apply = None, overwrite: Overwrite = False, against: Against = None,
) -> ExitCode:  # fmt: skip
    """Decide pair by pair, side by side with the rest of the cluster: the same, different, household or company.

    A full screen shows what differs, why, where each value comes from and when it was confirmed; choose there whose
    value survives. The pairs whose answers teach the next search most come first, then the other unsure ones. Every
    answer is stored at once: stop with q and go on another day; u takes the last answer back. Two who review at once
    never get the same cluster. Nothing is merged before `crm dedupe merge`.

    With --export the pairs go to a workbook instead, with --apply they come back: rows whose records were changed,
    merged or decided otherwise since are refused one by one, and the command ends with 4.

    Examples:
        crm dedupe review contact
        crm dedupe review contact --below 0.9 --owner maria --limit 50
        crm dedupe review contact --line
        crm dedupe review contact --export review.xlsx
        crm dedupe review contact --apply review.xlsx --dry-run
        crm dedupe review contact --where "country = 'US'" --link
        crm dedupe review lead --against account
    """
    from crm_cli.jobs import matching
    from crm_cli.jobs.merging import MergeSettings

    if (export and apply) or ((export or apply) and against):
        raise UsageError("--export, --apply and --against exclude each other", hint="give one of them")
    if apply:
        _refuse_any({"--where": where, "--owner": owner, "--above": above, "--below": below, "--limit": limit})
        return _apply(crm, crm.store.dictionary.entity(entity), apply, link=link)
    declared, options = crm.store.dictionary.entity(entity), _options(_of_owner(where, owner), above, below, order)
    if export:
        target = crm.path(export)
        count = matching.write_review_sheet(crm.store, declared, target, options, limit=limit, overwrite=overwrite)
        crm.console.note(f"{count} pairs written to {export}: fill in the column decision (y, n, h, c, r or ?)")
        crm.console.next_step(f"crm dedupe review {entity} --apply {export}")
        return ExitCode.DONE
    if crm.dry_run or crm.console.json:
        flag = "--dry-run" if crm.dry_run else "--json"
        raise UsageError(f"a review has no {flag}", hint="crm dedupe status shows what is to review")
    if against:
        return LineReview(crm, review_across(crm, entity, against, options, link=link), limit).run()
    rules = entity_rules(crm, entity)
    session = matching.Review(
        crm.store, declared, crm.author, options, link=link, rules=rules, settings=MergeSettings().under(rules.merge)
    )
    if session.is_outdated:
        hint = f"crm dedupe find {declared.noun} searches under them"
        crm.console.warn(f"the rules for {declared.plural} have changed since the search: {hint}")
    lines = LineReview(crm, session, limit)
    if line or not crm.console.has_screen:
        return lines.run()
    from crm_cli.commands.dedupe.screen import run_screen

    run_screen(session, lambda moment: moment.astimezone(crm.zone), limit)
    lines.sum_up()
    return ExitCode.DONE


def _refuse_any(chosen: dict[str, object]) -> None:
    if given := [name for name, value in chosen.items() if value is not None]:
        raise UsageError(f"--apply takes the whole sheet, {given[0]} does not go with it", hint="leave it out")


def _apply(crm: Crm, entity: Entity, file: Path, *, link: bool) -> ExitCode:
    from crm_cli.jobs.matching import apply_review_sheet

    done = apply_review_sheet(crm.store, entity, crm.path(file), crm.author, link=link, dry_run=crm.dry_run)
    if crm.console.json:
        crm.console.show({**asdict(done), "dry_run": crm.dry_run})
    elif done.refused:
        crm.console.show(done.refused)
    said = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in sorted(done.verdicts.items()))
    what = f"{done.decided} {'would be ' if crm.dry_run else ''}decided"
    crm.console.note(
        f"{what}, {done.unchanged} as before, {done.blank} left blank; the sheet says: {said or 'nothing'}"
    )
    if done.refused:
        crm.console.warn(f"{len(done.refused)} rows refused; export the open pairs again to decide them")
    if done.verdicts.get("duplicate") and not crm.dry_run:
        crm.console.next_step(f"crm dedupe merge {entity.noun} --dry-run")
    return done.exit_code


def _of_owner(where: str | None, owner: str | None) -> str | None:
    """The condition, narrowed to the records of an owner."""
    if owner is None:
        return where
    quoted = owner.replace("'", "''")
    mine = f"owner = '{quoted}'"
    return f"({where}) and {mine}" if where else mine


def _options(where: str | None, above: float | None, below: float | None, order: str) -> ReviewOptions:
    from crm_cli.jobs.matching import WORTH_A_LOOK, ReviewOptions, ReviewOrder

    if order not in set(ReviewOrder):
        raise UsageError(f"--order {order}: there is no such order", hint=f"one of: {', '.join(ReviewOrder)}")
    least = WORTH_A_LOOK if above is None else above
    return ReviewOptions(where=where, above=least, below=below, order=ReviewOrder(order))


def decide(
    crm: Crm, entity: EntityArgument, left: First, right: Second, verdict: Verdict, link: LinkOption = False,
    against: Against = None,
) -> ExitCode:  # fmt: skip
    """Say what two records are to each other; remembered for ever, also after a merge or another import.

    With --against the second record is of another entity. A lead that is a duplicate of a contact or account refers to
    it from then on; it is not converted, so whoever works on it goes on.

    Examples:
        crm dedupe decide contact 17 42 different
        crm dedupe decide contact 17 42 same_household --link
        crm dedupe decide contact 17 42 duplicate --reason "asked on the phone"
        crm dedupe decide lead 17 42 duplicate --against contact
    """
    from crm_cli.jobs import matching

    wanted = [matching.Verdict(left, right, verdict.replace("-", "_"))]
    if against:
        done = decide_across(crm, entity, against, wanted, link=link)
    else:
        done = matching.decide(crm.store, entity, wanted, crm.author, link=link, dry_run=crm.dry_run)
    shown = {"left": left, "right": right, "verdict": wanted[0].verdict, "operation": None if crm.dry_run else done}
    crm.console.show(shown)
    if crm.dry_run:
        crm.console.note("dry run: nothing was written")
    elif wanted[0].verdict == "duplicate" and not against:
        crm.console.next_step(f"crm dedupe merge {entity}")
    return ExitCode.DONE
