"""Delivery reports: what servers say of recipients, in single mails, mbox files and folders; and mails that hurt."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from crm_cli.errors import CrmError
from crm_cli.importers.dsn import holds_mails, read_mails
from crm_cli.importers.mail_reports import MailReport, Outcome, outcome_of_code, status_in


def delivery_report(*recipients: str, sent: str = "Tue, 05 May 2026 10:00:00 +0200") -> str:
    """Return a report as servers send it; each recipient is its block of fields."""
    blocks = "\n\n".join(recipients)
    return f"""Return-Path: <>
From: MAILER-DAEMON@mx.example
To: news@acme.example
Date: {sent}
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="=_b"

--=_b
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.

--=_b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
Arrival-Date: {sent}

{blocks}

--=_b
Content-Type: message/rfc822

From: news@acme.example
To: somebody-else@acme.example
Subject: News

Hello

--=_b--
"""


def recipient(address: str, action: str = "failed", status: str = "5.1.1", *more: str) -> str:
    return "\n".join([f"Final-Recipient: rfc822; {address}", f"Action: {action}", f"Status: {status}", *more])


def read(tmp_path: Path, text: str | bytes, name: str = "report.eml") -> list[MailReport]:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return list(read_mails(path))


def test_each_recipient_of_a_report_is_read_with_its_date_and_code(tmp_path: Path) -> None:
    full = "Diagnostic-Code: smtp; 552 5.2.2 mailbox is full"
    last = "Last-Attempt-Date: Wed, 06 May 2026 08:00:00 +0000"
    ann, bob, eve, zoe = read(
        tmp_path,
        delivery_report(
            recipient("ann@acme.example"),
            recipient("bob@acme.example", "failed", "5.0.0", full, last),
            recipient("eve@acme.example", "delayed", "4.4.1"),
            recipient("zoe@acme.example", "delivered", "2.1.5"),
        ),
    )
    assert (ann.addresses, ann.outcome, ann.code) == (("ann@acme.example",), Outcome.HARD, "5.1.1")
    assert ann.when == datetime(2026, 5, 5, 8, tzinfo=UTC)
    assert (bob.outcome, bob.code, bob.when) == (Outcome.SOFT, "5.2.2", datetime(2026, 5, 6, 8, tzinfo=UTC))
    assert (eve.outcome, zoe.outcome) == (Outcome.PENDING, Outcome.DELIVERED)


def test_the_address_that_was_written_to_comes_before_the_one_that_it_went_on_to(tmp_path: Path) -> None:
    block = "Original-Recipient: rfc822;old@acme.example\n" + recipient("<new@acme.example>")
    assert read(tmp_path, delivery_report(block))[0].addresses == ("old@acme.example", "new@acme.example")


def test_an_mbox_and_a_folder_hold_many_mails(tmp_path: Path) -> None:
    mails = [delivery_report(recipient(f"p{number}@acme.example")) for number in range(3)]
    text = "".join(f"From MAILER-DAEMON Tue May  5 10:00:00 2026\n{mail}\n" for mail in mails)
    found = read(tmp_path, text, "bounces")
    assert [one.addresses[0] for one in found] == [f"p{number}@acme.example" for number in range(3)]
    assert found[1].place == "bounces, mail 2"
    folder = tmp_path / "maildir" / "cur"
    folder.mkdir(parents=True)
    for number, mail in enumerate(mails):
        (folder / f"{number}.eml").write_text(mail)
    (folder / ".hidden").write_text("no mail")
    assert [one.place for one in read_mails(tmp_path / "maildir")] == [f"cur/{number}.eml" for number in range(3)]
    (tmp_path / "empty").mkdir()
    with pytest.raises(CrmError, match="no mail"):
        list(read_mails(tmp_path / "empty"))


@pytest.mark.parametrize(
    ("mail", "why"),
    [
        ("From: ann@acme.example\nSubject: Out of office\n\nI am away.\n", "no delivery report"),
        (delivery_report("X-Nothing: here"), "no recipient"),
        (delivery_report(recipient("ann@acme.example", "failed", "yes")), "what became of the mail"),
        (delivery_report("Final-Recipient: x400; /C=DE/\nAction: failed\nStatus: 5.1.1"), "no e-mail address"),
    ],
)
def test_what_is_no_report_is_told_with_its_cure(tmp_path: Path, mail: str, why: str) -> None:
    [found] = read(tmp_path, mail)
    assert found.outcome is None
    assert found.fault is not None
    assert why in found.fault[1]
    assert found.fault[2]


def test_mails_made_to_hurt_end_quickly(tmp_path: Path) -> None:
    deep = "".join(f'Content-Type: multipart/mixed; boundary="{n}"\n\n--{n}\n' for n in range(3000))
    for mail in (
        "From: a@b.example\n" + deep,
        b"From: \xff\xfe\x00\n\n" + b"\x00" * 100_000,
        "From: a\n" + "x" * 9_000_000,
    ):
        assert all(one.fault for one in read(tmp_path, mail))
    many = delivery_report(*(recipient(f"p{number}@acme.example") for number in range(2000)))
    assert len(read(tmp_path, many)) == 1000


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        ("5.1.1", Outcome.HARD), ("5.1.10", Outcome.HARD), ("5.2.1", Outcome.HARD), ("5.0.0", Outcome.HARD),
        ("5.4.4", Outcome.HARD), ("550", Outcome.HARD), ("5.2.2", Outcome.SOFT), ("5.1.8", Outcome.SOFT),
        ("5.7.1", Outcome.SOFT), ("4.1.1", Outcome.SOFT), ("552", Outcome.SOFT), ("421", Outcome.SOFT),
        ("2.0.0", Outcome.DELIVERED), ("250", Outcome.DELIVERED), ("9.9.9", None), ("", None),
    ],
)  # fmt: skip
def test_codes_say_whether_the_address_is_dead(code: str, outcome: Outcome | None) -> None:
    assert outcome_of_code(code) is outcome


def test_a_code_is_found_in_what_a_server_says() -> None:
    assert status_in("smtp; 550-5.1.1 no such user 10.5.1.1") == "5.1.1"
    assert status_in("550 no such user (10.1.2.3)") == "550"
    assert status_in("no such user") == ""


def test_mails_are_told_from_tables(tmp_path: Path) -> None:
    for name, text, mails in (
        ("a.txt", "Return-Path: <>\nFrom: a@b.example\n", True),
        ("b.csv", "e-mail,type\nann@acme.example,hard\n", False),
        ("c.csv", "Date,From\n", False),
        ("d.eml", "", True),
    ):
        path = tmp_path / name
        path.write_text(text)
        assert holds_mails(path) is mails, name
    assert holds_mails(tmp_path)
