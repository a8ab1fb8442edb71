"""Contact points: many e-mail addresses, telephone numbers and postal addresses a party, and the slots that show them."""

from __future__ import annotations

from crm_cli.dictionary.declaration.common import enum, refers
from crm_cli.dictionary.entities import Entity, EntityRole
from crm_cli.dictionary.fields import ContactSlot, Field
from crm_cli.dictionary.types import Freshness, OnMerge, PersonalData, SemanticType

__all__ = ["CONTACT_POINTS", "SLOTS"]

T = SemanticType


def _party() -> Field:
    return refers("party_id", "party", "Party that is reached here", OnMerge.UNITE, required=True, owned=True)


def _primary() -> Field:
    return Field(name="is_primary", type=T.BOOLEAN, meaning="Whether it is tried first", default=False)


def _standing() -> Field:
    return enum(
        "standing", "What is known of it", "unverified", "valid", "bounced", "wrong", "opted_out", default="unverified"
    )


EMAIL_ADDRESS = Entity(
    "email_address",
    "An e-mail address of a party",
    (
        _party(),
        Field(
            name="value", type=T.EMAIL, meaning="As it was given", required=True, keyed=False,
            personal=PersonalData.CONTACT, freshness=Freshness.EMAIL,
        ),
        Field(
            name="standard", type=T.EMAIL, meaning="Standard form", required=True, indexed=True,
            personal=PersonalData.CONTACT, freshness=Freshness.EMAIL, editable=False,
        ),
        enum("kind", "What it is used for", "work", "home", "other", default="work"),
        _primary(),
        _standing(),
    ),
    role=EntityRole.DETAIL,
    noun="email",
    title=("value",),
    unite_by=("standard_key",),
)  # fmt: skip

PHONE_NUMBER = Entity(
    "phone_number",
    "A telephone number of a party",
    (
        _party(),
        Field(
            name="value", type=T.PHONE, meaning="As it was given", required=True,
            personal=PersonalData.CONTACT, freshness=Freshness.PHONE,
        ),
        Field(
            name="standard", type=T.PHONE, meaning="E.164 with extension", required=True, indexed=True,
            personal=PersonalData.CONTACT, freshness=Freshness.PHONE, editable=False,
        ),
        enum("kind", "What it is used for", "work", "home", "mobile", "fax", "other", default="work"),
        _primary(),
        _standing(),
    ),
    role=EntityRole.DETAIL,
    noun="phone",
    title=("value",),
    unite_by=("standard",),
)  # fmt: skip


def _address_part(name: str, kind: SemanticType, meaning: str, **more: object) -> Field:
    return Field(
        name=name,
        type=kind,
        meaning=meaning,
        personal=PersonalData.CONTACT,
        freshness=Freshness.ADDRESS,
        **more,  # type: ignore[arg-type]
    )


POSTAL_ADDRESS = Entity(
    "postal_address",
    "A postal address of a party",
    (
        _party(),
        enum("kind", "What it is used for", "main", "billing", "shipping", "home", "other", default="main"),
        _address_part("street", T.STREET, "Delivery lines"),
        _address_part("city", T.CITY, "City"),
        _address_part("region", T.REGION, "State, province or county"),
        _address_part("postal_code", T.POSTAL_CODE, "Postal code", indexed=True),
        _address_part("country", T.COUNTRY, "Country (ISO 3166-1 alpha-2)"),
        _address_part("value", T.NOTE, "As it was given"),
        _address_part("standard", T.TEXT, "One line, all parts in standard form", length=700, editable=False),
        _primary(),
        _standing(),
    ),
    role=EntityRole.DETAIL,
    noun="address",
    plural="addresses",
    title=("standard",),
    unite_by=("standard_key",),
)


def _address_slots(prefix: str, kind: str | None, word: str) -> tuple[ContactSlot, ...]:
    parts = (
        ("street", T.STREET), ("city", T.CITY), ("region", T.REGION), ("postal_code", T.POSTAL_CODE), ("country", T.COUNTRY),
    )  # fmt: skip
    return tuple(
        ContactSlot(
            name=f"{prefix}{column}", detail="postal_address", column=column, kind=kind, type=type_,
            meaning=f"{word} {column.replace('_', ' ')}", freshness=Freshness.ADDRESS,
        )
        for column, type_ in parts
    )  # fmt: skip


def _email(name: str, kind: str | None, meaning: str) -> ContactSlot:
    return ContactSlot(
        name=name,
        detail="email_address",
        column="standard",
        kind=kind,
        type=T.EMAIL,
        meaning=meaning,
        freshness=Freshness.EMAIL,
    )


def _phone(name: str, kind: str | None, meaning: str) -> ContactSlot:
    return ContactSlot(
        name=name,
        detail="phone_number",
        column="standard",
        kind=kind,
        type=T.PHONE,
        meaning=meaning,
        freshness=Freshness.PHONE,
    )


SLOTS = (
    _email("email", None, "E-mail address that is tried first"),
    _email("home_email", "home", "Private e-mail address"),
    _email("other_email", "other", "Another e-mail address"),
    _phone("phone", None, "Telephone number that is tried first"),
    _phone("work_phone", "work", "Telephone number at work"),
    _phone("mobile", "mobile", "Mobile telephone"),
    _phone("home_phone", "home", "Private telephone"),
    _phone("fax", "fax", "Telefax"),
    _phone("other_phone", "other", "Another telephone number"),
    *_address_slots("", None, "Address that is tried first:"),
    *_address_slots("billing_", "billing", "Billing address:"),
    *_address_slots("shipping_", "shipping", "Shipping address:"),
    *_address_slots("home_", "home", "Private address:"),
    *_address_slots("other_", "other", "Another address:"),
)
CONTACT_POINTS = (EMAIL_ADDRESS, PHONE_NUMBER, POSTAL_ADDRESS)
