"""The columns of an export: which ones, what the exporters must know of them, and which are masked."""

from __future__ import annotations

from collections.abc import Sequence

from crm_cli.dictionary import Dictionary, Entity, PersonalData, SemanticType
from crm_cli.exporters import ExportColumn
from crm_cli.query import resolve
from crm_cli.store import Store

__all__ = ["default_columns", "export_column", "masked_of"]

_PARTY_SLOTS = ("email", "phone", "mobile", "street", "city", "region", "postal_code", "country")


def default_columns(entity: Entity) -> list[str]:
    """Return what an export carries when nobody says: ids, every field, the contact slots of the first rank."""
    names = ["id", "public_id"]
    names += [one.name for one in entity.fields if one.type is not SemanticType.JSON]
    return [*names, *(name for name in _PARTY_SLOTS if name in entity.slot_by_name), "created_at", "updated_at"]


def masked_of(store: Store, entity: str, columns: Sequence[str] | None = None) -> list[str]:
    """Return which of the columns are masked: of the JSON ones all that may hold a masked value."""
    declared = store.dictionary.entity(entity)
    found = {name: resolve(store.dictionary, declared, name) for name in columns or default_columns(declared)}
    return [
        name
        for name, path in found.items()
        if path.masked or (path.entity.masked and path.field.type is SemanticType.JSON)
    ]


def export_column(dictionary: Dictionary, entity: Entity, name: str) -> ExportColumn:
    """Return what the exporters must know of a column: what its values mean and how personal they are.

    What stands in a JSON column nobody knows: it counts as personal until said otherwise.
    """
    found = resolve(dictionary, entity, name)
    one = found.slot or found.field
    if one.type is SemanticType.JSON:
        return ExportColumn(name, SemanticType.JSON, PersonalData.FREE_TEXT)
    kind = SemanticType.INTEGER if one.type is SemanticType.REFERENCE else one.type
    return ExportColumn(name, kind, one.personal)
