"""What a record needs and a row has not; looked up once an import, asked for every row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from crm_cli.dictionary import Dictionary, Entity, Field, SemanticType
from crm_cli.history import WrongValueError, check_value, takes_all
from crm_cli.jobs.importing.drafts import Draft, Fault, Point

__all__ = ["Checker"]


@dataclass
class _Needs:
    """What makes a record of an entity: all of `required`, and one of `names` or a contact point of `details`."""

    required: tuple[str, ...]
    names: tuple[str, ...]
    details: frozenset[str]

    @classmethod
    def of(cls, entity: Entity) -> _Needs:
        required = tuple(one.name for one in entity.fields if one.required and one.default is None)
        slots = [entity.slot_by_name[name] for name in entity.identified_by if name in entity.slot_by_name]
        return cls(required, entity.identified_by, frozenset(slot.detail for slot in slots))


@dataclass
class Checker:
    """Checks drafts by the rules of the dictionary."""

    dictionary: Dictionary
    _needs: dict[str, _Needs] = field(default_factory=dict)
    _limits: dict[str, dict[str, tuple[Field, int]]] = field(default_factory=dict)

    def is_filled(self, entity: Entity, draft: Draft) -> bool:
        """Return whether the draft says enough to be a record of the entity."""
        needs = self._needs_of(entity)
        values = draft.values.get(entity.name, {})
        for name in needs.required:
            if values.get(name) is None:
                return False
        if not needs.names:
            return True
        for name in needs.names:
            if values.get(name):
                return True
        return any(point.detail in needs.details for point in draft.points.get(entity.name, ()))

    def nothing_to_name(self, entity: Entity) -> Fault:
        """Return the fault of a row that says not enough to be a record of the entity."""
        needs = self._needs_of(entity)
        what = " and ".join(needs.required) or "one of " + ", ".join(needs.names)
        return Fault("", None, f"a {entity.noun} needs {what}, and this row has none", "fill it, or map a column to it")

    def check_points(self, entities: Sequence[Entity], drafts: Sequence[Draft]) -> None:
        """Add a fault for each part of a contact point that its field cannot hold."""
        points = [
            (draft, point) for entity in entities for draft in drafts for point in draft.points.get(entity.name, ())
        ]
        for detail in {point.detail for _, point in points}:
            mine = [(draft, point) for draft, point in points if point.detail == detail]
            if not self._all_fit(detail, [point.values for _, point in mine]):
                self._check_each(detail, mine)

    def _all_fit(self, detail: str, rows: Sequence[dict[str, Any]]) -> bool:
        """Whether all these contact points are certainly right: asked of a whole batch, because nearly all are."""
        for one in self.dictionary.entity(detail).fields:
            values = [row[one.name] for row in rows if one.name in row]
            if values and not takes_all(one, values):
                return False
        return True

    def _check_each(self, detail: str, points: Sequence[tuple[Draft, Point]]) -> None:
        limits = self._limits.get(detail) or self._limits_of(detail)
        for draft, point in points:
            for name, value in point.values.items():
                one, longest = limits[name]
                if type(value) is not str or (len(value) > longest and value not in one.values):
                    self._check(draft, detail, one, value)

    def _check(self, draft: Draft, detail: str, one: Field, value: Any) -> None:
        entity = self.dictionary.entity(detail)
        try:
            check_value(entity, one, value)
        except WrongValueError as fault:
            draft.faults.append(Fault(f"{entity.noun}.{one.name}", str(value)[:200], fault.message, fault.hint))

    def _needs_of(self, entity: Entity) -> _Needs:
        if entity.name not in self._needs:
            self._needs[entity.name] = _Needs.of(entity)
        return self._needs[entity.name]

    def _limits_of(self, detail: str) -> dict[str, tuple[Field, int]]:
        """The fields of a contact point, with the length of text that is right without a further look."""
        found: dict[str, tuple[Field, int]] = {}
        for one in self.dictionary.entity(detail).fields:
            found[one.name] = (
                one,
                one.max_length if one.is_text and one.type is not SemanticType.ENUM and not one.masked else -1,
            )
        self._limits[detail] = found
        return found
