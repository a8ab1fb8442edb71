"""`crm extract`: exports that are kept as files, run again, and compared."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli.commands.export_options import (
    Destination,
    ExportFor,
    Mask,
    Order,
    PointsOption,
    Split,
    masking_key,
    purpose,
    say,
    words,
)
from crm_cli.commands.kit import App, Crm
from crm_cli.commands.times import day, local
from crm_cli.config import project_file
from crm_cli.errors import NotFoundError, UsageError
from crm_cli.options import Columns, EntityArgument, Limit, Overwrite, Today, Where

if TYPE_CHECKING:
    from crm_cli.jobs.exporting import Run
    from crm_cli.jobs.extracts import Comparison, Extract, ExtractRun

__all__ = ["app"]

app = App("Save exports as files, run them, and compare their results.")

_LAST = "last"
_DIFFERENCES = 100  # shown unless --limit says otherwise


def _names(incomplete: str) -> list[str]:
    """The saved extracts, for the shell's completion."""
    project = project_file(Path.cwd())
    folder = (project.parent if project else Path.cwd()) / "extracts"
    return sorted(path.stem for path in folder.glob("*.toml") if path.stem.startswith(incomplete))


Name = Annotated[str, typer.Argument(metavar="NAME", help="The name of the extract.", autocompletion=_names)]
Since = Annotated[
    str | None,
    typer.Option("--since", metavar="last", help="Only what changed since the last run, and what is gone since."),
]
Compared = Annotated[
    Path | None, typer.Argument(metavar="FILE", help="Compare this file with what the extract gives now.")
]
Key = Annotated[
    str | None, typer.Option("--key", metavar="COLUMN", help="The column that tells rows apart: id unless named.")
]


@app.command()
def save(
    crm: Crm,
    name: Name,
    entity: EntityArgument,
    output: Destination = None,
    where: Where = None,
    columns: Columns = None,
    order: Order = None,
    for_: ExportFor = None,
    points: PointsOption = None,
    mask: Mask = None,
    split: Split = None,
    overwrite: Overwrite = False,
) -> None:
    """Keep an export as a file in extracts/, beside crm.toml. Nothing is written out yet.

    In the output {date} {time} {year} {month} {day} {week} and {name} stand for those of the run, {value} for that of
    --split. A path is seen from the folder of the project, wherever the extract is run.

    Examples:
        crm extract save germany contact --where "country = 'DE'" -o 'out/germany-{date}.csv'
        crm extract save analysis contact --mask default -o 'out/{name}-{date}.parquet'
        crm extract save regions account --split territory -o 'out/{date}-{value}.xlsx'
    """
    from crm_cli.jobs.exporting import default_columns
    from crm_cli.jobs.extracts import Extract, check_extract, save_extract

    if output is None:
        raise UsageError("an extract needs a destination", hint="-o 'out/NAME-{date}.csv'")
    declared = crm.dictionary.entity(entity)
    own = () if purpose(for_).system else tuple(words(columns) or default_columns(declared))
    extract = Extract(
        name=name, entity=declared.noun, output=output, columns=own, where=where or "", order=tuple(words(order)),
        purpose=tuple(words(for_)), mask=tuple(words(mask)), points=points or "first", split=split or "",
    )  # fmt: skip
    if purpose(for_).system and columns:
        raise UsageError(f"--for {for_} decides on the columns itself", hint="leave --columns out")
    check_extract(crm.dictionary, extract, crm.store.today())
    path = save_extract(_folder(crm), extract, overwrite=overwrite)
    crm.console.note(f"extract {name} is kept in extracts/{path.name}")
    if own and not {"id", "public_id"} & set(own):
        crm.console.note(
            "without id or public_id among the columns, crm extract diff tells rows apart by the first one"
        )
    crm.console.next_step(f"crm extract run {name}")


@app.command()
def run(
    crm: Crm,
    name: Name,
    since: Since = None,
    output: Destination = None,
    overwrite: Overwrite = False,
    today: Today = None,
) -> None:
    """Write the file of an extract, and a manifest beside it: rows, columns, SHA-256, filter, who, when.

    With --since last the file holds the records that changed since the last run, with two more columns: gone says that
    a record was deleted or merged, or left the filter; gone_into is the id of the record that it was merged into. The
    next run goes on from here only when the file is in its place.

    Examples:
        crm extract run germany
        crm extract run germany --since last
        crm extract run germany -o - --today 2026-12-31
    """
    from crm_cli.jobs.extracts import run_extract

    if since not in (None, _LAST):
        raise UsageError(f"--since {since}: unknown", hint="--since last")
    extract = _found(crm, name)
    where = None if output is None else output if output == "-" or "://" in output else crm.path(output)
    with crm.console.progress(f"extract {name}") as bar:
        done = run_extract(
            crm.store, extract, _project(crm), today=day(crm, today), actor=crm.actor,
            key=masking_key(crm, list(extract.mask)), changes_only=since is not None, where=where, overwrite=overwrite,
            progress=bar.advance,
        )  # fmt: skip
    if crm.console.json and output != "-":
        crm.console.show(_run_facts(crm, done))
    for remark in done.remarks:
        crm.console.note(remark)
    say(crm, done.done, _shown(crm, done.target.shown))
    if done.manifest:
        crm.console.note(f"manifest: {_shown(crm, str(done.manifest))}")
    if done.unnoted:
        crm.console.warn(f"the run could not be noted, so the next one goes on from before it: {done.unnoted}")


@app.command("list")
def list_(crm: Crm) -> None:
    """List the extracts with their last runs.

    Example:
        crm extract list
    """
    from crm_cli.jobs.exporting import runs_of
    from crm_cli.jobs.extracts import list_extracts

    rows = []
    for one in list_extracts(_folder(crm)):
        last = next(iter(runs_of(crm.store, one.name, limit=1)), None)
        facts = {"extract": one.name, "entity": one.entity, "output": one.output}
        rows.append({**facts, "last_run": local(crm, last.finished_at) if last else None,
                     "rows": last.rows if last else None, "by": last.actor if last else None})  # fmt: skip
    crm.console.show(rows)
    if not rows:
        crm.console.next_step("crm extract save NAME ENTITY -o 'out/NAME-{date}.csv'")


@app.command()
def show(crm: Crm, name: Name) -> None:
    """Show what an extract says, and its last runs.

    Example:
        crm extract show germany
    """
    from dataclasses import asdict

    from crm_cli.jobs.exporting import runs_of

    extract = _found(crm, name)
    said = {key: ", ".join(value) if isinstance(value, tuple) else value for key, value in asdict(extract).items()}
    runs = [_run_row(crm, one) for one in runs_of(crm.store, name, limit=10)]
    crm.console.show_parts({"extract": {key: value for key, value in said.items() if value}, "runs": runs})


@app.command()
def diff(crm: Crm, name: Name, file: Compared = None, key: Key = None, limit: Limit = None) -> None:
    """Show what differs between the files of the last two runs: rows added, removed and changed.

    With FILE, and where there is one run only, the file is compared with what the extract gives now.

    Examples:
        crm extract diff germany
        crm extract diff germany out/germany-2026-05-31.csv
    """
    extract = _found(crm, name)
    most = limit or _DIFFERENCES
    if file is not None:
        made = _with_present(crm, extract, crm.path(file), key, most)
    else:
        made = _of_runs(crm, extract, key, most)
    _show_differences(crm, extract, made)


def _of_runs(crm: Crm, extract: Extract, key: str | None, most: int) -> Comparison:
    from crm_cli.jobs.exporting import runs_of
    from crm_cli.jobs.extracts import compare_files

    places = [Path(one.destination) for one in runs_of(crm.store, extract.name) if one.is_full]
    files = [path for path in dict.fromkeys(places) if path.is_file()][:2]
    if not files:
        hint = f"crm extract run {extract.name}, or name a file"
        raise NotFoundError(f"no file of a run of {extract.name} is there any more", hint=hint)
    if len(files) == 1:
        crm.console.note(f"compared with now: {_shown(crm, str(files[0]))}")
        return _with_present(crm, extract, files[0], key, most)
    crm.console.note(f"compared: {_shown(crm, str(files[1]))} and, newer, {_shown(crm, str(files[0]))}")
    return compare_files(files[1], files[0], key, most=most)


def _with_present(crm: Crm, extract: Extract, file: Path, key: str | None, most: int) -> Comparison:
    from crm_cli.jobs.exporting import Target, write_export
    from crm_cli.jobs.extracts import with_present

    if not file.is_file():
        raise NotFoundError(f"there is no file {file}", hint=f"crm extract show {extract.name} lists the runs")
    request = extract.request(masking_key(crm, list(extract.mask)))
    return with_present(file, lambda path: write_export(crm.store, [request], Target(where=path)), key, most=most)


def _show_differences(crm: Crm, extract: Extract, made: Comparison) -> None:
    from dataclasses import asdict

    from crm_cli.dictionary import hide
    from crm_cli.jobs.extracts import masked_headers

    hidden = masked_headers(crm.store, extract)
    rows: list[dict[str, Any]] = []
    for one in made.differences:
        row = asdict(one)
        row[made.key] = hide(row.pop("key")) if made.key in hidden else row.pop("key")
        if one.field in hidden:
            row |= {"before": hide(one.before), "after": hide(one.after)}
        rows.append({made.key: row.pop(made.key), **row})
    crm.console.show(rows)
    for remark in made.remarks:
        crm.console.note(remark)
    counts = ", ".join(f"{made.counts[what]} {what}" for what in ("added", "removed", "changed", "same"))
    crm.console.note(f"rows: {counts}")
    if made.is_cut:
        crm.console.note(f"the first {len(rows)} differences are shown; --limit shows more")


def _found(crm: Crm, name: str) -> Extract:
    from crm_cli.jobs.extracts import find_extract

    return find_extract(_folder(crm), name)


def _project(crm: Crm) -> Path:
    project = crm.config.project
    return project.parent if project else crm.surroundings.cwd


def _folder(crm: Crm) -> Path:
    return _project(crm) / "extracts"


def _shown(crm: Crm, place: str) -> str:
    """Return a path as seen from the working directory, where it is below it."""
    path = Path(place)
    folder = crm.surroundings.cwd
    return path.relative_to(folder).as_posix() if path.is_absolute() and path.is_relative_to(folder) else place


def _run_facts(crm: Crm, done: ExtractRun) -> dict[str, Any]:
    files = [
        {"file": _shown(crm, str(one.path)) if one.path else done.target.shown, "rows": one.rows, "sha256": one.sha256}
        for one in done.done.files
    ]
    return {
        "files": files, "rows": done.done.rows, "kind": "changes" if done.done.since else "full",
        "gone": dict(done.done.gone), "left_out": dict(done.done.left_out), "masked": done.done.masked,
        "operation": done.done.watermark.operation, "noted": not done.unnoted,
        "manifest": _shown(crm, str(done.manifest)) if done.manifest else None,
    }  # fmt: skip


def _run_row(crm: Crm, one: Run) -> dict[str, Any]:
    return {
        "finished": local(crm, one.finished_at), "by": one.actor, "kind": "full" if one.is_full else "changes",
        "rows": one.rows, "gone": one.gone, "operation": one.watermark.operation,
        "destination": _shown(crm, one.destination), "sha256": one.sha256[:12],
    }  # fmt: skip
