"""Every shipped report on every database, against an example worked by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from crm_cli.errors import NotFoundError
from crm_cli.history import Author, operation
from crm_cli.reports import ReportError, bar_lines, find_report, load_reports, report_sql, run_report
from crm_cli.store import Store
from tests.dumps import business_content

TODAY = date(2026, 6, 30)


@pytest.fixture
def filled(store: Store) -> Store:
    with operation(store, "add", Author("test")) as op:
        maria, tom = op.insert("app_user", [{"username": "Maria"}, {"username": "tom"}])
        acme, solo, tiny = op.insert(
            "account", [{"name": "Acme", "status": "customer"}, {"name": "Solo"}, {"name": "Tiny"}]
        )
        op.insert("postal_address", [{"party_id": acme, "country": "US", "is_primary": True}], covered=True)
        deal: dict[str, Any] = {"currency": "EUR", "owner_id": maria}
        closed = {"closed_at": datetime(2026, 5, 1, tzinfo=UTC)}
        op.insert(
            "opportunity",
            [
                {"name": "a", "stage": "proposal", "amount": 100_000, "probability": 50.0, **deal},
                {"name": "b", "stage": "proposal", "amount": 1, "probability": 50.0, **deal},
                {"name": "c", "stage": "proposal", "amount": 5_000, "currency": "JPY", "owner_id": tom},
                {"name": "d", "stage": "prospecting", "amount": None, **deal},
                {"name": "e", "stage": "won", "amount": 80_000, "account_id": acme, **deal, **closed},
                {"name": "f", "stage": "won", "amount": 15_000, "account_id": solo, **deal, **closed},
                {"name": "g", "stage": "won", "amount": 5_000, "account_id": tiny, **deal, **closed},
                {"name": "h", "stage": "lost", "amount": 70_000, **deal, **closed},
                {"name": "i", "stage": "proposal", "amount": 9, "deleted_at": op.started_at, **deal},
            ],
        )
        call = {"kind": "call", "subject": "Hello", "owner_id": maria}
        op.insert("activity", [{**call, "occurred_at": datetime(2026, 6, 29, tzinfo=UTC)}])
        op.insert("activity", [{**call, "occurred_at": datetime(2026, 1, 1, tzinfo=UTC)}])
    return store


def run(store: Store, name: str, **given: str) -> list[tuple[Any, ...]]:
    report = run_report(store, find_report(name), given, TODAY)
    return [tuple(row.values()) for row in report.rows]


def test_pipeline_sums_each_currency_by_itself(filled: Store) -> None:
    assert run(filled, "pipeline") == [
        ("prospecting", "EUR", 1, None, None, 1),
        ("proposal", "EUR", 2, Decimal("1000.01"), Decimal("500.00"), 0),
        ("proposal", "JPY", 1, Decimal(5000), Decimal(0), 0),
    ]
    assert run(filled, "pipeline", owner="TOM") == [("proposal", "JPY", 1, Decimal(5000), Decimal(0), 0)]


def test_abc_cuts_at_75_and_95_percent(filled: Store) -> None:
    assert run(filled, "abc") == [
        ("Acme", "EUR", Decimal("800.00"), 80.0, "A"),
        ("Solo", "EUR", Decimal("150.00"), 95.0, "B"),
        ("Tiny", "EUR", Decimal("50.00"), 100.0, "C"),
    ]
    assert run(filled, "abc", since="2026-05-02") == []


def test_won_and_lost_activities_and_silence(filled: Store) -> None:
    assert run(filled, "win-loss") == [("Maria", "EUR", 3, 1, 75.0, Decimal("1000.00"))]
    assert run(filled, "activity") == [("Maria", 1, 1, 0, 0, 0), ("tom", 0, 0, 0, 0, 0)]
    assert run(filled, "activity", since="2025-01-01")[0][:2] == ("Maria", 2)
    assert run(filled, "silent-owners") == [("tom", 1, 0)]


def test_composition_and_sources(filled: Store) -> None:
    assert run(filled, "composition") == [("(unknown)", 2, 0, 2, 0), ("US", 1, 0, 1, 1)]
    assert run(filled, "sources") == []


def test_no_report_can_write(filled: Store, tmp_path: Path) -> None:
    before = business_content(filled)
    writing = "WITH x AS (DELETE FROM contact RETURNING id) SELECT * FROM x"
    for text in ("DELETE FROM contact", "SELECT 1; DELETE FROM contact", "CREATE TABLE x (y INT)", writing):
        (tmp_path / "bad.sql").write_text(text, encoding="utf-8")
        with pytest.raises(ReportError):
            run_report(filled, find_report("bad", tmp_path), {}, TODAY)
    assert business_content(filled) == before
    with operation(filled, "add", Author("test")) as op:  # the connection can write again
        op.insert("team", [{"name": "East"}])


def test_every_shipped_report_is_translated_for_every_database() -> None:
    for definition in load_reports().values():
        for backend in ("sqlite", "postgresql", "mariadb"):
            assert "SELECT" in report_sql(definition, backend)


def test_a_report_of_ones_own_appears_at_once(filled: Store, tmp_path: Path) -> None:
    header = "-- title: Mine\n-- parameter: least integer = 0 | At least\n"
    text = header + "SELECT name FROM account WHERE id >= :least ORDER BY id"
    (tmp_path / "mine.sql").write_text(text, encoding="utf-8")
    report = run_report(filled, find_report("mine", tmp_path), {"least": "2"}, TODAY)
    assert (report.title, [row["name"] for row in report.rows]) == ("Mine", ["Solo", "Tiny"])


def test_wrong_calls_say_how_to_mend_them(filled: Store) -> None:
    with pytest.raises(NotFoundError) as fault:
        find_report("pipelin")
    assert "pipeline" in fault.value.hint
    with pytest.raises(ReportError, match="takes no 'onwer'"):
        run(filled, "pipeline", onwer="x")
    with pytest.raises(ReportError, match="is not a date"):
        run(filled, "abc", since="yesterday")


def test_bars_are_as_long_as_their_share(filled: Store) -> None:
    bars = bar_lines(run_report(filled, find_report("abc"), {}, TODAY))
    assert [(label, len(bar)) for label, bar in bars] == [("Acme EUR", 40), ("Solo EUR", 8), ("Tiny EUR", 2)]
