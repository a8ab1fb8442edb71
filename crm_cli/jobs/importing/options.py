"""What the user settled of an import, and what only the user can settle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from crm_cli.errors import UsageError
from crm_cli.importers import ReadOptions
from crm_cli.importers.mapping import Mapping
from crm_cli.jobs.importing.collision import Collision, CollisionRules
from crm_cli.jobs.importing.missing import Missing
from crm_cli.jobs.importing.source_settings import SourceSettings

__all__ = ["ImportOptions", "UnsettledError"]


def no_settings(_source: str) -> SourceSettings:
    """Demand nothing of a source."""
    return SourceSettings()


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
    collision: Collision | None = None  # None: as the settings of the source say, else the newest word wins
    accept_columns: bool = False  # take a source whose columns have changed
    ignore_gate: bool = False  # take a delivery that does not pass the gate of its source
    missing: Missing = Missing.IGNORE  # what to say of records of the source that the delivery does not have
    settings: Callable[[str], SourceSettings] = no_settings  # by the name of the source
    read: ReadOptions = field(default_factory=ReadOptions)

    def rules(self, settings: SourceSettings) -> CollisionRules:
        """Return who wins a disagreement: what was named for this import goes before all that the settings say."""
        if self.collision is not None:
            return CollisionRules(self.collision)
        return CollisionRules(settings.default or Collision.NEWEST, settings.rules)

    def settled(self, flag: str, answer: str) -> ImportOptions:
        """Return the options with one question answered; `UsageError` for an answer that is none."""
        if flag == "--source" and answer.strip():
            return replace(self, source_name=answer.strip())
        if flag == "--date-order" and answer in ("dmy", "mdy", "ymd"):
            return replace(self, date_order=answer)
        if flag == "--accept-columns" and answer.strip().casefold() in ("y", "yes"):
            return replace(self, accept_columns=True)
        if flag == "--encoding":
            return replace(self, read=replace(self.read, encoding=answer))
        if flag == "--header" and (answer == "none" or answer.isdigit()):
            return replace(self, read=replace(self.read, header="none" if answer == "none" else int(answer)))
        raise UsageError(f"{answer!r} is no answer", hint=f"give {flag}")


class UnsettledError(UsageError):
    """The source can be understood in several ways; `facts["flag"]` names the option that settles it, `choices` the
    answers, each with a sample."""

    code = "unsettled"
