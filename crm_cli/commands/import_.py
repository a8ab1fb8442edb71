"""`crm import`: bring a file or a legacy system's data into the database."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli.commands.edited_sheets import edit_workbooks, take_edits
from crm_cli.commands.import_bounces import MAIL_REPORTS, take_mail_reports
from crm_cli.commands.import_doing import Errand, Written
from crm_cli.commands.kit import App, Crm
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

if TYPE_CHECKING:
    from crm_cli.importers.profiles import Profile
    from crm_cli.jobs.importing import ImportOptions, Missing
    from crm_cli.jobs.matching_at_the_door import AtTheDoor

__all__ = ["app"]

app = App("Bring a file or a legacy system's data into the database.")

Sources = Annotated[
    list[str],
    typer.Argument(
        metavar="SOURCE…",
        help="Files, `-` for the standard input, or a database URL; with --profile also folders and patterns.",
    ),
]
Into = Annotated[
    str,
    typer.Option(
        "--into",
        metavar="ENTITY",
        help="What the rows are: contact, account, account+contact, lead, opportunity, activity, user; bounce, …",
    ),
]
ProfileName = Annotated[
    str | None,
    typer.Option(
        "--profile", metavar="NAME", help="The system that the sources come from: crm mapping profiles lists them."
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
    crm: Crm, sources: Sources, into: Into = "contact", mapping: MappingFile = None, profile: ProfileName = None,
    source: SourceName = None, key: Key = None, sheet: Sheet = None, as_of: AsOf = None, rejects: Rejects = None,
    country: CountryOption = None, date_order: DateOrder = None, encoding: Encoding = None, delimiter: Delimiter = None,
    header: Header = None, source_format: SourceFormat = None, quote: Quote = None, layout: Layout = None,
    collision: Collide = None, match: Match = "off", missing: MissingOption = "ignore", plan_out: PlanOut = None,
    plan: PlanFile = None, accept_columns: AcceptColumns = False, ignore_gate: IgnoreGate = False,
    report: ReportFile = None, overwrite: Overwrite = False, parse_only: ParseOnly = False, explain: Explain = False,
    out_dir: OutDir = Path(),
) -> ExitCode:  # fmt: skip
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
        crm import salesforce/ --profile salesforce --dry-run
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
    door = _at_the_door(match)
    _refuse_contradictions(profile, mapping, plan or plan_out, door)
    if parse_only:
        return _parse_only(crm, sources, out_dir, reading)
    if explain:
        return _explain(crm, sources, reading)
    if into in MAIL_REPORTS:
        needless = {"--mapping": mapping, "--source": source, "--key": key, "--country": country, "--plan": plan,
                    "--collision": collision, "--plan-out": plan_out, "--report": report, "--match": match != "off",
                    "--missing": missing != "ignore", "--profile": profile}  # fmt: skip
        return take_mail_reports(crm, sources, into, reading, as_of, date_order, rejects, needless)
    if edited := edit_workbooks(crm, sources):
        return take_edits(crm, sources, edited, rejects, country)
    written = Written(rejects, report, overwrite)
    written.check(crm)
    options = _options(crm, reading, into, mapping, source, key, as_of, country, date_order, collision)
    options = replace(options, accept_columns=accept_columns, ignore_gate=ignore_gate, missing=_missing(missing))
    errand = Errand(crm, sources, options, written, door, _profile(crm, profile))
    if plan:
        return errand.carry_out(plan)
    return errand.make_plan(plan_out) if plan_out else errand.run()


def _refuse_contradictions(
    profile: str | None, mapping: Path | None, plan: Path | None, door: AtTheDoor | None
) -> None:
    if profile and mapping:
        raise UsageError("--profile and --mapping both say what the columns mean", hint="give one of them")
    if plan and door:
        hint = "crm dedupe find --new searches for duplicates afterwards"
        raise UsageError("a plan holds an import alone", hint=hint)


def _profile(crm: Crm, name: str | None) -> Profile | None:
    from crm_cli.importers.profiles import find_profile

    return None if name is None else find_profile(name, crm.path(Path()))


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


def _missing(given: str) -> Missing:
    from crm_cli.jobs.importing import Missing

    if given not in set(Missing):
        raise UsageError(f"--missing {given}: unknown", hint=f"one of: {', '.join(Missing)}")
    return Missing(given)


def _at_the_door(given: str) -> AtTheDoor | None:
    """Return how new records are matched, None for not at all: then nothing of the matching needs to be loaded."""
    if given == "off":
        return None
    from crm_cli.jobs.matching_at_the_door import AtTheDoor

    if given not in set(AtTheDoor):
        raise UsageError(f"--match {given}: unknown", hint=f"one of: {', '.join(AtTheDoor)}")
    return AtTheDoor(given)


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
