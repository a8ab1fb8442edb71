"""Erase the data of a person: one operation, logged without the data, which nothing brings back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from crm_cli.dictionary import EntityRole, fold
from crm_cli.history import (
    ERASE,
    KEY_CHECK,
    Author,
    Operation,
    key_check,
    note_erased,
    operation,
    refuse_other_key,
)
from crm_cli.jobs.privacy.holdings import Holdings, holdings_of
from crm_cli.jobs.privacy.logged import clean_log, removed_rows
from crm_cli.jobs.privacy.mentions import find_mentions, marks_of
from crm_cli.jobs.privacy.rejected import rejected_rows
from crm_cli.jobs.privacy.retention import RETENTION_YEARS, Reason, reasons_to_keep, refuse_kept
from crm_cli.jobs.privacy.subject import Subject, find_subject
from crm_cli.jobs.privacy.traits import Known, Sharing, known_of
from crm_cli.query import reindex
from crm_cli.store import Store, in_chunks

__all__ = ["Erasure", "ErasureOptions", "ErasurePlan", "erase", "plan_erasure"]

_KEPT_COLUMNS = ("id", "public_id", "row_version", "created_at", "updated_at", "deleted_at", "merged_into_id")


@dataclass(frozen=True)
class ErasureOptions:
    """How to erase: `keep_business_records` leaves deals and the nameless contact they are of; `retention_years` says
    for how long won deals have to be kept."""

    keep_business_records: bool = False
    retention_years: int = RETENTION_YEARS


@dataclass
class ErasurePlan:
    """What would be erased: rows by entity, references to be emptied, rejected rows; why not; who shares something."""

    subject: Subject
    holdings: Holdings
    known: Known
    rejected: list[int]
    removed: dict[str, set[int]]  # rows that only the log still has
    reasons: list[Reason] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """How many rows go, by table."""
        found = {entity: len(ids) for entity, ids in sorted(self.holdings.gone.items()) if ids}
        return found | ({"import_row": len(self.rejected)} if self.rejected else {})

    @property
    def shared(self) -> list[Sharing]:
        """Other records with the same address, number, or name and day of birth."""
        return self.known.shared

    @property
    def touched(self) -> dict[str, set[int]]:
        """The rows whose values go from the log, by entity."""
        found = self.holdings.touched
        for entity, ids in self.removed.items():
            found.setdefault(entity, set()).update(ids)
        return found


@dataclass
class Erasure:
    """What was erased: the operation, the number under which it is listed, rows by table, and what was emptied."""

    operation_id: int
    erasure_id: int
    entity: str
    record_id: int
    erased: dict[str, int]
    nameless: dict[str, int]  # records that stay without anything of the person
    unlinked: dict[str, int]  # records that lost their reference to the person
    log_rows: int
    texts: dict[str, int]  # rows of others whose texts named the person
    tombstones: dict[str, int]
    shared: list[Sharing]


def plan_erasure(
    store: Store, connection: sa.Connection, entity: str, text: str, options: ErasureOptions | None = None
) -> ErasurePlan:
    """Return what would be erased of the person that `text` names; nothing is written, nothing refused.

    Raises what `find_subject` raises.
    """
    options = options or ErasureOptions()
    subject = find_subject(store, connection, entity, text)
    holdings = holdings_of(store, connection, subject, keep_business=options.keep_business_records)
    removed = removed_rows(store, connection, subject)
    if subject.is_gone:
        removed.setdefault(subject.entity, set()).add(subject.id)
    rows = {
        name: holdings.touched.get(name, set()) | removed.get(name, set()) for name in (*holdings.touched, *removed)
    }
    known = known_of(store, connection, subject, rows)
    reasons = (
        []
        if options.keep_business_records
        else reasons_to_keep(store, connection, subject, years=options.retention_years)
    )
    rejected = [row.id for row in rejected_rows(store, connection, known)]
    return ErasurePlan(subject, holdings, known, rejected, removed, reasons)


def erase(
    store: Store, entity: str, text: str, author: Author, key: bytes, options: ErasureOptions | None = None, *,
    dry_run: bool = False, wait: float = 0.0,
) -> Erasure:  # fmt: skip
    """Erase what is held of the person that `text` names: records, log values, rejected rows, search, match index.

    `key` is that of the tombstones, which stop a later import. Raises `KeptByLawError` with every reason,
    `NoTombstoneKeyError` where tombstones stand that another key made, and what `find_subject` raises. What the
    database's files still hold of it, `scrub` clears afterwards.
    """
    with operation(store, ERASE, author, dry_run=dry_run, exclusive=True, wait=wait) as op:
        refuse_other_key(op.store, op.connection, key)
        plan = plan_erasure(op.store, op.connection, entity, text, options)
        refuse_kept(plan.reasons)
        return _Eraser(op, plan, key).run()


class _Eraser:
    def __init__(self, op: Operation, plan: ErasurePlan, key: bytes) -> None:
        self.op = op
        self.plan = plan
        self.key = key
        self.subject = plan.subject

    def run(self) -> Erasure:
        from crm_cli.jobs.privacy.frequencies import forget_frequencies  # NOTE: loads the matching engine

        op, holdings = self.op, self.plan.holdings
        for entity, ids in self.subject.records.items():
            forget_frequencies(op.store, op.connection, entity, ids)
        log_rows = clean_log(op, self.subject, self.plan.touched)
        unlinked = self._unlink()
        self._make_nameless()
        self._remove()
        number, tombstones = self._note()
        texts = self._cut_mentions()  # last: the reason that was given is one of them
        self._index_anew(texts)
        return Erasure(
            op.id, number, self.subject.entity, self.subject.id, self.plan.counts,
            {entity: len(ids) for entity, ids in holdings.nameless.items() if ids}, unlinked, log_rows,
            {entity: len(ids) for entity, ids in texts.items()}, tombstones, self.plan.shared,
        )  # fmt: skip

    def _unlink(self) -> dict[str, int]:
        """Empty the references by which rows that stay name the person."""
        holdings = self.plan.holdings
        for (entity, name), ids in sorted(holdings.unlinked.items()):
            staying = ids - holdings.gone.get(entity, set())
            self.op.update(entity, {number: {name: None} for number in staying})
        return {entity: len(ids) for entity, ids in holdings.without_links().items()}

    def _make_nameless(self) -> None:
        """Take everything out of the contacts that deals are of, but that they are there."""
        for entity, ids in self.plan.holdings.nameless.items():
            table, declared = self.op.store.table(entity), self.op.store.dictionary.entity(entity)
            blank = {column.name: None for column in table.c if column.name not in _KEPT_COLUMNS}
            kept = {one.name: one.default for one in declared.fields if one.default is not None}
            first = self.subject.ids(entity)[0]  # what stood between it and those merged into it is gone
            for number in sorted(ids):
                merged = {"merged_into_id": first} if number != first else {}
                name = f"Erased {number}"
                named = {"family_name": name, "family_name_key": fold(name), "public_id": self.op.store.mint(1)[0]}
                changed = {"row_version": table.c.row_version + 1, "updated_at": self.op.started_at}
                statement = table.update().where(table.c.id == number)
                self.op.connection.execute(statement.values({**blank, **kept, **named, **merged, **changed}))
            note_erased(self.op, entity, ids)
            self.op.counts[f"{entity}.update"] += len(ids)

    def _remove(self) -> None:
        """Take the rows out, those that refer to others first; of records the log says that they are gone."""
        op, gone = self.op, self.plan.holdings.gone
        order = [table.name for table in reversed(op.store.metadata.sorted_tables)]
        order.sort(key=lambda name: bool(op.store.dictionary.entity(name).subtype_of))  # parts name the party
        for entity in sorted((name for name, ids in gone.items() if ids), key=order.index):
            ids = sorted(gone[entity])
            if op.store.dictionary.entity(entity).role is EntityRole.RECORD:
                note_erased(op, entity, ids)
            op.remove(entity, ids, logged=False)
        if self.plan.rejected:
            op.remove("import_row", self.plan.rejected, logged=False)

    def _cut_mentions(self) -> dict[str, set[int]]:
        """Cut the person out of texts of other rows; return which, by entity."""
        found: dict[str, set[int]] = {}
        marks = marks_of(self.plan.known)
        for one in find_mentions(self.op.store, self.op.connection, marks, self.plan.holdings.about()):
            table = self.op.store.table(one.entity)
            self.op.connection.execute(table.update().where(table.c.id == one.id).values(**one.values))
            found.setdefault(one.entity, set()).add(one.id)
        return found

    def _index_anew(self, texts: Mapping[str, Collection[int]]) -> None:
        """Take the words out of search now: it would do so only when somebody searches."""
        op = self.op
        table = op.store.table("operation")  # locked, as whoever brings the index up to date locks them
        waiting = sa.select(table.c.id).where(table.c.indexed == sa.false()).with_for_update()
        op.connection.execute(waiting).all()
        changed = {**self.plan.touched}
        for entity, ids in (*self.plan.holdings.without_links().items(), *texts.items()):
            changed[entity] = {*changed.get(entity, ()), *ids}
        for entity, ids in sorted(changed.items()):
            if op.store.dictionary.entity(entity).role is EntityRole.RECORD:
                reindex(op.connection, op.store, entity, ids)

    def _note(self) -> tuple[int, dict[str, int]]:
        """Write down that it was done, and the keyed hashes by which the person is recognized."""
        op, subject = self.op, self.subject
        (number,) = op.allocate("erasure", 1)
        values = {
            "id": number, "entity": subject.entity, "record_id": subject.id, "actor": op.author.actor,
            "reason": op.author.reason[:500] or None, "erased_at": op.started_at,
            "counts": {**self.plan.counts, KEY_CHECK: key_check(self.key)},
        }  # fmt: skip
        op.connection.execute(op.store.table("erasure").insert().values(**values))
        traits = self.plan.known.traits
        rows = [
            {"id": one, "erasure_id": number, "kind": trait.kind, "hash": trait.hashed(self.key)}
            for one, trait in zip(op.allocate("erasure_key", len(traits)), traits, strict=True)
        ]
        for chunk in in_chunks(rows):
            op.connection.execute(op.store.table("erasure_key").insert(), list(chunk))
        return number, dict(Counter(trait.kind for trait in traits))
