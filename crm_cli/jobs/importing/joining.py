"""Several columns that fill one field: their cells are put together before anything is read in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from crm_cli.dictionary import SemanticType
from crm_cli.importers.mapping import FULL_NAME, MappingError, Target

__all__ = ["Joined", "join_columns"]

_LINES = "\n"
# what the parts of a value are put together with; of other types two columns cannot be one value
_BETWEEN = {
    SemanticType.STREET: ", ",
    SemanticType.NOTE: _LINES,
    SemanticType.TEXT: " ",
    SemanticType.PERSON_NAME: " ",
    SemanticType.GIVEN_NAME: " ",
    SemanticType.FAMILY_NAME: " ",
    SemanticType.COMPANY_NAME: " ",
}
_POINTS = (SemanticType.PHONE, SemanticType.EMAIL)


@dataclass(frozen=True)
class Joined:
    """Column → the columns whose cells are put together in its place (itself first), and what stands between."""

    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    between: Mapping[str, str] = field(default_factory=dict)

    def text(self, column: str, cells: list[str | None]) -> str | None:
        """Return the cells of the columns as one; None where all are blank."""
        found = [cell.strip() for cell in cells if cell is not None and cell.strip()]
        return self.between[column].join(found) if found else None


def join_columns(targets: Mapping[str, Target], layout: str | None = None) -> tuple[dict[str, Target], Joined]:
    """Return the targets with one column each, and what was joined, in the order of the mapping.

    Several e-mail addresses or telephones for one slot stay columns of their own: each is a contact point. Raises
    `MappingError` where two columns fill a field that holds one value and cannot be put together, such as a date. Of a
    known `layout` nothing is joined: its columns say the same thing in several places, and the last one holds.
    """
    if layout is not None:
        return dict(targets), Joined()
    by_target: dict[str, list[str]] = {}
    for column, target in targets.items():
        by_target.setdefault(str(target), []).append(column)
    kept: dict[str, Target] = dict(targets)
    columns: dict[str, tuple[str, ...]] = {}
    between: dict[str, str] = {}
    for name, several in by_target.items():
        first = several[0]
        kind = _kind(targets[first])
        if len(several) == 1 or kind in _POINTS:
            continue
        if kind not in _BETWEEN:
            raise MappingError(
                f"{' and '.join(several)} both fill {name}, which holds one value", hint="map one of them to extra"
            )
        columns[first], between[first] = tuple(several), _BETWEEN[kind]
        for other in several[1:]:
            del kept[other]
    return kept, Joined(columns, between)


def _kind(target: Target) -> SemanticType | None:
    if target.name == FULL_NAME:
        return SemanticType.PERSON_NAME
    one = target.slot or target.field
    return one.type if one is not None else None
