"""`crm dedupe find`, `explain` and `status`: what may be the same, why, and how far the work has come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli.cells import cell
from crm_cli.commands.assignments import assignments, reader
from crm_cli.commands.dedupe.across import Against, AgainstSeveral, explainer_across, find_across
from crm_cli.commands.dedupe.progress import engine_progress
from crm_cli.commands.kit import Crm
from crm_cli.commands.match_rules import entity_rules
from crm_cli.errors import ExitCode
from crm_cli.options import EntityArgument, Where

if TYPE_CHECKING:
    from crm_cli.dedupe import Learning
    from crm_cli.jobs.match_rules import MatchRules
    from crm_cli.jobs.matching import FindOptions, FindReport, Waterfall

__all__ = ["explain", "find", "lookup", "show_waterfall", "status"]

FailOnCandidates = Annotated[
    bool, typer.Option("--fail-on-candidates", help="End with 3 when pairs were found that are worth a look.")
]
New = Annotated[
    bool, typer.Option("--new", help="Compare only what was added or changed since the last search, with all others.")
]
AtLeast = Annotated[
    float, typer.Option("--at-least", metavar="P", min=0.0, max=1.0, help="Only records at least so probable.")
]
Assignments = Annotated[list[str], typer.Argument(metavar="FIELD=VALUE...", help="What is known of the record.")]
First = Annotated[int, typer.Argument(metavar="ID", help="A record.")]
Second = Annotated[int, typer.Argument(metavar="ID", help="The other one.")]


def find(
    crm: Crm, entity: EntityArgument, where: Where = None, new: New = False, against: AgainstSeveral = None,
    fail_on_candidates: FailOnCandidates = False,
) -> ExitCode:  # fmt: skip
    """Search for records that are the same person or organization, and keep the pairs for review and merge.

    Nothing is merged. What was decided to be different is never proposed again, and every decision teaches the search
    what weighs how much. The rules of the project's file rules/ENTITY.toml hold; `crm rule show ENTITY` says them.
    Precision and recall are estimates of
    the engine, not measurements. Ends with 0 whether or not anything was found, unless --fail-on-candidates is given.
    With --against leads are looked for among the contacts, or their companies among the accounts.

    A search of all records leaves an index, by which --new compares what came since in seconds, with the model of that
    search. Search all again from time to time: after large imports, and when most values have become others.

    Examples:
        crm dedupe find contact
        crm dedupe find contact --new
        crm dedupe find lead --against contact --against account
        crm dedupe find account --where "country = 'DE'"
        crm dedupe find contact --fail-on-candidates --json
    """
    from crm_cli.jobs import matching

    if against:
        return find_across(crm, entity, against, where, fail_on_candidates=fail_on_candidates)
    rules = entity_rules(crm, entity)
    options = matching.FindOptions(where=where, dry_run=crm.dry_run, rules=rules)
    if new:
        return _find_new(crm, entity, options, fail_on_candidates=fail_on_candidates)
    with engine_progress(crm, f"searching {entity}") as progress:
        run, loaded, result = matching.find(crm.store, entity, crm.author, options, progress)
    declared = crm.store.dictionary.entity(entity)
    report = matching.report_of(crm.store, declared, run, loaded, result)
    _show_report(crm, report, rules)
    _say_what_next(crm, declared.noun, report)
    return ExitCode.FINDINGS if fail_on_candidates and report.candidates else ExitCode.DONE


def _find_new(crm: Crm, entity: str, options: FindOptions, *, fail_on_candidates: bool) -> ExitCode:
    from crm_cli.jobs import matching

    with engine_progress(crm, f"searching new {entity}"):
        update = matching.find_new(crm.store, entity, crm.author, options)
    crm.console.show(
        {"run": update.run, "records": update.records, "pairs": update.pairs, "sure": update.sure,
         "clusters": update.clusters}
    )  # fmt: skip
    if crm.dry_run:
        crm.console.note("dry run: the pairs were not kept")
    elif update.pairs:
        crm.console.next_step(f"crm dedupe review {crm.store.dictionary.entity(entity).noun}")
    else:
        crm.console.note("nothing to review")
    return ExitCode.FINDINGS if fail_on_candidates and update.pairs else ExitCode.DONE


def lookup(crm: Crm, entity: EntityArgument, words: Assignments, at_least: AtLeast = 0.1) -> ExitCode:
    """Does this one exist? Compare a record, given as FIELD=VALUE, with all that are in the database.

    Nothing is stored. It needs the index that `crm dedupe find` leaves, and is answered in a moment. Ends with 0 when
    a record was found, and with 3 when there is none.

    Examples:
        crm dedupe lookup contact given_name=Bob family_name=Miller email=bob.miller@acme.example
        crm dedupe lookup account name="ACME Ltd" city=London --json
    """
    from crm_cli.jobs import matching

    with crm.store.read() as connection:
        given = reader(crm, entity, connection).read(assignments(words))
    found = matching.look_up(crm.store, given, at_least=at_least, rules=entity_rules(crm, entity))
    rows = [
        {"id": one.id, "title": one.title, "probability": one.probability, "verdict": one.verdict, "why": one.why}
        for one in found
    ]
    if rows or crm.console.json:
        crm.console.show(rows)
    if found:
        crm.console.next_step(f"crm {given.entity.noun} show {found[0].id}")
        return ExitCode.DONE
    crm.console.note(f"there is no {given.entity.noun} like it")
    return ExitCode.FINDINGS


def _show_report(crm: Crm, report: FindReport, rules: MatchRules) -> None:
    summary: dict[str, Any] = {
        "records": report.records, "clusters": report.clusters, "duplicates": report.duplicates,
        "estimated_precision": round(report.precision, 3), "estimated_recall": round(report.recall, 3),
    }  # fmt: skip
    parts: dict[str, Any] = {"found": summary, "pairs by certainty": report.certainty}
    if report.largest:
        parts["largest clusters"] = report.largest
    if report.oversize:
        parts["blocks too large to compare"] = report.oversize
    if crm.console.json:
        parts |= {
            "run": report.run or None, "columns": report.columns, "rules": report.rules,
            "warnings": report.warnings, "learning": report.learning, "automatic_merge": report.automatic,
            "rules_file": rules.file or None, "same_by_rule": report.ruled,
        }  # fmt: skip
    crm.console.show_parts(parts)
    used = [one["column"] for one in report.columns if one["compared as"] != "not compared"]
    crm.console.note(f"compared by {', '.join(used) or 'nothing'}; blocked by {len(report.rules)} rules")
    if rules.file:
        crm.console.note(f"under the rules of {rules.file}, by which {report.ruled} pairs are the same")
    if report.learning is not None:
        crm.console.note(_learned(report.learning))
    for warning in report.warnings:
        crm.console.warn(warning)


def _learned(learning: Learning) -> str:
    """What the answers taught, in a line."""
    answers = f"{learning.answers} answers about uncertain pairs ({learning.same} the same)"
    if not learning.adopted:
        return f"{answers} taught nothing beyond themselves"
    changes = ", ".join(f"{cell(name)} {cell(level)} {bits:+.1f}" for name, level, bits in learning.changes)
    return f"learned from {answers} (bits): {changes}"


def _say_what_next(crm: Crm, noun: str, report: FindReport) -> None:
    if crm.dry_run:
        crm.console.note("dry run: the pairs were not kept")
    elif not report.candidates:
        crm.console.note("nothing to review")
    elif report.automatic or report.ruled:
        crm.console.next_step(f"crm dedupe merge {noun} --auto --dry-run, or crm dedupe review {noun}")
    else:
        crm.console.next_step(f"crm dedupe review {noun}")


def explain(crm: Crm, entity: EntityArgument, left: First, right: Second, against: Against = None) -> ExitCode:
    """Show why two records are taken for the same, or not: comparison by comparison, in words and bits.

    A bit doubles the odds. The weights are against two records that have nothing to do with each other; against
    relatives or colleagues, who share an address or an employer, the same agreement counts for less.

    Examples:
        crm dedupe explain contact 17 42
        crm dedupe explain contact 17 42 --json
        crm dedupe explain lead 17 42 --against contact
    """
    from crm_cli.jobs import matching

    with engine_progress(crm, f"comparing {left} and {right}"):
        if against:
            waterfall = explainer_across(crm, entity, against).explain(left, right)
        else:
            waterfall = matching.Reasons(crm.store, entity, rules=entity_rules(crm, entity)).explain(left, right)
    if waterfall is None:
        crm.console.note(f"{left} and {right} are one record, or have nothing that could be compared")
        return ExitCode.DONE
    show_waterfall(crm, waterfall)
    beside = f" --against {against}" if against else ""
    crm.console.next_step(f"crm dedupe decide {entity} {left} {right} duplicate|different{beside}")
    return ExitCode.DONE


def show_waterfall(crm: Crm, waterfall: Waterfall) -> None:
    """Show the steps from the prior to the probability."""
    if crm.console.json:
        crm.console.show(waterfall)
        return
    rows = [{"comparison": "prior", "left": "", "right": "", "agreement": "", "bits": waterfall.prior}]
    rows += [
        {"comparison": one.comparison, "left": one.left, "right": one.right, "agreement": one.level, "bits": one.bits}
        for one in waterfall.steps
    ]
    rows.append({"comparison": "against unrelated", "left": "", "right": "", "agreement": "", "bits": waterfall.total})
    related = {"comparison": "against relatives", "left": "", "right": "", "agreement": ""}
    rows.append({**related, "bits": waterfall.against_related})
    crm.console.show(rows)
    classes = ", ".join(f"{name} {value:.3f}" for name, value in waterfall.classes.items())
    verdict = waterfall.verdict.replace("_", " ")
    if waterfall.steps:
        crm.console.note(f"probability {waterfall.probability:.4f}: {verdict} ({classes})")
    if waterfall.rule:
        settled = "the same" if waterfall.ruled_same else "not the same"
        crm.console.note(f"rule: {waterfall.rule} – {settled}, whatever the comparisons say")


def status(crm: Crm, entity: EntityArgument = "contact") -> ExitCode:
    """Show how far the work on duplicates has come: searched, to review, decided, ready to merge, merged.

    Examples:
        crm dedupe status contact
        crm dedupe status account --json
    """
    from crm_cli.jobs import matching

    found = matching.dedupe_status(crm.store, entity)
    crm.console.show(found)
    if found.searched_at is None:
        crm.console.next_step(f"crm dedupe find {found.entity}")
    elif found.ready_to_merge:
        crm.console.next_step(f"crm dedupe merge {found.entity}")
    elif found.to_review or found.sure:
        crm.console.next_step(f"crm dedupe review {found.entity}")
    return ExitCode.DONE
