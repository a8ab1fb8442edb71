"""Fill what is blank here from the source, by the rule `blank` of an import: nothing that stands is touched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from crm_cli.dictionary import SemanticType
from crm_cli.history import Author, Operation, operation
from crm_cli.importers import Row
from crm_cli.jobs.importing.collision import Claim, Collision, CollisionRules
from crm_cli.jobs.importing.drafting import Drafter
from crm_cli.jobs.importing.drafts import Draft
from crm_cli.jobs.importing.point_updates import PointUpdater
from crm_cli.jobs.importing.resolving import Resolver
from crm_cli.jobs.importing.updating import Updater
from crm_cli.jobs.reconciling.addresses import complete_addresses
from crm_cli.jobs.reconciling.fields import ComparedField
from crm_cli.jobs.reconciling.result import Filled, Reconciliation
from crm_cli.jobs.reconciling.run import reader_of
from crm_cli.query import Selection, select_records
from crm_cli.store import Store

__all__ = ["fill_blanks"]

_AT_ONCE = 2_000


def fill_blanks(
    store: Store, found: Reconciliation, author: Author, *, dry_run: bool = False, wait: float = 0.0
) -> Filled:
    """Write the source's values where matched records have none, as one operation.

    Only what the comparison found fillable is taken: see `comparing`. The source is read a second time. Records that
    changed since the comparison are judged as they stand now. Raises `LockedError` where another writer is at work.
    """
    said = f"blanks filled from {found.other.name}"
    author = replace(author, reason=f"{author.reason} ({said})" if author.reason else said)
    done = Filled(dry_run=dry_run)
    with operation(store, "reconcile", author, dry_run=dry_run, exclusive=True, wait=wait) as op:
        done.operation_id = op.id
        rules = CollisionRules(Collision.BLANK)
        updater = Updater(op, rules, PointUpdater(op, rules, 0), Counter())
        for wanted, claims in _claims(op, found):
            living = _living(op, found.entity.name, claims)
            completed = complete_addresses(op, living, found.entity.name)
            changed, _ = updater.update(found.entity, living)
            done.records += len(changed | completed)
            left = _still_blank(op, found, wanted)
            done.left += left
            done.values += sum(len(places) for places in wanted.values()) - left
    return done


def _still_blank(op: Operation, found: Reconciliation, wanted: Mapping[int, Sequence[int]]) -> int:
    """Return how many of the values that were to be filled are blank still, as a reader sees the records now."""
    names = [one.name for one in found.fields]
    numbers = ", ".join(map(str, sorted(wanted)))
    selection = Selection(entity=found.entity.name, columns=["id", *names], where=f"id in ({numbers})", stored=True)
    blank = sum(len(places) for places in wanted.values())
    for number, *values in select_records(op.store, op.connection, selection):
        blank -= sum(values[place] is not None for place in wanted[number])
    return blank


def _living(op: Operation, entity: str, claims: Sequence[Claim]) -> list[Claim]:
    """The claims of records that nobody deleted or merged since they were compared."""
    rows = Resolver(op, 0).rows(entity, [claim.record_id for claim in claims])
    return [
        claim
        for claim in claims
        if (row := rows.get(claim.record_id)) and row["deleted_at"] is None and row["merged_into_id"] is None
    ]


def _claims(op: Operation, found: Reconciliation) -> Iterator[tuple[dict[int, list[int]], list[Claim]]]:
    """Read the source again; yield what it says of the blanks, some records at once, and which blanks of each."""
    drafter = found.other.drafter(op.store.dictionary)
    resolver = reader_of(op.store, op.connection, found.entity, found.other, found.fields).resolver
    before = 0
    for rows in found.other.table.batches(_AT_ONCE):
        wanted = found.ledger.fills(before + 1, before + len(rows))
        chosen = [(rows[n - before - 1], *fill) for n, fill in wanted.items()]
        before += len(rows)
        drafts = _drafts(drafter, found, chosen)
        if resolver is not None:
            resolver.look_up_references(found.entity, drafts)
        claims = [
            Claim(draft, number, None, None)
            for draft, (_, number, _) in zip(drafts, chosen, strict=True)
            if not draft.faults  # longer than its field
        ]
        if wanted:
            yield {number: places for _, number, places in chosen}, claims


def _drafts(drafter: Drafter, found: Reconciliation, chosen: Sequence[tuple[Row, int, list[int]]]) -> list[Draft]:
    """Return drafts that say the chosen fields and nothing else."""
    rows = [row for row, _, _ in chosen]
    wanted = [[found.fields[place] for place in places] for _, _, places in chosen]
    givens = []
    for fields, given in zip(wanted, drafter.read(rows), strict=True):
        columns = {column for one in fields for column in one.columns}
        givens.append({column: given[column] for column in given if column in columns})
    drafts = drafter.drafts_of(rows, givens)
    for draft, fields in zip(drafts, wanted, strict=True):
        _keep_only(draft, found.entity.name, fields)
    return drafts


def _keep_only(draft: Draft, entity: str, fields: Sequence[ComparedField]) -> None:
    names = {one.name for one in fields}
    if any(one.kind is SemanticType.MONEY for one in fields):
        names.add("currency")  # a sum that is filled is filled with what it is counted in
    values: dict[str, Any] = draft.values.get(entity, {})
    draft.values = {entity: {name: value for name, value in values.items() if name in names}}
    draft.points = {entity: draft.points.get(entity, [])}
    draft.extra = {}
    kept = {name: text for name, text in draft.originals.get(entity, {}).items() if name in {*names, "full_name"}}
    draft.originals = {entity: kept}
