"""Errors and exit codes: the ground floor that every room may use.

Every error that a user can cause or meet derives from `CrmError` and carries facts (what, where, why, cure) as
attributes, so that commands, reject reports and other processes can use them without parsing a message.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Any

__all__ = [
    "CrmError",
    "ExitCode",
    "LockedError",
    "MissingExtraError",
    "NotFoundError",
    "PartialError",
    "StalePlanError",
    "UsageError",
    "did_you_mean",
    "worst",
]


class ExitCode(IntEnum):
    """What the process says to cron and scripts when it ends."""

    DONE = 0
    ERROR = 1
    USAGE = 2
    FINDINGS = 3
    PARTIAL = 4
    LOCKED = 5
    INTERRUPTED = 130
    PIPE_CLOSED = 141  # as a process killed by SIGPIPE: whoever read us stopped reading
    TERMINATED = 143


_WEIGHT = (ExitCode.ERROR, ExitCode.LOCKED, ExitCode.PARTIAL, ExitCode.FINDINGS)


def worst(*codes: ExitCode) -> ExitCode:
    """Return the code that a run of several parts ends with: the first of 1, 5, 4, 3 that occurs, else 0."""
    return next((code for code in _WEIGHT if code in codes), ExitCode.DONE)


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """Return the hint `did you mean …?` for a mistyped word, or `""` when nothing known resembles it."""
    from difflib import get_close_matches

    by_folded = {choice.casefold(): choice for choice in choices}
    close = [by_folded[match] for match in get_close_matches(word.casefold(), by_folded, n=3, cutoff=0.6)]
    return f"did you mean {' or '.join(close)}?" if close else ""


class CrmError(Exception):
    """Base of all errors that are shown to the user as one line and a hint.

    `code` is stable and machine-readable; `message` says what, where and why; `hint` says how to mend it;
    `facts` holds the values (file, row, column, …) that the message was made of.
    """

    code = "error"
    exit_code = ExitCode.ERROR

    def __init__(self, message: str, *, hint: str = "", **facts: Any) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.facts = facts

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.message, self.hint, self.facts)


def _rebuild(kind: type[CrmError], message: str, hint: str, facts: dict[str, Any]) -> CrmError:
    return kind(message, hint=hint, **facts)


class UsageError(CrmError):
    """The call itself is wrong: an unknown field, a missing flag, no database."""

    code = "usage"
    exit_code = ExitCode.USAGE


class NotFoundError(CrmError):
    """A record, file, batch or operation that was named does not exist."""

    code = "not-found"


class MissingExtraError(CrmError):
    """An optional library is needed for this; `hint` names the extra that brings it."""

    code = "missing-extra"


class PartialError(CrmError):
    """Some of the work was done and some refused; the facts list what was refused."""

    code = "partial"
    exit_code = ExitCode.PARTIAL


class LockedError(CrmError):
    """Another process holds the lease, or the database is busy."""

    code = "locked"
    exit_code = ExitCode.LOCKED


class StalePlanError(CrmError):
    """A plan or a decided sheet does not fit the data any more."""

    code = "stale-plan"
    exit_code = ExitCode.LOCKED
