"""An import of bounces: read, find whose addresses they are, judge, write – one operation, undone as one."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from crm_cli.dictionary import Freshness
from crm_cli.errors import ExitCode
from crm_cli.history import Author, Operation, operation
from crm_cli.importers import ReadOptions, Row, read_tables
from crm_cli.importers.dsn import holds_mails, read_mails
from crm_cli.importers.mail_reports import MailReport, Outcome
from crm_cli.jobs.bounces.holders import DETAIL, find_holders, key_of
from crm_cli.jobs.bounces.judging import Event, Verdict, judge
from crm_cli.jobs.bounces.services import columns_of, read_rows
from crm_cli.jobs.importing.drafts import Draft, Fault
from crm_cli.jobs.importing.rejects import RejectSpool
from crm_cli.store import Store, bulk_insert, in_chunks

__all__ = ["BounceOptions", "BounceResult", "import_bounces"]

_MAIL_HEADER = ("mail", "recipient")
_AT_ONCE = 5000
_FAULTS_KEPT = 100  # more than anybody reads on a screen; the file has all
_CONFIRMATION = (
    "id", "entity", "record_id", "freshness_group", "confirmed_at", "method", "result", "source", "operation_id"
)  # fmt: skip
_SLACK = timedelta(days=1)  # clocks differ, and days begin elsewhere


@dataclass(frozen=True)
class BounceOptions:
    """How to read: `delivered` takes a row that says nothing but an address for a mail that arrived.

    `as_of` dates what has no date of its own; times without a zone are of `zone`.
    """

    delivered: bool = False
    as_of: datetime | None = None
    zone: str = "UTC"
    date_order: str | None = None
    read: ReadOptions = field(default_factory=ReadOptions)


@dataclass
class BounceResult:
    """What came of it. `counts` has what the source said (`rows`, `hard`, `soft`, `delivered`, `pending`, `rejected`)
    and, of addresses, what became of them: `marked`, `confirmed`, `counted`, `known`, `answered`, `opted_out`,
    `unknown`. `unknown` are the addresses that nobody here has."""

    operation_id: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    unknown: list[str] = field(default_factory=list)
    faults: list[tuple[str, Fault]] = field(default_factory=list)
    rejects: Path | None = None

    @property
    def exit_code(self) -> ExitCode:
        """0, or 4 when something was not understood."""
        return ExitCode.PARTIAL if self.counts["rejected"] else ExitCode.DONE


def import_bounces(
    store: Store, source: str | Path, author: Author, options: BounceOptions, *, rejects: Path | None = None,
    dry_run: bool = False, wait: float = 0.0,
) -> BounceResult:  # fmt: skip
    """Mark addresses that bounced, and confirm those that mail reached, as `source` says: mails or a table.

    What is not understood is refused, and written to `rejects` where that is given. Raises what reading raises.
    """
    result = BounceResult()
    with RejectSpool() as spool, operation(store, "bounces", author, dry_run=dry_run, exclusive=True, wait=wait) as op:
        result.operation_id = op.id
        events, spelled = _events(source, options, op, result, spool)
        _write_all(op, events, spelled, result)
        if rejects is not None and spool.count and not dry_run:
            spool.write(rejects)
            result.rejects = rejects
    return result


Events = dict[str, list[Event]]


def _events(
    source: str | Path, options: BounceOptions, op: Operation, result: BounceResult, spool: RejectSpool
) -> tuple[dict[tuple[str, ...], list[Event]], dict[str, str]]:
    """Return what happened by the keys of each recipient, and how each key is spelled in the source."""
    events: dict[tuple[str, ...], list[Event]] = defaultdict(list)
    spelled: dict[str, str] = {}
    for header, row, report in _reports(source, options):
        result.counts["rows"] += 1
        fault = report.fault or _dated_ahead(report, op.started_at)
        if fault or report.outcome is None:
            column, reason, hint = fault or ("", "nothing is said of a mail", "")
            _refuse(result, spool, header, row, Fault(column, None, reason, hint))
            continue
        result.counts[report.outcome.value] += 1
        if report.outcome is not Outcome.PENDING:
            keys = tuple(dict.fromkeys(key_of(one) for one in report.addresses))
            spelled.update(zip(keys, report.addresses, strict=False))
            events[keys].append(Event(report.outcome, report.when or options.as_of or op.started_at))
    return events, spelled


def _reports(source: str | Path, options: BounceOptions) -> Iterator[tuple[Sequence[str], Row, MailReport]]:
    if isinstance(source, Path) and holds_mails(source):
        for report in read_mails(source):
            values: list[str | None] = [report.place, " ".join(report.addresses)]
            yield _MAIL_HEADER, Row(report.number, report.place, values), report
        return
    for table in read_tables(source, options.read):
        columns = columns_of(table, options.zone, options.date_order)
        for row, report in read_rows(table, columns, delivered=options.delivered):
            yield table.header, row, report


def _dated_ahead(report: MailReport, now: datetime) -> tuple[str, str, str] | None:
    if report.when is not None and report.when > now + _SLACK:
        return ("date", f"{report.when:%Y-%m-%d} is to come", "mend the date")
    return None


def _refuse(result: BounceResult, spool: RejectSpool, header: Sequence[str], row: Row, fault: Fault) -> None:
    result.counts["rejected"] += 1
    if len(result.faults) < _FAULTS_KEPT:
        result.faults.append((row.place, fault))
    spool.add(header, Draft(row, "", "", faults=[fault]))


def _write_all(
    op: Operation, events: dict[tuple[str, ...], list[Event]], spelled: dict[str, str], result: BounceResult
) -> None:
    for chunk in in_chunks(list(events), _AT_ONCE):
        holders = find_holders(op, {key for keys in chunk for key in keys})
        held = {key for holder in holders for key in holder.keys}
        by_key: Events = defaultdict(list)
        for keys in chunk:
            known = next((key for key in keys if key in held), None)  # who was written to, else who it went on to
            if known is None:
                result.counts["unknown"] += 1
                result.unknown.append(spelled[keys[0]])
            else:
                by_key[known] += events[keys]
        for holder in holders:
            holder.keys &= by_key.keys()
        verdicts = [judge(holder, by_key) for holder in holders if holder.keys]
        _write(op, verdicts)
        result.counts.update(fate.word for verdict in verdicts for fate in verdict.fates)


def _write(op: Operation, verdicts: Sequence[Verdict]) -> None:
    updates = {number: values for one in verdicts for number, values in one.updates.items()}
    units = {number: one.holder.id for one in verdicts for number in one.updates}
    if updates:
        op.update(DETAIL, updates, units=units)
    words = [(one.holder, word) for one in verdicts for word in one.words]
    numbers = op.allocate("confirmation", len(words)) if words else range(0)
    rows = [
        (
            number, holder.entity, holder.id, Freshness.EMAIL.value, word.when, word.method, word.result, word.point,
            op.id,
        )
        for number, (holder, word) in zip(numbers, words, strict=True)
    ]  # fmt: skip
    bulk_insert(op.connection, op.store.table("confirmation"), _CONFIRMATION, rows)
    op.log_inserts("confirmation", list(numbers), [holder.id for holder, _ in words])
