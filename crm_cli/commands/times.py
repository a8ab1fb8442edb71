"""Moments as people read them: in the configured time zone, to the second."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from crm_cli.errors import UsageError

if TYPE_CHECKING:
    from crm_cli.commands.kit import Crm

__all__ = ["day", "local", "localized"]


def day(crm: Crm, text: str | None) -> date:
    """Return the day that an option names, today without it; `UsageError` when it is none."""
    if text is None:
        return crm.store.today()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text!r} is not a day", hint="write YYYY-MM-DD, such as 2026-05-31") from None


def local(crm: Crm, moment: datetime | None) -> datetime | None:
    """Return `moment` in the configuration's time zone without fractions of a second; None stays None."""
    return None if moment is None else moment.astimezone(crm.zone).replace(microsecond=0)


def localized(crm: Crm, value: Any) -> Any:
    """Return rows, or parts of them, with every moment as `local` gives it: for tables, while documents stay in UTC."""
    if isinstance(value, datetime):
        return local(crm, value)
    if isinstance(value, Mapping):
        return {name: localized(crm, one) for name, one in value.items()}
    return [localized(crm, one) for one in value] if isinstance(value, list) else value
