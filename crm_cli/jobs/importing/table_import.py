"""The import of tables inside an open operation: each row by row, then what depends on all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from crm_cli.collecting import collect_young
from crm_cli.dictionary import Entity
from crm_cli.history import Operation, Tombstones
from crm_cli.jobs.importing.applying import Applier
from crm_cli.jobs.importing.collision import CollisionRules
from crm_cli.jobs.importing.confirming import Confirmer, carried_groups
from crm_cli.jobs.importing.drafting import Drafter
from crm_cli.jobs.importing.drafts import Draft, Fault
from crm_cli.jobs.importing.erased import refuse_erased
from crm_cli.jobs.importing.identity import EarlierRows
from crm_cli.jobs.importing.missing import Absent, Missing, SeenRefs, treat_missing
from crm_cli.jobs.importing.options import ImportOptions
from crm_cli.jobs.importing.origins import Origin, check_origin
from crm_cli.jobs.importing.preparing import PreparedTable
from crm_cli.jobs.importing.rejects import RejectSpool, keep_rejects
from crm_cli.jobs.importing.resolving import Resolver
from crm_cli.jobs.importing.result import BatchResult
from crm_cli.jobs.importing.samples import SampleKeeper
from crm_cli.jobs.importing.source_settings import Gate
from crm_cli.standardize import Context

__all__ = ["Progress", "TableImport", "Work"]

_BATCH_ROWS = 5_000
Progress = Callable[[int], None]


@dataclass
class Work:
    """What the imports of the tables of one source share."""

    op: Operation
    options: ImportOptions
    rules: CollisionRules
    gate: Gate
    origin: Origin
    reporting: bool = False
    earlier: EarlierRows = field(default_factory=EarlierRows)
    samples: SampleKeeper = field(default_factory=SampleKeeper)
    seen: dict[str, SeenRefs] = field(default_factory=dict)

    def seen_of(self, entity: Entity) -> SeenRefs | None:
        """Return where to note what the delivery speaks of, where it is asked what it lacks."""
        return None if self.options.missing is Missing.IGNORE else self.seen.setdefault(entity.name, SeenRefs())

    def absent(self, batches: Sequence[int]) -> list[Absent]:
        """Return what all tables together lack of the records that the source brought before."""
        source, how, dictionary = self.origin.id, self.options.missing, self.op.store.dictionary
        return [
            treat_missing(self.op, source, dictionary.entity(name), batches, seen, how)
            for name, seen in self.seen.items()
        ]


@dataclass
class TableImport:
    """The import of one table inside the operation: `run` each of a delivery, then `finish` each."""

    work: Work
    prepared: PreparedTable
    _done: tuple[int, Drafter, Applier] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.op, self.origin = self.work.op, self.work.origin
        self.options = self.prepared.options or self.work.options
        self.table, self.mapping = self.prepared.table, self.prepared.mapping
        self._refused: Counter[tuple[str, str]] = Counter()

    def run(self, spool: RejectSpool, progress: Progress | None) -> None:
        """Write the rows; those that cannot be taken go to `spool` and are kept with the batch."""
        self.work.earlier.begin(self.table.name)
        store = self.op.store
        carried = carried_groups(store.dictionary, self.mapping)
        batch_id = self._open_batch(sorted(frozenset().union(*carried.values())))
        context = Context(country=self.options.country, currency=self.options.currency, timezone=self.options.timezone)
        drafter = Drafter(
            store.dictionary, self.table, self.mapping, context, self.prepared.orders, str(self.work.rules),
            counts_filled=self.work.reporting or bool(self.work.gate.filled),
        )  # fmt: skip
        resolver = Resolver(self.op, self.origin.id)
        confirmer = Confirmer(self.op, batch_id, carried)
        seen = self.work.seen_of(drafter.entities[-1])
        tombstones = Tombstones.read(store, self.op.connection)
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
            adopts_users=self.mapping.layout is not None,
            coming=self.prepared.coming,
        )
        for place, rows in enumerate(self.table.batches(_BATCH_ROWS)):
            drafts = drafter.drafts(rows)
            refuse_erased(tombstones, self.origin.id, drafter.entities, drafts)
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
        self._done = (batch_id, drafter, applier)

    def finish(self) -> BatchResult:
        """Do what depends on the other tables, and return what became of the rows."""
        batch_id, drafter, applier = self._done
        applier.settle()
        self._close_batch(batch_id, applier.counts)
        for name, count in applier.missed.items():
            drafter.not_understood[name, "not found"] += count
        understood, before = self.table.understood, self.prepared.before
        warnings = [*understood.warnings, *applier.warnings()]
        return BatchResult(
            batch_id, self.table.name, self.mapping, applier.counts, warnings, drafter.not_understood,
            understood.facts(), drafter.filled, before.rows if before else None, self._refused,
        )  # fmt: skip

    def _keep(self, batch_id: int, bad: Sequence[Draft], spool: RejectSpool) -> None:
        keep_rejects(self.op, batch_id, self.table.header, bad)
        self.work.samples.reject(bad)
        for draft in bad:
            spool.add(self.table.header, draft)
            self._refused.update((fault.column, _kind_of(fault)) for fault in draft.faults)

    def _open_batch(self, groups: list[str]) -> int:
        number = self.op.allocate("import_batch", 1)[0]
        values = {
            "id": number, "operation_id": self.op.id, "source_system_id": self.origin.id, "status": "applied",
            "source_name": self.table.name[:500], "fingerprint": self.prepared.fingerprint,
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


def _kind_of(fault: Fault) -> str:
    """The reason without the value that it names, so that many rows have the same."""
    return fault.reason.replace(fault.value, "…") if fault.value else fault.reason


def _jsonable(facts: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value if isinstance(value, int | float | str | list | dict) else str(value)
        for name, value in facts.items()
    }
