"""Parties: accounts (companies, households) and contacts (persons), and what hangs on both."""

from __future__ import annotations

from crm_cli.dictionary.declaration.common import currency, description, enum, owner, refers, territory, text
from crm_cli.dictionary.declaration.contact_points import CONTACT_POINTS, SLOTS
from crm_cli.dictionary.entities import Entity, EntityRole
from crm_cli.dictionary.fields import Field
from crm_cli.dictionary.types import Freshness, OnMerge, PersonalData, SemanticType, Survivorship

__all__ = ["ENTITIES"]

T = SemanticType

PARTY = Entity(
    "party",
    "Supertype of accounts and contacts, which share its ids",
    (enum("kind", "What the party is", "account", "contact", required=True),),
    role=EntityRole.MACHINERY,
    plural="parties",
    title=("kind",),
)

ACCOUNT = Entity(
    "account",
    "A company or a household",
    (
        Field(
            name="name", type=T.COMPANY_NAME, meaning="Name of the company or household", required=True, indexed=True,
            synonyms=("account name", "company", "company name", "organization", "organisation", "firm", "firma", "customer name"),
            survivorship=Survivorship.MOST_FREQUENT, freshness=Freshness.IDENTITY, personal=PersonalData.NAME,
        ),
        enum("kind", "Company or household", "company", "household", default="company"),
        text("legal_form", "Legal form, such as GmbH or Inc.", length=60, freshness=Freshness.FIRMOGRAPHICS),
        Field(
            name="customer_number", type=T.IDENTIFIER, meaning="Customer number, given once", unique=True,
            synonyms=("customer no", "customer id", "account number", "kundennummer"), survivorship=Survivorship.SURVIVOR,
        ),
        enum("status", "Life cycle", "prospect", "customer", "former", default="prospect", synonyms=("account status",)),
        text("industry", "Industry", synonyms=("branche", "sector", "industria"), freshness=Freshness.FIRMOGRAPHICS),
        Field(
            name="employees", type=T.INTEGER, meaning="Number of employees", freshness=Freshness.FIRMOGRAPHICS,
            synonyms=("number of employees", "no of employees", "numberofemployees", "size", "mitarbeiter"),
        ),
        Field(
            name="annual_revenue", type=T.MONEY, meaning="Revenue a year", synonyms=("revenue", "annualrevenue", "umsatz"),
            freshness=Freshness.FIRMOGRAPHICS,
        ),
        currency(),
        Field(name="founded_on", type=T.DATE, meaning="Date of foundation", synonyms=("founded", "founding date")),
        Field(
            name="website", type=T.URL, meaning="Web site", synonyms=("web site", "url", "homepage", "web"),
            freshness=Freshness.FIRMOGRAPHICS,
        ),
        Field(
            name="tax_id", type=T.IDENTIFIER, meaning="Tax or VAT number", synonyms=("vat", "vat id", "vat number", "ust-id", "ein"),
            survivorship=Survivorship.TRUSTED,
        ),
        text("rating", "Class by value, such as A, B, C", length=20, synonyms=("class", "grade")),
        refers("parent_id", "account", "Company that this one belongs to", synonyms=("parent account", "parent company")),
        owner(),
        territory(),
        description(),
    ),
    subtype_of="party",
    slots=SLOTS,
)  # fmt: skip

CONTACT = Entity(
    "contact",
    "A person",
    (
        text("salutation", "Form of address", length=40, synonyms=("title", "anrede", "prefix"), survivorship=Survivorship.MOST_FREQUENT),
        Field(
            name="given_name", type=T.GIVEN_NAME, meaning="Given name", indexed=True, personal=PersonalData.NAME,
            synonyms=("first name", "firstname", "forename", "vorname", "prénom", "nombre"),
            survivorship=Survivorship.MOST_COMPLETE, freshness=Freshness.IDENTITY,
        ),
        Field(
            name="middle_name", type=T.GIVEN_NAME, meaning="Middle names or initials", personal=PersonalData.NAME,
            synonyms=("middle", "middlename", "middle initial"), survivorship=Survivorship.LONGEST, freshness=Freshness.IDENTITY,
        ),
        Field(
            name="family_name", type=T.FAMILY_NAME, meaning="Family name", indexed=True, personal=PersonalData.NAME,
            synonyms=("last name", "lastname", "surname", "nachname", "nom", "apellido"),
            survivorship=Survivorship.MOST_COMPLETE, freshness=Freshness.IDENTITY,
        ),
        text("suffix", "Jr., III, PhD", length=40, synonyms=("name suffix",), personal=PersonalData.NAME),
        Field(
            name="birth_date", type=T.DATE, meaning="Date of birth", personal=PersonalData.BIRTH,
            synonyms=("dob", "birthday", "birthdate", "date of birth", "geburtsdatum"), survivorship=Survivorship.TRUSTED,
            freshness=Freshness.IDENTITY,
        ),
        enum("gender", "Gender", "female", "male", "other", synonyms=("sex", "geschlecht"), personal=PersonalData.BIRTH),
        text("company", "Employer as it was given", synonyms=("company", "employer", "organization"), freshness=Freshness.EMPLOYMENT),
        text("job_title", "Position", synonyms=("title", "position", "job title", "jobtitle", "role"), freshness=Freshness.EMPLOYMENT),
        text("department", "Department", synonyms=("dept", "abteilung"), freshness=Freshness.EMPLOYMENT),
        Field(
            name="customer_number", type=T.IDENTIFIER, meaning="Customer number, given once", unique=True,
            synonyms=("customer no", "customer id", "kundennummer"), survivorship=Survivorship.SURVIVOR,
        ),
        text("language", "Preferred language (BCP 47)", length=20, synonyms=("locale", "sprache")),
        text("source", "How the contact was won", synonyms=("lead source", "leadsource")),
        enum("status", "Life cycle", "prospect", "customer", "former", default="prospect"),
        refers("account_id", "account", "Company that the person works for", synonyms=("account id",)),
        refers("reports_to_id", "contact", "Whom the person reports to"),
        owner(),
        territory(),
        description(),
    ),
    subtype_of="party",
    slots=SLOTS,
    title=("given_name", "family_name"),
    identified_by=("family_name", "given_name", "email", "phone", "mobile"),
)  # fmt: skip

CONSENT = Entity(
    "consent",
    "Consent or objection of a party for a channel and purpose; append-only, the newest per channel and purpose holds",
    (
        refers("party_id", "party", "Who gave or withdrew it", required=True, owned=True),
        enum("channel", "Channel", "email", "phone", "sms", "post", "any", required=True),
        text("purpose", "Purpose, such as marketing", required=True, length=80, default="marketing"),
        enum("status", "Given or withdrawn", "given", "withdrawn", required=True),
        Field(name="recorded_at", type=T.TIMESTAMP, meaning="When it was given or withdrawn", required=True),
        text("evidence", "Where it is written", keyed=False),
    ),
    role=EntityRole.DETAIL,
    title=("channel", "purpose"),
    append_only=True,
)

RELATIONSHIP_TYPE = Entity(
    "relationship_type",
    "A kind of relation between two parties",
    (
        text("name", "What the first is to the second: employs, parent of", required=True, unique=True),
        text("inverse_name", "What the second is to the first: employed by, child of"),
    ),
    noun="relationship-type",
)

RELATIONSHIP = Entity(
    "relationship",
    "A relation between two parties",
    (
        refers("type_id", "relationship_type", "Kind of relation", required=True),
        refers("party_id", "party", "The first party", OnMerge.UNITE, required=True),
        refers("other_party_id", "party", "The second party", OnMerge.UNITE, required=True),
        Field(name="since", type=T.DATE, meaning="First day"),
        Field(name="until", type=T.DATE, meaning="Last day"),
        text("note", "Remark", keyed=False),
    ),
    title=("type_id",),
    unite_by=("type_id", "party_id", "other_party_id"),
)

ENTITIES = (PARTY, ACCOUNT, CONTACT, *CONTACT_POINTS, CONSENT, RELATIONSHIP_TYPE, RELATIONSHIP)
