"""Steps that look after the quality of the data: standardize, values, dedupe, audit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from crm_cli.automation import Option, StepKind, StepOutcome
from crm_cli.automation.values import TEXT, TRUTH, WORDS, number, one_of, whole
from crm_cli.errors import ExitCode
from crm_cli.jobs.scripting.context import ScriptContext

__all__ = ["ENTITY", "KINDS", "MAX_CHANGES", "WHERE"]

_MOST_CHANGES = 1_000  # as `crm values apply` allows unless told otherwise
ENTITY = Option("entity", TEXT, "What to work on, such as contact", required=True)
WHERE = Option("where", TEXT, "Only these records: a condition such as \"country = 'US'\"")
MAX_CHANGES = Option("max_changes", whole(1), "Refuse to change more records than this")


def _standardize(context: ScriptContext, given: Mapping[str, Any]) -> StepOutcome:
    from crm_cli.jobs.standardizing import standardize_records
    from crm_cli.standardize import Context

    rules = Context(
        country=given.get("country", context.defaults.get("country")), unsafe=given.get("unsafe", False),
        select=frozenset(given.get("select", ())), ignore=frozenset(given.get("ignore", ())),
    )  # fmt: skip
    done = standardize_records(
        context.store, given["entity"], context.author, where=given.get("where"), context=rules, wait=context.wait,
        max_changes=given.get("max_changes"),
    )  # fmt: skip
    told = {"records": done.records, "changed": done.changed, "not_understood": done.not_understood.total()}
    return StepOutcome(f"changed {done.changed} of {done.records} records", ExitCode.DONE, done.operation_id, told)


def _values(context: ScriptContext, given: Mapping[str, Any]) -> StepOutcome:
    from crm_cli.history import operation
    from crm_cli.jobs.values import apply_recipe, read_recipe
    from crm_cli.standardize import Context

    made, rules = read_recipe(context.path(given["recipe"])), Context(country=context.defaults.get("country"))
    with operation(context.store, "values", context.author, exclusive=True, wait=context.wait) as op:
        done = apply_recipe(op, made, rules, max_changes=given.get("max_changes", _MOST_CHANGES))
    summary = f"changed {done.target.text} of {done.changed} records, {len(done.unmatched)} spellings in none"
    told = {"changed": done.changed, "unmatched": len(done.unmatched), "left": len(done.left)}
    return StepOutcome(summary, ExitCode.PARTIAL if done.left else ExitCode.DONE, done.operation_id, told)


def _find(context: ScriptContext, given: Mapping[str, Any]) -> StepOutcome:
    from crm_cli.jobs.matching import FindOptions, find, find_new, rules_of

    entity = given["entity"]
    rules = rules_of(context.beside("rules"), entity, context.store.dictionary)
    options = FindOptions(where=given.get("where"), rules=rules)
    if given.get("new", False):
        new = find_new(context.store, entity, context.author, options)
        told = {"records": new.records, "pairs": new.pairs, "sure": new.sure, "clusters": new.clusters}
        return StepOutcome(f"{new.pairs} pairs among {new.records} new records", ExitCode.DONE, None, told)
    _, _, result = find(context.store, entity, context.author, options)
    found = result.summary
    told = {"records": found.records, "duplicates": found.duplicates, "clusters": found.clusters}
    text = f"{found.duplicates} duplicates in {found.clusters} clusters of {found.records} records"
    return StepOutcome(text, ExitCode.DONE, None, told)


def _merge(context: ScriptContext, given: Mapping[str, Any]) -> StepOutcome:
    from crm_cli.jobs.matching import AutomaticOptions, merge_automatically, merge_decided, rules_of
    from crm_cli.jobs.merging import MergeSettings

    entity = given["entity"]
    rules = rules_of(context.beside("rules"), entity, context.store.dictionary)
    settings = replace(MergeSettings(), wait=context.wait).under(rules.merge)
    settings = settings.capped(given.get("max_cluster"), given.get("max_share"))
    if given.get("auto", False):
        options = AutomaticOptions.under(rules, given.get("above"))
        done = merge_automatically(context.store, entity, context.author, options, settings)
    else:
        done = merge_decided(context.store, entity, context.author, settings)
    told = {"merged": done.merged, "clusters": len(done.clusters), "refused": len(done.refused),
            "to_review": len(done.to_review)}  # fmt: skip
    summary = f"{done.merged} records merged, {len(done.refused)} clusters refused"
    return StepOutcome(summary, done.exit_code, done.operation_id, told)


def _audit(context: ScriptContext, given: Mapping[str, Any]) -> StepOutcome:
    from crm_cli.audits import Level, choose, load_policies, run_audit
    from crm_cli.jobs.auditing import check_report_target, read_report, write_report

    chosen = choose(load_policies(context.beside("policies")), given.get("policies", []), context.store.dictionary)
    fail_on, overwrite = Level(given.get("fail_on", "error")), given.get("overwrite", False)
    report = context.path(given["report"]) if "report" in given and not context.dry_run else None
    if report is not None:
        check_report_target(report, overwrite=overwrite)
    result = run_audit(
        context.store, chosen, today=context.today, actor=context.author.actor, where=given.get("where"),
        new_only=given.get("new_only", False), wait=context.wait,
    )  # fmt: skip
    if report is not None:
        made = read_report(context.store, chosen, since="last" if given.get("new_only", False) else None, level=fail_on)
        write_report(made, report, overwrite=overwrite)
    levels = [one.level for one in result.results]
    told = {
        "policies": len(chosen), "warnings": levels.count(Level.WARN), "errors": levels.count(Level.ERROR),
        "failing": sum(one.counts.failing for one in result.results),
    }  # fmt: skip
    bad = sum(level is not Level.OK for level in levels)
    return StepOutcome(f"{bad} of {len(chosen)} policies warn or fail", result.exit_code(fail_on), None, told)


KINDS: tuple[StepKind[ScriptContext], ...] = (
    StepKind(
        "standardize", "Bring names, addresses, phones and e-mails into their standard form", _standardize,
        (
            ENTITY, WHERE,
            Option("select", WORDS, "Only these rules, such as E102 or E"),
            Option("ignore", WORDS, "All but these rules"),
            Option("unsafe", TRUTH, "Also the rules that may change the meaning"),
            Option("country", TEXT, "Country of records that name none (ISO 3166-1 alpha-2)"),
            MAX_CHANGES,
        ),
        {"records": "records looked at", "changed": "records changed", "not_understood": "values not understood"},
    ),
    StepKind(
        "values apply", "Mend the spellings of a field by a recipe", _values,
        (Option("recipe", TEXT, "The recipe, a TOML file", required=True), MAX_CHANGES),
        {"changed": "records changed", "unmatched": "spellings that no record has", "left": "points left as they are"},
        once_named="values",
    ),
    StepKind(
        "dedupe find", "Search for duplicates", _find,
        (ENTITY, WHERE, Option("new", TRUTH, "Compare only what was added or changed since the last search")),
        {
            "records": "records compared", "clusters": "groups found", "duplicates": "records too many (not with new)",
            "pairs": "pairs worth a look (with new)", "sure": "pairs that are sure (with new)",
        },
        writes=False, once_named="find",
    ),
    StepKind(
        "dedupe merge", "Merge what was decided, or what is certain", _merge,
        (
            ENTITY,
            Option("auto", TRUTH, "Merge what the last search was sure of, without a review"),
            Option("above", number(0.5, 1.0), "How sure auto must be; else as the rules say, or 0.98"),
            Option("max_cluster", whole(2), "Refuse clusters of more records; else as the rules, or 20"),
            Option("max_share", number(0.0, 1.0), "Refuse to merge away more than this share; else as ruled, or 0.3"),
        ),
        {
            "merged": "records merged away", "clusters": "groups merged", "refused": "groups refused",
            "to_review": "groups left to a person",
        },
        once_named="merge",
    ),
    StepKind(
        "audit run", "Ask the policies of the database, and store what is found", _audit,
        (
            Option("policies", WORDS, "Policies, kinds such as freshness, or entities such as contact; else all"),
            Option("where", TEXT, "Only these records"),
            Option("fail_on", one_of("warn", "error"), "From which finding on the step ends with 3; else error"),
            Option("new_only", TRUTH, "Judge only what did not fail in the last run"),
            Option("report", TEXT, "Write a report too: .html, .xlsx, .xml (JUnit) or .json"),
            Option("overwrite", TRUTH, "Replace the report if it exists"),
        ),
        {
            "policies": "policies asked", "warnings": "policies that warn", "errors": "policies that are errors",
            "failing": "records that fail, over all policies",
        },
        writes=False, once_named="audit",
    ),
)  # fmt: skip
