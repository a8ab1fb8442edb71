"""A row of the change log, as undo reads it, and what of an operation is undone together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from crm_cli.dictionary import Dictionary

__all__ = ["Change", "Group", "grouped"]

Group = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Change:
    """One row of the change log; `group` is what is undone together: all of it, or nothing."""

    id: int
    action: str
    entity: str
    record_id: int
    unit: int | None
    old: dict[str, Any] | None
    new: dict[str, Any] | None
    group: Group = ("", 0)


def grouped(dictionary: Dictionary, changes: Iterable[Change]) -> list[Change]:
    """Return the changes with their groups: those of one unit, and those of one record, whatever their units are.

    A record that was inserted and then updated by one operation is in one group, with all that is tied to either.
    """
    above: dict[Group, Group] = {}

    def root(key: Group) -> Group:
        while (higher := above.setdefault(key, key)) != key:
            above[key] = key = above[higher]
        return key

    given = list(changes)
    for change in given:
        if change.unit is not None:
            above[root(_record(dictionary, change))] = root(("", change.unit))
    return [replace(change, group=root(_record(dictionary, change))) for change in given]


def _record(dictionary: Dictionary, change: Change) -> Group:
    """The record; an account and a contact are known by the party that they are."""
    return (dictionary.entity(change.entity).subtype_of or change.entity, change.record_id)
