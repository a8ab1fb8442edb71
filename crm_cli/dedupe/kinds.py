"""How a column takes part in matching."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["IDENTITY_KINDS", "ORGANIZATION_KINDS", "Kind"]


class Kind(StrEnum):
    """The kind of comparison that a column gets; the registries of cleaners, comparisons and keys are by kind."""

    GIVEN_NAME = "given_name"
    FAMILY_NAME = "family_name"
    MIDDLE_NAME = "middle_name"
    BIRTH_DATE = "birth_date"
    IDENTIFIER = "identifier"
    EMAIL = "email"
    PHONE = "phone"
    WEB = "web"
    STREET = "street"
    ORGANIZATION = "organization"
    WORDS = "words"  # several words of unknown meaning
    TEXT = "text"  # a short text of unknown meaning
    CATEGORY = "category"  # equal or not
    POSTAL_CODE = "postal_code"
    CITY = "city"
    REGION = "region"
    PLACE = "place"  # postal code, city and region as one comparison


# What one person has and nobody in the household or the office shares, except by chance.
IDENTITY_KINDS = frozenset({Kind.GIVEN_NAME, Kind.BIRTH_DATE, Kind.IDENTIFIER})
ORGANIZATION_KINDS = frozenset({Kind.ORGANIZATION, Kind.WORDS})
