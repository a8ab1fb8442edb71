"""Duplicates of plain files, without a database: every row gets its cluster, or two files are linked.

A plain comma CSV in UTF-8 is read by polars, gzipped or not; anything else by the importers, which understand any
dialect, encoding and workbook. A module of its own beside `jobs.matching`: a file need not wait for the import of what
serves databases.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from crm_cli.dedupe import MatchSettings, MatchSummary, MatchTable, Progress, find_duplicates, link
from crm_cli.dictionary import SemanticType
from crm_cli.errors import UsageError, did_you_mean
from crm_cli.exporters import ExportColumn, ExportOptions, export_rows
from crm_cli.importers import ReadError, ReadOptions, read_tables
from crm_cli.jobs.match_rules import MatchRules, bind_to_columns, naming_file, with_rules

__all__ = ["FileOptions", "FileResult", "dedupe_file", "link_files"]

_HEAD = 65_536
_DIGITS = 6  # of a probability in the output
Rows = Iterator[tuple[str | float, ...]]


@dataclass(frozen=True, slots=True)
class FileOptions:
    """`id_column` names the rows (None: their numbers do, from 1); `read` is for what is not a plain CSV.

    `rules` name columns.
    """

    id_column: str | None = None
    overwrite: bool = False
    read: ReadOptions | None = None
    rules: MatchRules | None = None


@dataclass(frozen=True, slots=True)
class FileResult:
    """How many rows were written, the engine's summary, and remarks on the input."""

    rows: int
    summary: MatchSummary
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class _Records:
    ids: pl.Series
    table: MatchTable
    remarks: tuple[str, ...]


def dedupe_file(
    source: Path | str, target: Path | str, options: FileOptions | None = None, progress: Progress | None = None
) -> FileResult:
    """Write `id,cluster_id,probability` for every row of `source`, in its order.

    `cluster_id` is the id of the cluster's first row, `probability` how sure the row belongs there (1 for a row
    alone). All columns but the id are data. Raises `ReadError` for a source that cannot be read, `UsageError` for an
    unknown id column or a target that exists.
    """
    options = options or FileOptions()
    records = _read(source, options)
    rules = _bound(options.rules, records.table, source)
    with naming_file(rules):
        result = find_duplicates(records.table, with_rules(MatchSettings(related=False), rules), progress)
    clusters = records.ids.gather(pl.Series(result.clusters))
    columns = {"id": records.ids, "cluster_id": clusters, "probability": pl.Series(result.membership)}
    written = _write(columns, target, options)
    return FileResult(written, result.summary, (*records.remarks, *_without_effect(rules)))


def link_files(
    sources: tuple[Path | str, Path | str],
    target: Path | str,
    options: FileOptions | None = None,
    progress: Progress | None = None,
) -> FileResult:
    """Write `left_id,right_id,probability` for each record of the left source that the right one has too.

    Each record is linked at most once; columns belong together by name, else by what they hold. Raises what
    `dedupe_file` does, and `MatchTableError` when the two have no column in common.
    """
    options = options or FileOptions()
    left, right = (_read(source, options) for source in sources)
    rules = _bound(options.rules, left.table, sources[0])
    with naming_file(rules):
        result = link(left.table, right.table, with_rules(MatchSettings(), rules), progress)
    columns = {
        "left_id": left.ids.gather(pl.Series(result.left)),
        "right_id": right.ids.gather(pl.Series(result.right)),
        "probability": pl.Series(result.probability),
    }
    written = _write(columns, target, options)
    return FileResult(written, result.summary, (*left.remarks, *right.remarks, *_without_effect(rules)))


def _bound(rules: MatchRules | None, table: MatchTable, source: Path | str) -> MatchRules | None:
    return None if rules is None else bind_to_columns(rules, table.names, str(source))


def _without_effect(rules: MatchRules | None) -> tuple[str, ...]:
    """What rules say that only matters where something is merged."""
    if rules is None:
        return ()
    idle = [name for name in ("auto_merge_from", "auto_merge_precision") if getattr(rules, name) is not None]
    return tuple(f"{rules.file}: {name} has no effect here, for nothing is merged" for name in idle)


def _write(columns: dict[str, pl.Series], target: Path | str, options: FileOptions) -> int:
    kinds = [SemanticType.NUMBER if name == "probability" else SemanticType.IDENTIFIER for name in columns]
    declared = [ExportColumn(name, kind) for name, kind in zip(columns, kinds, strict=True)]
    rounded = [values.round(_DIGITS) if values.dtype.is_float() else values for values in columns.values()]
    rows: Rows = zip(*(values.to_list() for values in rounded), strict=True)
    # ids as they are: an apostrophe against formulas would keep the result from being joined to its source
    given = ExportOptions(overwrite=options.overwrite, guard_formulas=False)
    return export_rows(rows, declared, target, given, format_name="csv" if str(target) == "-" else None).rows


def _read(source: Path | str, options: FileOptions) -> _Records:
    frame = _plain_csv(source) if options.read in (None, ReadOptions()) else None
    remarks: tuple[str, ...] = ()
    if frame is None:
        frame, remarks = _any_source(source, options.read)
    if options.id_column is None:
        ids = pl.Series("id", range(1, frame.height + 1), pl.Int64).cast(pl.String)
        return _Records(ids, MatchTable.of(frame), remarks)
    name = _column(frame.columns, options.id_column, source)
    ids = frame[name].fill_null("")
    repeated = frame.height - ids.n_unique()
    if repeated:
        remarks = (*remarks, f"{source}: {repeated} rows repeat an id of {name!r}, or have none")
    return _Records(ids, MatchTable.of(frame, leave_out=[name]), remarks)


def _column(names: Sequence[str], wanted: str, source: Path | str) -> str:
    found = next((name for name in names if name.casefold() == wanted.casefold()), None)
    if found is None:
        hint = did_you_mean(wanted, names) or f"its columns: {', '.join(names)}"
        raise UsageError(f"{source} has no column {wanted!r}", hint=hint, column=wanted)
    return found


def _plain_csv(source: Path | str) -> pl.DataFrame | None:
    """Read a comma CSV in UTF-8 with a header; None for whatever may be something else."""
    path = Path(source)
    if not path.name.lower().endswith((".csv", ".csv.gz")) or not path.is_file() or not _is_plain(path):
        return None
    try:
        frame = pl.read_csv(path, infer_schema=False, encoding="utf8", truncate_ragged_lines=False)
    except pl.exceptions.PolarsError:
        return None  # ragged rows, bytes that are no UTF-8: the importers know what to do with these
    return frame if frame.width > 1 else None


def _is_plain(path: Path) -> bool:
    """Tell a file whose first rows are of one width, separated by commas, under a header of different names."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
            head = stream.read(_HEAD)
        text = head.decode("utf-8", errors="strict" if len(head) < _HEAD else "ignore")
    except (OSError, EOFError, UnicodeDecodeError):
        return False
    lines = text.splitlines()[:50]
    if len(text) == _HEAD:
        lines.pop()
    rows = list(csv.reader(lines))
    if not rows or "\0" in text or any(text.count(mark) > text.count(",") for mark in ";\t|"):
        return False
    header = [cell.strip() for cell in rows[0]]
    named = all(header) and len({cell.casefold() for cell in header}) == len(header)
    return named and not any(cell.replace(".", "").isdigit() or "@" in cell for cell in header)


def _any_source(source: Path | str, read: ReadOptions | None) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Read the first table of any source that the importers know."""
    tables = read_tables(source, read)
    if not tables:
        raise ReadError(f"{source} holds no table", hint="name another file", source=str(source))
    table = tables[0]
    rows = list(table.rows())
    width = len(table.header)
    data = {
        name: [row.values[place] if place < len(row.values) else None for row in rows]
        for place, name in zip(range(width), table.header, strict=True)
    }
    remarks = list(table.understood.warnings)
    if len(tables) > 1:
        remarks.append(f"{source} has {len(tables)} tables; only {table.name} was read")
    if table.understood.faulty_rows:
        remarks.append(f"{source}: {table.understood.faulty_rows} rows have another width than the header")
    return pl.DataFrame(data, schema=dict.fromkeys(table.header, pl.String)), tuple(remarks)
