"""Reports of a mailing service: which column of its table says what, and what its words mean."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from crm_cli.errors import UsageError
from crm_cli.importers import ReadError, Row, Table
from crm_cli.importers.mail_reports import MailReport, Outcome, outcome_of_code, status_in
from crm_cli.standardize import Context, detect_date_order
from crm_cli.standardize.timestamps import standardize_timestamp

__all__ = ["Columns", "columns_of", "read_rows"]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NAMES: Mapping[str, frozenset[str]] = {
    "email": _words(
        "email emailaddress mail recipient recipientemail address rcpt rcptto to toemail subscriber bouncedaddress "
        "emailid contactemail bouncedrecipient"
    ),
    "type": _words("type bouncetype event eventtype bounce severity result outcome kind"),
    "code": _words(
        "code status statuscode smtpcode bouncecode errorcode enhancedstatus enhancedstatuscode smtpstatus dsn "
        "dsnstatus responsecode replycode"
    ),
    "reason": _words(
        "reason message description diagnostic diagnosticcode error errormessage response smtpresponse details "
        "bouncereason bouncemessage subtype bouncesubtype"
    ),
    "date": _words(
        "date time timestamp created createdat bouncedate bouncedat eventtime eventdate datetime when senton sentat "
        "sentdate deliveredat lastattempt lastattemptdate processed occurredat day"
    ),
}  # by the letters of a heading alone, in the first language of the services
_HARD = _words("hard hardbounce permanent permanentfailure undeliverable invalid invalidemail bademail")
_SOFT = _words(
    "soft softbounce temporary temporaryfailure transient block blocked deferred mailboxfull undetermined dropped"
)
_DELIVERED = _words("delivered delivery sent ok success opened open click clicked")
_BY_CODE = frozenset(["bounce", "bounced", "failed", "failure", "rejected"])
_WISHES = _words("complaint spam spamreport spamcomplaint unsubscribe unsubscribed optout optedout")
_LETTERS = re.compile(r"[^a-z0-9]")
_LOOKED_AT = 200
_EPOCH = re.compile(r"(\d{10})(\d{3})?(?:\.\d+)?")
_WISH_HINT = "a wish not to be written to is no bounce: take it out, and note it with crm contact edit"
_TYPE_HINT = "hard, soft or delivered"


@dataclass(frozen=True)
class Columns:
    """Which column (its place) says what; and the order of day and month in that of the date."""

    email: int
    type: int | None
    code: int | None
    reason: int | None
    date: int | None
    context: Context


def columns_of(table: Table, zone: str, date_order: str | None = None) -> Columns:
    """Return what the columns of a table say, by their headings; `ReadError` where none holds e-mail addresses.

    `zone` is where times without a zone are. `UsageError` where day and month cannot be told and nobody said.
    """
    rows = list(islice(table.rows(), _LOOKED_AT))
    found = {what: _named(table.header, names) for what, names in _NAMES.items()}
    email = found["email"] if found["email"] is not None else _by_values(rows)
    if email is None:
        hint = "a heading such as e-mail; type, code, reason and date are known by theirs too"
        raise ReadError(f"{table.name}: no column holds e-mail addresses", hint=hint, source=table.name)
    place = found["date"]
    if place is not None and date_order is None:
        detected = detect_date_order(_cell(row, place) for row in table.rows())
        if detected.ambiguous:
            hint = "--date-order dmy, or --date-order mdy"
            raise UsageError(f"{table.name}: {table.header[place]}: is the day or the month first?", hint=hint)
        date_order = detected.order
    context = Context(timezone=zone, date_order=date_order)
    return Columns(email, found["type"], found["code"], found["reason"], place, context)


def read_rows(table: Table, columns: Columns, *, delivered: bool = False) -> Iterator[tuple[Row, MailReport]]:
    """Yield each row with what it reports; where nothing says what became of the mail and `delivered`, it arrived."""
    for number, row in enumerate(table.rows(), start=1):
        yield row, _report(table.header, number, row, columns, delivered=delivered)


def _report(header: Sequence[str], number: int, row: Row, columns: Columns, *, delivered: bool) -> MailReport:
    address = _cell(row, columns.email)
    if row.fault:
        return MailReport(number, row.place, fault=("", row.fault, "mend the row"))
    if "@" not in address:
        reason = f'"{address[:80]}" is no e-mail address'
        return MailReport(number, row.place, fault=(header[columns.email], reason, "one address a row"))
    try:
        when = _moment(_cell(row, columns.date), columns.context)
    except ValueError as fault:
        column = header[columns.date or 0]
        return MailReport(number, row.place, (address,), fault=(column, str(fault), "YYYY-MM-DD, or with a time"))
    word, code = _cell(row, columns.type), status_in(_cell(row, columns.code)) or status_in(_cell(row, columns.reason))
    told = [place for place in (columns.type, columns.code, columns.reason) if place is not None]
    outcome = _outcome(word, code, _cell(row, columns.code))
    if outcome is None and delivered and not any(_cell(row, place) for place in told):
        outcome = Outcome.DELIVERED
    if outcome is not None:
        return MailReport(number, row.place, (address,), outcome, when, code)
    wish = _letters(word) in _WISHES
    reason = f'"{word[:40]}" does not say whether the address takes mail' if word else "neither a type nor a code"
    column = header[columns.type] if columns.type is not None else ""
    return MailReport(number, row.place, (address,), fault=(column, reason, _WISH_HINT if wish else _TYPE_HINT))


def _outcome(word: str, code: str, given: str) -> Outcome | None:
    """Return what the type says, else the code; a service may write its word into either column."""
    for text in (word, given):
        letters = _letters(text)
        known = ((_HARD, Outcome.HARD), (_SOFT, Outcome.SOFT), (_DELIVERED, Outcome.DELIVERED))
        for words, outcome in known:
            if letters in words:
                return outcome
    if not word or _letters(word) in _BY_CODE or status_in(word) == word:
        return outcome_of_code(code or word)
    return None


def _named(header: Sequence[str], names: frozenset[str]) -> int | None:
    return next((place for place, name in enumerate(header) if _letters(name) in names), None)


def _by_values(rows: Sequence[Row]) -> int | None:
    """Return the first column most of whose values are addresses: a plain list has no heading."""
    width = max((len(row.values) for row in rows), default=0)
    for place in range(width):
        given = [value for row in rows if (value := _cell(row, place))]
        if given and sum("@" in value for value in given) > len(given) / 2:
            return place
    return None


def _cell(row: Row, place: int | None) -> str:
    if place is None or place >= len(row.values):
        return ""
    return (row.values[place] or "").strip()


def _letters(text: str) -> str:
    return _LETTERS.sub("", text.lower())


def _moment(text: str, context: Context) -> datetime | None:
    """Return the moment of a cell, also of seconds or milliseconds since 1970; ValueError says what is wrong."""
    if not text:
        return None
    if found := _EPOCH.fullmatch(text):
        return datetime.fromtimestamp(int(found[1]), UTC)
    standard = standardize_timestamp(text, context)
    if standard.value is None or not standard.understood:
        raise ValueError(_first(issue.message for issue in standard.issues) or f'"{text[:40]}" is no date')
    return datetime.fromisoformat(standard.value)


def _first(texts: Iterable[str]) -> str:
    return next(iter(texts), "")
