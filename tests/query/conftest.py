"""A small company to ask questions about, the same on every database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy.engine import make_url

from crm_cli.dictionary import Dictionary, Field, PersonalData, SemanticType, shipped
from crm_cli.history import Author, operation
from crm_cli.store import Store
from crm_cli.store.migrate import create
from tests import databases

_SLOT = 70  # apart from the databases that tests of the store ask for
CUSTOM = [
    Field(
        name="colour", type=SemanticType.TEXT, meaning="Colour", custom=True, keyed=False, personal=PersonalData.NONE
    ),
    Field(name="visits", type=SemanticType.INTEGER, meaning="Visits", custom=True, keyed=False),
    Field(name="score", type=SemanticType.NUMBER, meaning="Score", custom=True, keyed=False),
    Field(name="vip", type=SemanticType.BOOLEAN, meaning="Important", custom=True, keyed=False),
    Field(name="met_on", type=SemanticType.DATE, meaning="First met", custom=True, keyed=False),
]


def with_custom_fields(dictionary: Dictionary) -> Dictionary:
    return dictionary.with_fields(("contact", one) for one in CUSTOM)


@pytest.fixture
def dictionary() -> Dictionary:
    return with_custom_fields(shipped())


@pytest.fixture(scope="session")
def company(database_server: databases.Server) -> Iterator[Store]:
    """A company that is only read: making its tables takes seconds on a server, so all tests share one."""
    url = make_url(database_server.empty_database(_SLOT))
    create(url)
    with Store.open(url) as store:
        yield found(store)


def found(store: Store) -> Store:
    """Users 1-2, account Straße & Söhne (1) and Acme (2), contacts 3-7, opportunities 1-4."""
    store.dictionary = with_custom_fields(store.dictionary)
    with operation(store, "seed", Author("test")) as op:
        op.insert("team", [{"id": 1, "name": "North"}])
        op.insert(
            "app_user",
            [
                {"id": 1, "username": "maria", "email": "maria@us.example", "team_id": 1, "active": True},
                {"id": 2, "username": "Li", "email": "li@us.example", "active": False, "manager_id": 1},
            ],
        )
        op.insert(
            "account",
            [
                {"id": 1, "name": "Straße & Söhne", "owner_id": 1, "annual_revenue": 250_000_00, "currency": "EUR"},
                {
                    "id": 2,
                    "name": "ACME  Inc.",
                    "owner_id": 2,
                    "employees": 12,
                    "annual_revenue": 900,
                    "currency": "JPY",
                },
            ],
        )
        op.insert("contact", _contacts())
        _contact_points(op)
        op.insert("opportunity", _opportunities())
        op.insert(
            "activity",
            [
                {"id": 1, "subject": "Call Ann", "kind": "call", "party_id": 3, "owner_id": 1},
                {"id": 2, "subject": "Visit", "kind": "visit", "party_id": 2, "opportunity_id": 2},
            ],
        )
    return store


def _contacts() -> list[dict[str, Any]]:
    ann = {"colour": "Red", "visits": 3, "score": 1.5, "vip": True, "met_on": "2020-02-29"}
    return [
        {"id": 3, "given_name": "Ann", "family_name": "Müller", "birth_date": date(1980, 2, 29), "account_id": 1,
         "owner_id": 1, "status": "customer", "custom": ann},
        {"id": 4, "given_name": "ANN", "family_name": "O'Neil", "account_id": 2, "owner_id": 2,
         "custom": {"colour": "red", "visits": 30, "score": -2.0, "vip": False, "met_on": "2021-03-01"}},
        {"id": 5, "given_name": None, "family_name": "王", "birth_date": date(1999, 12, 31), "reports_to_id": 3},
        {"id": 6, "given_name": "Deleted", "family_name": "Person", "deleted_at": datetime(2026, 1, 1, tzinfo=UTC)},
        {"id": 7, "given_name": "Merged", "family_name": "Person", "merged_into_id": 3},
    ]  # fmt: skip


def _contact_points(op: Any) -> None:
    def email(number: int, party: int, value: str, *, primary: bool, kind: str = "work") -> dict[str, Any]:
        return {"id": number, "party_id": party, "value": value, "standard": value.lower(), "is_primary": primary,
                "kind": kind}  # fmt: skip

    op.insert(
        "email_address",
        [
            email(1, 3, "Second@acme.example", primary=False, kind="home"),
            email(2, 3, "Ann@acme.example", primary=True),
            email(3, 3, "twice@acme.example", primary=True),
            email(4, 4, "ann_100%@acme.example", primary=True),
            {**email(5, 5, "gone@acme.example", primary=True), "deleted_at": datetime(2026, 1, 1, tzinfo=UTC)},
        ],
    )
    op.insert(
        "phone_number",
        [
            {"id": 1, "party_id": 3, "value": "(212) 555-0123", "standard": "+12125550123", "is_primary": True},
            {"id": 2, "party_id": 3, "value": "x", "standard": "+12125550199", "kind": "mobile"},
        ],
    )
    op.insert(
        "postal_address",
        [
            {"id": 1, "party_id": 3, "city": "Köln", "postal_code": "50667", "country": "DE", "is_primary": True},
            {"id": 2, "party_id": 4, "city": "New  York", "postal_code": "01234", "country": "US", "is_primary": True},
        ],
    )


def _opportunities() -> list[dict[str, Any]]:
    return [
        {"id": 1, "name": "Big [/b] deal", "account_id": 1, "stage": "proposal", "amount": 100_001, "currency": "EUR",
         "expected_close_on": date(2026, 5, 31), "probability": 0.1},
        {"id": 2, "name": "50% off", "account_id": 2, "stage": "won", "amount": 1_000, "currency": "JPY",
         "closed_at": datetime(2026, 5, 31, 23, 59, 59, 999_999, UTC), "probability": 0.30000000000000004},
        {"id": 3, "name": "500 off", "account_id": 2, "stage": "lost", "amount": None, "currency": "EUR",
         "closed_at": datetime(2026, 6, 1, tzinfo=UTC)},
        {"id": 4, "name": "dinar", "contact_id": 3, "stage": "prospecting", "amount": 1_000_500, "currency": "KWD"},
    ]  # fmt: skip
