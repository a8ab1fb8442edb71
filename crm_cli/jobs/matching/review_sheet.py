"""A review in a spreadsheet: the open pairs as a workbook to decide in, and the decisions read back, row by row.

Each row carries ids and versions of both records: a digest of all that is shown of them, contact points too. What was
decided, merged or changed since is refused row by row; the other rows hold.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import sqlalchemy as sa

from crm_cli.dictionary import Entity, SemanticType
from crm_cli.errors import ExitCode, UsageError
from crm_cli.exporters import ExportColumn, ExportOptions, export_rows
from crm_cli.history import Author, operation, resolve_all
from crm_cli.importers import ReadOptions, read_tables
from crm_cli.jobs.decisions import Verdict, pair_of, read_decisions, record_decisions
from crm_cli.jobs.matching.cards import card_lines, card_values, read_values
from crm_cli.jobs.matching.deciding import VERDICTS, link_related
from crm_cli.jobs.matching.loading import living_among
from crm_cli.jobs.matching.model import Candidate
from crm_cli.jobs.matching.queue import ReviewOptions, review_queue
from crm_cli.store import Store, in_chunks

__all__ = ["AppliedSheet", "RefusedRow", "apply_review_sheet", "write_review_sheet"]

_HEAD = ("decision", "probability", "left", "left version", "right", "right version")
_WORDS = {
    "y": "duplicate", "yes": "duplicate", "same": "duplicate", "n": "different", "no": "different",
    "h": "same_household", "household": "same_household", "c": "same_company", "company": "same_company",
    "r": "related", "?": "unsure",
}  # fmt: skip
_DIFFERS = "differs"
_SHOWN_AT_ONCE = 500
_DIGITS = 12  # of a digest: two versions of one record are alike by chance once in 10**14
_Card: TypeAlias = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row of the sheet that was not taken: where it stands, its two records, and why."""

    place: str
    left: str
    right: str
    why: str


@dataclass
class AppliedSheet:
    """What became of a decided sheet; `operation_id` is None where nothing was to be written."""

    operation_id: int | None = None
    decided: int = 0
    unchanged: int = 0
    blank: int = 0
    verdicts: dict[str, int] = field(default_factory=dict)
    refused: list[RefusedRow] = field(default_factory=list)

    @property
    def exit_code(self) -> ExitCode:
        """0, or 4 when rows were refused."""
        return ExitCode.PARTIAL if self.refused else ExitCode.DONE


def write_review_sheet(
    store: Store, entity: Entity, target: Path, options: ReviewOptions | None = None, *, limit: int | None = None,
    overwrite: bool = False,
) -> int:  # fmt: skip
    """Write the open pairs, in the order of a review, to a workbook (or CSV); return how many.

    A row is a pair, with both records' values beside each other; `decision` is to be filled in. Raises `NoRunError`
    without a search, `UsageError` for a file that is there already.
    """
    pairs = review_queue(store, entity, options)[:limit]
    names = list(dict.fromkeys(name for *_, lines in _cards(store, entity, pairs) for name in lines))
    decision, probability, *about = _HEAD
    columns = [ExportColumn(decision, choices=VERDICTS), ExportColumn(probability, SemanticType.NUMBER)]
    columns += [ExportColumn(name) for name in (*about, _DIFFERS)]
    columns += [ExportColumn(f"{name} {side}") for name in names for side in ("left", "right")]
    given = ExportOptions(overwrite=overwrite, sheet="Review")
    return export_rows(_rows(store, entity, pairs, names), columns, target, given).rows


def _cards(
    store: Store, entity: Entity, pairs: Sequence[Candidate]
) -> Iterator[tuple[Candidate, tuple[_Card, _Card], dict[str, tuple[str, str, str]]]]:
    """Each pair with the cards of both records and its lines: field → (mark, left, right)."""
    for chunk in in_chunks(pairs, _SHOWN_AT_ONCE):
        with store.read() as connection:
            for one in chunk:
                left, right = (read_values(store, connection, entity, number) for number in one.pair)
                lines = card_lines(left, right)
                yield (
                    one,
                    (left.true, right.true),
                    {line.field: (line.mark, line.left, line.right) for line in lines if line.field != "id"},
                )


def _rows(store: Store, entity: Entity, pairs: Sequence[Candidate], names: Sequence[str]) -> Iterator[Sequence[Any]]:
    for one, (left, right), lines in _cards(store, entity, pairs):
        differing = ", ".join(name for name, (mark, _, _) in lines.items() if mark == "!")
        values = [text for name in names for text in lines.get(name, ("", "", ""))[1:]]
        about = (str(one.left), _version(left), str(one.right), _version(right))
        yield [None, round(one.probability, 4), *about, differing, *values]


def apply_review_sheet(
    store: Store, entity: Entity, source: Path, author: Author, *, link: bool = False, dry_run: bool = False
) -> AppliedSheet:
    """Record what was decided in a sheet, as one operation.

    A row is refused, and the others hold: when one of its records was changed, merged or deleted since the sheet was
    written, when somebody has decided otherwise since, when its decision or ids cannot be read. Raises `UsageError` for
    a file that is no review sheet.
    """
    given = _read(source)
    with store.read() as connection:
        result = AppliedSheet()
        wanted = _accepted(store, connection, entity, given, result)
        if result.unchanged == len(wanted):  # nothing to write, nothing to log
            _count(result, wanted)
            return result
    result = AppliedSheet()
    with operation(store, "decide", author, dry_run=dry_run) as op:
        wanted = _accepted(store, op.connection, entity, given, result)
        result.decided = record_decisions(op, entity.name, wanted)
        _count(result, wanted)
        if link and entity.subtype_of == "party":
            link_related(op, wanted)
    result.operation_id = None if dry_run or not result.decided else op.id
    return result


def _count(result: AppliedSheet, wanted: Sequence[Verdict]) -> None:
    result.unchanged = len(wanted) - result.decided
    for one in wanted:
        result.verdicts[one.verdict] = result.verdicts.get(one.verdict, 0) + 1


@dataclass(frozen=True, slots=True)
class _GivenRow:
    place: str
    decision: str
    left: str
    left_version: str
    right: str
    right_version: str


def _read(source: Path) -> list[_GivenRow]:
    found: list[_GivenRow] = []
    wanted = [name for name in _HEAD if name != "probability"]
    for table in read_tables(source, ReadOptions()):
        header = [name.casefold().strip() for name in table.header]
        if missing := [name for name in wanted if name not in header]:
            hint = "crm dedupe review ENTITY --export FILE.xlsx writes one"
            raise UsageError(f"{source} is no review sheet: no column {missing[0]!r}", hint=hint)
        places = [header.index(name) for name in wanted]
        for row in table.rows():
            cells = [(row.values[place] or "").strip() if place < len(row.values) else "" for place in places]
            if any(cells):
                found.append(_GivenRow(row.place, *cells))
    return found


def _accepted(
    store: Store, connection: sa.Connection, entity: Entity, given: Sequence[_GivenRow], result: AppliedSheet
) -> list[Verdict]:
    decided_rows = [one for one in given if one.decision]
    result.blank = len(given) - len(decided_rows)
    ids = {int(text) for one in decided_rows for text in (one.left, one.right) if text.isdecimal()}
    versions = _versions(store, connection, entity, ids)
    today = resolve_all(store, connection, entity.name, ids)
    decided = read_decisions(store, connection, entity.name, set(today.values()))
    wanted: dict[tuple[int, int], Verdict] = {}
    for one in decided_rows:
        verdict = _WORDS.get(one.decision.casefold(), one.decision.casefold().replace(" ", "_"))
        why = _fault(one, verdict, versions, today, entity)
        if why is None:
            pair = pair_of(int(one.left), int(one.right))
            known = decided.get(pair)
            if known is not None and known.verdict != verdict:
                why = f"{known.actor} has decided {known.verdict.replace('_', ' ')} since"
            elif pair in wanted and wanted[pair].verdict != verdict:
                why = f"another row of the sheet says {wanted[pair].verdict.replace('_', ' ')}"
            else:
                result.unchanged += known is not None and not known.implied and pair not in wanted
                wanted[pair] = Verdict(*pair, verdict)
        if why is not None:
            result.refused.append(RefusedRow(one.place, one.left, one.right, why))
    return list(wanted.values())


def _fault(one: _GivenRow, verdict: str, versions: dict[int, str], today: dict[int, int], entity: Entity) -> str | None:
    """Why a row cannot be taken."""
    if verdict not in VERDICTS:
        return f"{one.decision!r} is no decision: y, n, h (household), c (company), r (related) or ?"
    for text in (one.left, one.right):
        if not text.isdecimal():
            return f"{text!r} is no id of a {entity.noun}"
        if (now := today[int(text)]) != int(text):
            return f"{entity.noun} {text} was merged into {now} since"
    for text, version in ((one.left, one.left_version), (one.right, one.right_version)):
        if int(text) not in versions:
            return f"{entity.noun} {text} is not there any more"
        if versions[int(text)] != version:
            return f"{entity.noun} {text} was changed since the sheet was written"
    return "both are the same record" if one.left == one.right else None


def _versions(store: Store, connection: sa.Connection, entity: Entity, ids: set[int]) -> dict[int, str]:
    """The versions of the records that are neither deleted nor merged."""
    living = sorted(living_among(store, connection, entity, ids))
    return {one: _version(card_values(store, connection, entity, one)) for one in living}


def _version(card: _Card) -> str:
    shown = json.dumps(card, ensure_ascii=True, sort_keys=True)
    return hashlib.sha256(shown.encode()).hexdigest()[:_DIGITS]
