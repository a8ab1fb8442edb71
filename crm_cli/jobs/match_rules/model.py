"""What a file of matching rules says, as values."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from crm_cli.errors import UsageError

__all__ = ["MatchRules", "MergeRules", "NeverRule", "RulesError"]

_NOT_SEARCHED_BY = ("source", "auto_merge_from", "auto_merge_precision", "merge")


class RulesError(UsageError):
    """A file of matching rules holds something that cannot be used; the facts name file and key."""

    code = "match-rules"


@dataclass(frozen=True, slots=True)
class NeverRule:
    """Records that agree on all of `same` and differ in all of `differ` are never the same; `because` says why."""

    differ: tuple[str, ...]
    same: tuple[str, ...] = ()
    because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeRules:
    """What becomes of records that are the same; everything left out is as shipped.

    `survivor`: which record survives (`SURVIVOR_RULES` of the merging job). `survive`: by which rule (a `Survivorship`)
    a field's value is chosen. `trusted_sources`: names of sources, the most trusted first. `max_cluster`,
    `max_merge_share`: the caps.
    """

    survivor: str | None = None
    survive: Mapping[str, str] = field(default_factory=dict)
    trusted_sources: tuple[str, ...] = ()
    max_cluster: int | None = None
    max_merge_share: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchRules:
    """Rules on top of what the data say; everything left out is as shipped. Names are fields, or columns of a file.

    `source`: the file that says so, None without one. `must_match`: records that agree on all fields of a tuple are the
    same. `must_differ`: records that differ in one of these are not. `never`: further such conditions. `ignore`: not
    compared. `compare_as`: what a field is compared as. `block_on`: blocking rules; None: chosen from the data.
    `max_block`: the largest block. `auto_merge_from`, `auto_merge_precision`: how sure a merge without a look must be.
    `merge`: what becomes of those that are the same.
    """

    source: str | None = None
    must_match: tuple[tuple[str, ...], ...] = ()
    must_differ: tuple[str, ...] = ()
    never: tuple[NeverRule, ...] = ()
    ignore: tuple[str, ...] = ()
    compare_as: Mapping[str, str] = field(default_factory=dict)
    block_on: tuple[str, ...] | None = None
    max_block: int | None = None
    auto_merge_from: float | None = None
    auto_merge_precision: float | None = None
    merge: MergeRules = field(default_factory=MergeRules)

    @property
    def file(self) -> str:
        """The file as people call it, `rules/contact.toml`; empty without one."""
        if self.source is None:
            return ""
        path = Path(self.source)
        return f"{path.parent.name}/{path.name}" if path.parent.name == "rules" else path.name

    @property
    def keys(self) -> tuple[str, ...]:
        """The fields whose equality or difference decides, each once."""
        never = (name for rule in self.never for name in (*rule.same, *rule.differ))
        return tuple(dict.fromkeys([*(name for key in self.must_match for name in key), *self.must_differ, *never]))

    @property
    def digest(self) -> str:
        """Tells searches under other rules apart; empty where no rule changes what is found."""
        said = {name: value for name, value in asdict(self).items() if value and name not in _NOT_SEARCHED_BY}
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16] if said else ""
