"""Explaining any two records: the engine runs on the records as they are now, once."""

from __future__ import annotations

from crm_cli.dedupe import MatchResult, explain_pair
from crm_cli.errors import NotFoundError
from crm_cli.history import resolve
from crm_cli.jobs.match_rules import MatchRules
from crm_cli.jobs.matching.finding import run_engine
from crm_cli.jobs.matching.waterfalls import Waterfall, ruled_waterfall, shown_waterfall, waterfall_of
from crm_cli.store import Store

__all__ = ["Reasons"]


class Reasons:
    """Explains pairs of an entity; the engine runs once, when the first explanation is asked for."""

    def __init__(self, store: Store, entity: str, where: str | None = None, rules: MatchRules | None = None) -> None:
        self.store, self.entity, self.where, self.rules = store, entity, where, rules
        self._result: MatchResult | None = None
        self._numbers: dict[int, int] = {}

    def explain(self, left: int, right: int) -> Waterfall | None:
        """Explain two records as they are now; None where there is nothing to compare.

        Ids of merged records stand for their survivors. Raises `NotFoundError` for a record that was not among those
        compared.
        """
        result = self._run()
        left, right = (resolve(self.store, self.entity, one) for one in (left, right))
        for one in (left, right):
            if one not in self._numbers:
                noun = self.store.dictionary.entity(self.entity).noun
                hint = f"crm {noun} list shows those that exist"
                raise NotFoundError(f"there is no {noun} {one} to compare", hint=hint, record_id=one)
        if left == right:
            return None
        low, high = sorted((left, right))
        i, j = self._numbers[low], self._numbers[high]
        ruling = result.ruling(i, j)
        found = explain_pair(result, i, j)
        if found is None:
            return ruled_waterfall(ruling, low, high) if ruling else None
        declared = self.store.dictionary.entity(self.entity)
        return shown_waterfall(self.store.dictionary, waterfall_of(found, low, high, ruling), declared)

    def _run(self) -> MatchResult:
        if self._result is None:
            loaded, self._result = run_engine(self.store, self.entity, self.where, rules=self.rules)
            self._numbers = loaded.number_of
        return self._result
