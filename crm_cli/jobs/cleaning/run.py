"""Clean a file without a database: standardize, find duplicates, merge what is certain, hand out what is not."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from crm_cli.dedupe import MatchColumn, MatchResult, MatchSettings, MatchTable, Role, find_duplicates
from crm_cli.errors import ExitCode, StalePlanError
from crm_cli.exporters import ExportColumn, ExportOptions, check_target, export_rows
from crm_cli.importers import ReadOptions
from crm_cli.jobs.cleaning.merged import merge_labels, merged_rows
from crm_cli.jobs.cleaning.review import Decisions, UnsurePair, read_decisions, write_review
from crm_cli.jobs.cleaning.sheet import MERGED_ROWS, Sheet, read_sheet
from crm_cli.jobs.cleaning.standard import recognized, standardize_sheet
from crm_cli.jobs.match_rules import MatchRules, bind_to_columns, naming_file, with_rules
from crm_cli.standardize import Context

__all__ = ["CleanOptions", "CleanOutputs", "CleanResult", "clean_source"]

_MERGED_FROM = 0.95
_REVIEW_FROM = 0.1  # below this a pair is not worth a person's time
_REVIEW_MOST = 5_000


@dataclass(frozen=True)
class CleanOptions:
    """How to clean: `above` is the probability from which rows are merged unasked; None: as the `rules` say, else .95.

    `rules` name columns.
    """

    read: ReadOptions = field(default_factory=ReadOptions)
    context: Context = field(default_factory=Context)
    standardize_only: bool = False
    above: float | None = None
    id_column: str | None = None
    rules: MatchRules | None = None

    @property
    def merged_from(self) -> float:
        """The probability from which rows are merged unasked."""
        return self.above or (self.rules and self.rules.auto_merge_from) or _MERGED_FROM

    def fingerprint(self, source: str) -> str:
        """Return what a decided sheet must have been made for: this source and these settings."""
        given = [source, self.standardize_only, self.id_column, self.read.sheet, self.context.country]
        text = json.dumps(given if self.rules is None else [*given, self.rules.digest])
        return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class CleanOutputs:
    """Where everything goes: the cleaned file, rejected rows, pairs to decide; and the sheet that was decided."""

    output: Path | str
    rejects: Path | None = None
    review: Path | None = None
    decisions: Path | None = None
    overwrite: bool = False


@dataclass
class CleanResult:
    """What cleaning did, in counts; `warnings` says what a person should know.

    `not_understood` counts, by column, the cells that no rule could read: they are written as they were.
    `contradicted` counts the decisions that others speak against: what was decided to be different stays apart.
    """

    rows: int = 0
    written: int = 0
    merged_away: int = 0
    rejected: int = 0
    unsure: int = 0
    undecided: int = 0
    contradicted: int = 0
    changed_cells: Counter[str] = field(default_factory=Counter)
    not_understood: Counter[str] = field(default_factory=Counter)
    roles: dict[str, str] = field(default_factory=dict)
    estimated_precision: float | None = None
    estimated_recall: float | None = None
    warnings: list[str] = field(default_factory=list)

    @property
    def exit_code(self) -> ExitCode:
        """0, or 4 when rows were rejected or decisions contradict each other."""
        return ExitCode.PARTIAL if self.rejected or self.contradicted else ExitCode.DONE


def clean_source(source: str | Path, outputs: CleanOutputs, options: CleanOptions) -> CleanResult:
    """Write the cleaned rows of `source`: every column standardized, certain duplicates merged into one row.

    The last column names the rows of the source that each row was made of, so nothing is lost track of. Raises what
    reading and writing raise, and `StalePlanError` for decisions about another source.
    """
    for target in (outputs.rejects, outputs.review):
        if target is not None:
            check_target(target)
    sheet = read_sheet(source, options.read)
    fingerprint = options.fingerprint(sheet.fingerprint)
    decisions = read_decisions(outputs.decisions, fingerprint) if outputs.decisions else Decisions()
    known = recognized(sheet)
    roles = {name: one.role for name, one in known.items()}
    result = CleanResult(rows=sheet.rows + len(sheet.faulty), roles={name: str(role) for name, role in roles.items()})
    result.changed_cells = standardize_sheet(sheet, roles, options.context)
    result.not_understood = +Counter({sheet.header[place]: len(cells) for place, cells in sheet.unread.items()})
    labels: Sequence[int] = range(sheet.rows)
    if not options.standardize_only and sheet.rows:
        labels = _matched(sheet, roles, decisions, options, outputs, result, fingerprint)
    header = [ExportColumn(name) for name in (*sheet.header, MERGED_ROWS)]
    written = export_rows(
        merged_rows(sheet, labels), header, outputs.output, ExportOptions(overwrite=outputs.overwrite),
        format_name="csv" if str(outputs.output) == "-" else None,
    )  # fmt: skip
    result.written, result.merged_away = written.rows, sheet.rows - written.rows
    _write_rejects(sheet, outputs, result)
    result.undecided = decisions.undecided
    result.warnings = [*sheet.warnings, *result.warnings]
    return result


def _matched(
    sheet: Sheet, roles: dict[str, Role], decisions: Decisions, options: CleanOptions, outputs: CleanOutputs,
    result: CleanResult, fingerprint: str,
) -> Sequence[int]:  # fmt: skip
    found = _find(sheet, roles, decisions, options)
    summary = found.summary
    result.estimated_precision, result.estimated_recall = summary.estimated_precision, summary.estimated_recall
    result.warnings += summary.warnings
    if options.rules and options.rules.auto_merge_precision is not None:
        result.warnings.append(f"{options.rules.file}: auto_merge_precision has no effect on files")
    automatic = summary.supports_automatic_merge
    if not automatic:
        what = "what was decided, or a rule says," if options.rules and options.rules.must_match else "what was decided"
        result.warnings.append(f"the data do not support a merge without asking; only {what} is merged")
    same, different = _places(sheet, decisions.same), _places(sheet, decisions.different)
    decided, above = {*same, *different}, options.merged_from if automatic else 1.01
    ruled = _ruled_together(found)
    settled = decided | _settled(found)
    unsure = [one for one in _unsure(found, above) if (one.left, one.right) not in settled]
    result.unsure = len(unsure)
    if outputs.review:
        write_review(sheet, unsure, fingerprint, outputs.review)
    merged = merge_labels(found.clusters.tolist(), found.membership.tolist(), above, [*same, *ruled], different)
    contradicted = [pair for pair in merged.contradicted if pair in decided]
    result.contradicted = len(contradicted)
    result.warnings += [_contradiction(sheet, *pair) for pair in contradicted]
    return merged.labels


def _ruled_together(found: MatchResult) -> list[tuple[int, int]]:
    """Pairs that a rule makes the same and that nothing else keeps apart."""
    return [(left, right) for left, right in found.ruled if found.clusters[left] == found.clusters[right]]


def _settled(found: MatchResult) -> set[tuple[int, int]]:
    """Pairs about which a rule leaves nothing to ask."""
    pairs = zip(found.pairs.left.tolist(), found.pairs.right.tolist(), found.rulings(), strict=True)
    return {(left, right) for left, right, ruling in pairs if ruling is not None}


def _find(sheet: Sheet, roles: dict[str, Role], decisions: Decisions, options: CleanOptions) -> MatchResult:
    columns = [
        MatchColumn(name, pl.Series(name, sheet.columns[place], dtype=pl.String), roles[name])
        for place, name in enumerate(sheet.header)
        if name != options.id_column
    ]
    settings = MatchSettings(forbidden=_places(sheet, decisions.different), forced=_places(sheet, decisions.same))
    names = [column.name for column in columns]
    rules = options.rules and bind_to_columns(options.rules, names, "the file")
    with naming_file(rules):
        return find_duplicates(MatchTable.checked(sheet.rows, columns), with_rules(settings, rules))


def _contradiction(sheet: Sheet, left: int, right: int) -> str:
    decided = f"rows {sheet.numbers[left]} and {sheet.numbers[right]} were decided to be the same"
    return f"{decided}, but rows decided to be different would become one by it; they stay apart"


def _places(sheet: Sheet, pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Turn pairs of the source's row numbers into pairs of places in the sheet."""
    place = {number: at for at, number in enumerate(sheet.numbers)}
    for left, right in pairs:
        if left not in place or right not in place:
            raise StalePlanError(
                f"the decided rows {left} and {right} are not both in the source", hint="review it again"
            )
    return [(min(place[left], place[right]), max(place[left], place[right])) for left, right in pairs]


def _unsure(found: MatchResult, above: float) -> list[UnsurePair]:
    pairs = found.pairs
    wanted = (pairs.probability >= _REVIEW_FROM) & (pairs.probability < above)
    chosen = wanted.nonzero()[0][:_REVIEW_MOST]
    return [UnsurePair(int(pairs.left[n]), int(pairs.right[n]), float(pairs.probability[n])) for n in chosen]


def _write_rejects(sheet: Sheet, outputs: CleanOutputs, result: CleanResult) -> None:
    result.rejected = len(sheet.faulty)
    if outputs.rejects and sheet.faulty:
        header = sheet.given_header
        width = max(len(header), *(len(row.values) for row in sheet.faulty))
        beyond = [f"column {place + 1}" for place in range(len(header), width)]  # no cell is lost
        columns = [ExportColumn(name) for name in (*header, *beyond, "_row", "_reason")]
        rows = ([*(row.values + [None] * width)[:width], str(row.number), row.fault] for row in sheet.faulty)
        export_rows(rows, columns, outputs.rejects, ExportOptions(overwrite=True))
