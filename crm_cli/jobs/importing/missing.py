"""Records that a source brought before and that its whole delivery does not have any more."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import sqlalchemy as sa

from crm_cli.dictionary import Entity
from crm_cli.errors import CrmError, ExitCode
from crm_cli.history import Operation
from crm_cli.jobs.importing.drafts import Draft
from crm_cli.jobs.importing.resolving import KnownRef, Resolver
from crm_cli.store import in_chunks

__all__ = ["Absent", "Missing", "SeenRefs", "TooManyMissingError", "treat_missing"]

_MOST_DELETED = 0.1  # of the records of the source; more are rather a broken delivery
_FEW = 10  # so many may always be deleted
_AT_ONCE = 5_000


class Missing(StrEnum):
    """What is said of records that a delivery does not have."""

    IGNORE = "ignore"  # it is a part: what is not in it is as it was
    REPORT = "report"  # it is all that the source has: what is missing is told
    DELETE = "delete"  # and deleted, where no other source has it


class TooManyMissingError(CrmError):
    """More records would be deleted than a sound delivery can lack."""

    code = "too-many-missing"
    exit_code = ExitCode.FINDINGS


@dataclass
class SeenRefs:
    """Which references of the source a delivery spoke of, rejected rows among them."""

    ids: set[int] = field(default_factory=set)

    def note(self, refs: Iterable[KnownRef]) -> None:
        """Take note of references that a row spoke of."""
        self.ids.update(ref.id for ref in refs)

    def note_rejected(self, resolver: Resolver, entity: Entity, drafts: Sequence[Draft]) -> None:
        """Take note of what rejected rows speak of: they are in the delivery."""
        keys = [draft.external_id for draft in drafts if draft.keyed]
        if keys:
            self.note(resolver.known(entity.name, keys).values())


@dataclass(frozen=True)
class Absent:
    """What a whole delivery lacks of an entity (its noun): ids of living records, and which of them were deleted."""

    entity: str
    records: Sequence[int]
    deleted: Sequence[int] = ()


def treat_missing(
    op: Operation, source: int, entity: Entity, batches: Collection[int], seen: SeenRefs, how: Missing
) -> Absent:
    """Find the records of the source that its delivery, these batches, does not have; delete them where `how` says so.

    Raises `TooManyMissingError` where more than a tenth of what the source has would be deleted.
    """
    known, lacking = _lacking(op, source, entity, batches, seen)
    if how is not Missing.DELETE or not lacking:
        return Absent(entity.noun, lacking)
    own = _known_by_this_alone(op, source, entity, lacking)
    if len(own) > max(_FEW, _MOST_DELETED * known):
        raise TooManyMissingError(
            f"{len(own)} of {known} {entity.plural} of this source are not in the delivery, and would be deleted",
            hint="is it whole? --missing report shows them; delete by crm "
            f"{entity.noun} delete --where … if they are gone indeed",
            count=len(own),
        )
    return Absent(entity.noun, lacking, op.delete(entity.name, own))


def _lacking(
    op: Operation, source: int, entity: Entity, batches: Collection[int], seen: SeenRefs
) -> tuple[int, list[int]]:
    """How many living records the source has, and which of them no batch spoke of."""
    ref, table = op.store.table("external_ref"), op.store.table(entity.name)
    alive = [table.c[name].is_(None) for name in ("deleted_at", "merged_into_id") if name in table.c]
    query = (
        sa.select(ref.c.id, ref.c.record_id, ref.c.batch_id)
        .join(table, table.c.id == ref.c.record_id)
        .where(ref.c.source_system_id == source, ref.c.entity == entity.name, *alive)
    )
    there: set[int] = set()
    lacking: set[int] = set()
    for reference, number, brought in op.connection.execute(query.execution_options(yield_per=_AT_ONCE)):
        (there if brought in batches or reference in seen.ids else lacking).add(number)
    lacking -= there  # what was merged is there when one of its rows is
    return len(there) + len(lacking), sorted(lacking)


def _known_by_this_alone(op: Operation, source: int, entity: Entity, ids: Sequence[int]) -> list[int]:
    ref = op.store.table("external_ref")
    shared: set[int] = set()
    for chunk in in_chunks(ids):
        query = sa.select(ref.c.record_id).where(
            ref.c.entity == entity.name, ref.c.record_id.in_(chunk), ref.c.source_system_id != source
        )
        shared.update(op.connection.scalars(query))
    return [number for number in ids if number not in shared]
