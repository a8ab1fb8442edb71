"""Import a source: read → map → standardize → check → apply, as one operation, streamed in batches of rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from crm_cli.dictionary import Dictionary
from crm_cli.errors import ExitCode, UsageError
from crm_cli.exporters import check_target
from crm_cli.history import Author, Operation, operation
from crm_cli.importers import Table, open_source
from crm_cli.importers.mapping import EXTRA, IGNORE, ColumnMap, Mapping, MappingError, suggest_mapping
from crm_cli.importers.profiles import ShapedTable
from crm_cli.jobs.importing.applying import Applier
from crm_cli.jobs.importing.columns import date_orders
from crm_cli.jobs.importing.confirming import Confirmer, carried_groups
from crm_cli.jobs.importing.drafting import Drafter
from crm_cli.jobs.importing.drafts import Draft, note_columns
from crm_cli.jobs.importing.identity import EarlierRows
from crm_cli.jobs.importing.known_layouts import as_known, mapping_as_known
from crm_cli.jobs.importing.options import ImportOptions, UnsettledError
from crm_cli.jobs.importing.origins import Origin, check_origin, named_in_rejects, source_system_of
from crm_cli.jobs.importing.rejects import RejectSpool, keep_rejects
from crm_cli.jobs.importing.resolving import Resolver
from crm_cli.standardize import Context
from crm_cli.store import Store

__all__ = [
    "BatchResult",
    "ImportResult",
    "TableImport",
    "check_questions",
    "import_source",
    "mapping_for",
    "settled_orders",
]

_BATCH_ROWS = 5_000
_SAMPLE_ROWS = 1_000
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


@dataclass
class ImportResult:
    """What an import did: the operation to undo it by, a batch a table, and where the rejected rows went."""

    operation_id: int
    batches: list[BatchResult] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    rejects: Path | None = None
    samples: list[dict[str, Any]] = field(default_factory=list)

    @property
    def counts(self) -> Counter[str]:
        """The counts of all batches together."""
        return sum((batch.counts for batch in self.batches), Counter())

    @property
    def exit_code(self) -> ExitCode:
        """0, or 4 when rows were rejected."""
        return ExitCode.PARTIAL if self.counts["rejected"] else ExitCode.DONE


def import_source(
    store: Store,
    source: str | Path,
    author: Author,
    options: ImportOptions,
    *,
    rejects: Path | None = None,
    dry_run: bool = False,
    wait: float = 0.0,
    progress: Progress | None = None,
) -> ImportResult:
    """Import every table of `source`; nothing is written when anything goes wrong.

    A rejected row is kept with its batch and, with `rejects`, in a file that can be mended and imported again. The
    same source again changes nothing and confirms what it repeats. After an undo rows are created again; after a merge
    they update the survivor; a record that was deleted stays deleted (counted as such, with a warning).
    Raises `ReadError` for a source that cannot be read, `MappingError` where no field is filled, `UsageError` for
    dates that can be read in two ways, or a rejects file that could not be written.
    """
    if rejects is not None:
        check_target(rejects)  # before anything is written, not when there is something to reject
    reading = open_source(source, options.read)
    tables = [table if options.mapping else as_known(table, options.into) for table in reading.tables()]
    planned, skipped = _planned(store.dictionary, tables, options)
    with RejectSpool() as spool:
        with operation(store, "import", author, dry_run=dry_run, exclusive=True, wait=wait) as op:
            result = ImportResult(op.id, skipped=skipped)
            origin = source_system_of(op, reading.source, options, named_in_rejects([table for table, _, _ in planned]))
            spool.source = origin.name
            earlier = EarlierRows()
            runs = [
                TableImport(op, table, mapping, orders, options, origin, reading.source.fingerprint, earlier)
                for table, mapping, orders in planned
            ]
            for run in runs:
                run.run(spool, progress)
            result.batches = [run.finish() for run in runs]
        if rejects is not None and spool.count:
            spool.write(rejects)
            result.rejects = rejects
    return result


def mapping_for(dictionary: Dictionary, table: Table, options: ImportOptions) -> Mapping:
    """Return the mapping of a table: the one given, else one suggested from headers and values."""
    if options.mapping is not None:
        mapping = options.mapping
    elif isinstance(table, ShapedTable):
        mapping = mapping_as_known(dictionary, table, options.into)
    else:
        sample = next(table.batches(_SAMPLE_ROWS), [])
        names = [name for name in table.header if name not in note_columns(table.header)]
        places = {name: place for place, name in enumerate(table.header)}
        columns = {n: [row.values[places[n]] if places[n] < len(row.values) else None for row in sample] for n in names}
        mapping = suggest_mapping(dictionary, options.into, columns)
    notes = tuple(ColumnMap(name, IGNORE) for name in note_columns(table.header))
    key = options.key or mapping.key
    return replace(mapping, columns=(*mapping.columns, *notes), key=key).checked(table.header)


def _planned(
    dictionary: Dictionary, tables: Sequence[Table], options: ImportOptions
) -> tuple[list[tuple[Table, Mapping, dict[str, str | None]]], list[str]]:
    """Map every table before anything is written; of several, those that fit nothing are skipped and named."""
    planned, skipped = [], []
    fault: MappingError | None = None
    for table in tables:
        try:
            mapping = mapping_for(dictionary, table, options)
        except MappingError as error:
            fault = fault or error
            skipped.append(f"{table.name}: {error.message}")
            continue
        check_questions(table, mapping, options)
        planned.append((table, mapping, settled_orders(dictionary, table, mapping, options)))
    if fault is not None and not planned:
        raise fault
    if not tables:
        raise UsageError(
            "the source has no table with data", hint="crm import --explain SOURCE shows what was understood"
        )
    return planned, skipped


def check_questions(table: Table, mapping: Mapping, options: ImportOptions) -> None:
    """Refuse what only a person can settle. A header whose words name fields is one, whatever it looks like."""
    named = [one for one in mapping.columns if one.target not in (EXTRA, IGNORE) and "value" not in one.why]
    for question in table.understood.questions:
        if question.flag == "--header" and (options.mapping is not None or len(named) >= min(2, len(table.header))):
            continue
        raise UnsettledError(
            f"{table.name}: {question.what}? {' or '.join(value for value, _ in question.choices)}",
            hint=f"settle it with {question.flag}; crm import --explain shows samples",
            flag=question.flag,
            choices=question.choices,
        )


def settled_orders(
    dictionary: Dictionary, table: Table, mapping: Mapping, options: ImportOptions
) -> dict[str, str | None]:
    """Return the order of day, month and year in each column of dates; `UnsettledError` where only a person knows."""
    settled: dict[str, str | None] = {}
    for column, (order, ambiguous) in date_orders(table, mapping.targets(dictionary)).items():
        if ambiguous and options.date_order is None:
            raise UnsettledError(
                f"the dates of column {column!r} can be read as day/month or as month/day",
                hint="say which with --date-order dmy or --date-order mdy",
                column=column,
                flag="--date-order",
                choices=(("dmy", "3/4 is the third of April"), ("mdy", "3/4 is the fourth of March")),
            )
        settled[column] = options.date_order if ambiguous or order is None else order
    return settled


@dataclass
class TableImport:
    """The import of one table inside the operation: `run` each of a delivery, then `finish` each."""

    op: Operation
    table: Table
    mapping: Mapping
    orders: dict[str, str | None]
    options: ImportOptions
    origin: Origin
    fingerprint: str
    earlier: EarlierRows
    coming: frozenset[str] = frozenset()  # entities that later tables of the delivery bring
    _written: tuple[int, Drafter, Applier] = field(init=False, repr=False)

    def run(self, spool: RejectSpool, progress: Progress | None) -> None:
        """Write the rows; those that cannot be taken go to `spool` and are kept with the batch."""
        self.earlier.begin(self.table.name)
        store = self.op.store
        carried = carried_groups(store.dictionary, self.mapping)
        batch_id = self._open_batch(sorted(frozenset().union(*carried.values())))
        context = Context(country=self.options.country, currency=self.options.currency, timezone=self.options.timezone)
        drafter = Drafter(store.dictionary, self.table, self.mapping, context, self.orders, self.options.collision)
        resolver = Resolver(self.op, self.origin.id)
        confirmer = Confirmer(self.op, batch_id, carried)
        applier = Applier(
            self.op,
            resolver,
            drafter.entities,
            confirmer,
            self.earlier,
            self.options.as_of,
            self.options.collision,
            self.mapping.key or "",
            adopts_users=self.mapping.layout is not None,
            coming=self.coming,
        )
        for place, rows in enumerate(self.table.batches(_BATCH_ROWS)):
            drafts = drafter.drafts(rows)
            if place == 0 and self.origin.assumed:
                check_origin(self.origin, self.table.name, applier.strangers(drafts))
            applier.apply([draft for draft in drafts if not draft.faults])
            bad = [draft for draft in drafts if draft.faults]  # the applier finds faults too: values that are taken
            self._keep(batch_id, bad, spool)
            applier.counts["rows"] += len(rows)
            applier.counts["rejected"] += len(bad)
            if progress:
                progress(len(rows))
        applier.finish()
        self._written = (batch_id, drafter, applier)

    def finish(self) -> BatchResult:
        """Fill the references to what other tables brought since, and return what became of the rows."""
        batch_id, drafter, applier = self._written
        applier.settle()
        self._close_batch(batch_id, applier.counts)
        for name, count in applier.missed.items():
            drafter.not_understood[name, "not found"] += count
        understood = self.table.understood
        warnings = [*understood.warnings, *applier.warnings()]
        return BatchResult(
            batch_id, self.table.name, self.mapping, applier.counts, warnings, drafter.not_understood,
            understood.facts(),
        )  # fmt: skip

    def _keep(self, batch_id: int, bad: Sequence[Draft], spool: RejectSpool) -> None:
        keep_rejects(self.op, batch_id, self.table.header, bad)
        for draft in bad:
            spool.add(self.table.header, draft)

    def _open_batch(self, groups: list[str]) -> int:
        number = self.op.allocate("import_batch", 1)[0]
        values = {
            "id": number, "operation_id": self.op.id, "source_system_id": self.origin.id, "status": "applied",
            "source_name": self.table.name[:500], "fingerprint": self.fingerprint, "into": "+".join(self.mapping.into),
            "as_of": self.options.as_of, "started_at": self.op.store.now(), "mapping": self.mapping.to_json(),
            "groups": groups, "understood": _jsonable(self.table.understood.facts()),
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
