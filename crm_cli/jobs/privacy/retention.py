"""What the law says to keep: why the data of a person may not be erased yet.

Article 17 (3) (b) and (e) of the General Data Protection Regulation, (EU) 2016/679: no erasure of what has to be kept
by law, or is needed for legal claims. How long differs by country; the default of ten years is the longest period of
section 257 of the German commercial code (HGB) and section 147 of the fiscal code (AO), which count from the end of
the calendar year.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from crm_cli.errors import CrmError
from crm_cli.jobs.privacy.subject import Subject
from crm_cli.store import Store

__all__ = ["RETENTION_YEARS", "KeptByLawError", "Reason", "reasons_to_keep", "refuse_kept"]

RETENTION_YEARS = 10


class KeptByLawError(CrmError):
    """Something about the person has to be kept; `facts["reasons"]` lists what, and until when."""

    code = "kept-by-law"


@dataclass(frozen=True, slots=True)
class Reason:
    """A record that has to be kept, why, and the last day on which it has to."""

    entity: str
    record_id: int
    why: str
    until: date | None = None


def reasons_to_keep(store: Store, connection: sa.Connection, subject: Subject, *, years: int) -> list[Reason]:
    """Return the open deals of the person, and the won ones of which the retention period of `years` still runs."""
    contacts = subject.ids("contact")
    table = store.table("opportunity")
    query = sa.select(table).where(table.c.contact_id.in_(contacts), table.c.deleted_at.is_(None)).order_by(table.c.id)
    today = store.today()
    return [one for row in connection.execute(query).mappings() for one in _reasons(store, dict(row), today, years)]


def _reasons(store: Store, row: dict[str, Any], today: date, years: int) -> Iterator[Reason]:
    number = row["id"]
    if row["stage"] not in ("won", "lost"):
        yield Reason("opportunity", number, "it is open: a contract is being negotiated")
    elif row["stage"] == "won" and years:
        closed = _closed_on(store, row)
        if closed is None:
            yield Reason("opportunity", number, f"it is won, and nobody wrote down when: {years} years may not be over")
            return
        until = date(closed.year + years, 12, 31)  # the period begins with the end of the year
        if today <= until:
            yield Reason(
                "opportunity", number, f"it was won on {closed}: business records are kept for {years} years", until
            )


def _closed_on(store: Store, row: dict[str, Any]) -> date | None:
    if row["closed_at"] is not None:
        moment: date = row["closed_at"].astimezone(store.zone).date()
        return moment
    expected: date | None = row["expected_close_on"]
    return expected


def refuse_kept(reasons: list[Reason]) -> None:
    """Raise `KeptByLawError` where there is a reason."""
    if not reasons:
        return
    listed = "; ".join(f"{one.entity} {one.record_id}: {one.why}{_until(one)}" for one in reasons)
    raise KeptByLawError(
        f"not erased, because the law says to keep it: {listed}",
        hint="--keep-business-records erases the person and leaves the deals; privacy.retention_years says how long",
        reasons=reasons,
    )


def _until(one: Reason) -> str:
    return f", until {one.until}" if one.until else ""
