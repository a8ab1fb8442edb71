"""Rows that speak of a person whose data were erased: they are refused, and nothing of them is kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crm_cli.dictionary import Entity
from crm_cli.history import Tombstones, Trait, erased_message, external_trait, traits_of
from crm_cli.jobs.importing.drafts import Draft, Fault

__all__ = ["refuse_erased"]

_PERSONS = ("contact", "lead")


def refuse_erased(tombstones: Tombstones, source_id: int, entities: Sequence[Entity], drafts: Sequence[Draft]) -> None:
    """Give the drafts that fit a tombstone a fault, and blank their cells: a rejected row is kept with its batch."""
    persons = [entity.name for entity in entities if entity.name in _PERSONS]
    if not tombstones.known or not persons:
        return
    for draft in drafts:
        found = tombstones.find(trait for entity in persons for trait in _traits(source_id, entity, draft))
        if found:
            reason, hint = erased_message(*found)
            draft.faults = [Fault("", None, reason, hint)]
            draft.row = draft.row._replace(values=[None] * len(draft.row.values))


def _traits(source_id: int, entity: str, draft: Draft) -> Iterator[Trait]:
    points = [(point.detail, str(point.values.get("standard") or "")) for point in draft.points.get(entity, ())]
    yield from traits_of(draft.values.get(entity, {}), points)
    if draft.external_id:  # made of the row's content where the source has none: the same row is the same person
        yield external_trait(source_id, entity, draft.external_id)
