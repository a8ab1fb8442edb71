"""Fields, references and contact slots: what an entity is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from crm_cli.dictionary.types import Freshness, OnMerge, PersonalData, SemanticType, Survivorship

__all__ = ["ContactSlot", "Field", "Reference"]

_LENGTHS = {
    SemanticType.EMAIL: 320,  # RFC 3696 errata 1690: 64 + @ + 255
    SemanticType.PHONE: 60,
    SemanticType.POSTAL_CODE: 20,
    SemanticType.COUNTRY: 60,
    SemanticType.CURRENCY: 3,
    SemanticType.ENUM: 40,
    SemanticType.URL: 500,
    SemanticType.STREET: 400,
    SemanticType.IDENTIFIER: 120,
}
_KEYED = {
    SemanticType.GIVEN_NAME,
    SemanticType.FAMILY_NAME,
    SemanticType.PERSON_NAME,
    SemanticType.COMPANY_NAME,
    SemanticType.EMAIL,
    SemanticType.STREET,
    SemanticType.CITY,
    SemanticType.REGION,
    SemanticType.TEXT,
    SemanticType.IDENTIFIER,
}
_TEXTS = _KEYED | {
    SemanticType.PHONE,
    SemanticType.POSTAL_CODE,
    SemanticType.COUNTRY,
    SemanticType.CURRENCY,
    SemanticType.ENUM,
    SemanticType.URL,
}


@dataclass(frozen=True, slots=True)
class Reference:
    """A field that names another record.

    `entity` is the target; None means polymorphic: the target's name then stands in the field `entity_field` beside
    it. `on_merge` says what becomes of this row when its target is merged into another record.
    """

    entity: str | None
    on_merge: OnMerge
    entity_field: str = "entity"
    owned: bool = False  # the row is part of its target and goes where the target goes


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of an entity: its meaning, and how every room treats its values."""

    name: str
    type: SemanticType
    meaning: str
    synonyms: tuple[str, ...] = ()
    required: bool = False
    unique: bool = False
    indexed: bool = False
    length: int | None = None
    values: tuple[str, ...] = ()
    default: Any = None
    reference: Reference | None = None
    survivorship: Survivorship = Survivorship.NEWEST
    personal: PersonalData = PersonalData.NONE
    freshness: Freshness | None = None
    editable: bool = True
    keyed: bool | None = None
    custom: bool = False
    masked: bool = False  # its values are not shown: `shown` says how

    @property
    def is_text(self) -> bool:
        """Whether values are one-line texts."""
        return self.type in _TEXTS

    @property
    def has_key(self) -> bool:
        """Whether a `*_key` column with the compare key stands beside the values."""
        return self.type in _KEYED if self.keyed is None else self.keyed

    @property
    def key_column(self) -> str:
        """The name of the compare-key column."""
        return f"{self.name}_key"

    @property
    def max_length(self) -> int:
        """The longest text that is stored, in characters."""
        return self.length or _LENGTHS.get(self.type, 255)

    @property
    def path_name(self) -> str:
        """How a path steps through this reference: `account` for `account_id`."""
        return self.name.removesuffix("_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactSlot:
    """A column of a party as people see it, whose value stands in a contact-point row.

    `email` of a contact is the `value` of its primary `email_address`; `mobile` is the first `phone_number` of kind
    mobile. Import fills slots, export and filters read them, a merge unites the rows behind them.
    """

    name: str
    detail: str
    column: str
    kind: str | None = None  # None: the primary one, of whatever kind
    type: SemanticType
    meaning: str
    synonyms: tuple[str, ...] = ()
    personal: PersonalData = PersonalData.CONTACT
    freshness: Freshness | None = None
    masked: bool = False  # the contact points behind it are not shown
