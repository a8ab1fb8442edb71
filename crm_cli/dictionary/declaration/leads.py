"""Leads: people or companies that may become customers."""

from __future__ import annotations

from crm_cli.dictionary.declaration.common import description, enum, owner, refers, territory, text
from crm_cli.dictionary.entities import Entity
from crm_cli.dictionary.fields import Field
from crm_cli.dictionary.types import Freshness, PersonalData, SemanticType, Survivorship

__all__ = ["ENTITIES"]

T = SemanticType


def _contact(name: str, kind: SemanticType, meaning: str, freshness: Freshness) -> Field:
    return Field(name=name, type=kind, meaning=meaning, personal=PersonalData.CONTACT, freshness=freshness)


LEAD = Entity(
    "lead",
    "Somebody who may become a customer",
    (
        text("salutation", "Form of address", length=40, synonyms=("title", "anrede")),
        Field(
            name="given_name", type=T.GIVEN_NAME, meaning="Given name", personal=PersonalData.NAME, indexed=True,
            synonyms=("first name", "firstname", "vorname"), survivorship=Survivorship.MOST_COMPLETE, freshness=Freshness.IDENTITY,
        ),
        Field(
            name="family_name", type=T.FAMILY_NAME, meaning="Family name", personal=PersonalData.NAME, indexed=True,
            synonyms=("last name", "lastname", "surname", "nachname"), survivorship=Survivorship.MOST_COMPLETE,
            freshness=Freshness.IDENTITY,
        ),
        Field(
            name="company", type=T.COMPANY_NAME, meaning="Company", indexed=True, freshness=Freshness.EMPLOYMENT,
            synonyms=("company name", "organization", "account name", "firma"), survivorship=Survivorship.MOST_FREQUENT,
        ),
        text("job_title", "Position", synonyms=("title", "position"), freshness=Freshness.EMPLOYMENT),
        _contact("email", T.EMAIL, "E-mail address", Freshness.EMAIL),
        _contact("phone", T.PHONE, "Telephone", Freshness.PHONE),
        _contact("mobile", T.PHONE, "Mobile telephone", Freshness.PHONE),
        _contact("street", T.STREET, "Delivery lines of the address", Freshness.ADDRESS),
        _contact("city", T.CITY, "City", Freshness.ADDRESS),
        _contact("region", T.REGION, "State, province or county", Freshness.ADDRESS),
        _contact("postal_code", T.POSTAL_CODE, "Postal code", Freshness.ADDRESS),
        _contact("country", T.COUNTRY, "Country (ISO 3166-1 alpha-2)", Freshness.ADDRESS),
        Field(name="website", type=T.URL, meaning="Web site", freshness=Freshness.FIRMOGRAPHICS),
        text("industry", "Industry", freshness=Freshness.FIRMOGRAPHICS),
        enum(
            "status", "Where the lead stands", "new", "contacted", "qualified", "disqualified", "converted",
            default="new", synonyms=("lead status",),
        ),
        text("source", "How the lead was won", synonyms=("lead source", "leadsource")),
        text("rating", "Hot, warm, cold", length=20),
        refers("converted_contact_id", "contact", "Contact that the lead became"),
        refers("converted_account_id", "account", "Account that the lead became"),
        refers("converted_opportunity_id", "opportunity", "Opportunity that the lead became"),
        owner(),
        territory(),
        description(),
    ),
    title=("given_name", "family_name", "company"),
    identified_by=("family_name", "given_name", "company", "email", "phone"),
)  # fmt: skip

ENTITIES = (LEAD,)
