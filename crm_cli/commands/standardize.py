"""`crm standardize`: bring values into their standard form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli.commands.kit import App, Crm
from crm_cli.commands.reading import CountryOption
from crm_cli.options import EntityArgument, MaxChanges, Where

if TYPE_CHECKING:
    from crm_cli.jobs.standardizing import StandardizeResult

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
    value. With --max-changes nothing is written when more records would change.

    Examples:
        crm standardize contact --dry-run
        crm standardize contact --where "country = 'US'" --ignore P2
        crm standardize account --max-changes 500
    """
    from crm_cli.jobs.standardizing import standardize_records
    from crm_cli.standardize import Context

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


def _codes(text: str | None) -> list[str]:
    return [code.strip() for code in (text or "").split(",") if code.strip()]


def _show(crm: Crm, result: StandardizeResult) -> None:
    crm.console.show([_row(count) for _, count in sorted(result.rules.items())])
    for (name, value), count in result.not_understood.most_common(_SHOWN):
        crm.console.note(f"not understood: {name} {value!r} ({count} ×)")
    verb = "would change" if crm.dry_run else "changed"
    crm.console.note(f"{verb} {result.changed} of {result.records} records")
    if not crm.dry_run and result.changed:
        crm.console.next_step(f"crm undo {result.operation_id} takes it back")


def _row(count: Any) -> dict[str, Any]:
    before, after = count.samples[0] if count.samples else ("", "")
    return {"field": count.name, "rule": count.rule, "count": count.count, "before": before, "after": after}
