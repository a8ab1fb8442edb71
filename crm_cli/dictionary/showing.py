"""Values as a view may show them: `•••` in place of a masked one. Every view asks here; nothing else does.

What counts, sums, compares, matches, merges and standardizes works on the values themselves, and so do marks of what is
the same and what differs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from crm_cli.dictionary.entities import Entity

__all__ = ["MASK", "shown", "shown_as", "shown_row"]

MASK = "•••"
_ADDED, _LOOSE = "custom", "extra"  # columns that hold many values: those of added fields, and those that no field took


class _Maskable(Protocol):
    @property
    def masked(self) -> bool: ...


def shown(one: _Maskable, value: Any) -> Any:
    """Return the value of a field, slot or path as a view may show it: masked where there is one, blank where none."""
    return _hidden(value) if one.masked else value


def shown_as(entity: Entity, name: str, value: Any) -> Any:
    """Return the value that stands under `name` in a row of the entity, as a view may show it.

    Of `custom`, each value is judged by its own name. What `extra` holds nobody knows: all of it is masked where the
    entity has a masked field.
    """
    if not entity.masked:
        return value
    if name in entity.masked:
        return _hidden(value)
    if name in (_ADDED, _LOOSE) and isinstance(value, Mapping):
        return {key: _hidden(one) if name == _LOOSE or key in entity.masked else one for key, one in value.items()}
    return value


def shown_row(entity: Entity, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row, name → value, as a view may show it."""
    return {name: shown_as(entity, name, value) for name, value in row.items()}


def _hidden(value: Any) -> Any:
    return value if value in (None, "", [], {}) else MASK
