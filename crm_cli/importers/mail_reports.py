"""What became of a mail to one recipient, as mail servers and mailing services say it, and what their codes mean.

Enhanced status codes: RFC 3463 and the registry of RFC 5248. A bounce is hard when it says that the address itself
takes no mail; a full mailbox, a size, a content or a policy says nothing of it, even where the server gives up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

__all__ = ["MailReport", "Outcome", "outcome_of_code", "status_in"]

_ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_BASIC = re.compile(r"(?<![\d.#])([245]\d\d)(?![\d.])")
_OF_THE_ADDRESS = {"1", "2", "0"}  # subjects of RFC 3463: addressing, mailbox, undefined
_OF_SOMETHING_ELSE = {"1.7", "1.8", "2.2", "2.3", "2.4"}  # sender's address, full, too long, mailing list
_DOMAIN_IS_GONE = {"4.4", "1.2", "1.10"}  # no route: the domain does not exist or takes no mail
_HARD_BASIC = {"550", "551", "553"}  # RFC 5321, 4.2.3: mailbox unavailable, not local, name not allowed


class Outcome(StrEnum):
    """What became of it. `PENDING` is no end: the server still tries."""

    HARD = "hard"
    SOFT = "soft"
    DELIVERED = "delivered"
    PENDING = "pending"


@dataclass(frozen=True, slots=True)
class MailReport:
    """One recipient's report: `addresses` are the names that the recipient goes by, the one that was written to first.

    `number` counts mails or rows, `place` says where it stands, for people. Without an `outcome`, `fault` says in which
    column something is not understood, why, and how to mend it.
    """

    number: int
    place: str
    addresses: tuple[str, ...] = ()
    outcome: Outcome | None = None
    when: datetime | None = None
    code: str = ""
    fault: tuple[str, str, str] | None = None


def status_in(text: str) -> str:
    """Return the first enhanced status code in a text, such as 5.1.1; else the first reply code (550); else nothing."""
    if found := _ENHANCED.search(text):
        return found.group()
    basic = _BASIC.search(text)
    return basic.group() if basic else ""


def outcome_of_code(code: str) -> Outcome | None:
    """Return what a code means, enhanced or basic; None for what is none."""
    if _BASIC.fullmatch(code):
        if code in _HARD_BASIC:
            return Outcome.HARD
        return Outcome.DELIVERED if code[0] == "2" else Outcome.SOFT
    found = _ENHANCED.fullmatch(code)
    if found is None:
        return None
    kind, subject, detail = found.groups()
    if kind == "2":
        return Outcome.DELIVERED
    about = f"{subject}.{detail}"
    gone = about in _DOMAIN_IS_GONE or (subject in _OF_THE_ADDRESS and about not in _OF_SOMETHING_ELSE)
    return Outcome.HARD if kind == "5" and gone else Outcome.SOFT
