"""When something should run: `every = "1 day"`, or `due = "06:30 mon-fri"`; and lengths of time such as `30s`.

A schedule starts nothing – cron does. It says what should have run by now (`crm due`).
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

__all__ = ["Due", "Every", "Schedule", "ScheduleError", "read_due", "read_every", "read_length", "read_schedule"]

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SECONDS = {"s": 1, "sec": 1, "second": 1, "min": 60, "minute": 60, "h": 3600, "hour": 3600, "day": 86400,
            "week": 604800}  # fmt: skip
_CALENDAR = {"month": 1, "quarter": 3, "year": 12}
_LENGTH = re.compile(r"(\d{1,6}(?:\.\d+)?)\s*([a-z]+)", re.IGNORECASE)
_DUE = re.compile(
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})"
    r"(?:\s+(?:(?P<weekdays>[a-z]{3}(?:[,-][a-z]{3})*)|day\s+(?P<days>[\d,]+)(?:\s+of\s+(?P<months>[a-z,]+))?))?",
    re.IGNORECASE,
)
_YEARS_BACK = 5


class ScheduleError(ValueError):
    """The text says no time; says what would."""


@dataclass(frozen=True)
class Every:
    """Again when so much time has passed since the last run began: seconds, or calendar months."""

    text: str
    seconds: float = 0.0
    months: int = 0

    def due(self, last: datetime | None, now: datetime) -> datetime | None:
        """Return since when it should have run, None if that is not so; what never ran is due at once."""
        if last is None:
            return now
        if not self.months:
            when = last + timedelta(seconds=self.seconds)
        else:
            year, month = divmod(last.year * 12 + last.month - 1 + self.months, 12)
            day = min(last.day, calendar.monthrange(year, month + 1)[1])
            when = last.replace(year=year, month=month + 1, day=day)
        return when if when <= now else None


@dataclass(frozen=True)
class Due:
    """At a time of the day: of every day, of some weekdays, or of some days of (some) months.

    A day that a month does not have is its last one.
    """

    text: str
    at: time
    weekdays: frozenset[int] = frozenset()
    days: frozenset[int] = frozenset()
    months: frozenset[int] = frozenset()

    def due(self, last: datetime | None, now: datetime) -> datetime | None:
        """Return the moment at which it should have run, if no run began since; None if one did."""
        when = self.before(now)
        return None if when is None or (last is not None and last >= when) else when

    def before(self, now: datetime) -> datetime | None:
        """Return the newest moment of the schedule that is not after `now`, in the time zone of `now`."""
        for back in range(366 * _YEARS_BACK):
            day = (now - timedelta(days=back)).date()
            moment = datetime.combine(day, self.at, tzinfo=now.tzinfo)
            if moment <= now and self._falls_on(day):
                return moment
        return None

    def _falls_on(self, day: date) -> bool:
        if self.weekdays:
            return day.weekday() in self.weekdays
        if self.months and day.month not in self.months:
            return False
        last = calendar.monthrange(day.year, day.month)[1]
        return not self.days or day.day in {min(one, last) for one in self.days}


Schedule = Every | Due


def read_schedule(every: str | None, due: str | None) -> Schedule | None:
    """Return the schedule that `every` or `due` says, None where neither does; `ScheduleError` for both, or no time."""
    if every and due:
        raise ScheduleError("every and due both say when it should run; give one of them")
    return read_every(every) if every else read_due(due) if due else None


def read_length(text: str) -> float:
    """Return a length of time in seconds: `30s`, `5 min`, `2 hours`, `1 day`; `ScheduleError` for anything else."""
    number, unit = _amount(text)
    if unit not in _SECONDS:
        raise ScheduleError(f"{text!r} is no length of time; write 30s, 5 min, 2 hours or 1 day")
    return number * _SECONDS[unit]


def read_every(text: str) -> Every:
    """Return a schedule such as `1 day`, `90 min`, `3 months`; `ScheduleError` for anything else."""
    number, unit = _amount(text)
    if number > 0 and unit in _SECONDS:
        return Every(text, seconds=number * _SECONDS[unit])
    if number > 0 and unit in _CALENDAR and number == int(number):
        return Every(text, months=int(number) * _CALENDAR[unit])
    raise ScheduleError(f"{text!r} is no interval; write 12 hours, 1 day, 2 weeks, 1 month or 1 quarter")


def _amount(text: str) -> tuple[float, str]:
    found = _LENGTH.fullmatch(text.strip())
    if found is None:
        return -1.0, ""
    unit = found[2].casefold()
    return float(found[1]), unit if unit in _SECONDS else unit.removesuffix("s")


def read_due(text: str) -> Due:
    """Return a schedule such as `06:30`, `06:30 mon-fri`, `07:00 day 1`, `07:00 day 1 of jan,apr,jul,oct`.

    `ScheduleError` for anything else.
    """
    found = _DUE.fullmatch(text.strip().casefold())
    try:
        if found is None:
            raise ValueError
        at = time(int(found["hour"]), int(found["minute"]))
        days = frozenset(int(one) for one in (found["days"] or "").split(",") if one)
        if days and not days <= set(range(1, 32)):
            raise ValueError
        months = frozenset(_MONTHS.index(one) + 1 for one in (found["months"] or "").split(",") if one)
        return Due(text, at, frozenset(_weekdays(found["weekdays"] or "")), days, months)
    except ValueError:
        hint = "write 06:30, 06:30 mon-fri, 06:30 day 1, or 06:30 day 1 of jan,apr,jul,oct"
        raise ScheduleError(f"{text!r} is no time; {hint}") from None


def _weekdays(text: str) -> set[int]:
    found: set[int] = set()
    for part in text.split(",") if text else ():
        first, *more = (_WEEKDAYS.index(one) for one in part.split("-"))
        last = more[0] if more else first
        if len(more) > 1:
            raise ValueError(part)
        found |= {day % 7 for day in range(first, last + 1 if last >= first else last + 8)}
    return found
