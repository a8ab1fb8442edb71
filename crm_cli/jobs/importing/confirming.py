"""Confirmations: of what a row says, the groups of fields in which the record holds the same."""

from __future__ import annotations

from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from crm_cli.dictionary import Dictionary, Entity, Freshness
from crm_cli.history import Operation, confirm_batch
from crm_cli.importers.mapping import Mapping

__all__ = ["Confirmer", "Seen", "carried_groups"]

_NONE: frozenset[str] = frozenset()


class Seen(NamedTuple):
    """A record that a row spoke of: how old the row's word is, and in which groups it was not taken."""

    record_id: int
    moment: datetime
    disagreeing: frozenset[str] = _NONE


@dataclass
class Confirmer:
    """Writes the confirmations of one batch; `carried` says which groups its columns carry, per entity."""

    operation: Operation
    batch_id: int
    carried: Map[str, frozenset[str]]
    _whole: dict[str, bool] = field(default_factory=dict)

    def confirm(self, entity: Entity, seen: Sequence[Seen]) -> None:
        """Confirm each record: with one thin row where it holds all that the batch carries, else group by group."""
        whole = [one for one in seen if not one.disagreeing and self._stands_for_all(entity)]
        moments = [one.moment for one in whole]
        confirm_batch(self.operation, entity.name, [one.record_id for one in whole], self.batch_id, moments)
        rest = [one for one in seen if one.disagreeing or not self._stands_for_all(entity)]
        rows = [
            {
                "entity": entity.name, "record_id": one.record_id, "freshness_group": group,
                "confirmed_at": one.moment, "method": "import", "result": "valid",
                "operation_id": self.operation.id, "batch_id": self.batch_id,
            }
            for one in rest
            for group in sorted(self.carried[entity.name] - one.disagreeing)
        ]  # fmt: skip
        self.operation.insert("confirmation", rows, covered=True)  # undone by the operation and batch that they name

    def _stands_for_all(self, entity: Entity) -> bool:
        """Whether "all that the batch carries" is right for this entity: its columns may be about another one."""
        if entity.name not in self._whole:
            batch = frozenset().union(*self.carried.values())
            groups = {one.freshness for one in entity.fields} | {one.freshness for one in entity.slots}
            self._whole[entity.name] = not (batch - self.carried[entity.name]) & groups
        return self._whole[entity.name]


def carried_groups(dictionary: Dictionary, mapping: Mapping) -> dict[str, frozenset[str]]:
    """Return, per entity that the mapping fills, the freshness groups of its columns."""
    found: dict[str, set[str]] = {dictionary.entity(name).name: set() for name in mapping.into}
    for target in mapping.targets(dictionary).values():
        one = target.slot or target.field
        if one is not None and one.freshness is not None:
            found[target.entity.name].add(str(one.freshness))
        elif target.name == "full_name":
            found[target.entity.name].add(str(Freshness.IDENTITY))
    return {name: frozenset(groups) for name, groups in found.items()}
