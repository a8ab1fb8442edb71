"""What goes into a merge and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crm_cli.dictionary import Survivorship
from crm_cli.errors import CrmError, ExitCode

__all__ = [
    "Caps",
    "FieldChoice",
    "MergeCapError",
    "MergeGroup",
    "MergeResult",
    "MergeSettings",
    "MergedCluster",
    "RefusedCluster",
]


class MergeCapError(CrmError):
    """The merge would take away more records than was allowed; nothing was merged."""

    code = "merge-cap"


@dataclass(frozen=True, slots=True)
class MergeGroup:
    """Records that are the same: their ids, the survivor if one was chosen, the engine's probability if it said so."""

    members: tuple[int, ...]
    survivor: int | None = None
    probability: float | None = None


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


@dataclass(frozen=True, slots=True)
class MergeSettings:
    """How to merge: caps, survivorship per field where it differs from the dictionary's, dry run, waiting (seconds)."""

    caps: Caps = Caps()
    survivorship: Mapping[str, Survivorship] = field(default_factory=dict)
    dry_run: bool = False
    wait: float = 0.0


@dataclass(frozen=True, slots=True)
class FieldChoice:
    """A field on which the records disagreed, or that was filled: its value now, whose it was, by which rule."""

    field: str
    value: Any
    source: int
    rule: Survivorship


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
    """What a merge did; `exit_code` is 4 when clusters were refused."""

    operation_id: int
    clusters: list[MergedCluster] = field(default_factory=list)
    refused: list[RefusedCluster] = field(default_factory=list)

    @property
    def merged(self) -> int:
        """How many records were merged away."""
        return sum(len(one.merged) for one in self.clusters)

    @property
    def exit_code(self) -> ExitCode:
        """0, or 4 when a cluster was refused."""
        return ExitCode.PARTIAL if self.refused else ExitCode.DONE
