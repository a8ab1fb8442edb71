"""Moments: ISO 8601 in UTC. A time without a zone needs one from the context; it is never guessed."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crm_cli.dictionary import SemanticType
from crm_cli.errors import UsageError
from crm_cli.standardize.dates import read_date
from crm_cli.standardize.rules import Example, Rule
from crm_cli.standardize.text import tidy
from crm_cli.standardize.values import Context, Standard

__all__ = ["RULES", "standardize_timestamp"]

_KINDS = (SemanticType.TIMESTAMP,)
_BERLIN = Context(timezone="Europe/Berlin", date_order="dmy")
RULES = (
    Rule("H101", "ISO 8601 in UTC", _KINDS,
         (Example("2020-07-01T12:00:00+02:00", "2020-07-01T10:00:00+00:00"),
          Example("01/07/2020 12:00", "2020-07-01T10:00:00+00:00", _BERLIN),
          Example("Jul 1, 2020 3:05 PM Z", "2020-07-01T15:05:00+00:00"))),
    Rule("H300", "Not a date with a time", _KINDS, (Example("noon", None),)),
    Rule("H301", "No time zone", _KINDS, (Example("2020-07-01 12:00", None),)),
)  # fmt: skip
_PARTS = re.compile(
    r"(.+?)(?:T|\s+|,\s*)(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*([AaPp])?\.?(?:[Mm]\.?)?"
    r"\s*(Z|z|UTC|GMT|[+\-]\d\d(?::?\d\d)?)?"
).fullmatch


def standardize_timestamp(value: str, context: Context) -> Standard:
    """Return the moment as ISO 8601 with +00:00; None without a zone or when it is none. A bare date is midnight."""
    draft = tidy(value, context)
    if not draft.value:
        return draft.done()
    found = _PARTS(draft.value)
    reading = read_date(found[1].strip() if found else draft.value).by_order
    dates = set(reading.values())
    if len(dates) > 1 and context.date_order in reading:
        dates = {reading[context.date_order]}
    if len(dates) != 1:
        return draft.unknown("H300", f'"{draft.value}" is not a certain date with a time', keep=False)
    zone = _zone(found[7] if found else None, context)
    if zone is None:
        return draft.unknown("H301", f'"{draft.value}" does not say in which time zone', keep=False)
    try:
        moment = datetime.combine(dates.pop(), _time(found), zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return draft.unknown("H300", f'"{draft.value}" is not a date with a time', keep=False)
    draft.change("H101", moment.isoformat())
    return draft.done()


def _zone(written: str | None, context: Context) -> timezone | ZoneInfo | None:
    if written:
        digits = written.lstrip("+-").replace(":", "")
        if not digits.isdigit():
            return UTC
        offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
        return timezone(-offset if written[0] == "-" else offset) if offset < timedelta(hours=24) else None
    if context.timezone is None:
        return None
    try:
        return ZoneInfo(context.timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise UsageError(
            f'No time zone is called "{context.timezone}"', hint="use a name such as Europe/Berlin"
        ) from error


def _time(found: re.Match[str] | None) -> time:
    if found is None:
        return time()
    hour, half = int(found[2]), (found[6] or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return time(hour, int(found[3]), int(found[4] or 0), int((found[5] or "").ljust(6, "0")[:6] or 0))
