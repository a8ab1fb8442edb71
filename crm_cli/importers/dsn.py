"""Delivery status notifications: the mails by which servers say that a mail did not arrive (RFC 3464).

Read from a mail (`.eml`), an mbox, or a folder of them. Nothing in a mail is believed to be small, shallow or whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import BinaryIO

from crm_cli.importers.faults import HostileSourceError, ReadError
from crm_cli.importers.mail_reports import MailReport, Outcome, outcome_of_code, status_in
from crm_cli.importers.source import Source

__all__ = ["holds_mails", "read_mails"]

MOST_BYTES = 4 << 20  # of a mail; what a report says stands at its beginning, the returned mail follows it
MOST_FILES = 200_000
MOST_RECIPIENTS = 1000
_MOST_PARTS = 200
_SUFFIXES = (".eml", ".mbox", ".mbx", ".mbs")
_FIRST_LINE = re.compile(
    rb"(?:From \S+ .*|(?:Return-Path|Received|Delivered-To|From|To|Date|Subject|Message-ID|MIME-Version|Content-Type|"
    rb"X-[A-Za-z-]+|Auto-Submitted|ARC-[A-Za-z-]+|DKIM-Signature|Authentication-Results)\s*:.*)",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(rb"From \S+ ")
_NOT_A_REPORT = "it is no delivery report: no part of type message/delivery-status (RFC 3464)"
_HINT = "what it says may be taken as a row of a CSV file with the columns e-mail, type and date"


def holds_mails(path: Path) -> bool:
    """Whether a path is a folder, or a file that holds mails; a table is not."""
    if path.is_dir() or path.suffix.lower() in _SUFFIXES:
        return True
    try:
        with path.open("rb") as stream:
            first = stream.readline(1000)
    except OSError:
        return False
    return b"," not in first.partition(b":")[0] and _FIRST_LINE.fullmatch(first.strip()) is not None


def read_mails(path: Path) -> Iterator[MailReport]:
    """Yield what the mails of a file or folder report, recipient by recipient, and the mails that are no reports.

    Raises `ReadError` where nothing can be read, `HostileSourceError` for a folder of more files than anybody reads.
    """
    number = 0
    for file in _files(path):
        for place, raw in _mails(file, file.relative_to(path).as_posix() if path.is_dir() else file.name):
            number += 1
            yield from _reports(number, place, raw)


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found: list[Path] = []
    for one in path.rglob("*"):
        hidden = any(part.startswith(".") for part in one.relative_to(path).parts)
        if one.is_file() and not one.is_symlink() and not hidden:
            found.append(one)
        if len(found) > MOST_FILES:
            raise HostileSourceError(f"{path.name} holds more than {MOST_FILES:,} files", hint="give it in parts")
    if not found:
        raise ReadError(f"there is no mail in {path.name}", hint="a folder of .eml files or of a maildir")
    return sorted(found)


def _mails(file: Path, name: str) -> Iterator[tuple[str, bytes]]:
    """Yield each mail of a file with its place; what is beyond the limit of one mail is left out."""
    with Source.of(file).open() as stream:
        if not stream.readline(200).startswith(b"From "):
            stream.seek(0)
            yield name, stream.read(MOST_BYTES)
            return
        number = 1
        for raw in _split(stream):
            yield f"{name}, mail {number}", raw
            number += 1


def _split(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the mails of an mbox whose first `From ` line was read: a blank line and such a line begin the next."""
    lines: list[bytes] = []
    size, blank = 0, False
    while line := stream.readline(MOST_BYTES):
        if blank and _SEPARATOR.match(line):
            yield b"".join(lines)
            lines, size, blank = [], 0, False
            continue
        blank = line in (b"\n", b"\r\n")
        size += len(line)
        if size <= MOST_BYTES:
            lines.append(line)
    yield b"".join(lines)


def _reports(number: int, place: str, raw: bytes) -> Iterator[MailReport]:
    try:
        mail = BytesParser(policy=compat32).parsebytes(raw)
        status = next((part for part in _parts(mail) if part.get_content_type() == "message/delivery-status"), None)
        blocks = [] if status is None else _blocks(status)
    except (RecursionError, ValueError, LookupError, AssertionError):  # what the library says of mails made to hurt
        yield MailReport(number, place, fault=("", "the mail is nested too deeply or damaged", _HINT))
        return
    if not blocks:
        yield MailReport(number, place, fault=("", _NOT_A_REPORT, _HINT))
        return
    sent = _text(mail, "Date")
    arrived = next((found for block in blocks if (found := _text(block, "Arrival-Date"))), "")
    recipients = [block for block in blocks if block["Final-Recipient"] or block["Original-Recipient"]]
    if not recipients:
        yield MailReport(number, place, fault=("Final-Recipient", "it names no recipient", _HINT))
    for block in recipients[:MOST_RECIPIENTS]:
        yield _report(number, place, block, (sent, arrived))


def _parts(mail: Message) -> Iterator[Message]:
    """Yield the parts of a mail, not those of the mail that came back with it."""
    todo, seen = [mail], 0
    while todo and seen < _MOST_PARTS:
        part = todo.pop(0)
        seen += 1
        yield part
        inside = part.get_payload() if part.get_content_maintype() == "multipart" else None
        if isinstance(inside, list):
            todo += [one for one in inside if isinstance(one, Message)]


def _blocks(status: Message) -> list[Message]:
    """Return the blocks of fields of a report: the first is of the mail, the others of one recipient each."""
    inside = status.get_payload()
    if isinstance(inside, list):
        return [one for one in inside if isinstance(one, Message)]
    return []


def _report(number: int, place: str, block: Message, dates: tuple[str, str]) -> MailReport:
    names = [_address(_text(block, field)) for field in ("Original-Recipient", "Final-Recipient")]
    addresses = tuple(dict.fromkeys(name for name in names if name))
    action, given = _text(block, "Action").lower(), _text(block, "Status")
    code = status_in(given)
    told = status_in(_text(block, "Diagnostic-Code"))
    if told and (not code or code.endswith(".0.0")):  # the server that was asked knows better than the one that tells
        code = told
    outcome = _outcome(action, code)
    when = next((moment for text in (_text(block, "Last-Attempt-Date"), *dates) if (moment := _moment(text))), None)
    if not addresses:
        return MailReport(number, place, fault=("Final-Recipient", "it is no e-mail address", _HINT))
    if outcome is None:
        reason = f'Action "{action[:40]}" with Status "{given[:40]}" does not say what became of the mail'
        return MailReport(number, place, addresses, when=when, fault=("Action", reason, _HINT))
    return MailReport(number, place, addresses, outcome, when, code)


def _outcome(action: str, code: str) -> Outcome | None:
    """Return what an action means (RFC 3464, 2.3.3); one that failed is as hard as its code says."""
    if action == "delivered":
        return Outcome.DELIVERED
    if action in ("delayed", "relayed", "expanded"):
        return Outcome.PENDING
    meant = outcome_of_code(code)
    return meant if action == "failed" and meant in (Outcome.HARD, Outcome.SOFT) else None


def _text(block: Message, name: str) -> str:
    value = block[name]
    return "" if value is None else " ".join(str(value)[:2000].split())


def _address(text: str) -> str:
    """Return the address of a field such as `rfc822; ann@acme.example`."""
    kind, separator, address = text.partition(";")
    if separator and kind.strip().lower() not in ("rfc822", "utf-8", "smtp"):
        return ""
    return (address if separator else text).strip().strip("<>").strip()


def _moment(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
