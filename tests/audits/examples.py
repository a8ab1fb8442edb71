"""A record that fails each shipped policy, and one that passes: name → ([failing], [passing]), as fields.

`PART` lists rows that belong to the record, in which "it" is its number; "gone" is a user who left, "here" one who is
there, "south" a territory, "deleted" a deleted account, "itself" the record's own number. Where nothing is given,
records have a name and were made in 2020.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

PART = "parts"
LATELY = datetime(2026, 6, 10, tzinfo=UTC)
SPRING = datetime(2026, 3, 1, tzinfo=UTC)
SOON = datetime(2026, 6, 30, tzinfo=UTC)
LATER = datetime(2026, 8, 1, tzinfo=UTC)

Fields = dict[str, Any]


def email(standard: str, **more: Any) -> tuple[str, Fields]:
    return "email_address", {"party_id": "it", "value": standard, "standard": standard, "is_primary": True, **more}


def phone(standard: str, **more: Any) -> tuple[str, Fields]:
    return "phone_number", {"party_id": "it", "value": standard, "standard": standard, "is_primary": True, **more}


def address(**parts: Any) -> tuple[str, Fields]:
    return "postal_address", {"party_id": "it", "is_primary": True, **parts}


def done(via: str, when: datetime = LATELY) -> tuple[str, Fields]:
    return "activity", {"subject": "Call", "status": "done", "occurred_at": when, via: "it"}


def moved(when: datetime) -> tuple[str, Fields]:
    return "stage_change", {"opportunity_id": "it", "to_stage": "proposal", "changed_at": when}


def one(**fields: Any) -> list[Fields]:
    return [fields]


def having(*parts: tuple[str, Fields], **fields: Any) -> list[Fields]:
    return [{**fields, PART: parts}]


EXAMPLES: dict[str, tuple[list[Fields], list[Fields]]] = {
    # completeness
    "contact-unreachable": (one(), having(address(street="1 Main St"))),
    "contact-without-email": (
        having(phone("+1")),
        having(email("second@x.example", is_primary=False)),  # any address will do, not only the first
    ),
    "contact-without-phone": (having(email("a@x.example")), having(phone("+1"))),
    "contact-without-family-name": (one(family_name=None, given_name="Ann"), one()),
    "contact-without-country": (having(address(city="Berlin")), having(address(city="Berlin", country="DE"))),
    "contact-without-owner": (one(), one(owner_id="here")),
    "account-without-address": (one(), having(address(postal_code="10115"))),
    "account-without-industry": (one(), one(industry="Toys")),
    "account-without-people": (
        one(status="customer"),
        having(("contact", {"family_name": "Doe", "account_id": "it"}), status="customer"),
    ),
    "account-without-owner": (one(), one(owner_id="here")),
    "lead-unreachable": (one(), one(mobile="+1")),
    "lead-without-owner": (one(), one(owner_id="here")),
    "lead-without-source": (one(), one(source="fair")),
    "opportunity-without-owner": (one(), one(owner_id="here")),
    "opportunity-without-customer": (
        one(),
        [{"contact_id": None, "account_id": None, "deleted_at": LATELY}],  # deleted ones are nobody's business
    ),
    "opportunity-without-amount": (one(stage="won"), one(stage="won", amount=100)),
    "opportunity-without-close-date": (one(), one(expected_close_on=date(2026, 9, 1))),
    "opportunity-lost-without-reason": (one(stage="lost"), one(stage="lost", lost_reason="price")),
    "territory-without-members": (one(), one(deleted_at=LATELY)),
    # validity
    "contact-wrong-email": (
        having(email("a@x.example"), email("b@x.example", standing="bounced", is_primary=False)),
        having(email("a@x.example")),
    ),
    "account-wrong-email": (having(email("nobody")), having(email("a@x.example"))),
    "contact-wrong-phone": (having(phone("ask Bob")), having(phone("+12125550100"))),
    "account-wrong-phone": (having(phone("+1", standing="wrong")), having(phone("+12125550100"))),
    "contact-wrong-country": (having(address(country="Absurdistan")), having(address(country="DE"))),
    "account-wrong-country": (having(address(country="Absurdistan")), having(address(country="DE"))),
    "contact-wrong-postal-code": (
        having(address(country="US", postal_code="123")),
        having(address(country="US", postal_code="12345-6789")),
    ),
    "lead-wrong-email": (one(email="a@x"), one(email="a@x.example")),
    "contact-placeholder-name": (one(family_name="TEST"), one(family_name="Testa")),
    "account-placeholder-name": (one(name="N/A"), one(name="Nabisco")),
    "contact-implausible-birth-date": (one(birth_date=date(1899, 1, 1)), one(birth_date=date(1950, 1, 1))),
    "account-founded-in-future": (one(founded_on=date(2027, 1, 1)), one(founded_on=date(1900, 1, 1))),
    "account-negative-figures": (one(employees=-1), one(employees=0)),
    "opportunity-negative-amount": (one(amount=-1), one(amount=1)),
    "opportunity-impossible-probability": (one(probability=101.0), one(probability=100.0)),
    "activity-impossible-length": (one(minutes=1441), one(minutes=60)),
    # consistency
    "opportunity-past-close-date": (
        one(expected_close_on=date(2026, 6, 14)),
        one(expected_close_on=date(2026, 6, 15)),
    ),
    "opportunity-closed-without-date": (one(stage="won"), one(stage="won", closed_at=LATELY)),
    "opportunity-open-but-closed": (one(closed_at=LATELY), one(stage="lost", closed_at=LATELY)),
    "opportunity-probability-against-stage": (
        one(stage="lost", probability=20.0),
        one(stage="won", probability=100.0),
    ),
    "opportunity-amount-without-currency": (one(amount=1), one(amount=1, currency="EUR")),
    "account-revenue-without-currency": (one(annual_revenue=1), one(annual_revenue=1, currency="EUR")),
    "account-own-parent": (one(id=0, parent_id="itself"), one()),
    "contact-reports-to-itself": (one(id=0, reports_to_id="itself"), one()),
    "contact-of-deleted-account": (one(account_id="deleted"), one()),
    "opportunity-of-deleted-account": (one(account_id="deleted"), one(account_id="deleted", stage="lost")),
    "lead-converted-to-nothing": (one(status="converted"), one()),
    "activity-done-without-time": (one(status="done"), one(status="done", occurred_at=LATELY)),
    "activity-done-in-future": (one(status="done", occurred_at=LATER), one(status="planned", occurred_at=LATER)),
    "account-owner-has-left": (one(owner_id="gone"), one(owner_id="here")),
    "contact-owner-has-left": (one(owner_id="gone"), one(owner_id="here")),
    "lead-owner-has-left": (one(owner_id="gone"), one(owner_id="gone", status="disqualified")),
    "opportunity-owner-has-left": (one(owner_id="gone"), one(owner_id="gone", stage="won")),
    # uniqueness
    "contact-shared-email": (
        [*having(email("a@x.example")), *having(email("b@x.example"), email("A@X.example", is_primary=False))],
        having(email("c@x.example")),
    ),
    "contact-shared-mobile": (
        [*having(phone("+1", kind="mobile")), *having(phone("+1", kind="mobile"))],
        having(phone("+1", kind="work")),
    ),
    "contact-same-person": (
        [
            {"given_name": "Ann", "family_name": "Lee", "birth_date": date(1990, 5, 1)},
            {"given_name": "ANN", "family_name": "lee", "birth_date": date(1990, 5, 1)},
        ],
        one(given_name="Ann", family_name="Lee", birth_date=date(1990, 5, 2)),
    ),
    "account-same-name-and-postal-code": (
        [*having(address(postal_code="10115"), name="Acme"), *having(address(postal_code="10115"), name="ACME")],
        having(address(postal_code="10117"), name="Acme"),
    ),
    "account-same-tax-id": ([{"tax_id": "DE1"}, {"tax_id": "de1"}], one(tax_id="DE2")),
    "account-same-website": ([{"website": "https://x.example"}] * 2, one(website="https://y.example")),
    "lead-shared-email": ([{"email": "s@x.example"}] * 2, one(email="s@x.example", status="converted")),
    "user-shared-email": ([{"email": "u@x.example"}] * 2, one(email="u@x.example", active=False)),
    # working rules
    "opportunity-silent": (having(done("opportunity_id", SPRING)), having(done("opportunity_id"))),
    "lead-silent": (one(), having(done("lead_id"))),
    "lead-unverified": (one(), one(created_at=LATELY)),
    "representative-silent": (having(done("owner_id", SPRING)), having(done("owner_id"))),
    "class-a-customer-neglected": (
        having(done("party_id", SPRING), status="customer", rating="A"),
        having(done("party_id"), status="customer", rating="A"),
    ),
    "class-b-customer-neglected": (
        one(status="customer", rating="B"),
        having(done("party_id", datetime(2026, 4, 1, tzinfo=UTC)), status="customer", rating="B"),
    ),
    "class-c-customer-neglected": (
        having(done("party_id", datetime(2025, 3, 1, tzinfo=UTC)), status="customer", rating="C"),
        having(done("party_id", SPRING), status="customer", rating="C"),
    ),
    "web-enquiry-unanswered": (one(source="Web site"), having(done("lead_id"), source="Web site")),
    "lead-qualified-unconverted": (
        one(status="qualified"),
        one(status="qualified", created_at=LATELY, updated_at=LATELY),
    ),
    "opportunity-without-next-step": (
        having(done("opportunity_id")),
        [
            *one(next_step="call"),
            *having(("activity", {"subject": "Call", "status": "planned", "opportunity_id": "it"})),
        ],
    ),
    "opportunity-stuck": (
        having(moved(datetime(2026, 1, 1, tzinfo=UTC))),
        [*having(moved(LATELY)), *one(created_at=LATELY)],
    ),
    "representative-without-plan": (
        having(("activity", {"subject": "Call", "status": "planned", "owner_id": "it", "due_at": LATER})),
        having(("activity", {"subject": "Call", "status": "planned", "owner_id": "it", "due_at": SOON})),
    ),
    "activity-overdue": (one(due_at=SPRING), one(due_at=LATER)),
    "activity-of-nobody": (one(), one(owner_id="here")),
    "leaver-in-territory": (
        having(("territory_member", {"territory_id": "south", "user_id": "it"}), active=False),
        having(("territory_member", {"territory_id": "south", "user_id": "it"})),
    ),
    "leaver-manages": (
        having(("app_user", {"username": "led", "manager_id": "it"}), active=False),
        having(("app_user", {"username": "led and gone", "manager_id": "it", "active": False}), active=False),
    ),
    "leaver-owns-work": (
        having(("activity", {"subject": "Call", "owner_id": "it"}), active=False),
        having(("activity", {"subject": "Call", "owner_id": "it"})),
    ),
}
