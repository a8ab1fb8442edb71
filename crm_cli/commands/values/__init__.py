"""`crm values`: the values of one field, their spellings, and recipes that mend them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli.commands.kit import App, Crm
from crm_cli.commands.new_files import new_file
from crm_cli.console import Format as OutputFormat
from crm_cli.errors import ExitCode, UsageError
from crm_cli.jobs.caps import refuse_too_many
from crm_cli.options import AllRecords, Format, Limit, MaxChanges, Overwrite, Where

if TYPE_CHECKING:
    from crm_cli.jobs.values import Change, Recipe, RecipeResult, Wanted
    from crm_cli.spellings import SpellingGroup

__all__ = ["app"]

app = App(
    "Find spellings of one value in a field, decide which is right, and mend them all, today and again.", usual="show"
)

FieldArgument = Annotated[
    str, typer.Argument(metavar="ENTITY.FIELD", help="The field, such as contact.city or account.industry.")
]
MethodOption = Annotated[
    str, typer.Option("--method", metavar="NAME", help="What groups: fingerprint, ngram, distance, or all of them.")
]
Distance = Annotated[
    int, typer.Option("--distance", metavar="N", min=1, max=2, help="The most edits of --method distance.")
]
MinCount = Annotated[int, typer.Option("--min-count", metavar="N", min=1, help="Only what so many records have.")]
TakeAll = Annotated[
    bool,
    typer.Option("--take-all", help="Take every proposal; of near spellings only with --method distance."),
]
Line = Annotated[bool, typer.Option("--line", help="Line by line instead of full screen; a dumb terminal always is.")]
RecipeOption = Annotated[
    Path | None, typer.Option("--recipe", metavar="FILE", help="Keep the decisions in this TOML file, to apply again.")
]
RecipeArgument = Annotated[Path, typer.Argument(metavar="RECIPE", help="The recipe, a TOML file.")]
_ROWS, _CHANGES = 50, 1_000


@app.command()
def show(
    crm: Crm,
    field: FieldArgument,
    where: Where = None,
    method: MethodOption = "all",
    distance: Distance = 1,
    min_count: MinCount = 1,
    all_: AllRecords = False,
    limit: Limit = None,
    format_: Format = None,
) -> None:
    """Show groups of values that are probably spellings of one; with --all every value and how many records have it.

    Fingerprint: the same words, whatever their order, case, accents and punctuation. Ngram: the same pairs of letters,
    whatever the blanks. Distance: a letter more, less, another or swapped, one for each five of the value. Digits must
    be the same everywhere. Where values identify somebody (e-mail addresses, numbers), distance counts only if named.
    The most frequent spelling is proposed; of equally frequent ones one in mixed case, one with accents, the first.

    Examples:
        crm values show contact.city
        crm values show account.industry --all --min-count 2
        crm values show contact.email --method distance --format csv
    """
    from crm_cli.jobs.values import counted, spelling_groups

    wanted = _wanted(crm, field, where, method, distance, min_count)
    on_screen = format_ in (None, OutputFormat.TABLE) and not crm.console.json
    with crm.store.read() as connection:
        if all_:
            values = counted(crm.store, connection, wanted)
            most = limit or (_ROWS if on_screen else None)
            crm.console.show(islice(values, most), format_, columns=["value", "count"])
            if on_screen and limit is None and next(values, None) is not None:
                crm.console.note("more values; --limit N shows so many, --format csv all")
            return
        groups = spelling_groups(crm.store, connection, wanted)
    _show_groups(crm, groups[:limit], format_, shortened=on_screen)
    if groups:
        crm.console.next_step(f"crm values decide {field}")


def _wanted(crm: Crm, field: str, where: str | None, method: str, distance: int, min_count: int) -> Wanted:
    from crm_cli.jobs.values import Wanted, value_field
    from crm_cli.spellings import Method

    if method != "all" and method not in set(Method):
        raise UsageError(f"--method {method}: there is none", hint=f"one of: {', '.join(Method)}, all")
    return Wanted(
        field=value_field(crm.store.dictionary, field), where=where, distance=distance, min_count=min_count,
        methods=() if method == "all" else (Method(method),),
    )  # fmt: skip


def _show_groups(crm: Crm, groups: Sequence[SpellingGroup], format_: OutputFormat | None, *, shortened: bool) -> None:
    if crm.console.json:
        crm.console.show([{"to": one.proposal, "count": one.count, "by": list(one.methods),
                           "spellings": [{"value": each.value, "count": each.count} for each in one.spellings]}
                          for one in groups])  # fmt: skip
    elif not shortened:
        crm.console.show(
            ({"group": number, "to": one.proposal, "value": each.value, "count": each.count, "by": _by(one)}
             for number, one in enumerate(groups, start=1) for each in one.spellings),
            format_,
        )  # fmt: skip
    else:
        crm.console.show([{"to": one.proposal, "records": one.count, "by": _by(one), "spellings": _spelled(one)}
                          for one in groups[:_ROWS]])  # fmt: skip
        if len(groups) > _ROWS:
            crm.console.note(f"{len(groups) - _ROWS} more groups; --format csv shows all")


def _by(group: SpellingGroup) -> str:
    return ", ".join(group.methods)


def _spelled(group: SpellingGroup) -> str:
    return " | ".join(f"{one.value} ({one.count})" for one in group.spellings)


@app.command(writes=True)
def decide(
    crm: Crm,
    field: FieldArgument,
    where: Where = None,
    method: MethodOption = "all",
    distance: Distance = 1,
    min_count: MinCount = 1,
    limit: Limit = None,
    take_all: TakeAll = False,
    line: Line = False,
    recipe: RecipeOption = None,
    overwrite: Overwrite = False,
    max_changes: MaxChanges = _CHANGES,
) -> ExitCode:
    """Decide group by group which spelling is right, then change all records that have another.

    At a terminal every group is asked about; elsewhere --take-all --yes takes every proposal. What is only near
    (Austin, Tustin) is often something else: --take-all leaves it alone unless --method distance is named. The recipe
    is written before anything is changed, and with --dry-run too, so that it can be read and corrected first.

    Examples:
        crm values decide contact.city --recipe cities.toml
        crm values decide contact.city --take-all --recipe cities.toml --dry-run
        crm values decide account.industry --where "country = 'DE'" --take-all --yes --max-changes 5000
    """
    from crm_cli.jobs.values import all_proposals, equal_keys_only, spelling_groups

    wanted = _wanted(crm, field, where, method, distance, min_count)
    if take_all and not wanted.methods:
        wanted = equal_keys_only(wanted)
    target = new_file(crm, recipe, overwrite=overwrite) if recipe is not None else None
    with crm.store.read() as connection:
        groups = spelling_groups(crm.store, connection, wanted)[:limit]
    if not groups:
        crm.console.note("no spellings to decide about")
        return ExitCode.DONE
    changes = all_proposals(groups) if take_all else _asked(crm, wanted, groups, line=line)
    if not changes:
        crm.console.note("nothing was decided")
        return ExitCode.DONE
    made = _recipe(crm, wanted, method, changes)
    if target is not None:
        target.write_text(made.to_toml(), encoding="utf-8")
        crm.console.note(f"the decisions are in {recipe}; crm values apply {recipe} does it again")
    return _apply(crm, made, max_changes)


def _asked(crm: Crm, wanted: Wanted, groups: Sequence[SpellingGroup], *, line: bool) -> tuple[Change, ...]:
    """Return what a person decides, on the full screen where there is one."""
    from crm_cli.jobs.values import Session

    session = Session(groups)
    if crm.console.has_screen and not line:
        from crm_cli.commands.values.screen import run_screen

        return run_screen(session, wanted.field.text)
    from crm_cli.commands.values.lines import LineDecisions

    return LineDecisions(crm, session).run()


def _recipe(crm: Crm, wanted: Wanted, method: str, changes: tuple[Change, ...]) -> Recipe:
    from crm_cli.jobs.values import Recipe

    field = wanted.field
    return Recipe(
        entity=field.entity.noun, field=field.path.text, changes=changes, where=wanted.where, decided_by=crm.actor,
        decided_at=crm.store.now().replace(microsecond=0), method=method, distance=wanted.distance,
    )  # fmt: skip


def _apply(crm: Crm, recipe: Recipe, max_changes: int | None) -> ExitCode:
    from crm_cli.history import operation
    from crm_cli.jobs.values import affected, apply_recipe
    from crm_cli.standardize import Context

    with crm.store.read() as connection:
        count = affected(crm.store, connection, recipe)
    refuse_too_many(recipe.entity, count, max_changes)
    what = f"{recipe.entity}.{recipe.field} of {count} records"
    if count > 1 and not crm.confirm(f"change {what}?"):
        crm.console.note("nothing was changed")
        return ExitCode.DONE
    context = Context(country=crm.config.text("default_country") or None)
    rehearsed = crm.dry_run or not count  # what changes nothing leaves nothing in the log
    with operation(crm.store, "values", crm.author, dry_run=rehearsed, exclusive=True, wait=crm.wait) as op:
        done = apply_recipe(op, recipe, context, max_changes=max_changes)
    _show_done(crm, done)
    return ExitCode.PARTIAL if done.left else ExitCode.DONE


def _show_done(crm: Crm, done: RecipeResult) -> None:
    rows: list[dict[str, Any]] = [
        {"before": one.before, "after": one.after, "records": one.records} for one in done.mended
    ]
    operation = done.operation_id if done.changed and not crm.dry_run else None
    noun = done.target.entity.noun
    if crm.console.json:
        left = [{"id": number, "why": why} for number, why in done.left]
        crm.console.show({"changed": done.changed, "operation": operation, "mended": rows,
                          "unmatched": done.unmatched, "left": left})  # fmt: skip
    elif rows:
        crm.console.show(rows)
    for number, why in done.left[:_ROWS]:
        crm.console.warn(f"{noun} {number} is left as it is: {why}")
    if done.unmatched:
        some = ", ".join(repr(one) for one in done.unmatched[:8])
        crm.console.note(f"in no record: {some}{' …' if len(done.unmatched) > 8 else ''}")
    verb = "would change" if crm.dry_run else "changed"
    records = "record" if done.changed == 1 else "records"
    crm.console.note(f"{verb} {done.target.text} of {done.changed} {records}")
    if operation:
        crm.console.next_step(f"crm undo {operation} takes it back")


@app.command(writes=True)
def apply(crm: Crm, recipe: RecipeArgument, max_changes: MaxChanges = _CHANGES) -> ExitCode:
    """Apply a recipe to the records of today: what it names is changed as it says, all else stays.

    Applying it again changes nothing. Spellings that no record has are named. A contact point that its party would
    then have twice is left as it is, and the command ends with 4. In a script the step is `run = "values apply"`.

    Examples:
        crm values apply cities.toml --dry-run
        crm values apply cities.toml --yes --max-changes 20000
    """
    from crm_cli.jobs.values import read_recipe

    made = read_recipe(crm.path(recipe))
    return _apply(crm, made, max_changes)
