"""`crm dedupe review` and `decide`: a person says what two records are to each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from crm_cli.commands.dedupe.across import Against, decide_across, review_across
from crm_cli.commands.dedupe.reviewing import LineReview
from crm_cli.commands.kit import Crm
from crm_cli.commands.match_rules import entity_rules
from crm_cli.errors import ExitCode, UsageError
from crm_cli.options import EntityArgument, Limit, Where

if TYPE_CHECKING:
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
Verdict = Annotated[
    str, typer.Argument(metavar="VERDICT", help="duplicate, different, same_household, same_company, related, unsure.")
]
First = Annotated[int, typer.Argument(metavar="ID", help="A record.")]
Second = Annotated[int, typer.Argument(metavar="ID", help="The other one.")]


def review(
    crm: Crm, entity: EntityArgument, where: Where = None, above: Above = None, below: Below = None,
    link: LinkOption = False, limit: Limit = None, order: Order = "teach", against: Against = None,
) -> ExitCode:  # fmt: skip
    """Decide pair by pair, side by side: the same, different, household or company.

    The pairs whose answers teach the next search most come first, then the other unsure ones. Every answer is stored at
    once: stop with q and go on another day; u takes the last answer back. Nothing is merged before `crm dedupe merge`.

    Examples:
        crm dedupe review contact
        crm dedupe review contact --below 0.9 --limit 50
        crm dedupe review contact --where "country = 'US'" --link
        crm dedupe review lead --against account
    """
    from crm_cli.jobs import matching

    if crm.dry_run or crm.console.json:
        flag = "--dry-run" if crm.dry_run else "--json"
        raise UsageError(f"a review has no {flag}", hint="crm dedupe status shows what is to review")
    declared, options = crm.store.dictionary.entity(entity), _options(where, above, below, order)
    if against:
        return LineReview(crm, review_across(crm, entity, against, options, link=link), limit).run()
    rules = entity_rules(crm, entity)
    session = matching.Review(crm.store, declared, crm.author, options, link=link, rules=rules)
    if session.is_outdated:
        hint = f"crm dedupe find {declared.noun} searches under them"
        crm.console.warn(f"the rules for {declared.plural} have changed since the search: {hint}")
    return LineReview(crm, session, limit).run()


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
