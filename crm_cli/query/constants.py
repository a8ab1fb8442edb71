"""Constants of a condition: literals, and the arithmetic with days that is worked out before the database sees it."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal

from sqlglot import exp

from crm_cli.query.faults import ConditionError

__all__ = ["OUTSIDE", "Clock", "Constant", "Number", "evaluate", "is_constant"]

OUTSIDE = "the date lies outside the calendar (years 1 to 9999)"

_MOST_DIGITS = 30
_MONTHS = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}
_SPANS = {
    "SECOND": timedelta(seconds=1),
    "MINUTE": timedelta(minutes=1),
    "HOUR": timedelta(hours=1),
    "DAY": timedelta(days=1),
    "WEEK": timedelta(weeks=1),
}


@dataclass(frozen=True)
class Clock:
    """What `today()` and `now()` mean, and the time zone in which days begin."""

    today: date
    now: datetime
    zone: tzinfo = UTC


@dataclass(frozen=True)
class Number:
    """A number as it was written: text fields take the digits, number fields the value."""

    text: str
    value: Decimal


@dataclass(frozen=True)
class _Span:
    months: int = 0
    time: timedelta = timedelta(0)


Constant = str | bool | Number | date | datetime | None
_Value = Constant | _Span


def is_constant(node: exp.Expr) -> bool:
    """Tell whether the node has the same value for every record."""
    return node.find(exp.Column) is None and not isinstance(node, exp.Connector | exp.Not | exp.Subquery | exp.Select)


def evaluate(node: exp.Expr, clock: Clock) -> Constant:
    """Return the value of a constant node; `ConditionError` says what is not allowed."""
    value = _value(node, clock)
    if isinstance(value, _Span):
        raise ConditionError("an interval alone is not a value", hint="write today() - interval '30 days'")
    return value


def _value(node: exp.Expr, clock: Clock) -> _Value:
    if isinstance(node, exp.Literal):
        return _literal(node)
    if isinstance(node, exp.Paren):
        return _value(node.this, clock)
    if isinstance(node, exp.Neg):
        return _negative(_value(node.this, clock))
    if isinstance(node, exp.Boolean):
        return bool(node.this)
    if isinstance(node, exp.Null):
        return None
    if isinstance(node, exp.Add | exp.Sub):
        sign = -1 if isinstance(node, exp.Sub) else 1
        return _sum(_value(node.this, clock), _value(node.expression, clock), sign, clock.zone)
    return _moment(node, clock)


def _literal(node: exp.Literal) -> str | Number:
    text = str(node.this)
    if node.is_string:
        return text
    value = Decimal(text)
    if value.adjusted() > _MOST_DIGITS:
        raise ConditionError(f"{text} is too large a number")
    return Number(text, value)


def _negative(value: _Value) -> Number:
    if not isinstance(value, Number):
        raise ConditionError("only a number can have a minus sign")
    return Number(f"-{value.text}", -value.value)


def _moment(node: exp.Expr, clock: Clock) -> _Value:
    name = _function_name(node)
    if name in ("today", "current_date"):
        return clock.today
    if name in ("now", "current_timestamp"):
        return clock.now
    if isinstance(node, exp.Interval):
        return _span(node)
    if isinstance(node, exp.Cast) and isinstance(node.this, exp.Literal) and node.to.is_type("date", "timestamp"):
        text = str(node.this.this)
        return parse_date(text) if node.to.is_type("date") else parse_moment(text, clock.zone)
    what = name or node.key
    raise ConditionError(f"{what} is not allowed in a condition", hint="allowed are literals, today() and now()")


def _function_name(node: exp.Expr) -> str:
    if isinstance(node, exp.CurrentDate):
        return "current_date"
    if isinstance(node, exp.CurrentTimestamp):
        return "current_timestamp"
    if isinstance(node, exp.Anonymous) and not node.expressions:
        return str(node.this).lower()
    return ""


def _span(node: exp.Interval) -> _Span:
    unit = str(node.args["unit"]).upper().removesuffix("S") if node.args.get("unit") else ""
    amount = str(node.this.this) if isinstance(node.this, exp.Literal) else ""
    if not amount.lstrip("-").isdigit() or unit not in {*_MONTHS, *_SPANS}:
        raise ConditionError("cannot understand the interval", hint="write interval '30 days' or interval '6 months'")
    if unit in _MONTHS:
        return _Span(months=int(amount) * _MONTHS[unit])
    return _Span(time=int(amount) * _SPANS[unit])


def _sum(left: _Value, right: _Value, sign: int, zone: tzinfo) -> _Value:
    if isinstance(left, Number) and isinstance(right, Number):
        total = left.value + sign * right.value
        return Number(format(total, "f"), total)
    if not isinstance(left, date):
        raise ConditionError("only dates and numbers can be added to", hint="write today() - 30")
    if isinstance(right, Number) and right.value == int(right.value):
        right = _Span(time=timedelta(days=int(right.value)))
    if not isinstance(right, _Span):
        raise ConditionError("only whole days or an interval can be added to a date", hint="write today() - 30")
    return _shifted(left, right, sign, zone)


def _shifted(moment: date, span: _Span, sign: int, zone: tzinfo) -> date:
    try:
        if span.months:
            moment = _months_later(moment, sign * span.months)
        if not isinstance(moment, datetime) and span.time % timedelta(days=1):
            moment = datetime(moment.year, moment.month, moment.day, tzinfo=zone)
        if isinstance(moment, datetime):  # in UTC, where no hour is missing or comes twice
            return (moment.astimezone(UTC) + sign * span.time).astimezone(zone)
        return moment + sign * span.time
    except (OverflowError, ValueError) as fault:
        raise ConditionError(OUTSIDE) from fault


def _months_later(moment: date, months: int) -> date:
    """Return the same day `months` later, the last of the month where that month is shorter."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last))


def parse_date(text: str) -> date:
    """Return the date that an ISO 8601 text names (`2026-05-31`)."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise ConditionError(f"{text!r} is not a date", hint="write '2026-05-31'") from None


def parse_moment(text: str, zone: tzinfo) -> date | datetime:
    """Return what an ISO 8601 text names: a day (`2026-05-31`), or a moment, in `zone` unless it says otherwise."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        hint = "write '2026-05-31' or '2026-05-31 14:00'"
        raise ConditionError(f"{text!r} is not a date or time", hint=hint) from None
    try:
        return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)
    except OverflowError:
        raise ConditionError(OUTSIDE) from None
