"""A plan of territories: what is added, changed and removed, as a file says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from crm_cli.errors import ExitCode, UsageError

__all__ = ["MemberChange", "Plan", "PlanError", "RecordMove", "RuleChange", "TerritoryChange"]


class PlanError(UsageError):
    """A plan says what cannot be: `place` is where, such as `rule 2`."""

    code = "territory-plan"
    exit_code = ExitCode.USAGE


@dataclass(frozen=True, kw_only=True)
class TerritoryChange:
    """A territory to add, change or remove; None leaves what is there."""

    place: str
    name: str
    parent: str | None = None  # blank: it has none any more
    description: str | None = None
    remove: bool = False


@dataclass(frozen=True, kw_only=True)
class MemberChange:
    """Somebody who comes into a territory, gets another share or role there, or leaves it."""

    place: str
    territory: str
    user: str
    share: float | None = None
    role: str | None = None
    remove: bool = False


@dataclass(frozen=True, kw_only=True)
class RuleChange:
    """A rule to add; with `id` one to change or remove. What is None stays as it is, or is the default."""

    place: str
    id: int | None = None
    remove: bool = False
    territory: str | None = None
    entity: str | None = None
    where: str | None = None
    postal: str | None = None
    accounts: tuple[int, ...] = ()
    exclude: str | None = None
    position: int | None = None
    assign: str | None = None
    owner: str | None = None
    named: bool | None = None
    effective_from: date | None = None
    effective_to: date | None = None

    @property
    def has_condition(self) -> bool:
        """Whether it says which records it is for."""
        return bool(self.where or self.postal or self.accounts or self.exclude)


@dataclass(frozen=True, kw_only=True)
class RecordMove:
    """Records that get another territory, another owner or both, whatever the rules say."""

    place: str
    entity: str
    records: tuple[int, ...]
    territory: str | None = None
    owner: str | None = None


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A whole plan; `document` is what it was read from, so that it can be kept until its day."""

    name: str
    effective: date | None = None
    entities: tuple[str, ...] = ()  # that are sorted anew; none: all that have rules
    sort: bool = True  # whether records are sorted by the rules at all
    children: bool = True
    territories: tuple[TerritoryChange, ...] = ()
    members: tuple[MemberChange, ...] = ()
    rules: tuple[RuleChange, ...] = ()
    moves: tuple[RecordMove, ...] = ()
    document: Mapping[str, Any] = field(default_factory=dict)
