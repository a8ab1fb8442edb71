"""Persons whose data were erased are not added again by mistake."""

from __future__ import annotations

from crm_cli.history import Operation, Tombstones, traits_of
from crm_cli.records.given import Given

__all__ = ["refuse_erased"]

_PERSONS = ("contact", "lead")


def refuse_erased(op: Operation, given: Given) -> None:
    """Raise `ErasedPersonError` for a person whose data were erased, `NoTombstoneKeyError` without the key."""
    if given.entity.name not in _PERSONS:
        return
    points = [(one.slot.detail, one.known or "") for one in given.slots.values()]
    Tombstones.read(op.store, op.connection).refuse(traits_of(given.values, points))
