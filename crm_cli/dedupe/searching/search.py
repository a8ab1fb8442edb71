"""Find the candidate pairs of a table and train the model on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from crm_cli.dedupe.arrays import Bools, Ints, Levels, sigmoid2
from crm_cli.dedupe.blocking.blocks import in_sample
from crm_cli.dedupe.blocking.rules import (
    Rule,
    RuleCandidate,
    all_priced,
    block_limit,
    every_pair,
    named_rules,
    rule_candidates,
    thrift,
)
from crm_cli.dedupe.evidence import Evidence, log_odds
from crm_cli.dedupe.features import Features
from crm_cli.dedupe.model import Model
from crm_cli.dedupe.priors import fit_priors
from crm_cli.dedupe.scoring import Scorer
from crm_cli.dedupe.searching.candidates import Candidates, all_pairs, candidate_pairs
from crm_cli.dedupe.searching.feedback import Probe
from crm_cli.dedupe.searching.selection import bootstrap_rules, cover_rules
from crm_cli.dedupe.settings import MatchSettings
from crm_cli.dedupe.training import PairSampler, Trained, chance_levels, train

__all__ = ["Search", "search"]

_FEEDBACK_ROUNDS = 3
_FEEDBACK_PAIRS_A_RECORD = 20
_MOST_TRAINING_RULES = 30
_TOO_FEW_TO_BLOCK = 100  # so few records that rules would not find enough pairs to train on
_MOST_COMPARED = 600_000  # of more candidates a sample trains the priors,
_FEWER_COMPARED = 150_000  # a smaller one where nobody asks for relatives, so that most need no comparison to the end
_EVERY_PAIR = 1_000  # up to so many records every pair is a candidate


@dataclass(eq=False)
class Search:
    """The state of a search: chosen rules, candidates, the model so far.

    `levels` are those of the candidates with the keys `compared`: all of them, or an even sample of very many;
    `evidence` is what the model makes of them.
    """

    features: Features
    candidates: Candidates
    model: Model
    compared: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    levels: Levels = field(default_factory=lambda: np.zeros((0, 0), np.uint8))
    evidence: Evidence = field(default_factory=lambda: Evidence(np.zeros(0), ()))
    rules: list[Rule] = field(default_factory=list)
    completeness: float = 1.0  # estimated share of all matches that are candidates; optimistic

    @property
    def all_compared(self) -> bool:
        """Whether `levels` are those of all candidates."""
        return len(self.compared) == len(self.candidates)

    @property
    def expected_matches(self) -> float:
        """The model's number of matches among all pairs of records."""
        return self.model.prior * self.features.rows * (self.features.rows - 1) / 2


def search(features: Features, settings: MatchSettings) -> Search | None:
    """Choose rules, train, enumerate candidates; None where nothing can be compared.

    Raises UsageError for rules in the settings that name no key part.
    """
    if not features.comparisons or features.rows < 2:
        return None
    limit = settings.max_block or block_limit(features.rows)
    most = _FEWER_COMPARED if settings.related is False else _MOST_COMPARED
    if settings.rules is not None:
        named = named_rules(settings.rules, features.parts)
        return _Searcher(features, [], limit, most).with_rules(all_priced(named, features.rows, limit))
    if features.rows <= _TOO_FEW_TO_BLOCK:
        return _Searcher(features, [], limit, most).exhaust()
    offered = rule_candidates(features.parts, features.rows, limit)
    start = bootstrap_rules(offered, features.rows)
    if not start:
        return _Searcher(features, [], limit, most).exhaust() if features.rows <= _EVERY_PAIR else None
    return _Searcher(features, offered, limit, most).run(start)


class _Searcher:
    def __init__(self, features: Features, offered: Sequence[RuleCandidate], limit: int, most_compared: int) -> None:
        self.features, self.offered, self.limit, self.most_compared = features, offered, limit, most_compared
        self.chance = chance_levels(features)
        self.sampler = PairSampler(features)

    def run(self, start: list[RuleCandidate]) -> Search:
        """Choose rules from the data, beginning with the rules `start`."""
        cover = cover_rules(self.features, self.offered, self._trained(start))
        chosen = cover.rules or start
        used = {id(each) for each in chosen}
        model = self._trained([*chosen, *[each for each in start if id(each) not in used][:8]]).model
        candidates = candidate_pairs(chosen, self.features.rows, self.limit)
        state = self._state(candidates, model, completeness=cover.completeness)
        self._feed_back(state, chosen)
        if self.features.rows <= _EVERY_PAIR:
            self._take(state, all_pairs(self.features.rows))
            state.completeness = 1.0
        return self._finished(state, chosen)

    def exhaust(self) -> Search:
        """Compare every pair, and train on them all."""
        rule = every_pair(self.features.rows)
        return self._finished(self._state(all_pairs(self.features.rows), self._trained([rule]).model), [rule])

    def with_rules(self, rules: list[RuleCandidate]) -> Search | None:
        """Use these rules and no others; None where they propose nothing."""
        candidates = candidate_pairs(rules, self.features.rows, self.limit)
        if not len(candidates):
            return None
        return self._finished(self._state(candidates, self._trained(rules).model), rules)

    def _finished(self, state: Search, chosen: Sequence[RuleCandidate]) -> Search:
        state.model = self._with_priors(state)[0]
        state.rules = [each.rule for each in chosen]
        return state

    def _trained(self, rules: Sequence[RuleCandidate]) -> Trained:
        return train(self.features, self.chance, self.sampler.pairs(rules))

    def _state(self, candidates: Candidates, model: Model, *, completeness: float = 1.0) -> Search:
        state = Search(self.features, candidates, model, completeness=completeness)
        self._take(state, candidates)
        return state

    def _take(self, state: Search, candidates: Candidates) -> None:
        """Go over to these candidates; only those that were not compared yet are."""
        share = min(1.0, self.most_compared / max(len(candidates), 1))
        wanted = candidates.keys if share >= 1.0 else candidates.keys[in_sample(candidates.keys, share)]
        known, place = _found_in(state.compared, wanted)
        levels = np.empty((len(wanted), len(self.features.comparisons)), np.uint8)
        fresh = wanted[~known]
        levels[~known] = self.features.levels(fresh // self.features.rows, fresh % self.features.rows)
        if known.any():
            levels[known] = state.levels[place[known]]
        state.candidates, state.compared, state.levels = candidates, wanted, levels

    def _with_priors(self, state: Search) -> tuple[Model, float]:
        """The model with fitted priors, and the number of matches that it expects among the candidates."""
        rows = self.features.rows
        scale = len(state.candidates) / max(len(state.compared), 1)
        i, j = state.compared // rows, state.compared % rows
        state.evidence = Scorer(self.features, state.model).evidence(i, j, state.levels)
        model = fit_priors(state.model, state.evidence, rows, state.completeness, scale)
        return model, float(sigmoid2(log_odds(model, state.evidence)).sum()) * scale

    def _feed_back(self, state: Search, chosen: list[RuleCandidate]) -> None:
        """Up to three times: add the rules that bring new matches, and train again."""
        budget = max(int(_FEEDBACK_PAIRS_A_RECORD * thrift(self.features.rows) * self.features.rows), 100_000)
        model, known = self._with_priors(state)
        probe = Probe(self.features, self.offered, model)
        for _ in range(_FEEDBACK_ROUNDS):
            more = probe.rules_worth_adding(chosen, state.candidates, model, known_matches=known, budget=budget)
            if not more:
                return
            budget -= sum(each.pairs for each in more)
            chosen += more
            extended = replace(state.candidates, oversize=list(state.candidates.oversize))
            extended.extend(more, self.limit)
            self._take(state, extended)
            state.model = self._trained(chosen[-_MOST_TRAINING_RULES:]).model
            model, known = self._with_priors(state)


def _found_in(known: Ints, wanted: Ints) -> tuple[Bools, Ints]:
    """Which of the `wanted` keys are among the `known` ones (both ascending), and where."""
    if not len(known):
        return np.zeros(len(wanted), np.bool_), np.zeros(len(wanted), np.int64)
    place = np.searchsorted(known, wanted).clip(0, len(known) - 1)
    return np.asarray(known[place] == wanted), place
