"""When something should have run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from crm_cli.automation import ScheduleError, read_due, read_every
from crm_cli.automation.schedule import read_length


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "now", "before"),
    [
        ("06:30", "2026-11-30 06:30", "2026-11-30 06:30"),
        ("06:30", "2026-11-30 06:29", "2026-11-29 06:30"),
        ("6:30 mon-fri", "2026-11-29 12:00", "2026-11-27 06:30"),  # a Sunday
        ("06:30 sat,sun", "2026-11-30 12:00", "2026-11-29 06:30"),
        ("06:30 FRI-MON", "2026-11-26 12:00", "2026-11-23 06:30"),
        ("07:00 day 1", "2026-11-30 12:00", "2026-11-01 07:00"),
        ("07:00 day 31", "2027-03-02 12:00", "2027-02-28 07:00"),
        ("07:00 day 1,15", "2026-11-30 12:00", "2026-11-15 07:00"),
        ("07:00 day 1 of jan,apr,jul,oct", "2026-11-30 12:00", "2026-10-01 07:00"),
        ("07:00 day 29 of feb", "2028-02-29 12:00", "2028-02-29 07:00"),
    ],
)
def test_the_newest_moment_of_a_schedule(text: str, now: str, before: str) -> None:
    assert read_due(text).before(at(now)) == at(before)


def test_it_is_due_until_a_run_began_since() -> None:
    schedule, now = read_due("06:30 mon-fri"), at("2026-11-30 08:00")
    moment = at("2026-11-30 06:30")
    assert schedule.due(None, now) == moment
    assert schedule.due(moment - timedelta(seconds=1), now) == moment
    assert schedule.due(moment, now) is None
    assert schedule.due(at("2026-11-27 06:31"), at("2026-11-29 23:59")) is None  # Saturday and Sunday are none of it


@pytest.mark.parametrize(
    ("text", "last", "due"),
    [
        ("1 day", "2026-11-29 08:00", "2026-11-30 08:00"),
        ("90 min", "2026-11-30 08:00", "2026-11-30 09:30"),
        ("2 weeks", "2026-11-30 08:00", "2026-12-14 08:00"),
        ("1 month", "2027-01-31 08:00", "2027-02-28 08:00"),
        ("1 quarter", "2026-11-30 08:00", "2027-02-28 08:00"),
        ("2 years", "2028-02-29 08:00", "2030-02-28 08:00"),
    ],
)
def test_an_interval_counts_from_the_last_run(text: str, last: str, due: str) -> None:
    schedule, began, moment = read_every(text), at(last), at(due)
    assert schedule.due(began, moment) == moment
    assert schedule.due(began, moment - timedelta(seconds=1)) is None


def test_what_never_ran_is_due_at_once() -> None:
    assert read_every("1 year").due(None, at("2026-11-30 08:00")) == at("2026-11-30 08:00")


def test_a_day_begins_where_the_users_are() -> None:
    tokyo = ZoneInfo("Asia/Tokyo")
    moment = read_due("06:30").before(datetime(2026, 11, 29, 22, 0, tzinfo=UTC).astimezone(tokyo))
    assert moment == datetime(2026, 11, 29, 21, 30, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "6", "24:00", "06:60", "06:30 mon-", "06:30 xyz", "06:30 day 0", "06:30 day 32",
                                  "06:30 day 1 of", "06:30 day 1 of may,xyz", "06:30 mon-tue-wed"])  # fmt: skip
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ScheduleError, match="06:30 mon-fri"):
        read_due(text)


@pytest.mark.parametrize("text", ["", "1", "day", "0 days", "-1 day", "1.5 months", "1 fortnight", "daily"])
def test_what_is_no_interval_is_refused(text: str) -> None:
    with pytest.raises(ScheduleError, match="1 day"):
        read_every(text)


def test_lengths() -> None:
    assert [read_length(one) for one in ("30s", "0 s", "5 min", "1.5 hours", "1 day")] == [30, 0, 300, 5400, 86400]
    with pytest.raises(ScheduleError):
        read_length("1 month")
