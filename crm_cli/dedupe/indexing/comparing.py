"""Score pairs among a few records by the model of the many."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from crm_cli.dedupe.arrays import Floats, Ints, Levels, sigmoid2
from crm_cli.dedupe.evidence import log_odds
from crm_cli.dedupe.features import Features, build_features
from crm_cli.dedupe.field_types import FieldTypes, field_types
from crm_cli.dedupe.indexing.blueprint import Blueprint
from crm_cli.dedupe.indexing.frequencies import asked_terms, population_of
from crm_cli.dedupe.indexing.keys import index_keys, trusted_index_keys
from crm_cli.dedupe.model import ModelVersionError
from crm_cli.dedupe.overrides import Overrides, overrides_of
from crm_cli.dedupe.scoring import Scorer, calibrated_posteriors
from crm_cli.dedupe.settings import MatchSettings
from crm_cli.dedupe.table import MatchTable
from crm_cli.dedupe.trusted import TrustedKey, trusted_keys
from crm_cli.dedupe.verdicts import verdict_codes

__all__ = ["Compared", "Comparer"]


@dataclass(frozen=True, eq=False)
class Compared:
    """Scored pairs in the order that they were given: `log_odds` (log2, calibrated), `classes` and `verdicts` codes."""

    log_odds: Floats
    classes: Floats
    verdicts: Levels

    @property
    def probability(self) -> Floats:
        """The probability of each pair to be the same."""
        return sigmoid2(self.log_odds)


class Comparer:
    """Compares records of one table as the blueprint says.

    `counts(keys)` gives how often the values and words behind int64 keys occur among the many, as far as it is known.
    Raises ModelVersionError when the table's columns are not those of the blueprint.
    """

    def __init__(
        self,
        table: MatchTable,
        blueprint: Blueprint,
        counts: Callable[[Ints], Mapping[int, int]] | None = None,
        types: FieldTypes | None = None,
    ) -> None:
        self.types = types or field_types()
        named = {each.name for each in blueprint.columns if each.kind is not None}
        missing = named.union(*blueprint.trusted) - set(table.names)
        if missing:
            message = f"the match index compares {sorted(missing)[0]}, which these records do not have"
            raise ModelVersionError(message, hint="run the search for duplicates again", fields=sorted(missing))
        self.blueprint, self.table = blueprint, table
        self.features: Features = build_features(table, blueprint.columns, self.types, blueprint.settled)
        names = [each.name for each in self.features.comparisons]
        if names != [each.name for each in blueprint.model.comparisons]:
            message = "the fields that were compared are no longer those of the match index"
            raise ModelVersionError(message, hint="run the search for duplicates again", fields=names)
        if counts is not None:
            self._know(counts(asked_terms(self.features)))
        self.scorer = Scorer(self.features, blueprint.model)

    def _know(self, known: Mapping[int, int]) -> None:
        for each in self.features.comparisons:
            totals, trigrams = self.blueprint.totals[each.name], self.blueprint.trigrams.get(each.name, {})
            each.column.population = population_of(each, known, totals, trigrams)

    def keys(self) -> tuple[Ints, Ints]:
        """Return (record, key) of all records of the table."""
        records, keys = index_keys(self.features, self.blueprint.rules)
        trusted = trusted_keys_of(self.table, self.blueprint, self.types)
        if not trusted:
            return records, keys
        own, further = trusted_index_keys(trusted)
        return np.concatenate((records, own)), np.concatenate((keys, further))

    def overrides(self, settings: MatchSettings) -> Overrides:
        """Return what the settings demand of the records of the table; raises UsageError as the search does."""
        return overrides_of(self.table, settings, self.blueprint.columns, self.types)

    def compare(self, i: Ints, j: Ints) -> Compared:
        """Score the pairs of records (i, j)."""
        levels = self.features.levels(i, j)
        evidence = self.scorer.evidence(i, j, levels)
        odds = self.blueprint.model.calibrated(log_odds(self.blueprint.model, evidence), levels)
        classes = calibrated_posteriors(self.blueprint.model, evidence, sigmoid2(odds))
        return Compared(odds, classes, verdict_codes(classes, of_persons=self.features.of_persons))


def trusted_keys_of(table: MatchTable, blueprint: Blueprint, types: FieldTypes) -> list[list[TrustedKey]]:
    """The blueprint's trusted keys, encoded for this table."""
    names = dict.fromkeys(name for group in blueprint.trusted for name in group)
    columns = [column for name in names if (column := table.column(name)) is not None]
    keys = trusted_keys(columns, blueprint.columns, types)
    return [[keys[name] for name in group] for group in blueprint.trusted]
