"""Bounces: what mail met becomes standings and confirmations, alike on every database, and is undone as one."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from crm_cli.audits import load_policies, reverify
from crm_cli.errors import CrmError, ExitCode, UsageError
from crm_cli.history import Author, confirm, operation, undo
from crm_cli.jobs.bounces import BounceOptions, BounceResult, import_bounces
from crm_cli.store import Store
from tests.dumps import business_content
from tests.importers.test_dsn import delivery_report, recipient

TESTER = Author("tester")
LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)


def add(store: Store, *addresses: str, **more: Any) -> int:
    """Add a contact of 2024 with these addresses, the first one primary."""
    with operation(store, "add", TESTER) as op:
        [number] = op.insert("contact", [{"family_name": "Doe", "created_at": LONG_AGO}])
        points = [
            {"party_id": number, "value": one, "standard": one, "is_primary": one == addresses[0], **more}
            for one in addresses
        ]
        op.insert("email_address", points, covered=True)
    return number


def take(store: Store, tmp_path: Path, text: str, name: str = "bounces.csv", **more: Any) -> BounceResult:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    run = {name: more.pop(name) for name in ("rejects", "dry_run") if name in more}
    return import_bounces(store, path, TESTER, BounceOptions(**more), **run)


def standings(store: Store) -> dict[str, tuple[str, bool]]:
    table = store.table("email_address")
    with store.read() as connection:
        return {row.standard: (row.standing, row.is_primary) for row in connection.execute(sa.select(table))}


def words(store: Store, result: str) -> list[tuple[str, int, str, str]]:
    """The confirmations of this result: entity, record, method, day."""
    table = store.table("confirmation")
    query = sa.select(table).where(table.c.result == result).order_by(table.c.id)
    with store.read() as connection:
        rows = connection.execute(query).all()
    return [(one.entity, one.record_id, one.method, f"{one.confirmed_at:%m-%d}") for one in rows]


def counts(result: BounceResult) -> dict[str, int]:
    return {name: number for name, number in result.counts.items() if name not in ("rows", "hard", "soft", "delivered")}


@pytest.mark.all_databases
def test_a_hard_bounce_marks_the_address_and_its_group_is_dead_when_none_is_left(store: Store, tmp_path: Path) -> None:
    ann, bob = add(store, "Ann@acme.example"), add(store, "bob@acme.example", "bob@home.example")
    with operation(store, "add", TESTER) as op:
        [lead] = op.insert("lead", [{"family_name": "Poe", "email": "poe@acme.example", "created_at": LONG_AGO}])
    before = business_content(store)
    text = (
        "E-Mail;Type;Code;Date\n"
        "ann@ACME.example;hard;5.1.1;2026-05-05\n"
        "bob@acme.example;Hard bounce;;2026-05-06 10:00\n"
        "poe@acme.example;;550 5.1.1 unknown;2026-05-07\n"
        "nobody@acme.example;hard;;2026-05-07\n"
    )
    rehearsal = take(store, tmp_path, text, dry_run=True)
    assert business_content(store) == before
    result = take(store, tmp_path, text)
    assert result.counts == rehearsal.counts
    assert counts(result) == {"marked": 3, "unknown": 1}
    assert (result.unknown, result.exit_code) == (["nobody@acme.example"], ExitCode.DONE)
    assert standings(store) == {
        "Ann@acme.example": ("bounced", True),
        "bob@acme.example": ("bounced", False),
        "bob@home.example": ("unverified", True),  # tried first now
    }
    assert words(store, "dead") == [("contact", ann, "bounce", "05-05"), ("lead", lead, "bounce", "05-07")]
    policy = next(one for one in load_policies() if one.name == "contact-stale-email")
    found = reverify(store, policy, today=date(2026, 6, 15))
    assert [(one.record_id, one.found_dead) for one in found] == [(ann, True), (bob, False)]

    assert counts(take(store, tmp_path, text)) == {"known": 3, "unknown": 1}  # the same file again
    undo(store, result.operation_id, TESTER)
    assert business_content(store) == before
    assert words(store, "dead") == []


@pytest.mark.all_databases
def test_soft_bounces_count_until_the_third_day_also_over_several_files(store: Store, tmp_path: Path) -> None:
    ann = add(store, "ann@acme.example")
    row = "ann@acme.example,soft,2026-05-0{}T{}:00:00Z\n"
    heading = "email,type,date\n"
    twice = heading + row.format(1, "08") + row.format(1, "20") + row.format(2, "08")
    assert counts(take(store, tmp_path, twice)) == {"counted": 1}
    assert counts(take(store, tmp_path, twice)) == {"known": 1}
    assert standings(store)["ann@acme.example"][0] == "unverified"
    assert counts(take(store, tmp_path, heading + row.format(9, "08"))) == {"marked": 1}
    assert standings(store)["ann@acme.example"][0] == "bounced"
    assert words(store, "dead") == [("contact", ann, "bounce", "05-09")]


def test_a_mail_that_arrived_ends_a_row_of_soft_bounces(store: Store, tmp_path: Path) -> None:
    add(store, "ann@acme.example")
    days = [("soft", 1), ("soft", 2), ("delivered", 3), ("soft", 4), ("soft", 5)]
    text = "email,event,timestamp\n" + "".join(f"ann@acme.example,{word},2026-05-0{day}\n" for word, day in days)
    assert counts(take(store, tmp_path, text)) == {"confirmed": 1}
    assert standings(store)["ann@acme.example"][0] == "valid"


def test_a_later_word_wins_but_not_that_of_an_import(store: Store, tmp_path: Path) -> None:
    called, imported = add(store, "called@acme.example"), add(store, "imported@acme.example")
    for number, method in ((called, "call"), (imported, "import")):
        with operation(store, "confirm", TESTER) as op:
            confirm(op, "contact", [number], ["email"], method=method, when=datetime(2026, 5, 20, tzinfo=UTC))
    text = "email,type,date\ncalled@acme.example,hard,2026-05-10\nimported@acme.example,hard,2026-05-10\n"
    assert counts(take(store, tmp_path, text)) == {"answered": 1, "marked": 1}
    assert {name: word for name, (word, _) in standings(store).items()} == {
        "called@acme.example": "unverified",
        "imported@acme.example": "bounced",
    }


def test_a_bounce_on_the_day_of_the_mailing_says_that_the_mail_did_not_arrive(store: Store, tmp_path: Path) -> None:
    ann, bob = add(store, "ann@acme.example"), add(store, "bob@acme.example")
    sent = "recipient,sent at\nann@acme.example,2026-05-05 09:00\nbob@acme.example,2026-05-05 09:00\n"
    assert counts(take(store, tmp_path, sent, delivered=True)) == {"confirmed": 2}
    assert words(store, "valid") == [("contact", ann, "mail", "05-05"), ("contact", bob, "mail", "05-05")]
    take(store, tmp_path, "email,type,date\nann@acme.example,hard,2026-05-05\n")
    assert standings(store) == {"ann@acme.example": ("bounced", True), "bob@acme.example": ("valid", True)}
    policy = next(one for one in load_policies() if one.name == "contact-stale-email")
    found = reverify(store, policy, today=date(2026, 6, 15))
    assert [(one.record_id, one.found_dead) for one in found] == [(ann, True), (bob, False)]
    assert counts(take(store, tmp_path, sent, delivered=True)) == {"known": 2}
    later = "email,type,date\nann@acme.example,delivered,2026-05-30\n"
    take(store, tmp_path, later)
    assert standings(store)["ann@acme.example"][0] == "valid"


def test_who_opted_out_stays_so(store: Store, tmp_path: Path) -> None:
    add(store, "ann@acme.example", standing="opted_out")
    add(store, "bob@acme.example", standing="opted_out")
    text = "email,type,date\nann@acme.example,hard,2026-05-05\nbob@acme.example,delivered,2026-05-05\n"
    assert counts(take(store, tmp_path, text)) == {"opted_out": 2}
    assert {word for word, _ in standings(store).values()} == {"opted_out"}


def test_reports_of_servers_mark_too(store: Store, tmp_path: Path) -> None:
    ann = add(store, "ann@acme.example")
    mails = [
        delivery_report("Original-Recipient: rfc822; ann@acme.example\n" + recipient("forwarded@else.example")),
        "From: bob@acme.example\nSubject: Away\n\nI am away\n",
    ]
    text = "".join(f"From x Tue May  5 10:00:00 2026\n{mail}\n" for mail in mails)
    result = take(store, tmp_path, text, "bounces.mbox", rejects=tmp_path / "refused.csv")
    assert counts(result) == {"marked": 1, "rejected": 1}
    assert result.exit_code is ExitCode.PARTIAL
    assert words(store, "dead") == [("contact", ann, "bounce", "05-05")]
    assert "no delivery report" in (tmp_path / "refused.csv").read_text("utf-8")


def test_rows_that_are_not_understood_are_refused_each_with_a_reason(store: Store, tmp_path: Path) -> None:
    add(store, "ann@acme.example")
    text = (
        "email,type,date,campaign\n"
        "ann@acme.example,hard,yesterday,May\n"
        "ann at acme,hard,2026-05-05,May\n"
        "ann@acme.example,spam,2026-05-05,May\n"
        "ann@acme.example,,2026-05-05,May\n"
        "ann@acme.example,hard,2099-05-05,May\n"
    )
    result = take(store, tmp_path, text, rejects=tmp_path / "refused.csv")
    assert counts(result) == {"rejected": 5}
    assert standings(store)["ann@acme.example"][0] == "unverified"
    refused = (tmp_path / "refused.csv").read_text("utf-8").splitlines()
    assert len(refused) == 6
    assert all(line.count("May") for line in refused[1:])
    reasons = " / ".join(fault.reason for _, fault in result.faults)
    assert "not a certain date" in reasons
    assert "no e-mail address" in reasons
    assert "is to come" in reasons


def test_a_plain_list_without_heading_is_of_mails_that_arrived_where_that_is_said(store: Store, tmp_path: Path) -> None:
    add(store, "ann@acme.example")
    text = "ann@acme.example\nbob@acme.example\n"
    assert counts(take(store, tmp_path, text, "sent.csv", delivered=True)) == {"confirmed": 1, "unknown": 1}
    assert counts(take(store, tmp_path, text, "sent.csv"))["rejected"] == 2


def test_a_table_without_addresses_or_with_unclear_dates_is_refused_whole(store: Store, tmp_path: Path) -> None:
    with pytest.raises(CrmError, match="no column holds e-mail addresses"):
        take(store, tmp_path, "name,city\nAnn,Bonn\nBob,Kiel\n")
    text = "email,type,date\nann@acme.example,hard,03/04/2026\n"
    with pytest.raises(UsageError, match="day or the month first"):
        take(store, tmp_path, text)
    assert counts(take(store, tmp_path, text, date_order="dmy")) == {"unknown": 1}
