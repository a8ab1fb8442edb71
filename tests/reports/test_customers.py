"""Reports on customers, ageing deals and sources, against examples worked by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from crm_cli.history import Author, operation
from crm_cli.reports import find_report, run_report
from crm_cli.store import Store

TODAY = date(2026, 6, 30)


def day(month: int, number: int, year: int = 2026) -> datetime:
    return datetime(year, month, number, tzinfo=UTC)


def run(store: Store, name: str, **given: str) -> list[tuple[Any, ...]]:
    report = run_report(store, find_report(name), given, TODAY)
    return [tuple(row.values()) for row in report.rows]


@pytest.fixture
def filled(store: Store) -> Store:
    with operation(store, "add", Author("test")) as op:
        op.insert("app_user", [{"id": 1, "username": "Maria"}])
        op.insert("account", [{"id": 1, "name": "Acme", "owner_id": 1}, {"id": 2, "name": "Solo"}])
        op.insert("contact", [{"id": 3, "family_name": "Doe"}, {"id": 4, "family_name": "Roe", "account_id": 2}])
        op.insert(
            "opportunity",
            [
                {"id": 1, "name": "a", "stage": "won", "account_id": 1, "closed_at": day(2, 1, 2025), "amount": 100,
                 "currency": "EUR"},
                {"id": 2, "name": "b", "stage": "won", "account_id": 1, "closed_at": day(3, 1, 2025), "amount": 250,
                 "currency": "EUR"},
                {"id": 3, "name": "c", "stage": "won", "account_id": 1, "closed_at": day(3, 1, 2025), "amount": 7,
                 "currency": "JPY"},
                {"id": 4, "name": "d", "stage": "won", "contact_id": 4, "closed_at": day(3, 31), "amount": 5},
                {"id": 5, "name": "e", "stage": "won", "account_id": 2, "closed_at": day(4, 1), "amount": 5},
                {"id": 6, "name": "f", "stage": "won", "contact_id": 3, "closed_at": day(4, 30)},
                {"id": 7, "name": "g", "stage": "proposal", "account_id": 1},
                {"id": 8, "name": "h", "stage": "proposal"},
                {"id": 9, "name": "i", "stage": "negotiation"},
            ],
        )  # fmt: skip
        steps = [(7, "proposal", day(5, 31)), (8, "proposal", day(5, 30)), (9, "proposal", day(6, 1)),
                 (9, "negotiation", day(3, 31))]  # fmt: skip
        op.insert(
            "stage_change",
            [{"opportunity_id": deal, "to_stage": stage, "changed_at": moment} for deal, stage, moment in steps],
        )
    return store


def test_a_customer_is_new_in_the_month_of_the_first_deal_won(filled: Store) -> None:
    assert run(filled, "new-customers") == [("2026-03", 1, 1, 0), ("2026-04", 1, 0, 1)]
    assert run(filled, "new-customers", since="2025-01-01")[0] == ("2025-02", 1, 1, 0)


def test_deals_age_in_their_present_stage(filled: Store) -> None:
    assert run(filled, "stage-age") == [
        ("proposal", 2, 1, 1, 0, "2026-05-30"),
        ("negotiation", 1, 0, 0, 1, "2026-03-31"),
    ]


def test_who_bought_but_not_of_late_is_lost(filled: Store) -> None:
    assert run(filled, "lost-customers") == [
        (1, "Acme", "2025-03-01", "EUR", 2, Decimal("3.50"), 1, "Maria"),
        (1, "Acme", "2025-03-01", "JPY", 1, Decimal(7), 1, "Maria"),
    ]
    assert run(filled, "lost-customers", since="2025-03-01") == []


def test_each_source_answers_for_its_records(filled: Store) -> None:
    with filled.write() as connection:
        connection.execute(filled.table("source_system").insert(), [_record(1, name="SAP"), _record(2, name="Webshop")])
        refs = [(1, 1, "account", 1), (2, 1, "contact", 3), (3, 1, "contact", 3), (4, 2, "contact", 4)]
        connection.execute(
            filled.table("external_ref").insert(),
            [
                {
                    "id": number,
                    "source_system_id": source,
                    "external_id": str(number),
                    "entity": entity,
                    "record_id": record,
                }
                for number, source, entity, record in refs
            ],
        )
        runs = [
            {"id": number, "entity": "contact", "started_at": day(1, 1), "finished_at": day(1, 1)} for number in (1, 2)
        ]
        connection.execute(filled.table("match_run").insert(), runs)
        pair = {"entity": "contact", "left_id": 3, "right_id": 4, "probability": 0.9}
        pairs = [
            {"id": 1, "run_id": 1, "verdict": "duplicate", **pair},
            {"id": 2, "run_id": 2, "verdict": "unsure", **pair},
        ]
        connection.execute(filled.table("match_pair").insert(), pairs)
        finding = {
            "policy": "p",
            "entity": "contact",
            "record_id": 3,
            "severity": "error",
            "message": "m",
            "status": "open",
        }
        connection.execute(filled.table("finding").insert().values(id=1, **finding))
    assert run(filled, "source-quality") == [("SAP", 2, 0, 0.0, 1, 0), ("Webshop", 1, 0, 0.0, 0, 0)]
    with filled.write() as connection:
        connection.execute(filled.table("match_pair").update().values(verdict="duplicate"))
    assert run(filled, "source-quality") == [("SAP", 2, 1, 50.0, 1, 0), ("Webshop", 1, 1, 100.0, 0, 0)]


def _record(number: int, **values: Any) -> dict[str, Any]:
    name = values["name"]
    return {
        "id": number, "public_id": f"{number:026}", "row_version": 1, "created_at": day(1, 1), "updated_at": day(1, 1),
        "name_key": name.lower(), **values,
    }  # fmt: skip
