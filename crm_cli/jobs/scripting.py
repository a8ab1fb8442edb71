"""The steps that a script may run: each a job, with options as data. The commands of the same names do the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from crm_cli.automation import Script, ScriptResult, Step, StepKind, StepOutcome, run_script
from crm_cli.automation.values import Reader, day, number, one_of, text, truth, whole, words
from crm_cli.errors import ExitCode
from crm_cli.history import Author
from crm_cli.store import Store

__all__ = ["STEPS", "ScriptContext", "execute_script"]

_MOST_CHANGES = 1_000  # as `crm values apply` allows unless told otherwise


@dataclass(frozen=True)
class ScriptContext:
    """What every step works with. Paths in a script are seen from the script's folder."""

    store: Store
    author: Author
    folder: Path
    today: date
    dry_run: bool = False
    wait: float = 0.0
    defaults: Mapping[str, Any] = field(default_factory=dict)  # country, currency, timezone of the configuration
    sources: Path | None = None  # the folder of the project's demands on sources; else the one beside the script

    def path(self, given: str) -> Path:
        """Return a path of the script."""
        return self.folder / Path(given).expanduser()


class _RollBack(Exception):  # noqa: N818 - a signal, not an error
    """Ends the outer transaction of a dry run."""


def execute_script(
    script: Script, context: ScriptContext, announce: Callable[[Step], None] | None = None
) -> ScriptResult:
    """Run a script. Each step is an operation of its own; a dry run is one transaction that is rolled back, so that
    steps see what earlier ones would have done. Raises `ScriptError` before the first step."""
    if not context.dry_run:
        return run_script(script, STEPS, context, announce=announce)
    results: list[ScriptResult] = []
    try:
        with context.store.lease(wait=context.wait), context.store.write() as connection:
            inner = replace(context, store=context.store.bound_to(connection))
            results.append(run_script(script, STEPS, inner, announce=announce))
            raise _RollBack
    except _RollBack:
        return results[0]


def _import(context: ScriptContext, source: str, into: str = "contact", **more: Any) -> StepOutcome:
    from crm_cli.importers.mapping import read_mapping
    from crm_cli.jobs.importing import Collision, ImportOptions, ImportRun, import_source, read_source_settings

    mapping = read_mapping(context.path(more["mapping"])) if "mapping" in more else None
    options = ImportOptions(
        into=mapping.into if mapping else tuple(into.split("+")), mapping=mapping, source_name=more.get("source_name"),
        key=more.get("key"), as_of=more.get("as_of"), date_order=more.get("date_order"),
        collision=Collision(more["collision"]) if "collision" in more else None,
        accept_columns=more.get("accept_columns", False), ignore_gate=more.get("ignore_gate", False),
        settings=lambda name: read_source_settings(context.sources or context.path("sources"), name),
        country=more.get("country", context.defaults.get("country")),
        currency=context.defaults.get("currency"), timezone=context.defaults.get("timezone"),
    )  # fmt: skip
    rejects = context.path(more["rejects"]) if "rejects" in more else None
    run = ImportRun(rejects=rejects, wait=context.wait)
    result = import_source(context.store, context.path(source), context.author, options, run)
    names = ("rows", "created", "updated", "unchanged", "rejected")
    summary = ", ".join(f"{result.counts[name]} {name}" for name in names)
    return StepOutcome(summary, result.exit_code, result.operation_id)


def _standardize(context: ScriptContext, entity: str, where: str | None = None) -> StepOutcome:
    from crm_cli.jobs.standardizing import standardize_records
    from crm_cli.standardize import Context

    rules = Context(country=context.defaults.get("country"))
    done = standardize_records(context.store, entity, context.author, where=where, context=rules, wait=context.wait)
    return StepOutcome(f"changed {done.changed} of {done.records} records", ExitCode.DONE, done.operation_id)


def _values(context: ScriptContext, recipe: str, max_changes: int = _MOST_CHANGES) -> StepOutcome:
    from crm_cli.history import operation
    from crm_cli.jobs.values import apply_recipe, read_recipe
    from crm_cli.standardize import Context

    made, rules = read_recipe(context.path(recipe)), Context(country=context.defaults.get("country"))
    with operation(context.store, "values", context.author, exclusive=True, wait=context.wait) as op:
        done = apply_recipe(op, made, rules, max_changes=max_changes)
    summary = f"changed {done.target.text} of {done.changed} records, {len(done.unmatched)} spellings in none"
    return StepOutcome(summary, ExitCode.PARTIAL if done.left else ExitCode.DONE, done.operation_id)


def _find(context: ScriptContext, entity: str, where: str | None = None) -> StepOutcome:
    from crm_cli.jobs.matching import FindOptions, find, rules_of

    rules = rules_of(context.folder / "rules", entity, context.store.dictionary)
    _, _, result = find(context.store, entity, context.author, FindOptions(where=where, rules=rules))
    summary = result.summary
    return StepOutcome(f"{summary.duplicates} duplicates in {summary.clusters} clusters of {summary.records} records")


def _merge(
    context: ScriptContext, entity: str, *, auto: bool = False, above: float | None = None,
    max_cluster: int | None = None, max_share: float | None = None,
) -> StepOutcome:  # fmt: skip
    from crm_cli.jobs.matching import AutomaticOptions, merge_automatically, merge_decided, rules_of
    from crm_cli.jobs.merging import MergeSettings

    rules = rules_of(context.folder / "rules", entity, context.store.dictionary)
    settings = MergeSettings(wait=context.wait).under(rules.merge).capped(max_cluster, max_share)
    if auto:
        options = AutomaticOptions.under(rules, above)
        done = merge_automatically(context.store, entity, context.author, options, settings)
    else:
        done = merge_decided(context.store, entity, context.author, settings)
    return StepOutcome(
        f"{done.merged} records merged, {len(done.refused)} clusters refused", done.exit_code, done.operation_id
    )


def _audit(context: ScriptContext, policies: list[str] | None = None, fail_on: str = "error") -> StepOutcome:
    from crm_cli.audits import Level, choose, load_policies, run_audit

    known = load_policies(context.folder / "policies")
    chosen = choose(known, policies or [], context.store.dictionary)
    result = run_audit(context.store, chosen, today=context.today, actor=context.author.actor, wait=context.wait)
    bad = [one.policy.name for one in result.results if one.level is not Level.OK]
    return StepOutcome(f"{len(bad)} of {len(chosen)} policies warn or fail", result.exit_code(Level(fail_on)))


def _reassign(
    context: ScriptContext, giver: str, takers: list[str], where: str | None = None, split: str = "even",
    entities: list[str] | None = None, *, open_only: bool = True,
) -> StepOutcome:  # fmt: skip
    from crm_cli.history import operation
    from crm_cli.territories import Handover, Split, reassign

    wanted = Handover(
        giver=giver, takers=takers, where=where, split=Split(split), open_only=open_only, entities=entities or (),
        today=context.today,
    )  # fmt: skip
    with operation(context.store, "reassign", context.author, exclusive=True, wait=context.wait) as op:
        moves = reassign(op, wanted)
    return StepOutcome(f"{moves.total} records moved", ExitCode.DONE, moves.operation_id)


def _export(
    context: ScriptContext, entity: str, output: str, where: str | None = None, columns: list[str] | None = None,
    *, overwrite: bool = False, for_excel: bool = False,
) -> StepOutcome:  # fmt: skip
    from crm_cli.exporters import ExportOptions
    from crm_cli.jobs.exporting import export_records

    if context.dry_run:
        return StepOutcome(f"would write {output}")
    options = ExportOptions(overwrite=overwrite, for_excel=for_excel)
    target = context.path(output)
    done = export_records(context.store, entity, target, columns=columns, where=where, options=options)
    return StepOutcome(f"{done.rows} records written to {output}")


def _collision(given: Any) -> str:
    from crm_cli.jobs.importing import Collision

    return str(one_of(*Collision)(given))


def _split(given: Any) -> str:
    from crm_cli.territories import Split

    return str(one_of(*Split)(given))


_READERS: Mapping[str, Reader] = {
    **dict.fromkeys(("source", "into", "mapping", "source_name", "key", "country", "rejects", "recipe"), text),
    **dict.fromkeys(("entity", "where", "giver", "output"), text),
    **dict.fromkeys(("policies", "takers", "entities", "columns"), words),
    **dict.fromkeys(("auto", "open_only", "overwrite", "for_excel", "accept_columns", "ignore_gate"), truth),
    **dict.fromkeys(("above", "max_share"), number),
    **dict.fromkeys(("max_cluster", "max_changes"), whole),
    "as_of": day, "date_order": one_of("dmy", "mdy", "ymd"), "fail_on": one_of("warn", "error"),
    "collision": _collision, "split": _split,
}  # fmt: skip

STEPS: Mapping[str, StepKind[ScriptContext]] = {
    "import": StepKind(
        _import,
        (
            "source",
            "into",
            "mapping",
            "source_name",
            "key",
            "as_of",
            "date_order",
            "collision",
            "country",
            "rejects",
            "accept_columns",
            "ignore_gate",
        ),
        ("source",),
        _READERS,
    ),
    "values": StepKind(_values, ("recipe", "max_changes"), ("recipe",), _READERS),
    "standardize": StepKind(_standardize, ("entity", "where"), ("entity",), _READERS),
    "find": StepKind(_find, ("entity", "where"), ("entity",), _READERS),
    "merge": StepKind(_merge, ("entity", "auto", "above", "max_cluster", "max_share"), ("entity",), _READERS),
    "audit": StepKind(_audit, ("policies", "fail_on"), (), _READERS),
    "reassign": StepKind(
        _reassign, ("giver", "takers", "where", "split", "entities", "open_only"), ("giver", "takers"), _READERS
    ),
    "export": StepKind(
        _export, ("entity", "output", "where", "columns", "overwrite", "for_excel"), ("entity", "output"), _READERS
    ),
}
