"""What was found of a telephone, an address or a job: marked, confirmed, seen by the audit, and taken back by undo."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from crm_cli import audits, records
from crm_cli.dictionary import Freshness
from crm_cli.errors import NotFoundError, UsageError
from crm_cli.history import operation, undo
from tests.dumps import business_content
from tests.records.conftest import TESTER, Desk

F = Freshness
WORK, MOBILE = "+4930901820", "+491712345678"


@pytest.fixture
def ann(desk: Desk) -> int:
    return desk.add(
        "contact", given_name="Ann", family_name="Doe", company="ACME", email="ann@acme.example", phone="030 901820",
        mobile="0171 2345678", country="DE",
    )  # fmt: skip


def verify(desk: Desk, number: int | str, dry_run: bool = False, when: datetime | None = None, **said: Any) -> Any:
    wanted = {F(group): records.parse_said(f"--{group}", words) for group, words in said.items()}
    with operation(desk.store, "verify", TESTER, dry_run=dry_run) as op:
        desk.operation = op.id
        return records.verify(op, "contact", str(number), wanted, method="call", when=when)


def phones(desk: Desk, number: int) -> dict[str, tuple[str, bool]]:
    table = desk.store.table("phone_number")
    with desk.store.read() as connection:
        rows = connection.execute(sa.select(table).where(table.c.party_id == number).order_by(table.c.id))
        return {row.standard: (row.standing, row.is_primary) for row in rows}


def confirmed(desk: Desk) -> list[tuple[str, str, str]]:
    table = desk.store.table("confirmation")
    with desk.store.read() as connection:
        rows = connection.execute(sa.select(table).where(table.c.operation_id == desk.operation).order_by(table.c.id))
        return [(row.freshness_group, row.result, row.method) for row in rows]


def test_the_dead_telephone_is_marked_and_the_living_one_is_tried_first(desk: Desk, ann: int) -> None:
    before = business_content(desk.store)
    done = verify(desk, ann, phone=[f"{WORK}=dead"])
    assert phones(desk, ann) == {WORK: ("wrong", False), MOBILE: ("unverified", True)}
    assert confirmed(desk) == [], "another telephone may live"
    assert [(one.value, one.before, one.standing, one.primary) for one in done.points] == [
        (WORK, "unverified", "wrong", False),
        (MOBILE, "unverified", "unverified", True),
    ]
    undo(desk.store, desk.operation, TESTER)
    assert business_content(desk.store) == before


def test_when_none_is_left_the_group_is_dead_and_ok_brings_one_back(desk: Desk, ann: int) -> None:
    verify(desk, ann, phone=["1=dead", "2=dead"])
    assert confirmed(desk) == [("phone", "dead", "call")]
    assert phones(desk, ann) == {WORK: ("wrong", True), MOBILE: ("wrong", False)}
    verify(desk, ann, phone=["+49 171 2345678=ok"])
    assert confirmed(desk) == [("phone", "valid", "call")]
    assert phones(desk, ann) == {WORK: ("wrong", False), MOBILE: ("valid", True)}


def test_the_only_address_needs_no_name_and_unknown_takes_the_mark_away(desk: Desk, ann: int) -> None:
    verify(desk, ann, email=["dead"], employment=["ok"], identity=["unknown"])
    assert confirmed(desk) == [
        ("email", "dead", "call"),
        ("employment", "valid", "call"),
        ("identity", "unknown", "call"),
    ]
    verify(desk, "ann@acme.example", email=["unknown"])
    assert confirmed(desk) == [("email", "unknown", "call")]
    (row,) = records.view(desk.store, "contact", str(ann)).parts["emails"]
    assert (row["standing"], row["primary"]) == ("unverified", True)


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"phone": ["ok"]}, f"1 {WORK}; 2 {MOBILE}"),
        ({"phone": ["3=ok"]}, f"1 {WORK}; 2 {MOBILE}"),
        ({"phone": ["nobody=ok"]}, "no such one"),
        ({"firmographics": ["ok"]}, "contacts have no firmographics"),
        ({"employment": ["ok", "dead"]}, "said to be ok and dead"),
        ({"phone": ["2=ok", "2=dead"]}, "--phone 2 is said to be ok and dead"),
        ({"employment": ["2=ok"]}, "one thing"),
        ({"phone": ["perhaps"]}, "not a finding"),
    ],
)
def test_what_is_not_clear_is_refused_and_writes_nothing(
    desk: Desk, ann: int, said: dict[str, list[str]], problem: str
) -> None:
    before = business_content(desk.store)
    with pytest.raises(UsageError) as caught:
        verify(desk, ann, email=["dead"], **said)
    assert problem in f"{caught.value.message} {caught.value.hint}"
    assert business_content(desk.store) == before


def test_what_a_record_has_not_cannot_be_verified(desk: Desk) -> None:
    number = desk.add("contact", family_name="Lee", country="DE")
    with pytest.raises(UsageError, match="has no email"):
        verify(desk, number, email=["ok"])
    with pytest.raises(UsageError, match="has no employment"):
        verify(desk, number, employment=["ok"])
    with pytest.raises(NotFoundError):
        verify(desk, 999, email=["ok"])
    lead = desk.add("lead", family_name="Lee", phone="030 901820", country="DE")
    with operation(desk.store, "verify", TESTER) as op:
        done = records.verify(op, "lead", str(lead), {F.PHONE: records.parse_said("--phone", ["dead"])})
    assert done.results == {"phone": "dead"}


def test_a_dry_run_writes_nothing(desk: Desk, ann: int) -> None:
    before = business_content(desk.store)
    assert verify(desk, ann, dry_run=True, email=["dead"]).results == {"email": "dead"}
    assert business_content(desk.store) == before
    assert confirmed(desk) == []


def test_a_wish_not_to_be_written_to_outlives_the_finding(desk: Desk, ann: int) -> None:
    with operation(desk.store, "set", TESTER) as op:
        op.update("email_address", {1: {"standing": "opted_out"}})
    done = verify(desk, ann, email=["ok"])
    assert done.remarks == ["ann@acme.example stays opted out"]
    assert done.points[0].standing == "opted_out"


def found_dead(desk: Desk, today: date) -> dict[int, bool]:
    (policy,) = [one for one in audits.load_policies() if one.name == "contact-stale-email"]
    return {one.record_id: one.found_dead for one in audits.reverify(desk.store, policy, today=today)}


def test_the_freshness_audit_sees_it_and_the_last_word_of_a_day_counts(desk: Desk, ann: int) -> None:
    day = datetime(2026, 5, 1, tzinfo=UTC)
    table = desk.store.table("confirmation")
    with desk.store.write() as connection:  # Ann was entered long ago
        connection.execute(sa.update(table).values(confirmed_at=datetime(2020, 1, 1, tzinfo=UTC)))
        contact = desk.store.table("contact")
        connection.execute(sa.update(contact).values(created_at=datetime(2020, 1, 1, tzinfo=UTC)))
    for word, dead in (("dead", True), ("ok", False), ("dead", True), ("unknown", False)):
        verify(desk, ann, email=[word], when=day)
        assert found_dead(desk, date(2026, 6, 1)) == {ann: dead}
        known = {
            row["group"]: row["result"] for row in records.view(desk.store, "contact", str(ann)).parts["confirmed"]
        }
        assert known["email"] == {"ok": "valid"}.get(word, word)
    undo(desk.store, desk.operation, TESTER)
    assert found_dead(desk, date(2026, 6, 1)) == {ann: True}
