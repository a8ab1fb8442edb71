"""What goes into a merge and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from crm_cli.dictionary import Survivorship
from crm_cli.errors import CrmError, ExitCode
from crm_cli.jobs.match_rules import MergeRules

__all__ = [
    "Caps",
    "FieldChoice",
    "MergeCapError",
    "MergeGroup",
    "MergeResult",
    "MergeSettings",
    "MergedCluster",
    "RefusedCluster",
    "RowChange",
    "SurvivorRule",
]


class MergeCapError(CrmError):
    """The merge would take away more records than was allowed; nothing was merged."""

    code = "merge-cap"


@dataclass(frozen=True, slots=True)
class MergeGroup:
    """Records that are the same.

    Their ids; the survivor if one was chosen; the engine's probability if it said so; `taken`: the fields for which
    somebody chose a value, each with the id of the member whose value it is.
    """

    members: tuple[int, ...]
    survivor: int | None = None
    probability: float | None = None
    taken: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Caps:
    """How much one merge may do.

    `max_cluster`: members of a cluster; larger ones are refused and listed. `max_share`: share of the living records
    (0 to 1) that may be merged away; above it the whole merge is refused. It counts from `share_from` records on, so
    that two records of a database of five can be merged.
    """

    max_cluster: int = 20
    max_share: float = 0.3
    share_from: int = 20


class SurvivorRule(StrEnum):
    """Which of the records that are the same survives, where nobody chose one."""

    MOST_COMPLETE = "most_complete"  # of equally complete ones the oldest
    OLDEST = "oldest"
    NEWEST = "newest"
    TRUSTED = "trusted"  # the one of the most trusted source, of equals the most complete


@dataclass(frozen=True, slots=True)
class MergeSettings:
    """How to merge.

    `caps`; `survivorship`: rules per field where they differ from the dictionary's; `survivor`: which record survives
    where none was chosen; `trusted_sources`: names of sources, the most trusted first, before what the database says of
    them; dry run; waiting (seconds); `with_rows`: the result tells row by row what changed.
    """

    caps: Caps = Caps()
    survivorship: Mapping[str, Survivorship] = field(default_factory=dict)
    survivor: SurvivorRule = SurvivorRule.MOST_COMPLETE
    trusted_sources: tuple[str, ...] = ()
    dry_run: bool = False
    wait: float = 0.0
    with_rows: bool = False

    def capped(self, max_cluster: int | None = None, max_share: float | None = None) -> MergeSettings:
        """Return the settings with the caps that are given."""
        caps = self.caps
        if max_cluster is not None:
            caps = replace(caps, max_cluster=max_cluster)
        if max_share is not None:
            caps = replace(caps, max_share=max_share)
        return replace(self, caps=caps)

    def under(self, rules: MergeRules) -> MergeSettings:
        """Return the settings with what `rules` say; what is set for a field or a source already comes first."""
        ruled = {name: Survivorship(rule) for name, rule in rules.survive.items()}
        return replace(
            self.capped(rules.max_cluster, rules.max_merge_share),
            survivorship={**ruled, **self.survivorship},
            survivor=SurvivorRule(rules.survivor) if rules.survivor else self.survivor,
            trusted_sources=self.trusted_sources or rules.trusted_sources,
        )


@dataclass(frozen=True, slots=True)
class FieldChoice:
    """A field on which the records disagreed, or that was filled: its value now, whose it was, by which rule.

    No rule where somebody chose the value.
    """

    field: str
    value: Any
    source: int
    rule: Survivorship | None


@dataclass(frozen=True, slots=True)
class RowChange:
    """What a merge does to one row: the cluster (its survivor's id), the row, and field → (before, after)."""

    survivor: int
    entity: str
    record_id: int
    title: str
    action: str
    fields: Mapping[str, tuple[Any, Any]]


@dataclass(slots=True)
class MergedCluster:
    """One merge: who survives, who was merged away, values taken, rows that moved and rows that stayed, by entity."""

    survivor: int
    merged: tuple[int, ...]
    probability: float | None = None
    choices: list[FieldChoice] = field(default_factory=list)
    moved: dict[str, int] = field(default_factory=dict)
    united: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RefusedCluster:
    """A cluster that was not merged, and why."""

    members: tuple[int, ...]
    why: str
    hint: str = ""


@dataclass
class MergeResult:
    """What a merge did; `exit_code` is 4 when clusters were refused. `rows` are told only where they were asked for.

    `to_review`: records that an automatic merge left to a person, for a pair among them is probably not the same.
    """

    operation_id: int
    clusters: list[MergedCluster] = field(default_factory=list)
    refused: list[RefusedCluster] = field(default_factory=list)
    rows: list[RowChange] = field(default_factory=list)
    to_review: list[tuple[int, ...]] = field(default_factory=list)

    @property
    def merged(self) -> int:
        """How many records were merged away."""
        return sum(len(one.merged) for one in self.clusters)

    @property
    def exit_code(self) -> ExitCode:
        """0, or 4 when a cluster was refused."""
        return ExitCode.PARTIAL if self.refused else ExitCode.DONE
