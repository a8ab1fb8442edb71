"""Import a source: read → map → standardize → check → apply, as one operation, streamed in batches of rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crm_cli.errors import ExitCode
from crm_cli.exporters import check_target
from crm_cli.history import Author, Operation, operation
from crm_cli.importers import open_source
from crm_cli.importers.mapping import Mapping
from crm_cli.jobs.collecting import collect_young, seldom_collecting
from crm_cli.jobs.importing.applying import Applier
from crm_cli.jobs.importing.collision import CollisionRules
from crm_cli.jobs.importing.confirming import Confirmer, carried_groups
from crm_cli.jobs.importing.drafting import Drafter
from crm_cli.jobs.importing.drafts import Draft
from crm_cli.jobs.importing.gate import Delivery, GateError, check_gate
from crm_cli.jobs.importing.identity import EarlierRows
from crm_cli.jobs.importing.missing import Absent, Missing, SeenRefs, treat_missing
from crm_cli.jobs.importing.options import ImportOptions
from crm_cli.jobs.importing.origins import Origin, check_origin, find_origin, named_in_rejects, source_system_of
from crm_cli.jobs.importing.plan import Plan, plan_of, refuse_other_outcome, refuse_other_source
from crm_cli.jobs.importing.preparing import PreparedTable, Preparer
from crm_cli.jobs.importing.rejects import RejectSpool, keep_rejects
from crm_cli.jobs.importing.resolving import Resolver
from crm_cli.jobs.importing.samples import Sample, SampleKeeper, rows_of
from crm_cli.jobs.importing.source_settings import Gate, refuse_unknown_fields
from crm_cli.standardize import Context
from crm_cli.store import Store

__all__ = ["BatchResult", "ImportResult", "ImportRun", "import_source"]

_BATCH_ROWS = 5_000
Progress = Callable[[int], None]


@dataclass
class BatchResult:
    """What became of one table: its counts (rows, created, updated, unchanged, rejected, …) and what was noticed."""

    id: int
    name: str
    mapping: Mapping
    counts: Counter[str]
    warnings: list[str]
    not_understood: Counter[tuple[str, str]]
    understood: dict[str, Any]
    filled: Counter[str] = field(default_factory=Counter)  # rows that have a value, by field; for a gate that asks
    rows_before: int | None = None  # of the delivery of the same kind before
    absent: Absent | None = None  # what the delivery lacks, where that was asked


@dataclass
class ImportResult:
    """What an import did: the operation to undo it by, a batch a table, and where the rejected rows went."""

    operation_id: int
    batches: list[BatchResult] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    rejects: Path | None = None
    samples: list[Sample] = field(default_factory=list)
    source: str = ""  # the name of the source system
    plan: Plan | None = None  # of what was done, where one was asked for

    @property
    def counts(self) -> Counter[str]:
        """The counts of all batches together."""
        return sum((batch.counts for batch in self.batches), Counter())

    @property
    def exit_code(self) -> ExitCode:
        """0, or 4 when rows were rejected."""
        return ExitCode.PARTIAL if self.counts["rejected"] else ExitCode.DONE


@dataclass(frozen=True)
class ImportRun:
    """How an import goes, beside what it is: `planning` makes a plan of it, `plan` carries one out.

    A dry run and a plan collect samples, as `sampling` does.

    With `rejects` the rejected rows are written to a file that can be mended and imported again.
    """

    rejects: Path | None = None
    dry_run: bool = False
    wait: float = 0.0
    progress: Progress | None = None
    sampling: bool = False
    planning: bool = False
    plan: Plan | None = None


def import_source(
    store: Store, source: str | Path, author: Author, options: ImportOptions, run: ImportRun | None = None
) -> ImportResult:
    """Import every table of `source`; nothing is written when anything goes wrong.

    A rejected row is kept with its batch. The same source again changes nothing and confirms what it repeats. After an
    undo rows are created again; after a merge they update the survivor; a record that was deleted stays deleted
    (counted as such, with a warning). Without a mapping the one holds by which the source was imported last.
    Raises `ReadError` for a source that cannot be read, `MappingError` where no field is filled, `UnsettledError` for
    what only a person can settle (dates that can be read in two ways, columns that have changed), `GateError` where
    the delivery is not as good as the settings of its source demand (`facts["result"]` holds what would have become of
    it), `StalePlanError` where a plan does not hold any more, `UsageError` for a rejects file that cannot be written.
    """
    run = run or ImportRun()
    if run.rejects is not None:
        check_target(run.rejects)  # before anything is written, not when there is something to reject
    reading = open_source(source, options.read)
    tables = reading.tables()
    if run.plan is not None:
        refuse_other_source(run.plan, reading.source.fingerprint)
    in_rejects = named_in_rejects(tables)
    with store.read() as connection:
        called, known = find_origin(store, connection, reading.source, options, in_rejects)
    settings = options.settings(called)
    refuse_unknown_fields(settings, [store.dictionary.entity(name) for name in options.into])
    prepared, skipped = Preparer(store, options, settings, known.id if known else None, run.plan).prepare(tables)
    with RejectSpool() as spool:
        try:
            with (
                seldom_collecting(),
                operation(store, "import", author, dry_run=run.dry_run, exclusive=True, wait=run.wait) as op,
            ):
                origin = source_system_of(op, reading.source, options, in_rejects)
                result = ImportResult(op.id, skipped=skipped, source=origin.name)
                spool.source = origin.name
                work = _Work(op, options, options.rules(settings), settings.gate, origin, reading.source.fingerprint)
                result.batches = [work.run(one, spool, run.progress) for one in prepared]
                result.samples = work.samples.written(op) if run.dry_run or run.planning or run.sampling else []
                if not options.ignore_gate:
                    _pass_gate(settings.gate, result, settings.file)
                if run.plan is not None:
                    refuse_other_outcome(run.plan, op, result.batches)
                if run.planning:
                    about = (str(reading.source.name), reading.source.fingerprint, origin.name)
                    result.plan = plan_of(op, about, options, result.batches, rows_of(result.samples))
        except GateError:
            _write_rejects(spool, run.rejects)  # what is wrong with the rows is what has to be mended
            raise
        result.rejects = _write_rejects(spool, run.rejects)
    return result


def _write_rejects(spool: RejectSpool, target: Path | None) -> Path | None:
    if target is None or not spool.count:
        return None
    spool.write(target)
    return target


def _pass_gate(gate: Gate, result: ImportResult, file: str) -> None:
    """Raise `GateError` for the first table that does not pass, with the result in its facts."""
    for batch in result.batches:
        unknown = sum(batch.not_understood.values())
        delivery = Delivery(batch.counts["rows"], batch.counts, unknown, batch.filled, batch.rows_before)
        try:
            check_gate(gate, delivery, result.source, file)
        except GateError as fault:
            fault.facts["result"] = result
            raise


@dataclass
class _Work:
    """What the imports of the tables of one source share."""

    op: Operation
    options: ImportOptions
    rules: CollisionRules
    gate: Gate
    origin: Origin
    fingerprint: str
    earlier: EarlierRows = field(default_factory=EarlierRows)
    samples: SampleKeeper = field(default_factory=SampleKeeper)

    def run(self, prepared: PreparedTable, spool: RejectSpool, progress: Progress | None) -> BatchResult:
        """Import one table."""
        self.earlier.begin(prepared.table.name)
        return _TableImport(self, prepared).run(spool, progress)


@dataclass
class _TableImport:
    """The import of one table inside the operation."""

    work: _Work
    prepared: PreparedTable

    def __post_init__(self) -> None:
        self.op, self.options, self.origin = self.work.op, self.work.options, self.work.origin
        self.table, self.mapping = self.prepared.table, self.prepared.mapping

    def run(self, spool: RejectSpool, progress: Progress | None) -> BatchResult:
        store = self.op.store
        carried = carried_groups(store.dictionary, self.mapping)
        batch_id = self._open_batch(sorted(frozenset().union(*carried.values())))
        context = Context(country=self.options.country, currency=self.options.currency, timezone=self.options.timezone)
        drafter = Drafter(
            store.dictionary, self.table, self.mapping, context, self.prepared.orders, str(self.work.rules),
            counts_filled=bool(self.work.gate.filled),
        )  # fmt: skip
        resolver = Resolver(self.op, self.origin.id)
        confirmer = Confirmer(self.op, batch_id, carried)
        seen = SeenRefs() if self.options.missing is not Missing.IGNORE else None
        applier = Applier(
            self.op,
            resolver,
            drafter.entities,
            confirmer,
            self.work.earlier,
            self.options.as_of,
            self.work.rules,
            self.mapping.key or "",
            samples=self.work.samples,
            seen=seen,
        )
        for place, rows in enumerate(self.table.batches(_BATCH_ROWS)):
            drafts = drafter.drafts(rows)
            if place == 0 and self.origin.assumed:
                check_origin(self.origin, self.table.name, applier.strangers(drafts))
            applier.apply([draft for draft in drafts if not draft.faults])
            bad = [draft for draft in drafts if draft.faults]  # the applier finds faults too: values that are taken
            self._keep(batch_id, bad, spool)
            if seen is not None:
                seen.note_rejected(resolver, drafter.entities[-1], bad)
            applier.counts["rows"] += len(rows)
            applier.counts["rejected"] += len(bad)
            if progress:
                progress(len(rows))
            del drafts, bad
            collect_young()
        applier.finish()
        absent = None
        if seen is not None:
            absent = treat_missing(self.op, resolver, drafter.entities[-1], batch_id, seen, self.options.missing)
        self._close_batch(batch_id, applier.counts)
        for name, count in applier.missed.items():
            drafter.not_understood[name, "not found"] += count
        understood, before = self.table.understood, self.prepared.before
        warnings = [*understood.warnings, *applier.warnings()]
        return BatchResult(
            batch_id, self.table.name, self.mapping, applier.counts, warnings, drafter.not_understood,
            understood.facts(), drafter.filled, before.rows if before else None, absent,
        )  # fmt: skip

    def _keep(self, batch_id: int, bad: Sequence[Draft], spool: RejectSpool) -> None:
        keep_rejects(self.op, batch_id, self.table.header, bad)
        self.work.samples.reject(bad)
        for draft in bad:
            spool.add(self.table.header, draft)

    def _open_batch(self, groups: list[str]) -> int:
        number = self.op.allocate("import_batch", 1)[0]
        values = {
            "id": number, "operation_id": self.op.id, "source_system_id": self.origin.id, "status": "applied",
            "source_name": self.table.name[:500], "fingerprint": self.work.fingerprint,
            "into": "+".join(self.mapping.into), "as_of": self.options.as_of, "started_at": self.op.store.now(),
            "mapping": self.mapping.to_json(), "groups": groups, "understood": _jsonable(self.table.understood.facts()),
        }  # fmt: skip
        self.op.connection.execute(self.op.store.table("import_batch").insert().values(**values))
        return number

    def _close_batch(self, number: int, counts: Counter[str]) -> None:
        table = self.op.store.table("import_batch")
        names = ("rows", "created", "updated", "unchanged", "rejected", "conflicts", "suspected")
        values = {name: counts[name] for name in names} | {"finished_at": self.op.store.now()}
        self.op.connection.execute(table.update().where(table.c.id == number).values(**values))


def _jsonable(facts: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value if isinstance(value, int | float | str | list | dict) else str(value)
        for name, value in facts.items()
    }
