"""`crm dedupe file` and `link`: duplicates of files, without a database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crm_cli.commands.dedupe.progress import engine_progress
from crm_cli.commands.kit import Crm
from crm_cli.commands.match_rules import RulesFile, given_rules
from crm_cli.commands.reading import Delimiter, Encoding, Header, read_options
from crm_cli.errors import ExitCode, UsageError
from crm_cli.options import Output, Overwrite, Sheet, SourceArgument

if TYPE_CHECKING:
    from crm_cli.importers import ReadOptions
    from crm_cli.jobs.file_matching import FileOptions, FileResult
    from crm_cli.jobs.match_rules import MatchRules

__all__ = ["file", "link"]

IdColumn = Annotated[
    str | None, typer.Option("--id-column", metavar="NAME", help="The column that names a row; else its number does.")
]
Left = Annotated[str, typer.Argument(metavar="LEFT", help="A file.")]
Right = Annotated[str, typer.Argument(metavar="RIGHT", help="The other file.")]


def file(
    crm: Crm, source: SourceArgument, id_column: IdColumn = None, output: Output = None, overwrite: Overwrite = False,
    rules: RulesFile = None, sheet: Sheet = None, encoding: Encoding = None, delimiter: Delimiter = None,
    header: Header = None,
) -> ExitCode:  # fmt: skip
    """Find the duplicates of a file: writes id, cluster_id and probability for every row.

    The id column says nothing about who a row is; every other column is data, recognized by its header and values.
    Rows of one cluster have the id of its first row as cluster_id. Without -o the result goes to the standard output.

    Examples:
        crm dedupe file customers.csv --id-column id -o clusters.csv
        crm dedupe file customers.csv.gz -o clusters.csv --overwrite
        crm dedupe file customers.xlsx --sheet Customers > clusters.csv
        crm dedupe file customers.csv --rules customers.toml -o clusters.csv
    """
    from crm_cli.jobs.file_matching import dedupe_file

    read = read_options(encoding=encoding, delimiter=delimiter, header=header, sheet=sheet)
    options = _options(id_column, read, given_rules(crm, rules), overwrite=overwrite)
    with engine_progress(crm, f"searching {source}") as progress:
        result = dedupe_file(_path(crm, source), _target(crm, output), options, progress)
    _say(crm, result)
    return ExitCode.DONE


def link(
    crm: Crm, left: Left, right: Right, id_column: IdColumn = None, output: Output = None, overwrite: Overwrite = False,
    rules: RulesFile = None,
) -> ExitCode:  # fmt: skip
    """Find the rows of two files that are the same: writes left_id, right_id and probability.

    Each row is linked at most once. Columns belong together by name, else by what they hold; rules name those of LEFT.

    Examples:
        crm dedupe link crm.csv erp.csv --id-column id -o links.csv
    """
    from crm_cli.jobs.file_matching import link_files

    options = _options(id_column, None, given_rules(crm, rules), overwrite=overwrite)
    with engine_progress(crm, f"linking {left} and {right}") as progress:
        result = link_files((_path(crm, left), _path(crm, right)), _target(crm, output), options, progress)
    _say(crm, result)
    return ExitCode.DONE


def _options(
    id_column: str | None, read: ReadOptions | None, rules: MatchRules | None, *, overwrite: bool
) -> FileOptions:
    from crm_cli.jobs.file_matching import FileOptions

    return FileOptions(id_column, overwrite, read, rules)


def _path(crm: Crm, source: str) -> Path | str:
    return source if source == "-" or "://" in source else crm.path(source)


def _target(crm: Crm, output: Path | None) -> Path | str:
    if crm.console.json:
        raise UsageError("the result is a CSV file, not JSON", hint="-o FILE.jsonl writes JSON Lines")
    return "-" if output is None or str(output) == "-" else crm.path(output)


def _say(crm: Crm, result: FileResult) -> None:
    summary = result.summary
    for remark in (*result.remarks, *summary.warnings):
        crm.console.warn(remark)
    used = [one.name for one in summary.columns if one.kind is not None]
    left_out = [f"{one.name} ({one.why})" for one in summary.columns if one.kind is None]
    crm.console.note(f"compared by {', '.join(used) or 'nothing'}")
    if left_out:
        crm.console.note(f"not compared: {', '.join(left_out)}")
    crm.console.note(
        f"{result.rows} rows written; {summary.records} records, {summary.clusters} clusters, {summary.duplicates} "
        f"duplicates; estimated precision {summary.estimated_precision:.2f}, recall {summary.estimated_recall:.2f}"
    )
