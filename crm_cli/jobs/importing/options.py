"""What the user settled of an import, and what only the user can settle."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from crm_cli.errors import UsageError
from crm_cli.importers import ReadOptions
from crm_cli.importers.mapping import Mapping
from crm_cli.jobs.importing.collision import Collision

__all__ = ["ImportOptions", "UnsettledError"]


@dataclass(frozen=True)
class ImportOptions:
    """What the user settled: what to fill, how to read, who wins."""

    into: tuple[str, ...] = ("contact",)
    mapping: Mapping | None = None
    source_name: str | None = None
    key: str | None = None
    as_of: datetime | None = None
    country: str | None = None
    currency: str | None = None
    timezone: str | None = None
    date_order: str | None = None
    collision: Collision = Collision.NEWEST
    read: ReadOptions = field(default_factory=ReadOptions)

    def settled(self, flag: str, answer: str) -> ImportOptions:
        """Return the options with one question answered; `UsageError` for an answer that is none."""
        if flag == "--source" and answer.strip():
            return replace(self, source_name=answer.strip())
        if flag == "--date-order" and answer in ("dmy", "mdy", "ymd"):
            return replace(self, date_order=answer)
        if flag == "--encoding":
            return replace(self, read=replace(self.read, encoding=answer))
        if flag == "--header" and (answer == "none" or answer.isdigit()):
            return replace(self, read=replace(self.read, header="none" if answer == "none" else int(answer)))
        raise UsageError(f"{answer!r} is no answer", hint=f"give {flag}")


class UnsettledError(UsageError):
    """The source can be understood in several ways; `facts["flag"]` names the option that settles it, `choices` the
    answers, each with a sample."""

    code = "unsettled"
