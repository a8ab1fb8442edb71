"""Semantic types: what a value *means*, and thereby how it is standardized, matched, masked and stored."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Freshness", "OnMerge", "PersonalData", "SemanticType", "Survivorship"]


class SemanticType(StrEnum):
    """The meaning of a field's values. Every room that depends on it keeps a registry by this type."""

    GIVEN_NAME = "given_name"
    FAMILY_NAME = "family_name"
    PERSON_NAME = "person_name"  # a full name in one value
    COMPANY_NAME = "company_name"
    EMAIL = "email"
    PHONE = "phone"
    STREET = "street"  # the delivery lines of a postal address
    CITY = "city"
    POSTAL_CODE = "postal_code"
    REGION = "region"  # state, province, county
    COUNTRY = "country"
    URL = "url"
    DATE = "date"
    TIMESTAMP = "timestamp"
    MONEY = "money"  # integer minor units; the currency stands in a field beside it
    CURRENCY = "currency"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    ENUM = "enum"
    IDENTIFIER = "identifier"  # customer number, tax id, external id: compared exactly, never computed with
    TEXT = "text"  # one line
    NOTE = "note"  # many lines
    REFERENCE = "reference"
    JSON = "json"


class Survivorship(StrEnum):
    """Which value survives a merge when the records disagree."""

    NEWEST = "newest"
    TRUSTED = "trusted"
    MOST_COMPLETE = "most_complete"
    LONGEST = "longest"
    MOST_FREQUENT = "most_frequent"
    SURVIVOR = "survivor"  # the surviving record's own value; a blank is filled
    MAXIMUM = "maximum"
    MINIMUM = "minimum"
    RESTRICTIVE = "restrictive"  # consent: the most restrictive wins


class PersonalData(StrEnum):
    """How personal a field is: decides masking in extracts and erasure."""

    NONE = "none"
    NAME = "name"
    CONTACT = "contact"
    BIRTH = "birth"
    IDENTIFIER = "identifier"
    FREE_TEXT = "free_text"


class Freshness(StrEnum):
    """Groups of fields that go stale together."""

    IDENTITY = "identity"
    EMPLOYMENT = "employment"
    EMAIL = "email"
    PHONE = "phone"
    ADDRESS = "address"
    FIRMOGRAPHICS = "firmographics"


class OnMerge(StrEnum):
    """What happens to a row that refers to a record which is merged into another."""

    REATTACH = "reattach"  # it now refers to the survivor
    UNITE = "unite"  # re-attached unless the survivor has an equal one: a part then stays, a record is merged into it
    CLASH = "clash"  # a unique clash is reported, and the merge of that cluster refused
    KEEP = "keep"  # history: goes on naming the record that it was written for
