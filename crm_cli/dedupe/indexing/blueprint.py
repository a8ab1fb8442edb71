"""What a search settled, in a form that is kept: columns, rules, model, totals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import numpy as np

from crm_cli.dedupe.blocking.rules import named_rules
from crm_cli.dedupe.comparisons import Place
from crm_cli.dedupe.features import Features, Settled
from crm_cli.dedupe.indexing.frequencies import frequent_trigrams, totals_of
from crm_cli.dedupe.indexing.keys import worth_keeping
from crm_cli.dedupe.kinds import Kind
from crm_cli.dedupe.model import Model, ModelVersionError
from crm_cli.dedupe.plan import PlannedColumn
from crm_cli.dedupe.result import MatchResult
from crm_cli.dictionary.recognition import Role

__all__ = ["BLUEPRINT_VERSION", "Blueprint", "blueprint_of"]

BLUEPRINT_VERSION = 1
_EVERY_PAIR = "every pair"
_MATCH = 0.5
_SHORT = 7  # digits of a telephone number without area code


@dataclass(frozen=True, slots=True)
class Blueprint:
    """How the records of a table were compared: enough to compare further ones alike.

    `rules`: names of the blocking rules that keys are kept of; `block_limit`: most records that share a key and are
    still compared; `trusted`: columns that make two records the same where they agree on all; `totals` and `trigrams`:
    see `frequencies`.
    """

    rows: int
    columns: tuple[PlannedColumn, ...]
    settled: Settled
    rules: tuple[str, ...]
    block_limit: int
    model: Model
    trusted: tuple[tuple[str, ...], ...] = ()
    totals: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    trigrams: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """A JSON-serializable form that `from_json` reads."""
        return {
            "version": BLUEPRINT_VERSION,
            "rows": self.rows,
            "columns": [asdict(each) for each in self.columns],
            "compared": sorted(self.settled.compared),
            "shortened": sorted(self.settled.shortened),
            "rules": list(self.rules),
            "block_limit": self.block_limit,
            "trusted": [list(each) for each in self.trusted],
            "model": self.model.to_json(),
            "totals": {name: dict(each) for name, each in self.totals.items()},
            "trigrams": {name: dict(each) for name, each in self.trigrams.items()},
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Blueprint:
        """Read what `to_json` wrote; raises ModelVersionError for what another version of the engine wrote."""
        if stored.get("version") != BLUEPRINT_VERSION:
            message = f"the match index is of version {stored.get('version')}, this engine reads {BLUEPRINT_VERSION}"
            raise ModelVersionError(message, hint="run the search for duplicates again", version=stored.get("version"))
        return cls(
            rows=stored["rows"],
            columns=tuple(_planned(each) for each in stored["columns"]),
            settled=Settled(frozenset(stored["compared"]), frozenset(stored["shortened"])),
            rules=tuple(stored["rules"]),
            block_limit=stored["block_limit"],
            model=Model.from_json(stored["model"]),
            trusted=tuple(tuple(each) for each in stored["trusted"]),
            totals=stored["totals"],
            trigrams=stored["trigrams"],
        )


def _planned(stored: Mapping[str, Any]) -> PlannedColumn:
    values = {one.name: stored[one.name] for one in fields(PlannedColumn)}
    kind = values["kind"]
    known = Kind(kind) if kind in set(Kind) else kind  # else a type of somebody else's
    return PlannedColumn(**values | {"role": Role(values["role"]), "kind": known})


def blueprint_of(result: MatchResult, block_limit: int) -> Blueprint | None:
    """Return what a search settled; None where it had nothing to compare."""
    if result.scorer is None:
        return None
    features, model = result.scorer.features, result.scorer.model
    matches = np.flatnonzero(result.pairs.probability >= _MATCH)
    rules = named_rules([name for name in result.summary.rules if name != _EVERY_PAIR], features.parts)
    kept = worth_keeping(features, rules, result.pairs.left[matches], result.pairs.right[matches])
    return Blueprint(
        features.rows, result.summary.columns, _settled(features), tuple(kept), block_limit, model,
        () if result.overrides is None else result.overrides.trusted, totals_of(features), frequent_trigrams(features),
    )  # fmt: skip


def _settled(features: Features) -> Settled:
    compared: set[str] = set()
    shortened: set[str] = set()
    for each in features.comparisons:
        compared |= each.uses if isinstance(each, Place) else {each.name}
        if each.kind is Kind.PHONE and max(each.column.values.str.len_chars().to_list(), default=0) <= _SHORT:
            shortened.add(each.name)
    return Settled(frozenset(compared), frozenset(shortened))
