"""Fields that several entities share."""

from __future__ import annotations

from typing import Any

from crm_cli.dictionary.fields import Field, Reference
from crm_cli.dictionary.types import OnMerge, PersonalData, SemanticType, Survivorship

__all__ = ["currency", "description", "enum", "owner", "polymorphic", "refers", "territory", "text"]

T = SemanticType


def text(name: str, meaning: str, **more: Any) -> Field:
    """Return a one-line text field."""
    return Field(name=name, type=T.TEXT, meaning=meaning, **more)


def enum(name: str, meaning: str, *values: str, **more: Any) -> Field:
    """Return a field that takes one of `values`."""
    return Field(name=name, type=T.ENUM, meaning=meaning, values=values, **more)


def refers(name: str, entity: str, meaning: str, on_merge: OnMerge = OnMerge.REATTACH, **more: Any) -> Field:
    """Return a reference to a record of `entity`; `owned=True` makes the row a part of it."""
    owned = more.pop("owned", False)
    reference = Reference(entity, on_merge, owned=owned)
    return Field(name=name, type=T.REFERENCE, meaning=meaning, reference=reference, indexed=True, **more)


def polymorphic(on_merge: OnMerge, *, owned: bool = False) -> tuple[Field, Field]:
    """Return the pair (`entity`, `record_id`) that names a record of any entity."""
    return (
        text("entity", "Entity of the record", required=True, keyed=False, length=40),
        Field(
            name="record_id",
            type=T.REFERENCE,
            meaning="The record",
            required=True,
            reference=Reference(None, on_merge, owned=owned),
        ),
    )


def owner() -> Field:
    """Return the reference to the user who works on the record."""
    synonyms = ("owner", "account owner", "contact owner", "lead owner", "sales rep", "assigned to", "betreuer")
    return refers("owner_id", "app_user", "User who works on the record", synonyms=synonyms)


def territory() -> Field:
    """Return the reference to the territory that the record falls into."""
    return refers("territory_id", "territory", "Territory that the record falls into", synonyms=("territory", "gebiet"))


def description() -> Field:
    """Return the free-text field."""
    return Field(
        name="description",
        type=T.NOTE,
        meaning="Anything else worth knowing",
        synonyms=("notes", "comment", "comments", "remarks", "bemerkung", "notiz", "notas"),
        personal=PersonalData.FREE_TEXT,
        survivorship=Survivorship.LONGEST,
    )


def currency() -> Field:
    """Return the currency of the record's amounts (ISO 4217)."""
    return Field(
        name="currency", type=T.CURRENCY, meaning="Currency of the amounts (ISO 4217)", synonyms=("currency iso code",)
    )
