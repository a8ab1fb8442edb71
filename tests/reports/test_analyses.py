"""Funnel, velocity, forecast, segments, ages, territories and duplicates, against an example worked by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from crm_cli.history import Author, operation
from crm_cli.query import record_ids
from crm_cli.query.selection import Selection
from crm_cli.reports import Measure, Pivot, ReportError, find_report, load_reports, pivot_records, run_report
from crm_cli.store import Store

TODAY = date(2026, 6, 30)


def day(month: int, number: int, year: int = 2026) -> datetime:
    return datetime(year, month, number, 12, tzinfo=UTC)


def run(store: Store, name: str, where: str | None = None, **given: str) -> list[tuple[Any, ...]]:
    report = run_report(store, find_report(name), given, TODAY, where)
    return [tuple(row.values()) for row in report.rows]


@pytest.fixture
def filled(store: Store) -> Store:
    with operation(store, "add", Author("test")) as op:
        op.insert("app_user", [{"id": 1, "username": "maria"}, {"id": 2, "username": "tom"}])
        op.insert("territory", [{"id": 1, "name": "North"}, {"id": 2, "name": "South"}])
        op.insert(
            "account",
            [
                {"id": 1, "name": "Acme", "industry": "Retail", "status": "customer", "territory_id": 1},
                {"id": 2, "name": "Solo", "industry": "Retail", "territory_id": 1},
                {"id": 3, "name": "Tiny"},
            ],
        )
        op.insert("postal_address", [{"party_id": 1, "country": "DE", "is_primary": True}], covered=True)
        op.insert(
            "contact",
            [
                {"id": 11, "family_name": "A", "birth_date": date(1996, 6, 30), "status": "customer"},  # 30 today
                {"id": 12, "family_name": "B", "birth_date": date(1996, 7, 1)},  # 30 tomorrow
                {"id": 13, "family_name": "C", "birth_date": date(2010, 1, 1)},
                {"id": 14, "family_name": "D"},
            ],
        )
        deals: list[dict[str, Any]] = [
            {"id": 1, "stage": "won", "amount": 90_000, "account_id": 1, "territory_id": 1,
             "created_at": day(1, 1), "closed_at": day(1, 31)},  # 30 days
            {"id": 2, "stage": "won", "amount": 30_000, "account_id": 1, "created_at": day(3, 1),
             "closed_at": day(6, 9), "territory_id": 2},  # 100 days
            {"id": 3, "stage": "lost", "amount": 70_000, "created_at": day(3, 1), "closed_at": day(4, 1),
             "territory_id": 1},
            {"id": 4, "stage": "proposal", "amount": 40_000, "probability": 50.0, "created_at": day(5, 1),
             "expected_close_on": date(2026, 7, 15), "territory_id": 1},
            {"id": 5, "stage": "prospecting", "amount": 10_000, "probability": 10.0, "created_at": day(6, 1),
             "owner_id": 2},
        ]  # fmt: skip
        op.insert("opportunity", [{"name": f"d{one['id']}", "currency": "EUR", "owner_id": 1, **one} for one in deals])
        steps = [(3, "prospecting", "negotiation"), (4, "qualification", "proposal")]
        op.insert(
            "stage_change",
            [{"opportunity_id": deal, "from_stage": before, "to_stage": after, "changed_at": day(6, 1)}
             for deal, before, after in steps],
        )  # fmt: skip
    return store


def test_reports_of_the_example(filled: Store) -> None:
    # Deal 3 was lost in negotiation, so four came to proposal, three to negotiation, two were won.
    assert run(filled, "funnel") == [
        ("prospecting", 5, None, 100.0),
        ("qualification", 4, 80.0, 80.0),
        ("proposal", 4, 100.0, 80.0),
        ("negotiation", 3, 75.0, 60.0),
        ("won", 2, 66.7, 40.0),
    ]
    # 2 won of 3; 600.00 in the mean; (30 + 100) / 2 = 65 days; 1200.00 * 2 / 130 = 18.46 a day = 3 * 2/3 * 600 / 65
    assert run(filled, "velocity") == [
        ("maria", "EUR", 3, 2, 66.7, Decimal("600.00"), 65.0, Decimal("18.46")),
    ]
    assert run(filled, "forecast", quota="100000") == [
        ("(open)", "EUR", 1, Decimal(0), Decimal("100.00"), Decimal("10.00"), Decimal("10.00"), None),
        ("2026-06", "EUR", 1, Decimal("300.00"), Decimal(0), Decimal(0), Decimal("300.00"), Decimal("700.00")),
        ("2026-07", "EUR", 1, Decimal(0), Decimal("400.00"), Decimal("200.00"), Decimal("200.00"), Decimal("800.00")),
    ]
    assert run(filled, "segments") == [
        ("(unknown)", "(unknown)", None, 1, 0, None),
        ("Retail", "(unknown)", None, 1, 0, None),
        ("Retail", "DE", "EUR", 1, 1, Decimal("1200.00")),
    ]
    assert run(filled, "ages") == [("under 18", 1, 0), ("18-29", 1, 0), ("30-39", 1, 1), ("(unknown)", 1, 0)]
    assert run(filled, "territories") == [
        ("North", "EUR", 2, 1, Decimal("400.00"), Decimal("200.00"), 1, 50.0, Decimal("900.00")),
        ("South", "EUR", 0, 0, Decimal(0), Decimal(0), 1, 100.0, Decimal("300.00")),
    ]
    assert run(filled, "duplicates") == [
        ("account", 3, 0, 0, 0, 0),
        ("contact", 4, 0, 0, 0, 0),
        ("lead", 0, 0, 0, 0, 0),
    ]
    check_narrowing(filled)
    check_pivots(filled)


def check_narrowing(store: Store) -> None:
    """A report narrowed by a condition is the report of a database that has no other records."""
    assert run(store, "pipeline", where="territory.name = 'North'") == [
        ("proposal", "EUR", 1, Decimal("400.00"), Decimal("200.00"), 0)
    ]
    assert run(store, "velocity", where="closed_at < date '2026-02-01'") == [
        ("maria", "EUR", 1, 1, 100.0, Decimal("900.00"), 30.0, Decimal("30.00"))
    ]
    assert [row[1] for row in run(store, "funnel", where="owner.username in ('tom', 'nobody')")] == [1, 0, 0, 0, 0]
    assert run(store, "segments", where="name like 'A%' or name = '50% :x'") == [
        ("Retail", "DE", "EUR", 1, 1, Decimal("1200.00"))
    ]
    assert run(store, "ages", where="birth_date between date '1996-01-01' and date '1996-12-31'") == [
        ("18-29", 1, 0), ("30-39", 1, 1),
    ]  # fmt: skip
    with pytest.raises(ReportError, match="cannot be narrowed"):
        run(store, "duplicates", where="id = 1")
    subjects = {one.name: one.subject for one in load_reports().values() if one.subject}
    with store.read() as connection:
        for name, subject in subjects.items():  # each one can be, and all records are the whole report
            every = record_ids(store, connection, Selection(entity=subject))
            assert run(store, name, where=f"id in ({', '.join(map(str, every))})") == run(store, name), name


def check_pivots(store: Store) -> None:
    across = pivot_records(store, Pivot("opportunity", ("owner.username",), "stage"))
    assert across.columns == ["owner.username", "prospecting", "proposal", "won", "lost", "total"]
    assert [tuple(row.values()) for row in across.rows] == [
        ("maria", None, 1, 2, 1, 4),
        ("tom", 1, None, None, None, 1),
    ]
    summed = pivot_records(store, Pivot("opportunity", ("closed_at:quarter",), None, Measure.read("sum:amount")))
    assert [tuple(row.values()) for row in summed.rows] == [
        ("(none)", "EUR", 500), ("2026-Q1", "EUR", 900), ("2026-Q2", "EUR", 1000),
    ]  # fmt: skip
    least = pivot_records(
        store, Pivot("contact", ("status",), None, Measure.read("min:birth_date"), "birth_date < today()")
    )
    assert [row["total"] for row in least.rows] == [date(1996, 7, 1), date(1996, 6, 30)]  # prospects, then customers
    for wrong in ("sum", "median:amount", "count:amount"):
        with pytest.raises(ReportError, match="not a figure"):
            Measure.read(wrong)
    with pytest.raises(ReportError, match="holds no numbers"):
        pivot_records(store, Pivot("contact", ("status",), None, Measure.read("sum:family_name")))
    with pytest.raises(ReportError, match="not a period"):
        pivot_records(store, Pivot("contact", ("status:month",)))
