"""Import a source: read → map → standardize → check → apply, as one operation, streamed in batches of rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from crm_cli.collecting import seldom_collecting
from crm_cli.exporters import check_target
from crm_cli.history import Author, Operation, operation
from crm_cli.importers import Table, open_source
from crm_cli.jobs.importing.gate import Delivery, GateError, check_gate
from crm_cli.jobs.importing.known_layouts import as_known
from crm_cli.jobs.importing.options import ImportOptions
from crm_cli.jobs.importing.origins import Origin, find_origin, named_in_rejects, source_system_of
from crm_cli.jobs.importing.plan import Plan, plan_of, refuse_other_outcome, refuse_other_source
from crm_cli.jobs.importing.preparing import PreparedTable, Preparer
from crm_cli.jobs.importing.rejects import RejectSpool
from crm_cli.jobs.importing.result import BatchResult, ImportResult
from crm_cli.jobs.importing.samples import rows_of
from crm_cli.jobs.importing.source_settings import SourceSettings, refuse_unknown_fields
from crm_cli.jobs.importing.table_import import Progress, TableImport, Work
from crm_cli.store import Store

__all__ = ["Delivered", "ImportRun", "Prepared", "carry_out", "import_source", "import_tables"]


@dataclass(frozen=True)
class ImportRun:
    """How an import goes, beside what it is: `planning` makes a plan of it, `plan` carries one out.

    A dry run, a plan and a report collect samples, as `sampling` does. With `rejects` the rejected rows are written to
    a file that can be mended and imported again.
    """

    rejects: Path | None = None
    dry_run: bool = False
    wait: float = 0.0
    progress: Progress | None = None
    sampling: bool = False
    reporting: bool = False  # count what a report shows: how many rows have a value in each column
    planning: bool = False
    plan: Plan | None = None
    and_then: Callable[[Operation], None] | None = None  # what else belongs to the operation, done at its end

    @property
    def shows_samples(self) -> bool:
        """Whether somebody looks at samples."""
        return self.dry_run or self.planning or self.sampling or self.reporting


@dataclass(frozen=True)
class Delivered:
    """Tables that came together: what the source is called, the SHA-256 of its bytes, and what was read of it."""

    name: str
    fingerprint: str
    tables: Sequence[Table]


@dataclass(frozen=True)
class Prepared:
    """A delivery that is ready to be imported, of which nothing is written yet.

    `origin_of` finds or makes its source system, `finish` does what is left to do for a table when all were written,
    `write_rejects` writes the rejected rows (a spool a table) and returns where.
    """

    name: str
    fingerprint: str
    tables: Sequence[PreparedTable]
    settings: SourceSettings
    origin_of: Callable[[Operation], Origin]
    write_rejects: Callable[[Sequence[RejectSpool]], Path | None]
    skipped: list[str] = field(default_factory=list)
    finish: Callable[[Operation, Origin, PreparedTable, BatchResult], None] | None = None


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
    delivered = Delivered(str(reading.source.name), reading.source.fingerprint, reading.tables())
    return import_tables(store, delivered, author, options, run)


def import_tables(
    store: Store, delivered: Delivered, author: Author, options: ImportOptions, run: ImportRun
) -> ImportResult:
    """Import tables that were read already; see `import_source`."""
    tables = [table if options.mapping else as_known(table, options.into) for table in delivered.tables]
    in_rejects = named_in_rejects(tables)
    with store.read() as connection:
        called, known = find_origin(store, connection, delivered, options, in_rejects)
    settings = options.settings(called)
    refuse_unknown_fields(settings, [store.dictionary.entity(name) for name in options.into])
    preparer = Preparer(store, options, settings, known.id if known else None, run.plan, delivered.fingerprint)
    ready, skipped = preparer.prepare(tables)

    def origin_of(op: Operation) -> Origin:
        return source_system_of(op, delivered, options, in_rejects)

    def write_rejects(spools: Sequence[RejectSpool]) -> Path | None:
        if run.rejects is None or not any(spool.count for spool in spools):
            return None
        spools[0].write(run.rejects, spools[1:])
        return run.rejects

    prepared = Prepared(delivered.name, delivered.fingerprint, ready, settings, origin_of, write_rejects, skipped)
    return carry_out(store, prepared, author, options, run)


def carry_out(store: Store, prepared: Prepared, author: Author, options: ImportOptions, run: ImportRun) -> ImportResult:
    """Import what was prepared, as one operation; see `import_source` for what is raised."""
    if run.plan is not None:
        refuse_other_source(run.plan, prepared.fingerprint)
    settings = prepared.settings
    with ExitStack() as stack:
        spools = [stack.enter_context(RejectSpool()) for _ in prepared.tables]
        try:
            with (
                seldom_collecting(),
                operation(store, "import", author, dry_run=run.dry_run, exclusive=True, wait=run.wait) as op,
            ):
                origin = prepared.origin_of(op)
                result = ImportResult(op.id, skipped=prepared.skipped, source=origin.name)
                work = Work(op, options, options.rules(settings), settings.gate, origin, run.reporting)
                result.batches = _written(work, prepared, spools, run.progress)
                result.absent = work.absent([batch.id for batch in result.batches])
                result.samples = work.samples.written(op) if run.shows_samples else []
                if not options.ignore_gate:
                    _pass_gate(settings, result)
                if run.and_then is not None:
                    run.and_then(op)
                if run.plan is not None:
                    refuse_other_outcome(run.plan, op, result.batches)
                if run.planning:
                    about = (prepared.name, prepared.fingerprint, origin.name)
                    result.plan = plan_of(op, about, options, result.batches, rows_of(result.samples))
        except GateError:
            prepared.write_rejects(spools)  # what is wrong with the rows is what has to be mended
            raise
        result.rejects = prepared.write_rejects(spools)
    return result


def _written(
    work: Work, prepared: Prepared, spools: Sequence[RejectSpool], progress: Progress | None
) -> list[BatchResult]:
    """Write the tables one after the other, then what of each depends on all of them."""
    imports = [TableImport(work, one) for one in prepared.tables]
    for one, spool in zip(imports, spools, strict=True):
        spool.source = work.origin.name
        one.run(spool, progress)
    batches = [one.finish() for one in imports]
    if prepared.finish is not None:
        for table, batch in zip(prepared.tables, batches, strict=True):
            prepared.finish(work.op, work.origin, table, batch)
    return batches


def _pass_gate(settings: SourceSettings, result: ImportResult) -> None:
    """Raise `GateError` for the first table that does not pass, with the result in its facts."""
    for batch in result.batches:
        unknown = sum(batch.not_understood.values())
        delivery = Delivery(batch.counts["rows"], batch.counts, unknown, batch.filled, batch.rows_before)
        try:
            check_gate(settings.gate, delivery, result.source, settings.file)
        except GateError as fault:
            fault.facts["result"] = result
            raise
