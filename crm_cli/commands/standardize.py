"""`crm standardize`: bring values into their standard form."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli.commands.kit import App, Crm
from crm_cli.commands.reading import CountryOption
from crm_cli.errors import UsageError
from crm_cli.options import EntityArgument, MaxChanges, Where

if TYPE_CHECKING:
    from crm_cli.jobs.standardizing import RuleCount, StandardizeResult

__all__ = ["app"]

app = App()

Select = Annotated[str | None, typer.Option("--select", metavar="RULE,…", help="Only these rules, such as E102 or E.")]
Ignore = Annotated[str | None, typer.Option("--ignore", metavar="RULE,…", help="All but these rules.")]
Unsafe = Annotated[bool, typer.Option("--unsafe", help="Also the rules that may change the meaning.")]
_SHOWN = 10


@app.command(writes=True)
def standardize(
    crm: Crm,
    entity: EntityArgument,
    where: Where = None,
    select: Select = None,
    ignore: Ignore = None,
    unsafe: Unsafe = False,
    country: CountryOption = None,
    max_changes: MaxChanges = None,
) -> None:
    """Bring names, addresses, telephone numbers, e-mail addresses and the rest into their standard form.

    Only the form is changed, unless --unsafe is given. --dry-run shows what each rule would do, how often, and to which
    values, and what no rule understood, the most frequent first. With --max-changes nothing is written when more
    records would change. A file is standardized by `crm clean FILE --standardize-only`.

    Examples:
        crm standardize contact --dry-run
        crm standardize contact --where "country = 'US'" --ignore P2
        crm standardize account --max-changes 500
    """
    from crm_cli.jobs.standardizing import standardize_records
    from crm_cli.standardize import Context

    _refuse_file(crm, entity)
    context = Context(
        country=country or crm.config.text("default_country") or None, unsafe=unsafe,
        select=frozenset(_codes(select)), ignore=frozenset(_codes(ignore)),
    )  # fmt: skip
    with crm.console.progress(f"standardizing {entity}") as bar:
        result = standardize_records(
            crm.store, entity, crm.author,
            where=where, context=context, dry_run=crm.dry_run, wait=crm.wait, progress=bar.advance,
            max_changes=max_changes,
        )  # fmt: skip
    _show(crm, result)


def _refuse_file(crm: Crm, entity: str) -> None:
    if entity not in crm.dictionary and crm.path(entity).is_file():
        hint = f"crm clean {shlex.quote(entity)} --standardize-only -o OUTPUT standardizes a file"
        raise UsageError(f"{entity} is a file, and this command standardizes records of the database", hint=hint)


def _codes(text: str | None) -> list[str]:
    return [code.strip() for code in (text or "").split(",") if code.strip()]


def _show(crm: Crm, result: StandardizeResult) -> None:
    if crm.console.json:
        crm.console.show(_document(crm, result))
    else:
        parts = {"rules": _rules(result), "not understood": _not_understood(result)[:_SHOWN]}
        if shown := {heading: rows for heading, rows in parts.items() if rows}:
            crm.console.show_parts(shown)
    kinds = len(result.not_understood)
    if kinds > _SHOWN:
        crm.console.note(f"{kinds - _SHOWN} more values that are not understood: --json lists all")
    verb = "would change" if crm.dry_run else "changed"
    crm.console.note(f"{verb} {result.changed} of {result.records} records")
    if not crm.dry_run and result.changed:
        crm.console.next_step(f"crm undo {result.operation_id} takes it back")


def _rules(result: StandardizeResult) -> list[dict[str, Any]]:
    """A row a rule and field; further samples stand below, with what they share left blank."""
    rows: list[dict[str, Any]] = []
    for one in _sorted(result):
        first = {"field": one.name, "rule": one.rule, "what": _title(one.rule), "count": one.count}
        for place, (before, after) in enumerate(one.samples):
            rows.append((dict.fromkeys(first) if place else first) | {"before": before, "after": after})
    return rows


def _not_understood(result: StandardizeResult) -> list[dict[str, Any]]:
    return [
        {"field": one.field, "value": one.value, "count": count} for one, count in result.not_understood.most_common()
    ]


def _document(crm: Crm, result: StandardizeResult) -> dict[str, Any]:
    rules = [
        {
            "field": one.name, "rule": one.rule, "what": _title(one.rule), "count": one.count,
            "samples": [{"before": before, "after": after} for before, after in one.samples],
        }
        for one in _sorted(result)
    ]  # fmt: skip
    return {
        "operation": None if crm.dry_run else result.operation_id, "records": result.records,
        "changed": result.changed, "rules": rules, "not_understood": _not_understood(result),
    }  # fmt: skip


def _sorted(result: StandardizeResult) -> list[RuleCount]:
    return [count for _, count in sorted(result.rules.items())]


def _title(code: str) -> str:
    from crm_cli.standardize import rule_named

    rule = rule_named(code)
    return rule.title if rule else "the form was out of date"
