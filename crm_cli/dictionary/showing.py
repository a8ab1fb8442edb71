"""Values as a view may show them: `•••` in place of a masked one. Every view asks here; nothing else does.

What counts, sums, compares, matches, merges and standardizes works on the values themselves, and so do marks of what is
the same and what differs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from crm_cli.dictionary.entities import Dictionary, Entity

__all__ = ["MASK", "hide", "is_shown", "shown", "shown_as", "shown_row"]

MASK = "•••"
_ADDED, _LOOSE = "custom", "extra"  # columns that hold many values: those of added fields, and those that no field took
_OF_SOURCE = ("external_id", "last_modified")  # what a source says of its own rows
_MADE_OF = {"full_name": ("given_name", "family_name")}


class _Maskable(Protocol):
    @property
    def masked(self) -> bool: ...


def hide(value: Any) -> Any:
    """Return `•••` where there is a value, and what stands for none as it is."""
    return value if value in (None, "", [], {}) else MASK


def shown(one: _Maskable, value: Any) -> Any:
    """Return the value of a field, slot or path as a view may show it: masked where there is one, blank where none."""
    return hide(value) if one.masked else value


def shown_as(entity: Entity, name: str, value: Any) -> Any:
    """Return the value that stands under `name` in a row of the entity, as a view may show it.

    Of `custom`, each value is judged by its own name. What `extra` holds nobody knows: all of it is masked where the
    entity has a masked field.
    """
    if not entity.masked:
        return value
    if name in entity.masked:
        return hide(value)
    if name in (_ADDED, _LOOSE) and isinstance(value, Mapping):
        return {key: hide(one) if name == _LOOSE or key in entity.masked else one for key, one in value.items()}
    return value


def shown_row(entity: Entity, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row, name → value, as a view may show it."""
    return {name: shown_as(entity, name, value) for name, value in row.items()}


def is_shown(dictionary: Dictionary, into: Sequence[str], target: str) -> bool:
    """Whether a view may show the values of a source's column that fills `target` (`contact.email`, `email`, `extra`)
    of records of the entities `into`; not where nobody knows what they are and something is masked."""
    noun, _, name = target.rpartition(".")
    entities = [dictionary.entity(one) for one in ([noun] if noun in dictionary else into) if one in dictionary]
    known = {each for entity in entities for each in entity.public_names}
    masked = {each for entity in entities for each in entity.masked}
    if not masked or name in _OF_SOURCE:
        return True
    parts = _MADE_OF.get(name, (name, f"{name}_id"))
    return bool(known & set(parts)) and not masked & set(parts)
