"""`crm import`: bring a file or a legacy system's data into the database."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli.commands.edited_sheets import edit_workbooks, take_edits
from crm_cli.commands.import_bounces import MAIL_REPORTS, take_mail_reports
from crm_cli.commands.import_shown import show_import, show_refused
from crm_cli.commands.kit import App, Crm
from crm_cli.commands.new_files import new_file
from crm_cli.commands.policies import source_settings
from crm_cli.commands.reading import (
    CountryOption,
    DateOrder,
    Delimiter,
    Encoding,
    Header,
    Layout,
    MappingFile,
    Quote,
    SourceFormat,
    as_of_moment,
    known_order,
    read_options,
)
from crm_cli.errors import ExitCode, UsageError
from crm_cli.options import AsOf, Overwrite, Rejects, Sheet
from crm_cli.urls import hide_passwords

if TYPE_CHECKING:
    from crm_cli.jobs.importing import ImportOptions, ImportResult, ImportRun, Missing
    from crm_cli.jobs.matching_at_the_door import AtTheDoor, Matched

__all__ = ["app"]

app = App("Bring a file or a legacy system's data into the database.")

Sources = Annotated[
    list[str], typer.Argument(metavar="SOURCE…", help="Files, `-` for the standard input, or a database URL.")
]
Into = Annotated[
    str,
    typer.Option(
        "--into",
        metavar="ENTITY",
        help="What the rows are: contact, account, account+contact, lead, user; or bounce, delivered.",
    ),
]
SourceName = Annotated[
    str | None, typer.Option("--source", metavar="NAME", help="The system the data come from; else the file's name.")
]
Key = Annotated[
    str | None, typer.Option("--key", metavar="COLUMN", help="The column that identifies a record in its source.")
]
Collide = Annotated[
    str | None,
    typer.Option(
        "--collision",
        metavar="RULE",
        help="Who wins a disagreement: newest, source, blank, never; else as sources/NAME.toml says, else newest.",
    ),
]
PlanOut = Annotated[
    Path | None, typer.Option("--plan-out", metavar="FILE", help="Do nothing but write down what would be done.")
]
PlanFile = Annotated[
    Path | None,
    typer.Option("--plan", metavar="FILE", help="Do what such a plan says; it is refused when it is stale."),
]
MissingOption = Annotated[
    str,
    typer.Option(
        "--missing",
        metavar="ignore|report|delete",
        help="The source is whole: tell which of its records are not in it any more, or delete those.",
    ),
]
ReportFile = Annotated[
    Path | None,
    typer.Option(
        "--report", metavar="FILE", help="Write a page about it, .html or .json; with --dry-run of a rehearsal."
    ),
]
AcceptColumns = Annotated[
    bool, typer.Option("--accept-columns", help="Take a source whose columns have changed since the last time.")
]
IgnoreGate = Annotated[
    bool, typer.Option("--ignore-gate", help="Take a delivery that does not pass the gate of its source.")
]
ParseOnly = Annotated[bool, typer.Option("--parse-only", help="Only convert to plain CSV what was understood.")]
OutDir = Annotated[Path, typer.Option("--out-dir", metavar="DIR", help="Where --parse-only writes.")]
Match = Annotated[
    str,
    typer.Option(
        "--match",
        metavar="off|review|auto",
        help="Search new records for duplicates: keep pairs to review, or merge the sure ones too.",
    ),
]
Explain = Annotated[bool, typer.Option("--explain", help="Only show what was understood of the source.")]


@app.command("import", writes=True)
def import_(
    crm: Crm,
    sources: Sources,
    into: Into = "contact",
    mapping: MappingFile = None,
    source: SourceName = None,
    key: Key = None,
    sheet: Sheet = None,
    as_of: AsOf = None,
    rejects: Rejects = None,
    country: CountryOption = None,
    date_order: DateOrder = None,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    header: Header = None,
    source_format: SourceFormat = None,
    quote: Quote = None,
    layout: Layout = None,
    collision: Collide = None,
    match: Match = "off",
    missing: MissingOption = "ignore",
    plan_out: PlanOut = None,
    plan: PlanFile = None,
    accept_columns: AcceptColumns = False,
    ignore_gate: IgnoreGate = False,
    report: ReportFile = None,
    overwrite: Overwrite = False,
    parse_only: ParseOnly = False,
    explain: Explain = False,
    out_dir: OutDir = Path(),
) -> ExitCode:
    """Import customers: columns are recognized, values standardized, rows that cannot be taken are kept aside.

    A workbook of crm export --for edit is recognized: only the cells that were changed in it are taken. A row is
    refused where somebody else changed the same field, the record is gone, or a value does not fit. Rows taken out
    change nothing, cleared cells clear. A row without id is added as crm contact add does: where there is a record
    like it, it is refused and that one named.

    A source that came before is mapped as the last time; when its columns have changed, it is stopped and they are
    shown. A delivery that is not as good as sources/NAME.toml demands is refused as a whole (exit 3). A plan holds
    what would be done, row by row: carried out with --plan it does exactly that, or nothing (exit 5).

    Examples:
        crm import contacts.xlsx --dry-run --rejects refused.csv
        crm import customers.xlsx --into account+contact --dry-run
        crm import export.csv --into contact --source erp --key "Customer No" --rejects rejects.csv
        crm import old.csv --into lead --as-of 2023-06-30
        crm import fair.xlsx --match review
        crm import customers.csv --source erp --key "Customer No" --missing report
        crm import june.csv --source shop --dry-run --report rehearsal.html
        crm import june.csv --source shop --plan-out june.plan.json
        crm import june.csv --plan june.plan.json
        crm import mainframe.txt --layout columns.txt --into account
        crm import *.csv --parse-only --out-dir converted
        crm import bounces.mbox --into bounce --dry-run
    """
    reading = read_options(
        encoding=encoding, delimiter=delimiter, header=header, sheet=sheet, source_format=source_format, quote=quote,
        layout=crm.path(layout) if layout else None,
    )  # fmt: skip
    if parse_only:
        return _parse_only(crm, sources, out_dir, reading)
    if explain:
        return _explain(crm, sources, reading)
    if into in MAIL_REPORTS:
        needless = {
            "--mapping": mapping, "--source": source, "--key": key, "--country": country, "--collision": collision,
            "--plan": plan, "--plan-out": plan_out, "--report": report, "--match": match != "off",
            "--missing": missing != "ignore",
        }  # fmt: skip
        return take_mail_reports(crm, sources, into, reading, as_of, date_order, rejects, needless)
    if edited := edit_workbooks(crm, sources):
        return take_edits(crm, sources, edited, rejects, country)
    if (plan or plan_out) and len(sources) > 1:
        raise UsageError("a plan is of one source, and several were given", hint="plan them one by one")
    door = _at_the_door(match)
    if (plan or plan_out) and door != "off":
        raise UsageError(
            "a plan holds an import alone", hint="crm dedupe find --new searches for duplicates afterwards"
        )
    written = _Written(rejects, report, overwrite)
    if report:
        from crm_cli.jobs.importing import check_report_target

        check_report_target(crm.path(report), overwrite=overwrite)
    if plan:
        return _carry_out(crm, sources[0], plan, written)
    options = _options(crm, reading, into, mapping, source, key, as_of, country, date_order, collision)
    options = replace(options, accept_columns=accept_columns, ignore_gate=ignore_gate, missing=_missing(missing))
    if plan_out:
        return _make_plan(crm, sources[0], options, plan_out, written)
    return _import_all(crm, sources, options, written, door)


def _options(
    crm: Crm, reading: Any, into: str, mapping: Path | None, source: str | None, key: str | None, as_of: str | None,
    country: str | None, date_order: str | None, collision: str | None,
) -> ImportOptions:  # fmt: skip
    from crm_cli.importers.mapping import read_mapping
    from crm_cli.jobs.importing import Collision, ImportOptions

    if collision is not None and collision not in set(Collision):
        raise UsageError(f"--collision {collision}: there is no such rule", hint=f"one of: {', '.join(Collision)}")
    known = read_mapping(crm.path(mapping)) if mapping else None
    return ImportOptions(
        into=known.into if known else tuple(into.split("+")), mapping=known, source_name=source, key=key,
        as_of=as_of_moment(as_of), country=country or crm.config.text("default_country") or None,
        currency=crm.config.text("base_currency") or None, timezone=crm.config.text("timezone") or None,
        date_order=known_order(date_order), collision=Collision(collision) if collision else None, read=reading,
        settings=source_settings(crm),
    )  # fmt: skip


@dataclass(frozen=True)
class _Written:
    """The files that an import writes beside the database."""

    rejects: Path | None
    report: Path | None
    overwrite: bool

    def run(self, crm: Crm) -> ImportRun:
        """Return how the import goes."""
        from crm_cli.jobs.importing import ImportRun

        rejects = crm.path(self.rejects) if self.rejects else None
        return ImportRun(rejects=rejects, dry_run=crm.dry_run, wait=crm.wait, reporting=self.report is not None)

    def write_report(self, crm: Crm, sources: list[str], results: list[ImportResult], *, rehearsed: bool) -> None:
        """Write the report, where one was asked for."""
        from crm_cli.jobs.importing import ReportHead, write_report

        if self.report is None:
            return
        when = f"{crm.store.now().astimezone(crm.zone):%Y-%m-%d %H:%M}"
        named = ", ".join(hide_passwords(one, whole=True) for one in sources)
        head = ReportHead(named, crm.actor, when, rehearsed)
        write_report(crm.path(self.report), head, results, overwrite=self.overwrite)
        crm.console.note(f"report: {self.report}")


def _make_plan(crm: Crm, source: str, options: ImportOptions, target: Path, written: _Written) -> ExitCode:
    """Do everything, write down what was done, and roll it back."""
    from crm_cli.exporters import write_whole

    path = new_file(crm, target, overwrite=written.overwrite)
    run = replace(written.run(crm), rejects=None, dry_run=True, planning=True)
    result, _ = _import_one(crm, source, options, run)
    if result.plan is not None:
        text = result.plan.to_json().encode()
        write_whole(path, lambda stream: min(1, stream.write(text)), overwrite=written.overwrite)
    show_import(crm, [result], [], planned=True)
    written.write_report(crm, [source], [result], rehearsed=True)
    crm.console.note(f"the plan is in {target}; nothing was written to the database")
    crm.console.next_step(f"crm import {source} --plan {target}")
    return result.exit_code


def _carry_out(crm: Crm, source: str, file: Path, written: _Written) -> ExitCode:
    from crm_cli.jobs.importing import read_plan

    plan = read_plan(crm.path(file))
    options = replace(plan.import_options(), source_name=plan.source_system, settings=source_settings(crm))
    result, _ = _import_one(crm, source, options, replace(written.run(crm), plan=plan))
    show_import(crm, [result], [])
    written.write_report(crm, [source], [result], rehearsed=crm.dry_run)
    return result.exit_code


def _missing(given: str) -> Missing:
    from crm_cli.jobs.importing import Missing

    if given not in set(Missing):
        raise UsageError(f"--missing {given}: unknown", hint=f"one of: {', '.join(Missing)}")
    return Missing(given)


def _at_the_door(given: str) -> AtTheDoor:
    from crm_cli.jobs.matching_at_the_door import AtTheDoor

    if given not in set(AtTheDoor):
        raise UsageError(f"--match {given}: unknown", hint=f"one of: {', '.join(AtTheDoor)}")
    return AtTheDoor(given)


def _import_all(crm: Crm, sources: list[str], options: ImportOptions, written: _Written, door: AtTheDoor) -> ExitCode:
    from crm_cli.errors import worst

    if written.rejects and len(sources) > 1:
        raise UsageError("--rejects names one file, and several sources were given", hint="import them one by one")
    results: list[ImportResult] = []
    matched: list[Matched] = []
    try:
        for one in sources:
            result, found = _import_one(crm, one, options, written.run(crm), door)
            results.append(result)
            matched += found
    finally:  # what an earlier source did is shown even when a later one fails
        if results:
            show_import(crm, results, matched)
            written.write_report(crm, sources, results, rehearsed=crm.dry_run)
    return worst(*(result.exit_code for result in results))


def _import_one(
    crm: Crm, source: str, options: ImportOptions, run: ImportRun, door: AtTheDoor | None = None
) -> tuple[ImportResult, list[Matched]]:
    """Import one source; what is ambiguous is asked where somebody can answer, else refused naming the flag."""
    from crm_cli.commands.match_rules import entity_rules
    from crm_cli.jobs.importing import GateError, UnsettledError, import_source
    from crm_cli.jobs.matching_at_the_door import import_and_match

    where = source if source == "-" or "://" in source else crm.path(source)
    while True:
        try:
            with crm.console.progress(f"importing {source}") as bar:
                told = replace(run, progress=bar.advance)
                if door is None or door == "off":
                    return import_source(crm.store, where, crm.author, options, told), []
                rules = partial(entity_rules, crm)
                return import_and_match(crm.store, where, crm.author, options, told, door, rules)
        except GateError as fault:
            if not crm.console.json:
                show_refused(crm, fault.facts["result"], run.rejects)
            raise
        except UnsettledError as question:
            if not crm.console.can_ask:
                raise
            for value, sample in question.facts["choices"]:
                crm.console.note(f"  {value}: {sample}")
            answer = crm.console.ask(question.message, flag=question.facts["flag"])
            options = options.settled(question.facts["flag"], answer)


def _parse_only(crm: Crm, sources: list[str], out_dir: Path, reading: Any) -> ExitCode:
    from crm_cli.importers import parse_only

    done = parse_only([crm.path(one) for one in sources], crm.path(out_dir), reading)
    crm.console.show(
        [
            {
                "source": one.source,
                "target": one.target,
                "rows": one.rows,
                "error": one.error.message if one.error else None,
            }
            for one in done
        ]
    )
    return ExitCode.PARTIAL if any(one.error for one in done) else ExitCode.DONE


def _explain(crm: Crm, sources: list[str], reading: Any) -> ExitCode:
    from crm_cli.importers import read_tables

    places = [one if one == "-" or "://" in one else crm.path(one) for one in sources]
    tables = [table for one in places for table in read_tables(one, reading)]
    crm.console.show_parts(
        {
            table.name: {**table.understood.facts(), "columns": table.header, "first row": table.first_data_row}
            for table in tables
        }
    )
    return ExitCode.DONE
